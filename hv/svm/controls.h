/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMCB's controls of a VM. */
#ifndef HV_SVM_CONTROLS_H
#define HV_SVM_CONTROLS_H

#include "svm.h"

/* As hv_controls. */
u32 svm_controls(const struct hv_vm *vm, struct hv_control *list);

#endif
