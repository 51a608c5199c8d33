// SPDX-License-Identifier: GPL-2.0-or-later
#include "prepare.h"

static int device_add(struct hv_vm *vm, const struct storm *storm, bool port, char *why)
{
	struct hv_device device = {
		.type = storm->arg[0],
		.port = port,
		.address = storm->arg[1],
		.size = storm->arg[2],
		.match = storm->arg[3] != 0,
		.value = storm->arg[3] ? storm->arg[3] - 1 : 0,
	};

	return hv_device_add(vm, &device, why);
}

int prepare_port(struct hv_vm *vm, const struct storm *storm, char *why)
{
	return device_add(vm, storm, true, why);
}

int prepare_memory(struct hv_vm *vm, const struct storm *storm, char *why)
{
	return device_add(vm, storm, false, why);
}

int prepare_hypercall(struct hv_vm *vm, const struct storm *storm, char *why)
{
	(void)storm;
	return hv_enable(vm, HV_FEATURE_HYPERCALL_EXIT, why);
}

int prepare_feature(struct hv_vm *vm, const struct storm *storm, char *why)
{
	return hv_enable(vm, storm->arg[3], why);
}

int rearm_misconfigured(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_MISCONFIGURED, why);
}

int rearm_sub_page(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_SUB_PAGE, why);
}

int rearm_unlogged(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_UNLOGGED, why);
}

int rearm_absent(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_ABSENT, why);
}

/* Each page begins with RET: unmapping the page keeps its content. */
int rearm_code(struct hv_vcpu *vcpu, char *why)
{
	static const u8 ret = 0xc3;

	for (u32 page = 0; page < GUEST_FILL_PAGES; page++)
		hv_fill(vcpu)[page * 0x1000UL] = ret;
	return hv_pages(vcpu, HV_PAGES_ABSENT, why);
}

int rearm_unmapped(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_UNMAPPED, why);
}

int rearm_clean(struct hv_vcpu *vcpu, char *why)
{
	return hv_pages(vcpu, HV_PAGES_CLEAN, why);
}
