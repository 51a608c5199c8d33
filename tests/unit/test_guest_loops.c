// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine code of the guest's loops and vectors. */
#include "guest_code.h"

/* Between the stamps of an empty operation there are only the two moves of GUEST_STAMP. */
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

/* The exiting instruction is the last one before the second stamp, in the storm only. */
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

/* BEFORE statements come before the first stamp, in storm and control. */
static void test_statements_before_an_operation_are_in_every_loop(void **state)
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

/* The loop without stamps repeats the instruction eight times, with nothing between. */
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

/* One stub per vector, GUEST_STUB_SIZE apart. */
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

static u32 prefetches(const u8 *from, const u8 *to)
{
	u32 count = 0;

	for (; from + 2 < to; from++) /* PREFETCHW: 0F 0D /1 */
		count += from[0] == 0x0f && from[1] == 0x0d && (from[2] >> 3 & 7) == 1;
	return count;
}

/*
 * The loops of setting `ops` have 2 and 4 times the instruction between two stamps; every storm
 * that exits by itself has them, but where code must run before each operation.
 */
static void test_loops_with_several_operations(void **state)
{
	static const u8 cpuid[] = {0x0f, 0xa2};
	const struct guest_storm *code = guest_find("cpuid");
	u32 all = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		const u8 *began = stamp_after(at(code->many[i])) + sizeof(stamp);
		const u8 *out = stamp_after(began) + sizeof(stamp);
		const u8 *in = stamp_after(out), *p = out;
		u32 count = 0;

		while ((p = memmem(p, in - p, cpuid, sizeof(cpuid)))) {
			count++;
			p += sizeof(cpuid);
		}
		assert_int_equal(count, 2 << i);
		assert_int_equal(prefetches(out, in), 0);
	}
	for (u32 i = 0; i < header()->storms; i++) {
		const struct guest_storm *row = &guest_table()[i];

		if (storm_find(row->name)->legs != LEGS_SYNC)
			assert_true(!row->many[0] && !row->many[1]);
		assert_int_equal(!row->many[0], !row->many[1]);
		all += !!row->many[0];
	}
	assert_true(all > 100);
}

/* Outside of the stamps each record's line is fetched for writing: the first one, and the next one.
 */
static void test_records_are_fetched_outside_of_the_stamps(void **state)
{
	u32 loops = 0;

	(void)state;
	for (u32 i = 0; i < header()->storms; i++) {
		const struct guest_storm *code = &guest_table()[i];
		const u64 loop[] = {code->storm_stamped, code->control_stamped};

		if (storm_find(code->name)->mode == HV_MODE_32)
			continue;
		for (int control = 0; control < 2; control++, loops++) {
			const u8 *began = stamp_after(at(loop[control]));
			const u8 *out = stamp_after(began + sizeof(stamp));
			const u8 *in = stamp_after(out + sizeof(stamp));

			if (prefetches(at(loop[control]), began) != 1 ||
			    prefetches(began, out) != 1 || prefetches(out, in))
				fail_msg("%s, control %d: %u, %u, %u", code->name, control,
					 prefetches(at(loop[control]), began),
					 prefetches(began, out), prefetches(out, in));
		}
	}
	assert_true(loops > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_but_moves_between_two_stamps),
		cmocka_unit_test(test_stamp_follows_the_exiting_instruction),
		cmocka_unit_test(test_statements_before_an_operation_are_in_every_loop),
		cmocka_unit_test(test_loops_with_several_operations),
		cmocka_unit_test(test_records_are_fetched_outside_of_the_stamps),
		cmocka_unit_test(test_plain_loop_is_unrolled),
		cmocka_unit_test(test_vectors_push_their_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
