// SPDX-License-Identifier: GPL-2.0-or-later
/* A trace as a run: what is read of it is what was aggregated. Names of reasons, quantiles of
 * times. */
#include "folder.h"

#include <errno.h>
#include <math.h>
#include <sys/syscall.h>

#include "../../bench/machine/environment.h"
#include "../../bench/tracer/reasons.h"
#include "../../bench/tracer/save.h"
#include "../../bench/tracer/save_events.h"
#include "fake_trace.h"

#define SECOND 1000000000ULL

enum { CPUID_SVM = 0x72, NPF = 0x400, CPUID_VMX = 10, KVM_IO = 2 };

static struct aggregate aggregate;
static struct save *save;
static char why[RUN_WHY];
static const struct save_about about = {"2026-01-02T03:04:05Z", 1, false};
static const struct save_about about_every = {"2026-01-02T03:04:05Z", 1, true};

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

static void begin(bool every)
{
	assert_int_equal(save_open(in_folder("run"), every, &save, why), 0);
	for (u16 slot = 1; slot <= 2; slot++)
		fake_thread(slot, getpid(), syscall(SYS_gettid), 0x1000, slot - 1, 100 * SECOND);
}

static void look(u64 at_s)
{
	assert_int_equal(aggregate_update(&aggregate, at_s * SECOND), 0);
	assert_int_equal(save_interval(save, &aggregate, why), 0);
}

static struct run *commit(const struct save_about *what)
{
	struct run *run;
	int error = save_commit(save, &aggregate, what, NULL, why);

	if (error)
		fail_msg("%s", why);
	assert_int_equal(entries(folder), 1); /* nothing temporary is left */
	error = run_open(in_folder("run"), &run, why);
	if (error)
		fail_msg("%s", why);
	return run;
}

struct summed {
	u64 count[LEGS], by_vcpu[4], by_repeat[8];
};

static int sum_row(void *arg, const struct histogram_row *row)
{
	struct summed *summed = arg;

	if (row->clean)
		return 0;
	summed->count[row->leg] += row->count;
	if (row->leg == LEG_HANDLER) {
		summed->by_vcpu[row->vcpu & 3] += row->count;
		summed->by_repeat[row->repeat & 7] += row->count;
	}
	return 0;
}

static void test_intervals_are_repeats(void **state)
{
	double scale = environment_tsc_hz() / 1e9;
	struct traced_histogram *handler, *guest;
	const struct run_storm *storm;
	struct summed summed = {0};
	struct run *run;

	(void)state;
	begin(false);
	handler = fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
	guest = fake_histogram(1, TRACE_HARDWARE, TRACE_BEFORE, CPUID_SVM, TRACE_ISA_SVM);
	for (u64 second = 101; second <= 103; second++) {
		fake_add(handler, 1000 * (second - 100), 100);
		fake_add(guest, 5000, 99);
		guest->exits += 100;
		look(second);
	}
	/* A short last interval is added to the one before it. */
	fake_add(handler, 1000, 7);
	guest->exits += 8;
	assert_int_equal(aggregate_update(&aggregate, 103 * SECOND + SECOND / 10), 0);
	assert_int_equal(save_interval(save, &aggregate, why), 0);
	fake_add(fake_histogram(1, TRACE_HARDWARE, TRACE_HALTED, CPUID_SVM, TRACE_ISA_SVM),
		 SECOND / 4, 1);
	look(104);
	run = commit(&about);
	assert_string_equal(run_string(run, "started"), "2026-01-02T03:04:05Z");
	assert_string_equal(run_string(run, "target.name"), "trace");
	assert_string_equal(run_string(run, "target.raw_space"), "svm");
	assert_string_equal(run_string(run, "settings.events"), "off");
	assert_int_equal(json_integer_value(run_get(run, "plan.repeats")), 4);
	assert_null(run_get(run, "incomplete"));
	storm = run_storm_find(run, "cpuid");
	assert_non_null(storm);
	assert_string_equal(storm->status, "measured");
	assert_string_equal(storm->kind, "cpuid");
	assert_null(storm->samples);
	assert_int_equal(storm->exits, 308);
	assert_int_equal(storm->leg[LEG_HANDLER].all.count, 307);
	assert_int_equal(storm->leg[LEG_GUEST_VISIT].all.count, 297);
	assert_string_equal(storm->leg[LEG_HANDLER].site, "kvm-tracepoint");
	assert_true(storm->leg[LEG_HANDLER].all.min == (u64)(1000 * scale));
	assert_true(storm->leg[LEG_HANDLER].all.max == (u64)(3000 * scale));
	assert_true(json_number_value(json_object_get(storm->json, "halted_s")) == 0.25);
	assert_true(json_number_value(json_object_get(storm->json, "off_cpu_s")) == 0);
	assert_int_equal(run_histogram(run, "cpuid", sum_row, &summed, why), 0);
	assert_int_equal(summed.count[LEG_HANDLER], 307);
	assert_int_equal(summed.by_repeat[0], 100);
	assert_int_equal(summed.by_repeat[1], 100);
	assert_int_equal(summed.by_repeat[2], 107);
	run_close(run);
}

