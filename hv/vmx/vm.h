/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMs and vCPUs; functions of struct hv_backend. */
#ifndef HV_VMX_VM_H
#define HV_VMX_VM_H

#include "vmx.h"

int vmx_vm_create(struct hv_vm *vm, char *why);
void vmx_vm_destroy(struct hv_vm *vm);
int vmx_vcpu_create(struct hv_vcpu *vcpu, char *why);
void vmx_vcpu_destroy(struct hv_vcpu *vcpu);
int vmx_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);

#endif
