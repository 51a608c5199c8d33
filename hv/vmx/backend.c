// SPDX-License-Identifier: GPL-2.0-or-later
/* The backend's function table. */
#include "../host.h"
#include "batch.h"
#include "enable.h"
#include "feature.h"
#include "vm.h"

static void kick(struct hv_vcpu *hv)
{
	struct vmx_vcpu *vcpu = hv->priv;

	vcpu->raw.kicked = true;
}

/* Fields that each vCPU has are those of vCPU 0. */
static u32 controls(const struct hv_vm *vm, struct hv_control *list)
{
	const struct vmx_vm *vmx = vm->priv;
	u64 eptp = vmx->ept_pointer;
	bool vpid = vmx->controls.value[VMX_SECONDARY] & VMX_SECONDARY_VPID;
	const struct hv_control more[] = {
		{"EPTP", "memory type", eptp & 7},
		{"EPTP", "levels", (eptp >> 3 & 7) + 1},
		{"EPTP", "accessed and dirty flags", eptp >> 6 & 1},
		{"fields", "VPID", vpid ? VMX_VPID_FIRST : 0},
		{"fields", "IA32_XSS of the guest", vmx->xss},
	};
	u32 used = vmx_controls_list(&vmx->controls, list);

	for (u32 i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		list[used++] = more[i];
	for (u32 vector = 0; vector < 32; vector++)
		list[used++] = (struct hv_control){"exceptions", exception_name(vector),
						   vmx->exceptions >> vector & 1};
	return used;
}

static int counts(struct hv_vcpu *hv, struct hv_counts *counts)
{
	const struct vmx_vcpu *vcpu = hv->priv;

	return raw_counts(&vcpu->raw, counts);
}

const struct hv_backend hv_vmx = {
	.name = "vmx",
	.title = "raw VMX",
	.raw_space = "vmx",
	.vendor = HV_VENDOR_INTEL,
	.every_exit = true,
	.probe = vmx_probe,
	.cpu_on = vmx_cpu_on,
	.cpu_off = vmx_cpu_off,
	.vm_create = vmx_vm_create,
	.vm_destroy = vmx_vm_destroy,
	.vcpu_create = vmx_vcpu_create,
	.vcpu_destroy = vmx_vcpu_destroy,
	.enable = vmx_feature_enable,
	.controls = controls,
	.device_add = raw_device_add,
	.pages = vmx_pages,
	.run = vmx_run,
	.kick = kick,
	.counts = counts,
	.raw_reason = vmx_exit_reason,
	.raw_name = vmx_exit_name,
};
