/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Optional features of a VM, enabled before the first batch. */
#ifndef HV_SVM_FEATURE_H
#define HV_SVM_FEATURE_H

#include "svm.h"

int svm_feature_enable(struct hv_vm *vm, enum hv_feature feature, char *why);

#endif
