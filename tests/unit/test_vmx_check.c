// SPDX-License-Identifier: GPL-2.0-or-later
/* The checker of VM-entry rules (hv/vmx/check*.c), on VMCSs in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../hv/hv.h"
#include "../../hv/vmx/check.h"
#include "../../hv/vmx/names.h"
#include "../../hv/vmx/vmcs.h"

static struct vmcs {
	u64 value[0x8000];
} vmcs;

static struct vmx_capabilities can;
static u32 linear_bits = 48;

static u64 read_vmcs(void *arg, u32 field)
{
	const struct vmcs *from = arg;

	return from->value[field];
}

/* A CPU with all controls, and a VMCS that enters 64-bit code. */
static void make_valid(void)
{
	memset(&vmcs, 0, sizeof(vmcs));
	can = (struct vmx_capabilities){.cr0_fixed0 = 0x80000021,
					.cr0_fixed1 = 0xffffffff,
					.cr4_fixed0 = 0x2000,
					.cr4_fixed1 = 0x3727ff,
					.ept_vpid = ~0ULL};
	for (int group = 0; group < VMX_GROUPS; group++)
		can.group[group] = 0xffffffff00000000;
	vmcs.value[VMCS_PIN_CONTROLS] = VMX_PIN_NMI_EXITING;
	vmcs.value[VMCS_PROCESSOR_CONTROLS] = VMX_PROCESSOR_SECONDARY_CONTROLS |
					      VMX_PROCESSOR_IO_BITMAPS | VMX_PROCESSOR_MSR_BITMAPS;
	vmcs.value[VMCS_SECONDARY_PROCESSOR_CONTROLS] = VMX_SECONDARY_EPT | VMX_SECONDARY_VPID;
	vmcs.value[VMCS_EXIT_CONTROLS] = VMX_EXIT_HOST_64 | VMX_EXIT_LOAD_PAT | VMX_EXIT_LOAD_EFER;
	vmcs.value[VMCS_ENTRY_CONTROLS] =
		VMX_ENTRY_GUEST_64 | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER;
	vmcs.value[VMCS_VPID] = 1;
	vmcs.value[VMCS_EPT_POINTER] = 0x10000 | 6 | 3 << 3;
	vmcs.value[VMCS_HOST_CR0] = vmcs.value[VMCS_GUEST_CR0] = 0x80010033;
	vmcs.value[VMCS_HOST_CR4] = vmcs.value[VMCS_GUEST_CR4] = 0x26a0;
	vmcs.value[VMCS_HOST_EFER] = vmcs.value[VMCS_GUEST_EFER] = 0x500;
	vmcs.value[VMCS_HOST_PAT] = vmcs.value[VMCS_GUEST_PAT] = 0x0007040600070406;
	vmcs.value[VMCS_HOST_CS_SELECTOR] = 8;
	vmcs.value[VMCS_HOST_SS_SELECTOR] = 0x10;
	vmcs.value[VMCS_HOST_TR_SELECTOR] = 0x20;
	for (u32 segment = 0; segment < 6; segment++) {
		vmcs.value[VMCS_GUEST_ES_LIMIT + 2 * segment] = 0xffffffff;
		vmcs.value[VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment] = 0xc093;
	}
	vmcs.value[VMCS_GUEST_CS_ACCESS_RIGHTS] = 0xa09b;
	vmcs.value[VMCS_GUEST_LDTR_ACCESS_RIGHTS] = 0x10000;
	vmcs.value[VMCS_GUEST_TR_ACCESS_RIGHTS] = 0x8b;
	vmcs.value[VMCS_GUEST_TR_LIMIT] = 0x67;
	vmcs.value[VMCS_GUEST_RFLAGS] = 2;
	vmcs.value[VMCS_VMCS_LINK_POINTER] = ~0ULL;
}

static enum vmx_check_area check_it(struct vmx_check *check)
{
	*check = (struct vmx_check){.read = read_vmcs,
				    .arg = &vmcs,
				    .can = &can,
				    .physical_bits = 40,
				    .linear_bits = linear_bits};
	return vmx_check(check);
}

static void test_a_valid_vmcs_breaks_no_rule(void **state)
{
	struct vmx_check check;

	(void)state;
	make_valid();
	assert_int_equal(check_it(&check), VMX_CHECK_NOTHING);
}

