/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Optional features of a VM, enabled before the first batch. */
#ifndef HV_VMX_FEATURE_H
#define HV_VMX_FEATURE_H

#include "vmx.h"

int vmx_feature_enable(struct hv_vm *vm, enum hv_feature feature, char *why);
void vmx_feature_load(struct vmx_vcpu *vcpu);

#endif
