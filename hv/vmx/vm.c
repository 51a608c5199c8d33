// SPDX-License-Identifier: GPL-2.0-or-later
/* Creates and frees VMs and vCPUs, and changes their second-level pages. */
#include "vm.h"

#include "../host.h"
#include "capabilities.h"
#include "cpu.h"
#include "enable.h"
#include "ept.h"
#include "flush.h"

void vmx_vm_destroy(struct hv_vm *vm)
{
	struct vmx_vm *vmx = vm->priv;

	if (!vmx)
		return;
	slat_free(&vmx->slat);
	access_free(&vmx->access);
	host_pages_free(vmx->msr_bitmap, 0x1000);
	host_pages_free(vmx->pages, VMX_PAGES * 0x1000);
	host_pages_free(vmx->io_bitmaps, 0x2000);
	host_free(vmx, sizeof(*vmx));
	vm->priv = NULL;
}

int vmx_vm_create(struct hv_vm *vm, char *why)
{
	struct vmx_requested_controls requested;
	struct vmx_vm *vmx;
	int err = raw_config_check(vm, why);

	if (err)
		return err;
	vmx = host_alloc(sizeof(*vmx));
	vm->priv = vmx;
	if (!vmx) {
		host_format(why, HV_WHY, "not enough memory for a VM");
		return -ENOMEM;
	}
	vmx->io_bitmaps = host_pages_alloc(0x2000);
	vmx->msr_bitmap = host_pages_alloc(0x1000);
	vmx->pages = host_pages_alloc(VMX_PAGES * 0x1000);
	if (!vmx->io_bitmaps || !vmx->msr_bitmap || !vmx->pages) {
		host_format(why, HV_WHY, "not enough memory for the VM's bitmaps and pages");
		err = -ENOMEM;
		goto out;
	}
	__builtin_memset(vmx->io_bitmaps, 0xff, 0x2000); /* all ports and all MSRs exit */
	__builtin_memset(vmx->msr_bitmap, 0xff, 0x1000);
	vmx->exceptions = 1U << VECTOR_MACHINE_CHECK;
	vmx_capabilities_read(&vmx->capabilities);
	vmx_default_controls(&requested);
	if (vm->config.mode == HV_MODE_32)
		requested.required[VMX_ENTRY] &= ~(u64)VMX_ENTRY_GUEST_64;
	if (vm->config.unrestricted)
		requested.required[VMX_SECONDARY] |= VMX_SECONDARY_UNRESTRICTED_GUEST;
	if (vm->config.no_vpid)
		requested.optional[VMX_SECONDARY] &= ~(u64)VMX_SECONDARY_VPID;
	err = vmx_controls_fit(&vmx->capabilities, &requested, &vmx->controls, why);
	if (!err)
		err = access_init(&vmx->access, vm, why);
	if (!err)
		err = vmx_ept_build(vm, vmx, why);
	if (!err)
		return 0;
out:
	vmx_vm_destroy(vm);
	return err;
}

void vmx_vcpu_destroy(struct hv_vcpu *hv)
{
	struct vmx_vcpu *vcpu = hv->priv;

	if (!vcpu)
		return;
	vmx_vcpu_unload(vcpu);
	host_pages_free(vcpu->region, VMX_REGION_BYTES);
	host_pages_free(vcpu, sizeof(*vcpu));
	hv->priv = NULL;
}

int vmx_vcpu_create(struct hv_vcpu *hv, char *why)
{
	struct vmx_vcpu *vcpu = host_pages_alloc(sizeof(*vcpu));
	struct vmx_vm *vmx = hv->vm->priv;

	hv->priv = vcpu;
	if (!vcpu)
		goto out;
	vcpu->vcpu = hv;
	vcpu->vm = vmx;
	vcpu->cpu = VMX_NO_CPU;
	vcpu->region = host_pages_alloc(VMX_REGION_BYTES);
	if (!vcpu->region)
		goto out;
	*(u32 *)vcpu->region = vmx->capabilities.basic & 0x7fffffff;
	vcpu->vmcs = host_physical(vcpu->region);
	vcpu->frame.batch.ring = hv_ring(hv);
	vcpu->frame.record = vcpu->frame.batch.ring;
	return 0; /* vmx_vcpu_load sets up the VMCS, where it is current */
out:
	host_format(why, HV_WHY, "not enough memory for a vCPU");
	vmx_vcpu_destroy(hv);
	return -ENOMEM;
}

int vmx_pages(struct hv_vcpu *hv, enum hv_pages state, char *why)
{
	struct vmx_vcpu *vcpu = hv->priv;
	int err = vmx_vcpu_load(vcpu, why);

	if (!err) {
		slat_pages(&vcpu->vm->slat, hv->index, state);
		vmx_flush_ept(vcpu->vm);
	}
	vmx_batch_end();
	return err;
}
