// SPDX-License-Identifier: GPL-2.0-or-later
/* Which time of a child counts: that in which it sleeps or runs, not that in which it waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../bench/machine/clock.h"
#include "../../bench/machine/task_time.h"

#define SLEEP 0.3

static pid_t child[2];

static pid_t spin_or_sleep(bool spin)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	for (;;)
		if (!spin)
			pause();
}

static int end_children(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		if (child[i] > 0) {
			kill(child[i], SIGKILL);
			waitpid(child[i], NULL, 0);
		}
		child[i] = 0;
	}
	return 0;
}

/* The part of the next `seconds` that counts. */
static double share(pid_t pid, double seconds)
{
	struct task_time task;
	double began, passed;

	task_time_of_process(&task, pid);
	began = clock_seconds();
	usleep(seconds * 1e6);
	passed = clock_seconds() - began;
	return task_time_passed(&task, passed) / passed;
}

static void sleeper_counts_whole(void **state)
{
	(void)state;
	child[0] = spin_or_sleep(false);
	usleep(10000);
	assert_true(share(child[0], SLEEP) == 1);
}

/* An emulator that SIGSTOP stopped alone is one that hangs. */
static void stopped_counts_whole(void **state)
{
	(void)state;
	child[0] = spin_or_sleep(true);
	kill(child[0], SIGSTOP);
	waitpid(child[0], NULL, WUNTRACED);
	assert_true(share(child[0], SLEEP) == 1);
}

static void held_by_debugger_counts_nothing(void **state)
{
	int status;

	(void)state;
	child[0] = spin_or_sleep(true);
	if (ptrace(PTRACE_SEIZE, child[0], 0, 0))
		skip();
	ptrace(PTRACE_INTERRUPT, child[0], 0, 0);
	assert_int_equal(waitpid(child[0], &status, 0), child[0]);
	assert_true(share(child[0], SLEEP) < 0.1);
}

static void ended_counts_whole(void **state)
{
	(void)state;
	child[0] = spin_or_sleep(false);
	kill(child[0], SIGKILL);
	waitpid(child[0], NULL, 0);
	assert_true(share(child[0], 0.01) == 1);
}

/* Two loops on one CPU, the first of which the scheduler gives what the other one leaves. */
static void starved_counts_what_it_got(void **state)
{
	const struct sched_param none = {0};
	cpu_set_t allowed, one;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	for (int i = 0; i < 2; i++) {
		child[i] = spin_or_sleep(true);
		assert_int_equal(sched_setaffinity(child[i], sizeof(one), &one), 0);
	}
	if (sched_setscheduler(child[0], SCHED_IDLE, &none))
		skip();
	usleep(50000);
	assert_true(share(child[0], SLEEP) < 0.5);
}

static void own_thread(void **state)
{
	volatile unsigned int loops = 0;
	struct task_time task;
	double until;

	(void)state;
	task_time_of_this_thread(&task);
	until = clock_seconds() + 0.02;
	while (clock_seconds() < until)
		loops++;
	assert_true(task_time_passed(&task, 0.02) > 0);
	assert_true(task_time_passed(&task, 1) < 0.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(sleeper_counts_whole, end_children),
		cmocka_unit_test_teardown(stopped_counts_whole, end_children),
		cmocka_unit_test_teardown(held_by_debugger_counts_nothing, end_children),
		cmocka_unit_test_teardown(ended_counts_whole, end_children),
		cmocka_unit_test_teardown(starved_counts_what_it_got, end_children),
		cmocka_unit_test(own_thread),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
