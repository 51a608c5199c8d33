// SPDX-License-Identifier: GPL-2.0-or-later
/* The clocks of a trace that is saved with every exit: the TSC of its stamps, and the guests' own.
 */
#include "folder.h"

#include <sys/syscall.h>
#include <time.h>

#include "../../bench/machine/environment.h"
#include "../../bench/tracer/save.h"
#include "../../bench/tracer/save_events.h"
#include "../../bench/tracer/saved_storms.h"
#include "../../trace/stamp.h"
#include "fake_trace.h"

#define SECOND 1000000000ULL

enum { CPUID_SVM = 0x72 };

static struct aggregate aggregate;
static struct save *save;
static char why[RUN_WHY];

static int setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	fake.way[KVM_HOOK_EXIT] = KVM_WAY_TP_BTF;
	aggregate = (struct aggregate){.trace = &fake, .updated = 100 * SECOND};
	*why = 0;
	return folder_make(state);
}

static int teardown(void **state)
{
	aggregate_free(&aggregate);
	return folder_remove(state);
}

static struct run *commit(void)
{
	const struct save_about about = {"2026-01-02T03:04:05Z", 1, true};
	struct run *run;

	if (save_commit(save, &aggregate, &about, NULL, why) ||
	    run_open(in_folder("run"), &run, why))
		fail_msg("%s", why);
	return run;
}

/* One exit that lasted from `from` to `to`, ns of CLOCK_MONOTONIC, on the thread of slot 1. */
static void add_exit(u64 from, u64 to)
{
	struct traced_exit event = {.from = from,
				    .to = to,
				    .time = to - from,
				    .reason = CPUID_SVM,
				    .slot = 1,
				    .space = TRACE_HARDWARE,
				    .isa = TRACE_ISA_SVM};

	assert_int_equal(save_event(save, &aggregate, &event), 0);
	fake_add(fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM),
		 to - from, 1);
	assert_int_equal(aggregate_update(&aggregate, 101 * SECOND), 0);
	assert_int_equal(save_interval(save, &aggregate, why), 0);
}

static void begin(void)
{
	assert_int_equal(save_open(in_folder("run"), true, &save, why), 0);
	fake_thread(1, getpid(), syscall(SYS_gettid), 0x1000, 0, 100 * SECOND);
}

static int keep(void *arg, const struct record *record)
{
	*(struct record *)arg = *record;
	return 0;
}

/* The rate that the kernel tells is not exactly that of its clock: that of the readings is used. */
static void test_stamps_follow_the_clocks(void **state)
{
	double rate = environment_tsc_hz() / 1e9;
	struct record record = {0};
	struct timespec time;
	struct run *run;
	u64 now, ticks;

	(void)state;
	begin();
	save->ticks_per_ns *= 1.5;
	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
	save_anchor(save);
	clock_gettime(CLOCK_MONOTONIC, &time);
	ticks = stamp_fenced();
	now = time.tv_sec * SECOND + time.tv_nsec;
	add_exit(now - 20000000, now);
	run = commit();
	assert_true(json_integer_value(run_get(run, "trace.clock_error")) > 0);
	assert_int_equal(run_samples(run, "cpuid", keep, &record, why), 0);
	/* 0.1 ms, as the scheduler may come between the readings of this test. */
	assert_true(record.kernel_out <= ticks + 100000 * rate);
	assert_in_range(record.kernel_out - record.kernel_in, 0.99 * 20e6 * rate,
			1.01 * 20e6 * rate);
	run_close(run);
}

static void test_the_clocks_of_guests_are_kept(void **state)
{
	const json_t *vcpu;
	struct run *run;

	(void)state;
	begin();
	fake.slot[1].clocks = 2;
	fake.slot[1].isa = TRACE_ISA_SVM;
	fake.slot[1].tsc_offset = (u64)-123456789012;
	fake.slot[1].tsc_ratio = 3ULL << 31;
	add_exit(SECOND, 2 * SECOND);
	run = commit();
	vcpu = json_array_get(run_get(run, "trace.vcpus"), 0);
	assert_int_equal(json_integer_value(json_object_get(vcpu, "tsc_offset")), -123456789012);
	assert_true(json_number_value(json_object_get(vcpu, "tsc_scaling")) == 1.5);
	assert_int_equal(json_integer_value(json_object_get(vcpu, "tsc_changes")), 1);
	run_close(run);
}

static void test_a_clock_that_cannot_be_read_is_not_there(void **state)
{
	struct run *run;

	(void)state;
	begin();
	add_exit(SECOND, 2 * SECOND);
	run = commit();
	assert_null(json_object_get(json_array_get(run_get(run, "trace.vcpus"), 0), "tsc_offset"));
	run_close(run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stamps_follow_the_clocks),
		TEST(test_the_clocks_of_guests_are_kept),
		TEST(test_a_clock_that_cannot_be_read_is_not_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
