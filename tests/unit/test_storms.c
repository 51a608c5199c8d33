// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of storms.def, and that each has its loops in the guest image. */
#include "guest_code.h"

/* kvm-unit-tests, x86/vmexit.c: the operations of its table, in its order. */
static const char *const peers[] = {
	"cpuid",
	"vmcall",
	"wbinvd",
	"invd",
	"mov_from_cr8",
	"mov_to_cr8",
	"inl_from_pmtimer",
	"inl_from_qemu",
	"inl_from_kernel",
	"outl_to_kernel",
	"mov_dr",
	"tscdeadline_immed",
	"tscdeadline",
	"self_ipi_sti_nop",
	"self_ipi_sti_hlt",
	"self_ipi_tpr",
	"self_ipi_tpr_sti_nop",
	"self_ipi_tpr_sti_hlt",
	"x2apic_self_ipi_sti_nop",
	"x2apic_self_ipi_sti_hlt",
	"x2apic_self_ipi_tpr",
	"x2apic_self_ipi_tpr_sti_nop",
	"x2apic_self_ipi_tpr_sti_hlt",
	"ipi",
	"ipi_halt",
	"ple_round_robin",
	"wr_kernel_gs_base",
	"wr_tsx_ctrl_msr",
	"wr_ibrs_msr",
	"wr_ibpb_msr",
	"wr_tsc_adjust_msr",
	"rd_tsc_adjust_msr",
	"toggle_cr0_wp",
	"toggle_cr4_pge",
	"pci-mem",
	"pci-io",
};
_Static_assert(COUNT(peers) == 36, "its table has 36 operations");

/* The last two with the prefixes of QEMU's pci-testdev. */
static const char *const peer_variants[] = {
	"mmio-no-eventfd:pci-mem",	  "mmio-wildcard-eventfd:pci-mem",
	"mmio-datamatch-eventfd:pci-mem", "portio-no-eventfd:pci-io",
	"portio-wildcard-eventfd:pci-io", "portio-datamatch-eventfd:pci-io",
};

static u32 peer_count(const char *name, bool suffix)
{
	u32 count = 0;

	for (u32 i = 0; i < storm_count; i++) {
		const char *peer = storms[i].peer;
		const char *colon = peer && suffix ? strchr(peer, ':') : NULL;

		count += peer && !strcmp(colon ? colon + 1 : peer, name);
	}
	return count;
}

static void test_each_operation_of_kvm_unit_tests_has_a_storm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(peers); i++)
		if (!peer_count(peers[i], true))
			fail_msg("no storm names %s", peers[i]);
	for (size_t i = 0; i < COUNT(peer_variants); i++)
		if (peer_count(peer_variants[i], false) != 1)
			fail_msg("not one storm names %s", peer_variants[i]);
}

static void test_each_peer_is_one_of_kvm_unit_tests(void **state)
{
	(void)state;
	for (u32 i = 0; i < storm_count; i++) {
		const char *peer = storms[i].peer;
		bool known = !peer;

		for (size_t k = 0; peer && k < COUNT(peers); k++)
			known |= !strcmp(peer, peers[k]);
		for (size_t k = 0; peer && k < COUNT(peer_variants); k++)
			known |= !strcmp(peer, peer_variants[k]);
		if (!known)
			fail_msg("%s: kvm-unit-tests has no %s", storms[i].name, peer);
	}
}

static void test_storm_is_found_by_its_name(void **state)
{
	(void)state;
	for (u32 i = 0; i < storm_count; i++)
		assert_ptr_equal(storm_find(storms[i].name), &storms[i]);
	assert_null(storm_find("no_such_storm"));
	assert_null(storm_find(""));
}

static void test_rows_do_not_contradict_themselves(void **state)
{
	const u32 both_levels = NEED_CPL0 | NEED_CPL3, both_chips = NEED_IRQCHIP | NEED_NO_IRQCHIP;

	(void)state;
	for (u32 i = 0; i < storm_count; i++) {
		const struct storm *storm = &storms[i];

		if (strlen(storm->name) >= sizeof(guest_table()->name) || !storm->text[0] ||
		    (storm->needs & both_levels) == both_levels ||
		    (storm->needs & both_chips) == both_chips ||
		    (storm->needs & NEED_X2APIC && !(storm->needs & NEED_IRQCHIP)) ||
		    storm->max_batch > GUEST_RING_RECORDS ||
		    !(storm->needs & BASELINE) != (storm->kind != EXIT_NONE) ||
		    (storm->needs & BASELINE && storm->exits_per_op) ||
		    (storm->user && storm->exits_per_op != 1))
			fail_msg("row %s", storm->name);
	}
}

