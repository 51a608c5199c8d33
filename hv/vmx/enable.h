/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMX operation of the host's CPUs, and which VMCS is current there. 0, or -errno and why. */
#ifndef HV_VMX_ENABLE_H
#define HV_VMX_ENABLE_H

#include "vmx.h"

int vmx_probe(char *why);
int vmx_cpu_on(char *why);
void vmx_cpu_off(void);
/* Makes a vCPU's VMCS current on this CPU; it must not be active on another one. */
int vmx_vcpu_load(struct vmx_vcpu *vcpu, char *why);
/* Leaves VMX operation after a batch, where the host does not allow CR4.VMXE outside of it. */
void vmx_batch_end(void);
/* VMCLEAR if the VMCS is active here: then another CPU can load it, or it can be freed. */
void vmx_vcpu_unload(struct vmx_vcpu *vcpu);

#endif
