// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel SDM Vol. 3, "Guidelines for Use of the INVVPID Instruction" and "... INVEPT Instruction".
 * Without VPIDs each entry and exit flushes linear mappings.
 */
#include "flush.h"

#include "intrin.h"

#define CAP_INVEPT_SINGLE   (1ULL << 25)
#define CAP_INVVPID	    (1ULL << 32)
#define CAP_INVVPID_ADDRESS (1ULL << 40)
#define CAP_INVVPID_SINGLE  (1ULL << 41)

void vmx_flush_ept(const struct vmx_vm *vmx)
{
	struct invept_descriptor context = {vmx->ept_pointer, 0};
	u64 can = vmx->capabilities.ept_vpid;

	invept(can & CAP_INVEPT_SINGLE ? INVEPT_SINGLE_CONTEXT : INVEPT_ALL_CONTEXTS, &context);
}

static bool has_vpid(const struct vmx_vcpu *vcpu)
{
	return vcpu->vm->controls.value[VMX_SECONDARY] & VMX_SECONDARY_VPID &&
	       vcpu->vm->capabilities.ept_vpid & CAP_INVVPID;
}

void vmx_flush_vpid(const struct vmx_vcpu *vcpu)
{
	struct invvpid_descriptor context = {vmcs_read(VMCS_VPID), 0};
	u64 can = vcpu->vm->capabilities.ept_vpid;

	if (has_vpid(vcpu))
		invvpid(can & CAP_INVVPID_SINGLE ? INVVPID_SINGLE_CONTEXT : INVVPID_ALL_CONTEXTS,
			&context);
}

void vmx_flush_address(const struct vmx_vcpu *vcpu, u64 linear)
{
	struct invvpid_descriptor context = {vmcs_read(VMCS_VPID), linear};

	if (!has_vpid(vcpu))
		return;
	if (vcpu->vm->capabilities.ept_vpid & CAP_INVVPID_ADDRESS)
		invvpid(INVVPID_ADDRESS, &context);
	else
		vmx_flush_vpid(vcpu);
}