/* Values that break a rule in a valid VMCS, each by itself. */
static const struct {
	u32 field;
	u64 value;
	enum vmx_check_area area;
} field_rows[] = {
	{VMCS_VPID, 0, VMX_CHECK_CONTROLS},
	{VMCS_EPT_POINTER, 0x10000 | 5 | 3 << 3, VMX_CHECK_CONTROLS},
	{VMCS_EPT_POINTER, 0x10000 | 6 | 2 << 3, VMX_CHECK_CONTROLS},
	{VMCS_IO_BITMAP_A, 0x1001, VMX_CHECK_CONTROLS},
	{VMCS_IO_BITMAP_B, 1ULL << 40, VMX_CHECK_CONTROLS},
	{VMCS_MSR_BITMAP, 8, VMX_CHECK_CONTROLS},
	{VMCS_CR3_TARGET_COUNT, 5, VMX_CHECK_CONTROLS},
	{VMCS_PIN_CONTROLS, VMX_PIN_VIRTUAL_NMIS, VMX_CHECK_CONTROLS},
	{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000100, VMX_CHECK_CONTROLS},
	{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000203, VMX_CHECK_CONTROLS},
	{VMCS_HOST_CR0, 0x80010013, VMX_CHECK_HOST},
	{VMCS_HOST_CR4, 0x06a0, VMX_CHECK_HOST},
	{VMCS_HOST_CR3, 1ULL << 40, VMX_CHECK_HOST},
	{VMCS_HOST_PAT, 2, VMX_CHECK_HOST},
	{VMCS_HOST_EFER, 0, VMX_CHECK_HOST},
	{VMCS_HOST_DS_SELECTOR, 3, VMX_CHECK_HOST},
	{VMCS_HOST_CS_SELECTOR, 0, VMX_CHECK_HOST},
	{VMCS_HOST_TR_SELECTOR, 0, VMX_CHECK_HOST},
	{VMCS_HOST_GS_BASE, 1ULL << 47, VMX_CHECK_HOST},
	{VMCS_HOST_RIP, 1ULL << 62, VMX_CHECK_HOST},
	{VMCS_GUEST_CR0, 0x80010032, VMX_CHECK_GUEST},
	{VMCS_GUEST_CR4, 0x2080, VMX_CHECK_GUEST},
	{VMCS_GUEST_EFER, 0x100, VMX_CHECK_GUEST},
	{VMCS_GUEST_PAT, 3, VMX_CHECK_GUEST},
	{VMCS_GUEST_SYSENTER_EIP, 1ULL << 48, VMX_CHECK_GUEST},
	{VMCS_GUEST_TR_SELECTOR, 4, VMX_CHECK_GUEST},
	{VMCS_GUEST_SS_SELECTOR, 3, VMX_CHECK_GUEST},
	{VMCS_GUEST_CS_BASE, 1ULL << 32, VMX_CHECK_GUEST},
	{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xe09b, VMX_CHECK_GUEST},
	{VMCS_GUEST_DS_ACCESS_RIGHTS, 0xc013, VMX_CHECK_GUEST},
	{VMCS_GUEST_SS_ACCESS_RIGHTS, 0xc09b, VMX_CHECK_GUEST},
	{VMCS_GUEST_ES_LIMIT, 0xfffff000, VMX_CHECK_GUEST},
	{VMCS_GUEST_TR_ACCESS_RIGHTS, 0x89, VMX_CHECK_GUEST},
	{VMCS_GUEST_GDTR_LIMIT, 0x10000, VMX_CHECK_GUEST},
	{VMCS_GUEST_RFLAGS, 0, VMX_CHECK_GUEST},
	{VMCS_GUEST_RFLAGS, 1ULL << 17 | 2, VMX_CHECK_GUEST},
	{VMCS_GUEST_ACTIVITY, 4, VMX_CHECK_GUEST},
	{VMCS_GUEST_INTERRUPTIBILITY, 1, VMX_CHECK_GUEST},
	{VMCS_GUEST_INTERRUPTIBILITY, 3, VMX_CHECK_GUEST},
	{VMCS_VMCS_LINK_POINTER, 0x1234, VMX_CHECK_GUEST},
};

static void test_the_field_that_breaks_a_rule_is_named(void **state)
{
	struct vmx_check check;

	(void)state;
	for (size_t i = 0; i < sizeof(field_rows) / sizeof(field_rows[0]); i++) {
		make_valid();
		vmcs.value[field_rows[i].field] = field_rows[i].value;
		if (check_it(&check) != field_rows[i].area || check.field != field_rows[i].field)
			fail_msg("row %zu, %s: got %s, %s", i, vmcs_field_name(field_rows[i].field),
				 vmx_check_area_name(check_it(&check)),
				 vmcs_field_name(check.field));
		assert_true(check.value == field_rows[i].value);
	}
}

