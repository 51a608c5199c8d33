// SPDX-License-Identifier: GPL-2.0-or-later
/* Intervals and totals of the kernel's histograms; which thread belongs to which VM. */
#include "../../bench/tracer/vcpu_groups.h"
#include "fake_aggregate.h"

#define NO_THREAD 0x7ffffff0 /* larger than any thread's id */

static void test_an_interval_is_what_came_since_the_last(void **state)
{
	struct traced_histogram *kernel;
	const struct times *last, *total;

	(void)state;
	thread_here(3, 0x1000, 0);
	kernel = fake_histogram(3, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
	fake_add(kernel, 1000, 5);
	kernel->exits = 5;
	look(101);
	last = &aggregate.series[0]->last;
	total = &aggregate.series[0]->total;
	assert_int_equal(last->count, 5);
	assert_int_equal(last->sum, 5000);
	assert_int_equal(last->min, 1000);
	assert_int_equal(last->max, 1000);
	fake_add(kernel, 3000, 2);
	kernel->exits = 7;
	look(103);
	assert_int_equal(last->count, 2);
	assert_int_equal(last->exits, 2);
	assert_int_equal(last->sum, 6000);
	assert_true(last->min <= 3000 && last->min > 2900); /* of its bucket */
	assert_int_equal(last->max, 3000);
	assert_int_equal(total->count, 7);
	assert_int_equal(total->exits, 7);
	assert_int_equal(total->sum, 11000);
	assert_int_equal(total->min, 1000);
	assert_int_equal(total->max, 3000);
	look(104);
	assert_int_equal(last->count, 0);
	assert_int_equal(total->count, 7);
	assert_true(aggregate.seconds == 1 && aggregate.total_seconds == 4);
}

/* The eBPF programs' buckets have 32 bits; the aggregate adds differences, so they may wrap. */
static void test_a_bucket_may_wrap(void **state)
{
	struct traced_histogram *kernel;
	u32 bucket = histogram_index(1000, TRACE_SUB_BITS);

	(void)state;
	thread_here(3, 0x1000, 0);
	kernel = fake_histogram(3, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
	kernel->bucket[bucket] = 0xfffffffe;
	look(101);
	kernel->bucket[bucket] = 3;
	look(102);
	assert_int_equal(aggregate.series[0]->last.count, 5);
	assert_int_equal(aggregate.series[0]->total.count, 0x100000003ULL);
}

static u32 vm_of(u16 slot)
{
	assert_non_null(aggregate_thread(&aggregate, slot));
	return aggregate_thread(&aggregate, slot)->vm;
}

static void test_vms_are_told_apart(void **state)
{
	(void)state;
	thread_here(1, 0xffff888000001000, 0);
	thread_here(2, 0xffff888000001000, 1); /* the same VM's other vCPU */
	thread_here(3, 0xffff888000002000, 0); /* another VM of this process */
	/* The first one's address in another process: that VM is gone. */
	fake_thread(4, 1, 1, 0xffff888000001000, 0, 100 * SECOND);
	thread_here(5, 0, -1); /* one that was in KVM_RUN when the trace began */
	for (u16 slot = 1; slot <= 5; slot++)
		seen(slot);
	look(101);
	assert_int_equal(vm_of(1), 1);
	assert_int_equal(vm_of(2), 1);
	assert_int_equal(vm_of(3), 2);
	assert_int_equal(vm_of(4), 3);
	assert_int_equal(vm_of(5), 4);
	assert_int_equal(aggregate_thread(&aggregate, 5)->vcpu_id, -1);
	fake.slot[5].vm = 0xffff888000003000;
	fake.slot[5].vcpu_id = 7;
	look(102);
	assert_int_equal(vm_of(5), 4);
	assert_int_equal(aggregate_thread(&aggregate, 5)->vcpu_id, 7);
	assert_int_equal(aggregate.vms, 4);
}

/* A process that makes one VM after another gets the same memory for them. */
static void test_a_vm_at_the_address_of_one_that_is_gone(void **state)
{
	const u64 vm = 0xffffc90000123000;

	(void)state;
	for (s32 vcpu = 0; vcpu < 2; vcpu++) {
		fake_thread(1 + vcpu, getpid(), NO_THREAD + vcpu, vm, vcpu, 100 * SECOND);
		seen(1 + vcpu);
	}
	look(101);
	assert_true(aggregate_thread(&aggregate, 1)->gone);
	for (s32 vcpu = 0; vcpu < 2; vcpu++) {
		thread_here(3 + vcpu, vm, vcpu);
		seen(3 + vcpu);
	}
	look(102);
	assert_int_equal(vm_of(1), 1);
	assert_int_equal(vm_of(2), 1);
	assert_int_equal(vm_of(3), 2);
	assert_int_equal(vm_of(4), 2);
	/* A vCPU that comes later is the living one's. */
	thread_here(5, vm, 2);
	seen(5);
	look(103);
	assert_int_equal(vm_of(5), 2);
}

static void test_shares_are_of_the_time_that_a_vcpu_was_there(void **state)
{
	struct traced_slot *gone = fake_thread(1, getpid(), NO_THREAD, 0x1000, 0, 102 * SECOND);
	const struct traced_thread *thread;
	struct vcpu_groups groups;

	(void)state;
	gone->exit_at = 103 * SECOND;
	gone->run_at = 102 * SECOND + SECOND / 2;
	seen(1);
	thread_here(2, 0x1000, 1)->born = 104 * SECOND;
	seen(2);
	look(110);
	thread = aggregate_thread(&aggregate, 1);
	assert_true(thread->life == 1 && thread->total_life == 1);
	thread = aggregate_thread(&aggregate, 2);
	assert_true(thread->life == 6 && thread->total_life == 6);
	assert_int_equal(vcpu_groups_make(&groups, &aggregate, BY_VM, true), 0);
	assert_int_equal(groups.count, 1);
	assert_true(groups.group[0].vcpu_seconds == 7);
	vcpu_groups_free(&groups);
	look(115);
	thread = aggregate_thread(&aggregate, 1);
	assert_true(thread->life == 0 && thread->total_life == 1);
	thread = aggregate_thread(&aggregate, 2);
	assert_true(thread->life == 5 && thread->total_life == 11);
	assert_int_equal(vcpu_groups_make(&groups, &aggregate, BY_ALL, false), 0);
	assert_true(groups.group[0].vcpu_seconds == 5);
	vcpu_groups_free(&groups);
}

/* A process chooses its name: the terminal that shows it must not act on it. */
static void test_names_are_cleaned(void **state)
{
	static const char *const name[][2] = {
		{"\033[2J\033]0;x\a", "?[2J?]0;x?"},
		{"na\xc3\xafve", "na\xc3\xafve"},
		{"cut off: \xe2\x82", "cut off: ??"}, /* of a character of three bytes */
		{"\xc2\x9b"
		 "31m",
		 "??31m"},
		{"\xe2\x80\xae"
		 "cba",
		 "???cba"},
		{"a\nb\tc", "a?b?c"},
		{"sixteen bytes...", "sixteen bytes..."},
	};

	(void)state;
	for (u16 i = 0; i < sizeof(name) / sizeof(*name); i++) {
		struct traced_slot *slot = thread_here(i + 1, 0x1000, i);
		const struct traced_thread *thread;

		strncpy(slot->comm, name[i][0], TRACE_COMM);
		strncpy(slot->process, name[i][0], TRACE_COMM);
		assert_int_equal(aggregate_add_thread(&aggregate, i + 1), i);
		thread = aggregate_thread(&aggregate, i + 1);
		assert_string_equal(thread->comm, name[i][1]);
		assert_string_equal(thread->process, name[i][1]);
	}
}

/* A thread outside the trace's PID namespace: no process here has its numbers. */
static void test_a_thread_of_another_namespace(void **state)
{
	const struct traced_thread *thread;

	(void)state;
	fake_thread(1, getpid(), 7, 0, -1, 100 * SECOND)->here = 0;
	seen(1);
	look(101);
	thread = aggregate_thread(&aggregate, 1);
	assert_int_equal(thread->pid, 0);
	assert_int_equal(thread->tid, 7);
	assert_false(thread->gone);
	/* Numbered otherwise here: this very thread, whatever the kernel calls it. */
	fake_thread(2, 1 << 22, 1 << 22, 0x1000, 0, 100 * SECOND)->here =
		(u64)getpid() << 32 | syscall(SYS_gettid);
	seen(2);
	look(102);
	assert_int_equal(aggregate_thread(&aggregate, 2)->pid, getpid());
	assert_false(aggregate_thread(&aggregate, 2)->gone);
	/* Its VM, once it is known, is the one that it was all the time. */
	fake.slot[1].vm = 0xffff888000003000;
	look(103);
	assert_int_equal(aggregate.vms, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_interval_is_what_came_since_the_last),
		TEST(test_a_bucket_may_wrap),
		TEST(test_vms_are_told_apart),
		TEST(test_a_vm_at_the_address_of_one_that_is_gone),
		TEST(test_names_are_cleaned),
		TEST(test_a_thread_of_another_namespace),
		TEST(test_shares_are_of_the_time_that_a_vcpu_was_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