/*
 * In place nothing stamps, handles or sets up on the host's side, and a process has CPL 3. At CPL 0
 * there is the machine's own interrupt controller, and what needs no KVM above it.
 */
static void test_rows_in_place_need_no_vm(void **state)
{
	const u32 of_a_vm = NEED_NO_IRQCHIP | NEED_X2APIC | SHARED_BATCH | NEED_OTHER_CPU;
	u32 in_user = 0, at_cpl0 = 0;

	(void)state;
	for (u32 i = 0; i < storm_count; i++) {
		const struct storm *storm = &storms[i];
		const struct guest_storm *code = guest_find(storm->name);

		in_user += storm->places & IN_USER ? 1 : 0;
		at_cpl0 += storm->places & IN_KERNEL ? 1 : 0;
		if (!storm->places && storm->needs & NEED_IN_PLACE)
			fail_msg("%s runs in place only, and at no place", storm->name);
		if (!storm->places)
			continue;
		if (storm->user || storm->mode || storm->legs == LEGS_NORESUME || code->handler ||
		    storm->needs & of_a_vm || storm->places & ~ANYWHERE ||
		    (storm->prepare && storm->arg[0] != HV_DEVICE_MACHINE &&
		     !(storm->places & IN_USER)) ||
		    (storm->places & IN_USER &&
		     storm->needs & (NEED_CPL0 | NEED_RAW | NEED_IRQCHIP)) ||
		    (storm->places & (IN_KERNEL | IN_IMAGE) && storm->needs & NEED_CPL3))
			fail_msg("%s cannot run in place", storm->name);
	}
	assert_true(in_user > 10 && at_cpl0 > 40);
}

/* No source has such a bound: see storm.h. */
static void test_no_bound_without_a_source(void **state)
{
	(void)state;
	for (u32 i = 0; i < storm_count; i++)
		if (storms[i].needs & NEED_CPL0 && storms[i].native_cycles)
			fail_msg("%s has a bound at CPL 0", storms[i].name);
}

/* All vCPUs share KVM's ring of coalesced writes; a write exits if the ring is full. */
static void test_coalesced_batches_fit_the_ring(void **state)
{
	(void)state;
	for (u32 i = 0; i < storm_count; i++)
		if (!strncmp(storms[i].name, "coalesced_", 10)) {
			assert_true(storms[i].needs & SHARED_BATCH);
			assert_in_range(storms[i].max_batch, 1, HV_COALESCED_WRITES);
		}
}

static void test_each_row_has_its_loops_in_the_guest(void **state)
{
	(void)state;
	assert_int_equal(header()->magic, GUEST_MAGIC);
	assert_int_equal(header()->storms, storm_count);
	for (u32 i = 0; i < storm_count; i++) {
		const struct guest_storm *code = guest_find(storms[i].name);

		if (!code)
			fail_msg("the image has no %s", storms[i].name);
		at(code->storm);
		at(code->storm_stamped);
		at(code->control);
		at(code->control_stamped);
		assert_int_equal(!code->partner, !(storms[i].needs & NEED_PAIR));
		assert_true(code->handler || !code->vector); /* #DE is vector 0 */
	}
	for (u32 i = 0; i < header()->storms; i++)
		if (!storm_find(guest_table()[i].name))
			fail_msg("no row for the guest's %s", guest_table()[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operation_of_kvm_unit_tests_has_a_storm),
		cmocka_unit_test(test_each_peer_is_one_of_kvm_unit_tests),
		cmocka_unit_test(test_storm_is_found_by_its_name),
		cmocka_unit_test(test_rows_do_not_contradict_themselves),
		cmocka_unit_test(test_rows_in_place_need_no_vm),
		cmocka_unit_test(test_no_bound_without_a_source),
		cmocka_unit_test(test_coalesced_batches_fit_the_ring),
		cmocka_unit_test(test_each_row_has_its_loops_in_the_guest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