/* Register values of a host with 5-level paging or linear-address masking. */
static void test_wide_addresses(void **state)
{
	static const struct {
		u32 field;
		u64 value;
		u32 broken_by; /* with 48 bits, with 57: bits 0 and 1 */
	} row[] = {
		{VMCS_HOST_GS_BASE, 0xff11000000000000, 1},
		{VMCS_HOST_GDTR_BASE, 0x00ff000000000000, 1},
		{VMCS_GUEST_SYSENTER_EIP, 0xff11000000000000, 1},
		{VMCS_GUEST_IDTR_BASE, 0xfe11000000000000, 3},
		{VMCS_HOST_SYSENTER_ESP, 1ULL << 57, 3},
		{VMCS_HOST_RIP, 0xff11000000000000, 3}, /* CR4.LA57 is 0 */
		{VMCS_HOST_CR3, 3ULL << 61 | 0x1000, 0},
		{VMCS_GUEST_CR3, 1ULL << 60, 3},
	};
	struct vmx_check check;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (u32 wide = 0; wide < 2; wide++) {
			make_valid();
			linear_bits = wide ? 57 : 48;
			vmcs.value[row[i].field] = row[i].value;
			if (!check_it(&check) != !(row[i].broken_by >> wide & 1))
				fail_msg("row %zu, %u bits", i, linear_bits);
		}
	make_valid();
	can.cr4_fixed1 |= 1 << 12;
	vmcs.value[VMCS_HOST_CR4] |= 1 << 12;
	vmcs.value[VMCS_HOST_RIP] = 0xff11000000000000;
	assert_int_equal(check_it(&check), VMX_CHECK_NOTHING);
	linear_bits = 48;
}

#define NONE ~0U /* no rule is broken */
#define PROCESSOR(bit) \
	VMCS_PROCESSOR_CONTROLS, VMX_PROCESSOR_SECONDARY_CONTROLS | VMX_PROCESSOR_##bit
#define SECONDARY(bit) VMCS_SECONDARY_PROCESSOR_CONTROLS, VMX_SECONDARY_EPT | VMX_SECONDARY_##bit
#define SHADOW	       PROCESSOR(TPR_SHADOW)
#define TERTIARY(bit)                                                \
	{PROCESSOR(TERTIARY_CONTROLS)},                              \
	{                                                            \
		VMCS_TERTIARY_PROCESSOR_CONTROLS, VMX_TERTIARY_##bit \
	}
/* Rules that apply only where other fields have certain values: up to three of these, then the
 * field at fault. */
