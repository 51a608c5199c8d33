// SPDX-License-Identifier: GPL-2.0-or-later
#include "controls.h"

#include "../host.h"
#include "../hv.h"

static const char *const control_names[VMX_GROUPS][32] = {
#define CONTROL(group, bit, NAME, text) [VMX_##group][bit] = text,
#include "controls.def"
};

static const char *const group_names[VMX_GROUPS] = {
	[VMX_PIN] = "pin-based control",
	[VMX_PROCESSOR] = "primary processor-based control",
	[VMX_SECONDARY] = "secondary processor-based control",
	[VMX_TERTIARY] = "tertiary processor-based control",
	[VMX_EXIT] = "VM-exit control",
	[VMX_ENTRY] = "VM-entry control",
};

static u64 must(const struct vmx_capabilities *capabilities, u32 group)
{
	return group == VMX_TERTIARY ? 0 : (u32)capabilities->group[group];
}

static u64 may(const struct vmx_capabilities *capabilities, u32 group)
{
	return group == VMX_TERTIARY ? capabilities->group[group]
				     : capabilities->group[group] >> 32;
}

/* Appends the missing controls of a group to `why`. */
static void name_missing(char *why, u32 group, u64 missing)
{
	size_t used = __builtin_strlen(why);

	for (u32 bit = 0; bit < 32; bit++) {
		const char *name = control_names[group][bit];

		if (!(missing >> bit & 1))
			continue;
		host_format(why + used, HV_WHY - used, "%s %s \"%s\"",
			    used ? "," : "this CPU's VMX lacks", group_names[group],
			    name ? name : "without a name");
		used = __builtin_strlen(why);
	}
}

int vmx_controls_fit(const struct vmx_capabilities *capabilities,
		     const struct vmx_requested_controls *requested, struct vmx_controls *controls,
		     char *why)
{
	int err = 0;

	why[0] = 0;
	for (u32 group = 0; group < VMX_GROUPS; group++) {
		u64 can = may(capabilities, group);
		u64 missing = requested->required[group] & ~can;

		if (missing) {
			name_missing(why, group, missing);
			err = -EOPNOTSUPP;
		}
		controls->value[group] = must(capabilities, group) | requested->required[group] |
					 (requested->optional[group] & can);
	}
	return err;
}

void vmx_default_controls(struct vmx_requested_controls *requested)
{
	*requested = (struct vmx_requested_controls){
		.required =
			{
				[VMX_PIN] =
					VMX_PIN_EXTERNAL_INTERRUPT_EXITING | VMX_PIN_NMI_EXITING,
				[VMX_PROCESSOR] = VMX_PROCESSOR_HLT_EXITING |
						  VMX_PROCESSOR_IO_BITMAPS |
						  VMX_PROCESSOR_MSR_BITMAPS |
						  VMX_PROCESSOR_SECONDARY_CONTROLS,
				[VMX_SECONDARY] = VMX_SECONDARY_EPT,
				[VMX_EXIT] = VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_EFER |
					     VMX_EXIT_LOAD_EFER | VMX_EXIT_SAVE_PAT |
					     VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_DEBUG,
				[VMX_ENTRY] = VMX_ENTRY_GUEST_64 | VMX_ENTRY_LOAD_EFER |
					      VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_DEBUG,
			},
		.optional =
			{
				[VMX_PIN] = VMX_PIN_VIRTUAL_NMIS,
				[VMX_PROCESSOR] =
					VMX_PROCESSOR_INVLPG_EXITING | VMX_PROCESSOR_MWAIT_EXITING |
					VMX_PROCESSOR_RDPMC_EXITING |
					VMX_PROCESSOR_CR3_LOAD_EXITING |
					VMX_PROCESSOR_CR3_STORE_EXITING |
					VMX_PROCESSOR_CR8_LOAD_EXITING |
					VMX_PROCESSOR_CR8_STORE_EXITING |
					VMX_PROCESSOR_MOV_DR_EXITING |
					VMX_PROCESSOR_MONITOR_EXITING | VMX_PROCESSOR_PAUSE_EXITING,
				[VMX_SECONDARY] = VMX_SECONDARY_DESCRIPTOR_TABLE_EXITING |
						  VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID |
						  VMX_SECONDARY_WBINVD_EXITING |
						  VMX_SECONDARY_RDRAND_EXITING |
						  VMX_SECONDARY_INVPCID |
						  VMX_SECONDARY_RDSEED_EXITING |
						  VMX_SECONDARY_VM_FUNCTIONS | VMX_SECONDARY_XSAVES,
			},
	};
}

u32 vmx_controls_list(const struct vmx_controls *controls, struct hv_control *list)
{
	static const char *const short_names[VMX_GROUPS] = {
		[VMX_PIN] = "pin-based",       [VMX_PROCESSOR] = "primary",
		[VMX_SECONDARY] = "secondary", [VMX_TERTIARY] = "tertiary",
		[VMX_EXIT] = "VM-exit",	       [VMX_ENTRY] = "VM-entry",
	};
	u32 used = 0;

	for (u32 group = 0; group < VMX_GROUPS; group++) {
		u64 rest = controls->value[group];

		for (u32 bit = 0; bit < 32; bit++) {
			if (!control_names[group][bit])
				continue;
			list[used++] =
				(struct hv_control){short_names[group], control_names[group][bit],
						    controls->value[group] >> bit & 1};
			rest &= ~(1ULL << bit);
		}
		list[used++] = (struct hv_control){short_names[group], "reserved bits", rest};
	}
	return used;
}