static struct traced_exit event_of(u16 slot, u8 space, u64 from_us, u64 time_ns)
{
	return (struct traced_exit){.from = 200 * SECOND + from_us * 1000,
				    .to = time_ns ? 200 * SECOND + from_us * 1000 + time_ns + 500
						  : 0,
				    .time = time_ns,
				    .reason = space == TRACE_KVM ? KVM_IO : CPUID_SVM,
				    .slot = slot,
				    .space = space,
				    .isa = TRACE_ISA_SVM};
}

struct seen {
	u32 count;
	struct record record[4];
};

static int keep(void *arg, const struct record *record)
{
	struct seen *seen = arg;

	if (seen->count < 4)
		seen->record[seen->count] = *record;
	seen->count++;
	return 0;
}

/* 5,000 exits of two vCPUs that KVM handles, one whose end is missing, one to userspace. */
static void save_events(void)
{
	struct traced_histogram *handler, *guest;
	struct traced_exit event;

	for (u16 slot = 1; slot <= 2; slot++) {
		handler =
			fake_histogram(slot, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
		fake_add(handler, 2000, 2500);
		guest = fake_histogram(slot, TRACE_HARDWARE, TRACE_BEFORE, CPUID_SVM,
				       TRACE_ISA_SVM);
		guest->exits = 2500 + (slot == 1);
	}
	assert_int_equal(aggregate_update(&aggregate, 101 * SECOND), 0);
	for (u32 i = 0; i < 5000; i++) {
		event = event_of(1 + i % 2, TRACE_HARDWARE, i, 2000);
		assert_int_equal(save_event(save, &aggregate, &event), 0);
	}
	event = event_of(1, TRACE_HARDWARE, 5000, 0);
	assert_int_equal(save_event(save, &aggregate, &event), 0);
	event = event_of(2, TRACE_KVM, 5001, 3000);
	assert_int_equal(save_event(save, &aggregate, &event), 0);
	fake_histogram(2, TRACE_KVM, TRACE_AFTER, KVM_IO, TRACE_ISA_SVM)->exits = 1;
	assert_int_equal(save_interval(save, &aggregate, why), 0);
	look(102);
}

static void check_records(const struct seen *seen, double scale)
{
	for (u32 i = 0; i < 4; i++) {
		const struct record *record = &seen->record[i];

		assert_int_equal(record->iteration, i);
		assert_int_equal(record->vcpu, i % 2);
		assert_int_equal(record->raw_reason, CPUID_SVM);
		assert_int_equal(record->host_in, 0);
		assert_true(record->kernel_out - record->kernel_in >= 2500 * scale - 2 &&
			    record->kernel_out - record->kernel_in <= 2500 * scale + 2);
		if (i)
			assert_true(record->kernel_in - seen->record[i - 1].kernel_in >=
				    1000 * scale - 2);
	}
}

static void test_every_event_is_a_record(void **state)
{
	double scale = environment_tsc_hz() / 1e9;
	const struct run_storm *storm;
	struct summed summed = {0};
	struct seen seen = {0};
	struct run *run;

	(void)state;
	begin(true);
	save_events();
	run = commit(&about_every);
	assert_string_equal(run_string(run, "settings.events"), "on");
	storm = run_storm_find(run, "cpuid");
	assert_int_equal(storm->exits, 5001);
	assert_int_equal(storm->leg[LEG_HANDLER].all.count, 5000);
	/* Exact times of the events, not of the kernel's wide buckets, without time off the CPU. */
	assert_true(storm->leg[LEG_HANDLER].all.min >= 2000 * scale - 1);
	assert_true(storm->leg[LEG_HANDLER].all.max <= 2000 * scale + 1);
	assert_int_equal(run_histogram(run, "cpuid", sum_row, &summed, why), 0);
	assert_int_equal(summed.count[LEG_HANDLER], 5000);
	assert_int_equal(summed.by_vcpu[0], 2500);
	assert_int_equal(summed.by_vcpu[1], 2500);
	assert_int_equal(run_samples(run, "cpuid", keep, &seen, why), 0);
	assert_int_equal(seen.count, 5001);
	check_records(&seen, scale);
	seen = (struct seen){0};
	assert_int_equal(run_samples(run, "kvm_exit_io", keep, &seen, why), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.record[0].kernel_in, 0);
	assert_true(seen.record[0].host_out > seen.record[0].host_in);
	assert_int_equal(seen.record[0].vcpu, 1);
	run_close(run);
}

/* Events are read more often than histograms: those of threads that no histogram was read of. */
static void test_events_of_threads_that_are_new(void **state)
{
	struct traced_exit event;
	struct seen seen = {0};
	struct run *run;

	(void)state;
	begin(true);
	for (u32 i = 0; i < 4; i++) {
		event = event_of(2 - i % 2, TRACE_KVM, i, 700);
		assert_int_equal(save_event(save, &aggregate, &event), 0);
	}
	for (u16 slot = 1; slot <= 2; slot++)
		fake_histogram(slot, TRACE_KVM, TRACE_BEFORE, KVM_IO, 0)->exits = 2;
	look(101);
	event = event_of(2, TRACE_KVM, 5, 700);
	assert_int_equal(save_event(save, &aggregate, &event), 0);
	run = commit(&about_every);
	assert_int_equal(aggregate.threads, 2);
	assert_int_equal(aggregate.thread[0].slot, 2);
	assert_int_equal(run_samples(run, "kvm_exit_io", keep, &seen, why), 0);
	assert_int_equal(seen.count, 5);
	for (u32 i = 0; i < 4; i++)
		assert_int_equal(seen.record[i].vcpu, i % 2);
	run_close(run);
}

/* The clock of the exit may be read by another way than that of its end. */
static void test_an_end_that_seems_to_come_first(void **state)
{
	struct traced_exit event;
	struct seen seen = {0};
	struct run *run;

	(void)state;
	begin(true);
	fake_add(fake_histogram(1, TRACE_KVM, TRACE_AFTER, KVM_IO, 0), 0, 2);
	/* Seen before and after the vendor was: one row. */
	fake_histogram(1, TRACE_KVM, TRACE_BEFORE, KVM_IO, TRACE_ISA_SVM)->exits = 2;
	assert_int_equal(aggregate_update(&aggregate, 101 * SECOND), 0);
	event = event_of(1, TRACE_KVM, 10, 700);
	assert_int_equal(save_event(save, &aggregate, &event), 0);
	event.to = event.from - 9;
	event.time = 0;
	assert_int_equal(save_event(save, &aggregate, &event), 0);
	assert_int_equal(save_interval(save, &aggregate, why), 0);
	run = commit(&about_every);
	assert_int_equal(run->storms, 1);
	assert_int_equal(run_storm_find(run, "kvm_exit_io")->exits, 2);
	assert_true(run_storm_find(run, "kvm_exit_io")->leg[LEG_HANDLER].all.min == 0);
	assert_int_equal(run_samples(run, "kvm_exit_io", keep, &seen, why), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.record[1].host_in && seen.record[1].host_in == seen.record[1].host_out);
	run_close(run);
}

static void test_what_was_lost_is_said(void **state)
{
	struct traced_histogram *handler;
	struct run *run;

	(void)state;
	begin(true);
	fake.lost = (struct kvm_trace_lost){.events = 12, .histograms = 3, .missed = 4};
	handler = fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
	fake_add(handler, 2000, 5);
	look(101);
	run = commit(&about_every);
	assert_string_equal(run_string(run, "incomplete"),
			    "lost: 12 events, 0 exits, 3 times, 4 calls of hooks "
			    "that the kernel skipped");
	assert_int_equal(json_integer_value(run_get(run, "trace.lost.missed")), 4);
	assert_int_equal(json_integer_value(run_get(run, "trace.lost.events")), 12);
	run_close(run);
}

static void test_a_trace_of_nothing_is_a_run(void **state)
{
	struct run *run;

	(void)state;
	begin(false);
	look(101);
	run = commit(&about);
	assert_int_equal(run->storms, 0);
	run_close(run);
}

static void test_levels_and_spaces_are_storms_of_their_own(void **state)
{
	struct run *run;

	(void)state;
	begin(false);
	fake_add(fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM), 1000,
		 10);
	fake_add(fake_histogram(1, TRACE_NESTED, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM), 2000, 20);
	fake_add(fake_histogram(1, TRACE_KVM, TRACE_AFTER, KVM_IO, TRACE_ISA_SVM), 3000, 30);
	/* Exits that no time is known of: skipped, and why. */
	fake_histogram(1, TRACE_HARDWARE, TRACE_BEFORE, 0x78, TRACE_ISA_SVM)->exits = 1;
	look(101);
	run = commit(&about);
	assert_int_equal(run->storms, 4);
	assert_int_equal(run_storm_find(run, "cpuid")->leg[LEG_HANDLER].all.count, 10);
	assert_int_equal(run_storm_find(run, "l2_cpuid")->leg[LEG_HANDLER].all.count, 20);
	assert_int_equal(run_storm_find(run, "kvm_exit_io")->leg[LEG_HANDLER].all.count, 30);
	assert_string_equal(run_storm_find(run, "hlt")->status, "skipped");
	assert_says(run_storm_find(run, "hlt")->why,
		    "no exit was seen from its beginning to its end");
	run_close(run);
}

static void test_no_run_is_left_of_a_trace_that_failed(void **state)
{
	(void)state;
	begin(true);
	save_abort(save);
	assert_int_equal(entries(folder), 0);
	save_abort(NULL);
	mkdir(in_folder("run"), 0700);
	write_file(in_folder("run/x"), "x", 1);
	assert_int_equal(save_open(in_folder("run"), false, &save, why), -EEXIST);
	assert_null(save);
	assert_says(why, "run");
	assert_int_equal(entries(in_folder("run")), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_intervals_are_repeats),
		TEST(test_every_event_is_a_record),
		TEST(test_events_of_threads_that_are_new),
		TEST(test_an_end_that_seems_to_come_first),
		TEST(test_what_was_lost_is_said),
		TEST(test_a_trace_of_nothing_is_a_run),
		TEST(test_levels_and_spaces_are_storms_of_their_own),
		TEST(test_no_run_is_left_of_a_trace_that_failed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