static const struct {
	struct {
		u32 field;
		u64 value;
	} set[4];
	u32 field; /* that is to be named */
} condition_rows[] = {
	/* Controls that need or bar one another. */
	{{{VMCS_PIN_CONTROLS, VMX_PIN_VIRTUAL_NMIS}}, VMCS_PIN_CONTROLS},
	{{{PROCESSOR(NMI_WINDOW_EXITING)}}, VMCS_PROCESSOR_CONTROLS},
	{{{SECONDARY(VIRTUALIZE_X2APIC)}}, VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{SECONDARY(APIC_REGISTER_VIRTUALIZATION)}}, VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{SECONDARY(VIRTUAL_INTERRUPT_DELIVERY)}, {SHADOW}}, VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{SECONDARY(VIRTUALIZE_X2APIC) | VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES}, {SHADOW}},
	 VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{VMCS_PIN_CONTROLS, VMX_PIN_POSTED_INTERRUPTS}}, VMCS_PIN_CONTROLS},
	{{{VMCS_SECONDARY_PROCESSOR_CONTROLS, VMX_SECONDARY_PML}},
	 VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{VMCS_SECONDARY_PROCESSOR_CONTROLS, VMX_SECONDARY_UNRESTRICTED_GUEST}},
	 VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{VMCS_SECONDARY_PROCESSOR_CONTROLS, VMX_SECONDARY_SUB_PAGE_WRITE}},
	 VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{{SECONDARY(PT_GUEST_PHYSICAL)}}, VMCS_SECONDARY_PROCESSOR_CONTROLS},
	{{TERTIARY(IPI_VIRTUALIZATION)}, VMCS_TERTIARY_PROCESSOR_CONTROLS},
	{{TERTIARY(HLAT), {VMCS_SECONDARY_PROCESSOR_CONTROLS, 0}},
	 VMCS_TERTIARY_PROCESSOR_CONTROLS},
	{{{VMCS_EXIT_CONTROLS, VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_PREEMPTION_TIMER}},
	 VMCS_EXIT_CONTROLS},
	{{{VMCS_ENTRY_CONTROLS, VMX_ENTRY_GUEST_64 | VMX_ENTRY_ENTRY_TO_SMM}}, VMCS_ENTRY_CONTROLS},
	{{{VMCS_EXIT_CONTROLS, 0}}, VMCS_ENTRY_CONTROLS},
	/* Addresses and values that a control makes matter. */
	{{{SHADOW}, {VMCS_VIRTUAL_APIC_ADDRESS, 8}}, VMCS_VIRTUAL_APIC_ADDRESS},
	{{{SHADOW}, {VMCS_TPR_THRESHOLD, 16}}, VMCS_TPR_THRESHOLD},
	{{{SECONDARY(VIRTUALIZE_APIC_ACCESSES)}, {VMCS_APIC_ACCESS_ADDRESS, 1ULL << 40}},
	 VMCS_APIC_ACCESS_ADDRESS},
	{{{SECONDARY(PML)}, {VMCS_PML_ADDRESS, 64}}, VMCS_PML_ADDRESS},
	{{{SECONDARY(VMCS_SHADOWING)}, {VMCS_VMREAD_BITMAP, 1}}, VMCS_VMREAD_BITMAP},
	{{{SECONDARY(VMCS_SHADOWING)}, {VMCS_VMWRITE_BITMAP, 1}}, VMCS_VMWRITE_BITMAP},
	{{{SECONDARY(EPT_VIOLATION_VE)}, {VMCS_VE_INFORMATION_ADDRESS, 1}},
	 VMCS_VE_INFORMATION_ADDRESS},
	{{{SECONDARY(TSC_SCALING)}}, VMCS_TSC_MULTIPLIER},
	{{{SECONDARY(VM_FUNCTIONS)}, {VMCS_VM_FUNCTION_CONTROLS, 2}}, VMCS_VM_FUNCTION_CONTROLS},
	{{{SECONDARY(VM_FUNCTIONS)}, {VMCS_VM_FUNCTION_CONTROLS, 1}, {VMCS_EPTP_LIST_ADDRESS, 8}},
	 VMCS_EPTP_LIST_ADDRESS},
	{{{VMCS_EXIT_MSR_STORE_COUNT, 1}, {VMCS_EXIT_MSR_STORE_ADDRESS, 8}},
	 VMCS_EXIT_MSR_STORE_ADDRESS},
	{{{VMCS_EXIT_MSR_LOAD_COUNT, 1}, {VMCS_EXIT_MSR_LOAD_ADDRESS, 1ULL << 40}},
	 VMCS_EXIT_MSR_LOAD_ADDRESS},
	{{{VMCS_ENTRY_MSR_LOAD_COUNT, 2}, {VMCS_ENTRY_MSR_LOAD_ADDRESS, 0xfffffffff0}},
	 VMCS_ENTRY_MSR_LOAD_COUNT},
	/* Events to be injected. */
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x8000030d}}, VMCS_ENTRY_INTERRUPTION_INFO},
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000b06}}, VMCS_ENTRY_INTERRUPTION_INFO},
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000700}}, NONE}, /* MTF, which this CPU has */
	{{{VMCS_GUEST_ACTIVITY, 1}}, NONE},
	{{{SECONDARY(PML)}}, NONE},
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000701}}, VMCS_ENTRY_INTERRUPTION_INFO},
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000b0d}, {VMCS_ENTRY_EXCEPTION_ERROR_CODE, 0x10000}},
	 VMCS_ENTRY_EXCEPTION_ERROR_CODE},
	{{{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000480}, {VMCS_ENTRY_INSTRUCTION_LENGTH, 0}},
	 VMCS_ENTRY_INSTRUCTION_LENGTH},
	/* Host. */
	{{{VMCS_HOST_CR0, 0x80000033}, {VMCS_HOST_CR4, 0x8026a0}}, VMCS_HOST_CR0},
	{{{VMCS_EXIT_CONTROLS, VMX_EXIT_HOST_64 | VMX_EXIT_LOAD_PKRS},
	  {VMCS_HOST_PKRS, 1ULL << 32}},
	 VMCS_HOST_PKRS},
	/* Guest. */
	{{{VMCS_GUEST_CR0, 0x80000033}, {VMCS_GUEST_CR4, 0x8026a0}}, VMCS_GUEST_CR0},
	{{{VMCS_ENTRY_CONTROLS, VMX_ENTRY_GUEST_64 | VMX_ENTRY_LOAD_DEBUG},
	  {VMCS_GUEST_DEBUGCTL, 8}},
	 VMCS_GUEST_DEBUGCTL},
	{{{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xa093}}, VMCS_GUEST_CS_ACCESS_RIGHTS},
	{{{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xa0fb}}, VMCS_GUEST_CS_ACCESS_RIGHTS},
	{{{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xa0fd}}, VMCS_GUEST_CS_ACCESS_RIGHTS},
	{{{VMCS_GUEST_DS_ACCESS_RIGHTS, 0xc099}}, VMCS_GUEST_DS_ACCESS_RIGHTS},
	{{{VMCS_GUEST_DS_SELECTOR, 3}}, VMCS_GUEST_DS_ACCESS_RIGHTS},
	{{{VMCS_GUEST_ES_BASE, 1ULL << 32}}, VMCS_GUEST_ES_BASE},
	{{{VMCS_GUEST_LDTR_ACCESS_RIGHTS, 0x8b}}, VMCS_GUEST_LDTR_ACCESS_RIGHTS},
	{{{VMCS_GUEST_LDTR_ACCESS_RIGHTS, 0x82}, {VMCS_GUEST_LDTR_BASE, 1ULL << 47}},
	 VMCS_GUEST_LDTR_BASE},
	{{{VMCS_GUEST_TR_ACCESS_RIGHTS, 0x18b}}, VMCS_GUEST_TR_ACCESS_RIGHTS},
	{{{VMCS_GUEST_ACTIVITY, 2}}, VMCS_GUEST_ACTIVITY},
	{{{VMCS_GUEST_ACTIVITY, 1}, {VMCS_GUEST_INTERRUPTIBILITY, 2}}, VMCS_GUEST_ACTIVITY},
	{{{VMCS_GUEST_ACTIVITY, 1}, {VMCS_ENTRY_INTERRUPTION_INFO, 0x80000306}},
	 VMCS_GUEST_ACTIVITY},
	{{{VMCS_GUEST_INTERRUPTIBILITY, 4}}, VMCS_GUEST_INTERRUPTIBILITY},
	{{{VMCS_GUEST_INTERRUPTIBILITY, 0x12}}, VMCS_GUEST_INTERRUPTIBILITY},
	{{{VMCS_GUEST_INTERRUPTIBILITY, 2}, {VMCS_ENTRY_INTERRUPTION_INFO, 0x80000202}},
	 VMCS_GUEST_INTERRUPTIBILITY},
	{{{VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0x20}}, VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS},
	{{{VMCS_GUEST_INTERRUPTIBILITY, 2}, {VMCS_GUEST_RFLAGS, 0x102}},
	 VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS},
	/* Other modes than 64-bit mode. */
	{{{VMCS_ENTRY_CONTROLS, 0},
	  {VMCS_GUEST_EFER, 0},
	  {VMCS_GUEST_CS_ACCESS_RIGHTS, 0xc09b},
	  {VMCS_GUEST_PDPTE3, 3}},
	 VMCS_GUEST_PDPTE3},
	{{{VMCS_ENTRY_CONTROLS, 0}, {VMCS_GUEST_EFER, 0}, {VMCS_GUEST_RFLAGS, 0x20002}},
	 VMCS_GUEST_ES_LIMIT},
	{{{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xc09b}, {VMCS_GUEST_RIP, 1ULL << 32}}, VMCS_GUEST_RIP},
};

