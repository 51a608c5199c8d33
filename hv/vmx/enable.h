/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU's way into VMX operation and out of it, and which VMCS is active there. */
#ifndef HV_VMX_ENABLE_H
#define HV_VMX_ENABLE_H

#include "vmx.h"

int vmx_probe(char *why);
int vmx_cpu_on(char *why);
void vmx_cpu_off(void);
/* Makes a vCPU's VMCS current here; it is active on no other CPU. */
int vmx_vcpu_load(struct vmx_vcpu *vcpu, char *why);
/* Where VMX operation is not to outlast a batch: the end of both. */
void vmx_batch_end(void);
/* VMCLEAR, if it is active here: it can go to another CPU, or be freed. */
void vmx_vcpu_unload(struct vmx_vcpu *vcpu);

#endif
