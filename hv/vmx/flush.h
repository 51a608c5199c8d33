/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidations that the SDM requires when translations change; on the CPU that runs the guest. */
#ifndef HV_VMX_FLUSH_H
#define HV_VMX_FLUSH_H

#include "vmx.h"

void vmx_flush_ept(const struct vmx_vm *vmx);
void vmx_flush_vpid(const struct vmx_vcpu *vcpu);
void vmx_flush_address(const struct vmx_vcpu *vcpu, u64 linear);

#endif