static void test_rules_that_other_fields_make(void **state)
{
	struct vmx_check check;

	(void)state;
	for (size_t i = 0; i < sizeof(condition_rows) / sizeof(condition_rows[0]); i++) {
		enum vmx_check_area area;

		make_valid();
		can.vmfunc = 1;
		can.misc = 1 << 6 | 1 << 8; /* HLT and wait-for-SIPI */
		can.group[VMX_TERTIARY] = ~0ULL;
		can.cr4_fixed1 |= 1 << 23;
		for (size_t at = 0; at < 4 && condition_rows[i].set[at].field; at++)
			vmcs.value[condition_rows[i].set[at].field] =
				condition_rows[i].set[at].value;
		area = check_it(&check);
		if (area == VMX_CHECK_NOTHING)
			check.field = NONE;
		if (check.field != condition_rows[i].field)
			fail_msg("row %zu: wanted %s, got %s (%s)", i,
				 vmcs_field_name(condition_rows[i].field),
				 vmcs_field_name(check.field), check.rule ? check.rule : "fine");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_valid_vmcs_breaks_no_rule),
		cmocka_unit_test(test_the_field_that_breaks_a_rule_is_named),
		cmocka_unit_test(test_wide_addresses),
		cmocka_unit_test(test_rules_that_other_fields_make),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
