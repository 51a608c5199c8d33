// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's stamps on each clock, of system calls that this process makes between two RDTSCs of
 * its own. No guest is needed: KVM_RUN on an invalid file descriptor is stamped, too.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#include "../../trace/stamp.h"
#include "../../trace/stamps.h"
#include "machine.h"

enum { CALLS = 1000 };

static char why[STAMPS_WHY];
static struct record records[CALLS];

static void stay_here(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

static void call(u32 calls)
{
	memset(records, 0, sizeof(records));
	for (u32 i = 0; i < calls; i++) {
		struct record *record = &records[i % CALLS];

		record->guest_out = stamp_out();
		ioctl(-1, KVM_RUN, 0);
		record->guest_in = stamp_in();
	}
}

/* skip() without the permission or without the kernel's support. */
static struct stamps *open_or_skip(enum stamps_clock clock)
{
	struct stamps *stamps;
	int err = stamps_open_clock(&stamps, 2, STAMPS_AT_SYSCALL, clock, why);

	if (err == -EPERM || err == -EACCES || err == -ENOENT || stamps_missing) {
		print_message("# %s\n", why);
		skip();
	}
	must(err, why);
	return stamps;
}

static void test_between_two_readings(enum stamps_clock clock)
{
	struct stamps *stamps = open_or_skip(clock);
	int slot;

	stay_here();
	slot = stamps_join(stamps, why);
	must(slot < 0 ? slot : 0, why);
	for (int batch = 0; batch < 3; batch++) {
		u32 missing = 0;

		stamps_begin(stamps, slot);
		call(CALLS);
		assert_int_equal(stamps_seen(stamps, slot), CALLS);
		stamps_end(stamps, slot, records, CALLS, true);
		for (u32 i = 0; i < CALLS; i++) {
			if (!records[i].kernel_out) {
				missing++;
				continue;
			}
			assert_in_range(records[i].kernel_out, records[i].guest_out,
					records[i].guest_in);
			assert_int_equal(records[i].kernel_in, 0);
		}
		print_message("# %s: +-%u ticks, %u of %d outside\n", stamps_clock_name[clock],
			      stamps_error(stamps), missing, CALLS);
		assert_int_equal(missing, 0);
	}
	assert_true(stamps_error(stamps) > 0 && stamps_error(stamps) < 10000);
	stamps_close(stamps);
}

static void test_ktime(void **state)
{
	(void)state;
	test_between_two_readings(STAMPS_KTIME);
}

static void test_event(void **state)
{
	(void)state;
	test_between_two_readings(STAMPS_EVENT);
}

static void *call_elsewhere(void *arg)
{
	(void)arg;
	for (int i = 0; i < CALLS; i++)
		ioctl(-1, KVM_RUN, 0);
	return NULL;
}

static void test_threads_are_told_apart(void **state)
{
	struct stamps *stamps = open_or_skip(STAMPS_KTIME);
	pthread_t other;
	int slot;

	(void)state;
	stay_here();
	slot = stamps_join(stamps, why);
	assert_int_equal(slot, 0);
	stamps_begin(stamps, slot);
	assert_int_equal(pthread_create(&other, NULL, call_elsewhere, NULL), 0);
	pthread_join(other, NULL);
	assert_int_equal(stamps_seen(stamps, slot), 0);
	assert_int_equal(stamps_seen(stamps, 1), 0);
	assert_int_equal(stamps_join(stamps, why), 1);
	assert_int_equal(stamps_join(stamps, why), -ENOSPC);
	stamps_close(stamps);
}

/* More stamps than the ring holds: only the oldest are lost. */
static void test_overflow(void **state)
{
	struct stamps *stamps = open_or_skip(STAMPS_KTIME);
	int slot;

	(void)state;
	stay_here();
	slot = stamps_join(stamps, why);
	assert_int_equal(slot, 0);
	stamps_begin(stamps, slot);
	call(STAMPS_ENTRIES + 2 * CALLS);
	assert_int_equal(stamps_seen(stamps, slot), STAMPS_ENTRIES + 2 * CALLS);
	call(CALLS);
	stamps_end(stamps, slot, records, CALLS, true);
	for (u32 i = 0; i < CALLS; i++)
		assert_in_range(records[i].kernel_out, records[i].guest_out, records[i].guest_in);
	stamps_close(stamps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ktime),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_threads_are_told_apart),
		cmocka_unit_test(test_overflow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
