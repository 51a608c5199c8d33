// SPDX-License-Identifier: GPL-2.0-or-later
/* Expected exits on the real /dev/kvm: counts, and stamps in records. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_stamps_are_in_order(void **state)
{
	struct machine machine;
	const struct record *record;

	boot_kind(&machine, state);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++, record++) {
		assert_true(record->guest_out && record->guest_out < record->host_in);
		assert_true(record->host_in < record->host_out);
		assert_true(record->host_out < record->guest_in);
		if (i)
			assert_true(record[-1].guest_in < record->guest_out);
	}
	assert_int_equal(record->host_in, 0);
	hv_vm_destroy(machine.vm);
}

static void test_unstamped_leaves_no_host_stamps(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, false)), machine.exit.why);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_int_equal(hv_ring(machine.vcpu)[i].host_in, 0);
		assert_int_equal(hv_ring(machine.vcpu)[i].host_out, 0);
		assert_true(hv_ring(machine.vcpu)[i].guest_in > 0);
	}
	hv_vm_destroy(machine.vm);
}

static int by_size(const void *one, const void *other)
{
	const u64 *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

static u64 median(u64 took[OPERATIONS])
{
	qsort(took, OPERATIONS, sizeof(*took), by_size);
	return took[OPERATIONS / 2];
}

static void test_several_exits_keep_first_in_and_last_out(void **state)
{
	struct machine machine;
	const struct record *record;
	u64 single[OPERATIONS], triple[OPERATIONS];

	boot_kind(&machine, state);
	ask(&machine, "outs", OPERATIONS)->arg[0] = 1;
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++)
		single[i] = record[i].host_out - record[i].host_in;
	ask(&machine, "outs", OPERATIONS)->arg[0] = 3;
	must(run(&machine, io(&machine, 3 * OPERATIONS, true)), machine.exit.why);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_true(record[i].host_in < record[i].host_out);
		if (i)
			assert_true(record[i - 1].host_out < record[i].host_in);
		triple[i] = record[i].host_out - record[i].host_in;
	}
	/*
	 * The leg contains two visits to the guest, each far longer than the handler. Medians: a
	 * sum may include another process's time slice.
	 */
	assert_true(median(triple) > 5 * median(single));
	hv_vm_destroy(machine.vm);
}

static void test_batches_of_one_record_each_have_their_own_stamps(void **state)
{
	struct machine machine;
	struct record *record;
	u64 last = 0;

	boot_kind(&machine, state);
	record = hv_ring(machine.vcpu);
	for (int round = 0; round < 3; round++) {
		memset(record, 0, sizeof(*record));
		ask(&machine, "out", 1);
		must(run(&machine, io(&machine, 1, true)), machine.exit.why);
		assert_true(record->host_in > last && record->host_out > record->host_in);
		last = record->host_out;
	}
	hv_vm_destroy(machine.vm);
}

static void test_wrong_count_is_said_with_both_numbers(void **state)
{
	static const u32 asked[] = {7, 0, OPERATIONS - 1, OPERATIONS + 1};
	struct machine machine;
	char number[32];

	boot_kind(&machine, state);
	for (u32 i = 0; i < COUNT(asked); i++) {
		ask(&machine, "out", OPERATIONS);
		assert_int_equal(run(&machine, io(&machine, asked[i], false)), -EBADE);
		assert_int_equal(machine.exit.qualification, OPERATIONS);
		snprintf(number, sizeof(number), "not %u", asked[i]);
		assert_non_null(strstr(machine.exit.why, number));
		assert_non_null(strstr(machine.exit.why, "made 200 exits"));
	}
	hv_vm_destroy(machine.vm);
}

static void test_mmio_exits_are_counted(void **state)
{
	struct machine machine;
	struct hv_loop loop = {.count = 2 * OPERATIONS, .stamped = true};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_MMIO);
	ask(&machine, "mmio", OPERATIONS);
	must(run(&machine, loop), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

/* SYSRET returns to CPL 3 only. */
static void test_syscall_comes_back(void **state)
{
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	shared = ask(&machine, "syscall", OPERATIONS);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->count, OPERATIONS);
	hv_vm_destroy(machine.vm);
}

static void test_immediate_stamps_every_entry(void **state)
{
	struct machine machine;
	struct hv_loop loop = {
		.count = OPERATIONS,
		.action = HV_ACTION_IMMEDIATE,
		.stamped = true,
	};
	const struct record *record;

	boot_kind(&machine, state);
	must(run(&machine, loop), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_true(record[i].host_in && record[i].host_in < record[i].host_out);
		if (i)
			assert_true(record[i - 1].host_out < record[i].host_in);
	}
	assert_int_equal(record[OPERATIONS].host_in, 0);
	/* And the vCPU's state is unchanged. */
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	hv_kick(machine.vcpu);
	assert_int_equal(run(&machine, loop), -EINTR);
	must(run(&machine, loop), machine.exit.why);
	loop.count = GUEST_RING_RECORDS + 1;
	assert_int_equal(run(&machine, loop), -EINVAL);
	assert_non_null(strstr(machine.exit.why, "at most 4096 records, not 4097"));
	hv_vm_destroy(machine.vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_stamps_are_in_order),
		EACH(test_unstamped_leaves_no_host_stamps),
		EACH(test_several_exits_keep_first_in_and_last_out),
		EACH(test_batches_of_one_record_each_have_their_own_stamps),
		EACH(test_wrong_count_is_said_with_both_numbers),
		EACH(test_mmio_exits_are_counted),
		ROW(test_syscall_comes_back, CPL3),
		ROW(test_syscall_comes_back, CPL3_IRQCHIP),
		EACH(test_immediate_stamps_every_entry),
	};

	return machine_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
