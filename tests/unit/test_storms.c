// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of storms.def, the guest image that is made of them, and the two held together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/storms/storm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* What QEMU's pci-testdev adds to the names of the last two. */
static const char *const peer_variants[] = {
	"mmio-no-eventfd:pci-mem",	  "mmio-wildcard-eventfd:pci-mem",
	"mmio-datamatch-eventfd:pci-mem", "portio-no-eventfd:pci-io",
	"portio-wildcard-eventfd:pci-io", "portio-datamatch-eventfd:pci-io",
};

static const struct guest_header *header(void)
{
	return (const struct guest_header *)guest_image;
}

static u32 image_size(void)
{
	return guest_image_end - guest_image;
}

static const u8 *at(u64 address)
{
	assert_in_range(address, GUEST_IMAGE, GUEST_IMAGE + image_size() - 1);
	return guest_image + (address - GUEST_IMAGE);
}

static const struct guest_storm *guest_table(void)
{
	return (const struct guest_storm *)at(header()->table);
}

static const struct guest_storm *guest_find(const char *name)
{
	for (u32 i = 0; i < header()->storms; i++)
		if (!strcmp(guest_table()[i].name, name))
			return &guest_table()[i];
	return NULL;
}

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

static void test_no_peer_is_made_up(void **state)
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

/* KVM's ring of coalesced writes is one for all vCPUs; what it has no room for exits. */
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

static const u8 stamp[] = {0x0f, 0xae, 0xe8, 0x0f, 0x31, 0x0f, 0xae, 0xe8};

static const u8 vmcall[] = {0x0f, 0x01, 0xc1};

/* The guest's stamps are LFENCE, RDTSC, LFENCE; .fences has both LFENCEs of each, and VMCALLs. */
static void test_fences_are_all_listed(void **state)
{
	const u32 *fence = (const u32 *)at(header()->fences);
	const u8 *end = at(header()->table);
	u32 stamps = 0, listed = 0, calls = 0;

	(void)state;
	for (u32 i = 0; i < header()->fence_count; i++) {
		if (!memcmp(at(fence[i]), vmcall, sizeof(vmcall))) {
			calls++;
			continue;
		}
		assert_memory_equal(at(fence[i]), stamp, sizeof(stamp));
		assert_int_equal(fence[i + 1], fence[i] + 5);
		listed++;
		i++;
	}
	for (const u8 *p = guest_image; p + sizeof(stamp) <= end; p++)
		stamps += !memcmp(p, stamp, sizeof(stamp));
	assert_int_equal(listed, stamps);
	/* Two in each of four loops, two more where operations are stamped. */
	assert_true(stamps >= storm_count * 8 && stamps <= storm_count * 12);
	/* Eight and one in the plain loop of `vmcall`, one in the stamped one. */
	assert_true(calls >= 10);
}

/* On AMD every VMCALL is VMMCALL, and nothing else is changed. */
static void test_vmcalls_become_vmmcalls(void **state)
{
	static const u8 vmmcall[] = {0x0f, 0x01, 0xd9};
	u32 size = image_size();
	u8 *image = malloc(size);
	u32 changed = 0;

	(void)state;
	memcpy(image, guest_image, size);
	assert_int_equal(storm_vmmcall(image, size), 0);
	for (u32 i = 0; i + sizeof(vmcall) <= size; i++) {
		if (image[i] == guest_image[i])
			continue;
		assert_memory_equal(guest_image + i - 2, vmcall, sizeof(vmcall));
		assert_memory_equal(image + i - 2, vmmcall, sizeof(vmmcall));
		changed++;
	}
	assert_true(changed >= 10);
	assert_int_equal(storm_vmmcall(image, sizeof(struct guest_header) - 1), -EINVAL);
	free(image);
}

/* The next stamp at or after p. */
static const u8 *stamp_after(const u8 *p)
{
	while (memcmp(p, stamp, sizeof(stamp)))
		p++;
	return p;
}

