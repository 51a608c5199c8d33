// SPDX-License-Identifier: GPL-2.0-or-later
/* VMX controls fitted to a CPU's capabilities, names and numbers of the manual, and EPT entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../hv/hv.h"
#include "../../hv/paging.h"
#include "../../hv/vmx/check.h"
#include "../../hv/vmx/names.h"
#include "../../hv/vmx/vmcs.h"

static struct vmx_capabilities can;

/* Each control may be 0 or 1. */
static void all_controls(void)
{
	memset(&can, 0, sizeof(can));
	for (int group = 0; group < VMX_GROUPS; group++)
		can.group[group] = 0xffffffff00000000;
}

static void test_missing_controls_are_named(void **state)
{
	struct vmx_requested_controls requested = {
		.required = {[VMX_SECONDARY] = VMX_SECONDARY_EPT, [VMX_PIN] = VMX_PIN_NMI_EXITING}};
	struct vmx_controls controls;
	char why[HV_WHY];

	(void)state;
	all_controls();
	assert_int_equal(vmx_controls_fit(&can, &requested, &controls, why), 0);
	assert_true(controls.value[VMX_SECONDARY] == VMX_SECONDARY_EPT);
	can.group[VMX_SECONDARY] = 0;
	assert_int_equal(vmx_controls_fit(&can, &requested, &controls, why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "secondary processor-based control \"enable EPT\""));
	assert_null(strstr(why, "NMI"));
	can.group[VMX_PIN] = 0;
	vmx_controls_fit(&can, &requested, &controls, why);
	assert_non_null(strstr(why, "\"NMI exiting\", secondary"));
}

static void test_required_bits_of_a_cpu_are_set_and_no_others(void **state)
{
	struct vmx_requested_controls requested = {
		.optional = {[VMX_PIN] = VMX_PIN_VIRTUAL_NMIS | VMX_PIN_NMI_EXITING}};
	struct vmx_controls controls;
	char why[HV_WHY];

	(void)state;
	all_controls();
	can.group[VMX_PIN] = (u64)(0x16 | VMX_PIN_NMI_EXITING) << 32 | 0x16;
	assert_int_equal(vmx_controls_fit(&can, &requested, &controls, why), 0);
	assert_true(controls.value[VMX_PIN] == (0x16 | VMX_PIN_NMI_EXITING));
}

static void test_numbers_have_the_manuals_names(void **state)
{
	(void)state;
	assert_string_equal(vmx_exit_name(10), "CPUID");
	assert_string_equal(vmx_exit_name(0x80000021),
			    "VM-entry failure due to invalid guest state");
	assert_string_equal(vmx_exit_name(35), "reserved");
	assert_int_equal(vmx_exit_kind(18), EXIT_HYPERCALL);
	assert_int_equal(vmx_exit_kind(35), EXIT_OTHER);
	assert_int_equal(vmx_exit_reason(EXIT_HYPERCALL), VMX_EXIT_VMCALL);
	assert_int_equal(vmx_exit_reason(EXIT_MMIO), VMX_EXIT_EPT_VIOLATION);
	assert_true(vmx_exit_reason(EXIT_SYSCALL) == ~0U);
	assert_string_equal(vmx_error_name(4), "VMLAUNCH with non-clear VMCS");
	assert_string_equal(vmx_error_name(14), "an error that the manual does not define");
	assert_string_equal(vmcs_field_name(0x681e), "GUEST_RIP");
	assert_string_equal(vmcs_field_name(0x7ffe), "unknown field");
}

/* Leaves of EPT are write-back (SDM Vol. 3, memory type 6). An emulator has no caches and cannot
 * show it. */
static void test_ept_leaves_are_write_back(void **state)
{
	static u8 area[4 * 4096] __attribute__((aligned(4096)));
	const u32 rights = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			   PAGING_BIT(PAGING_EXECUTE) | PAGING_BIT(PAGING_CACHED);
	struct paging paging;
	u64 bytes = 0;

	(void)state;
	assert_int_equal(paging_init(&paging, &paging_ept, area, 0x100000, sizeof(area)), 0);
	assert_int_equal(paging_map(&paging, 0, 0x5000, 4096, PAGING_4K, rights), 0);
	assert_int_equal(
		paging_map(&paging, PAGING_2M, 4 * PAGING_2M, PAGING_2M, PAGING_2M, rights), 0);
	assert_true(*paging_leaf(&paging, 0, &bytes) == (0x5000 | 7 | 6 << 3));
	assert_int_equal(bytes, PAGING_4K);
	assert_true(*paging_leaf(&paging, PAGING_2M, &bytes) ==
		    (4 * PAGING_2M | 7 | 6 << 3 | 1 << 7));
	assert_int_equal(bytes, PAGING_2M);
	/* So is the EPTP, and entry 0 of the guest's PAT. */
	assert_true(vmcs_ept_pointer(0x10000, 0) == (0x10000 | 6 | 3 << 3));
	assert_true(vmcs_ept_pointer(0x10000, 1 << 21) == (0x10000 | 6 | 3 << 3 | 1 << 6));
	assert_int_equal(VMCS_PAT_AT_RESET & 0xff, 6);
	/* Tables carry no memory type: bits 7:3 are reserved there. */
	assert_int_equal(*(u64 *)area & 0xff, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_controls_are_named),
		cmocka_unit_test(test_required_bits_of_a_cpu_are_set_and_no_others),
		cmocka_unit_test(test_numbers_have_the_manuals_names),
		cmocka_unit_test(test_ept_leaves_are_write_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