/* Between the stamps of an operation that is nothing, only two moves make room for the next. */
static void test_nothing_but_moves_between_two_stamps(void **state)
{
	const u8 *began = stamp_after(at(guest_find("null")->storm_stamped));
	const u8 *out = stamp_after(began + sizeof(stamp)) + sizeof(stamp);
	const u8 *in = stamp_after(out);
	const u8 *p = out;

	(void)state;
	for (int move = 0; move < 2; move++) {
		p += (*p & 0xf0) == 0x40;   /* REX */
		assert_int_equal(*p, 0x89); /* MOV r/m32, r32 */
		assert_int_equal(p[1] >> 6, 3);
		p += 2;
	}
	assert_ptr_equal(p, in);
}

/* The instruction that exits stands right before the stamp that follows, in the storm only. */
static void test_stamp_follows_the_exiting_instruction(void **state)
{
	static const struct {
		const char *storm;
		u8 bytes[3], size;
	} rows[] = {
		{"rdtsc", {0x0f, 0x31}, 2},
		{"pio_out", {0xee}, 1},
		{"pio_in", {0xed}, 1},
		{"pio_string_out", {0x6e}, 1},
		{"hlt", {0xf4}, 1},
		{"cpuid", {0x0f, 0xa2}, 2},
		{"vmcall", {0x0f, 0x01, 0xc1}, 3},
		{"pause", {0xf3, 0x90}, 2},
		{"wbinvd", {0x0f, 0x09}, 2},
		{"invd", {0x0f, 0x08}, 2},
		{"rdpmc", {0x0f, 0x33}, 2},
		{"xsetbv", {0x0f, 0x01, 0xd1}, 3},
		{"syscall", {0x0f, 0x05}, 2},
		{"rdmsr", {0x0f, 0x32}, 2},
		{"wrmsr_pred_cmd", {0x0f, 0x30}, 2},
		{"ud2", {0x0f, 0x0b}, 2},
		{"int3", {0xcc}, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct guest_storm *code = guest_find(rows[i].storm);
		const u64 loops[] = {code->storm_stamped, code->control_stamped};

		for (int control = 0; control < 2; control++) {
			const u8 *began = stamp_after(at(loops[control]));
			const u8 *out = stamp_after(began + sizeof(stamp));
			const u8 *in = stamp_after(out + sizeof(stamp));
			bool there = !memcmp(in - rows[i].size, rows[i].bytes, rows[i].size);

			if (there == control)
				fail_msg("%s: %s", rows[i].storm, control ? "control" : "storm");
		}
	}
}

/* What a row has done before each operation stands before its first stamp, in storm and control. */
static void test_what_comes_before_an_operation_is_in_every_loop(void **state)
{
	static const u8 rdtsc[] = {0x0f, 0x31}; /* ipi_halt waits by it, ipi does not */
	static const char *const names[] = {"ipi", "ipi_halt"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct guest_storm *code = guest_find(names[i]);
		const u64 loops[] = {code->storm, code->storm_stamped, code->control,
				     code->control_stamped};

		for (size_t k = 0; k < COUNT(loops); k++) {
			const u8 *began = stamp_after(at(loops[k])) + sizeof(stamp);
			const u8 *next = stamp_after(began);
			bool waits = memmem(began, next - began, rdtsc, sizeof(rdtsc));

			assert_int_equal(waits, i == 1);
		}
	}
}

/* Without stamps an operation is its instruction: eight in a row, nothing between them. */
static void test_plain_loop_is_unrolled(void **state)
{
	const u8 *p = stamp_after(at(guest_find("pio_out")->storm)) + sizeof(stamp);
	const u8 *end = stamp_after(p);
	u8 run[8];

	(void)state;
	memset(run, 0xee, sizeof(run));
	assert_non_null(memmem(p, end - p, run, sizeof(run)));
	p = stamp_after(at(guest_find("pio_out")->control)) + sizeof(stamp);
	assert_null(memmem(p, stamp_after(p) - p, run, 2));
}

static void test_fence_is_exchanged_everywhere(void **state)
{
	static const struct {
		u8 fence, bytes[3];
	} fences[] = {
		{FENCE_LFENCE, {0x0f, 0xae, 0xe8}},
		{FENCE_MFENCE, {0x0f, 0xae, 0xf0}},
		{FENCE_NONE, {0x0f, 0x1f, 0x00}}, /* a NOP */
	};
	const u32 *fence = (const u32 *)at(header()->fences);
	u8 *image = malloc(image_size());

	(void)state;
	assert_non_null(image);
	for (size_t k = 0; k < COUNT(fences); k++) {
		memcpy(image, guest_image, image_size());
		assert_int_equal(storm_fence(image, image_size(), fences[k].fence), 0);
		for (u32 i = 0; i < header()->fence_count; i++) {
			u8 *place = image + (fence[i] - GUEST_IMAGE);

			if (!memcmp(place, vmcall, sizeof(vmcall)))
				continue;
			assert_memory_equal(place, fences[k].bytes, 3);
			memcpy(place, fences[0].bytes, 3);
		}
		/* And nothing else. */
		assert_memory_equal(image, guest_image, image_size());
	}
	/* Once there is no LFENCE any more, none can be exchanged. */
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), 0);
	assert_int_equal(storm_fence(image, image_size(), FENCE_MFENCE), -EINVAL);
	free(image);
}

static void test_fence_refuses_what_is_no_image(void **state)
{
	const u32 places[] = {0, GUEST_IMAGE - 1, GUEST_IMAGE + image_size() - 2, ~0U};
	struct guest_header damaged;
	u8 *image = malloc(image_size());

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i < COUNT(places); i++) {
		memcpy(image, guest_image, image_size());
		memcpy(image + (header()->fences - GUEST_IMAGE), &places[i], sizeof(places[i]));
		assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	}
	memcpy(image, guest_image, image_size());
	assert_int_equal(storm_fence(image, image_size(), 200), -EINVAL);
	assert_int_equal(storm_fence(image, sizeof(damaged) - 1, FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fences = ~0ULL;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fences++;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fence_count = ~0U;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	free(image);
}

/* A stub for each vector, as far apart as the IDT has them. */
static void test_vectors_push_their_number(void **state)
{
	static const u8 with_error[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};

	(void)state;
	for (u32 vector = 0; vector < 256; vector++) {
		const u8 *stub = at(header()->vectors + vector * GUEST_STUB_SIZE);
		s32 pushed;

		if (!memchr(with_error, vector, sizeof(with_error))) {
			assert_int_equal(stub[0], 0x6a); /* PUSH 0 in place of the error code */
			assert_int_equal(stub[1], 0);
			stub += 2;
		}
		if (*stub == 0x6a)
			pushed = (int8_t)stub[1];
		else
			memcpy(&pushed, stub + 1, sizeof(pushed));
		assert_int_equal(pushed, vector);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operation_of_kvm_unit_tests_has_a_storm),
		cmocka_unit_test(test_no_peer_is_made_up),
		cmocka_unit_test(test_storm_is_found_by_its_name),
		cmocka_unit_test(test_rows_do_not_contradict_themselves),
		cmocka_unit_test(test_coalesced_batches_fit_the_ring),
		cmocka_unit_test(test_each_row_has_its_loops_in_the_guest),
		cmocka_unit_test(test_fences_are_all_listed),
		cmocka_unit_test(test_vmcalls_become_vmmcalls),
		cmocka_unit_test(test_nothing_but_moves_between_two_stamps),
		cmocka_unit_test(test_stamp_follows_the_exiting_instruction),
		cmocka_unit_test(test_what_comes_before_an_operation_is_in_every_loop),
		cmocka_unit_test(test_plain_loop_is_unrolled),
		cmocka_unit_test(test_fence_is_exchanged_everywhere),
		cmocka_unit_test(test_fence_refuses_what_is_no_image),
		cmocka_unit_test(test_vectors_push_their_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
