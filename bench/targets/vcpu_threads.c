// SPDX-License-Identifier: GPL-2.0-or-later
#include "vcpu_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../machine/cpu.h"
#include "../machine/cpu_set.h"
#include "../machine/limits.h"
#include "../machine/task_time.h"
#include "locked_sink.h"
#include "vcpu_observer.h"

/* The watchdog's period. It is long because each check takes a CPU from the guest. */
#define WATCHDOG_MS 100

struct vcpu_thread {
	struct vcpu_threads *threads;
	struct runner runner;
	struct vcpu_observer observer;
	char why[HV_WHY];
	pthread_t pthread;
	bool started, ended;
	int result;
	u64 batches;  /* runner.heartbeat.batches at the watchdog's last check */
	u32 index;    /* the guest's operation counter then */
	double still; /* seconds since either changed, of those that all threads could use */
	struct task_time time;
};

struct vcpu_threads {
	struct locked_sink locked; /* its lock is .lock */
	struct stamps *stamps;	   /* NULL: no stamps in the kernel */
	struct runner_group group;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct timespec checked;     /* time of the watchdog's last check */
	u32 count, running, senders; /* senders: that make the storm and have not ended */
	struct vcpu_thread thread[GUEST_MAX_VCPUS];
};

static __thread struct hv_vcpu *own_vcpu;

static int kick_signal(void)
{
	return SIGRTMIN;
}

static void kicked(int signal)
{
	(void)signal;
	if (own_vcpu)
		hv_kick(own_vcpu);
}

static void relax(void)
{
	/* With fewer CPUs than vCPUs the other threads need this CPU. */
	sched_yield();
}

static void wake(void *arg, u32 vcpu)
{
	struct vcpu_threads *threads = arg;

	pthread_kill(threads->thread[vcpu].pthread, kick_signal());
}

static void *vcpu_thread_main(void *arg)
{
	struct vcpu_thread *thread = arg;
	struct vcpu_threads *threads = thread->threads;
	sigset_t kick;

	own_vcpu = thread->runner.vcpu;
	sigemptyset(&kick);
	sigaddset(&kick, kick_signal());
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
	/* Wait until all threads exist: runners meet at barriers and wake each other. */
	pthread_mutex_lock(&threads->lock);
	task_time_of_this_thread(&thread->time);
	pthread_mutex_unlock(&threads->lock);

	thread->result = vcpu_observer_open(&thread->observer, &thread->runner, threads->stamps,
					    thread->why);
	if (thread->result)
		runner_group_break(&threads->group, thread->why);
	else
		thread->result = runner_run(&thread->runner);
	if (!thread->result)
		thread->result = vcpu_observer_report(&thread->observer, &thread->runner);
	vcpu_observer_close(&thread->observer);

	pthread_mutex_lock(&threads->lock);
	thread->ended = true;
	threads->running--;
	threads->senders -= !runner_is_partner(thread->runner.storm, thread - threads->thread);
	pthread_cond_signal(&threads->changed);
	pthread_mutex_unlock(&threads->lock);
	return NULL;
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - then->tv_sec + (now.tv_nsec - then->tv_nsec) / 1e9;
}

/*
 * Of the seconds since the last check those that every thread could use. A vCPU does not hang if
 * it, or the vCPU that it waits for, was not given a CPU.
 */
static double time_of_all(struct vcpu_threads *threads, double passed)
{
	double all = passed;

	for (u32 i = 0; i < threads->count; i++) {
		struct vcpu_thread *thread = &threads->thread[i];
		double own = thread->ended ? passed : task_time_passed(&thread->time, passed);

		all = own < all ? own : all;
	}
	return all;
}

/* A guest that makes progress ends batches or, within a long batch, counts operations. */
static bool makes_progress(struct vcpu_thread *thread)
{
	const struct runner *runner = &thread->runner;
	u64 batches = runner->heartbeat.batches;
	u32 index = hv_shared(runner->vcpu)->index;

	if (runner->heartbeat.entered && batches == thread->batches && index == thread->index)
		return false;
	thread->batches = batches;
	thread->index = index;
	thread->still = 0;
	return true;
}

static bool any_hangs(struct vcpu_threads *threads, double passed)
{
	bool is_still[GUEST_MAX_VCPUS] = {false}, any_still = false, hangs = false;

	for (u32 i = 0; i < threads->count; i++)
		if (!threads->thread[i].ended && !makes_progress(&threads->thread[i]))
			any_still = is_still[i] = true;
	if (any_still)
		passed = time_of_all(threads, passed);
	for (u32 i = 0; i < threads->count; i++)
		if (is_still[i]) {
			threads->thread[i].still += passed;
			hangs |= threads->thread[i].still > VCPU_TIMEOUT_SECONDS;
		}
	return hangs;
}

/*
 * Seconds since the last check, at most three periods: if this machine was suspended for longer, so
 * was the guest.
 */
static double watchdog_elapsed(struct vcpu_threads *threads)
{
	double passed = seconds_since(&threads->checked), max = 3 * WATCHDOG_MS / 1000.0;

	clock_gettime(CLOCK_MONOTONIC, &threads->checked);
	return passed < max ? passed : max;
}

static void watchdog_check(struct vcpu_threads *threads)
{
	bool end = threads->senders == 0 || run_stopped(&threads->locked.monitor) ||
		   __atomic_load_n(&threads->group.broken, __ATOMIC_ACQUIRE);
	double passed = watchdog_elapsed(threads);
	char why[HV_WHY];

	if (!end && any_hangs(threads, passed)) {
		snprintf(why, sizeof(why), "the guest did not come back within %d s",
			 VCPU_TIMEOUT_SECONDS);
		runner_group_break(&threads->group, why);
		end = true;
	}
	/* Repeated at each check: a signal between two entries may not end the next hv_run. */
	for (u32 i = 0; i < threads->count && end; i++)
		if (!threads->thread[i].ended)
			wake(threads, i);
}

static void watchdog(struct vcpu_threads *threads)
{
	struct timespec until;

	pthread_mutex_lock(&threads->lock);
	clock_gettime(CLOCK_MONOTONIC, &threads->checked);
	while (threads->running) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += WATCHDOG_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&threads->changed, &threads->lock, &until);
		if (threads->running)
			watchdog_check(threads);
	}
	pthread_mutex_unlock(&threads->lock);
}

/* The new thread inherits a mask that blocks all signals: the main thread handles them. */
static int vcpu_thread_start(struct vcpu_thread *thread, u16 cpu, char *why)
{
	sigset_t all_signals, old;
	pthread_attr_t attributes;
	char text[200];
	size_t bytes;
	cpu_set_t *cpus = cpu_set_of(cpu, &bytes);
	int err;

	if (!cpus) {
		snprintf(why, HV_WHY, "no set of CPUs with CPU %u: %s", cpu, strerror(errno));
		return -errno;
	}
	pthread_attr_init(&attributes);
	err = pthread_attr_setaffinity_np(&attributes, bytes, cpus);
	CPU_FREE(cpus);
	sigfillset(&all_signals);
	pthread_sigmask(SIG_SETMASK, &all_signals, &old);
	if (!err)
		err = pthread_create(&thread->pthread, &attributes, vcpu_thread_main, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (err)
		snprintf(why, HV_WHY, "no thread for a vCPU on CPU %u: %s", cpu,
			 limits_task_error(err, text, sizeof(text)));
	thread->started = !err;
	return -err;
}

static void vcpu_threads_init(struct vcpu_threads *threads, struct hv_vm *vm,
			      const struct storm *storm, const struct run_sink *sink,
			      const struct run_monitor *monitor)
{
	pthread_condattr_t attributes;
	struct sigaction action = {.sa_handler = kicked};

	sigaction(kick_signal(), &action, NULL);
	pthread_mutex_init(&threads->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&threads->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	locked_sink_init(&threads->locked, &threads->lock, sink, monitor);
	threads->count = hv_vm_config(vm)->vcpus;
	runner_group_init(&threads->group, storm, threads->count);
	threads->senders = threads->group.senders.members;
	threads->group.relax = relax;
	threads->group.wake = wake;
	threads->group.arg = threads;
}

static int vcpu_threads_result(const struct vcpu_threads *threads, char *why)
{
	for (u32 i = 0; i < threads->count; i++)
		if (threads->thread[i].result) {
			snprintf(why, HV_WHY, "%s", threads->thread[i].why);
			return threads->thread[i].result;
		}
	return 0;
}

static bool is_nested(void)
{
	struct cpu cpu;

	cpu_read(&cpu);
	return cpu.virtual;
}

int vcpu_threads_run(struct hv_vm *vm, const struct plan *plan, const struct storm *storm,
		     u16 repeat, struct stamps *stamps, const struct run_sink *sink,
		     const struct run_monitor *monitor, char *why)
{
	static struct vcpu_threads threads; /* target.run is called from one thread only */
	int err = 0;

	memset(&threads, 0, sizeof(threads));
	why[0] = 0;
	vcpu_threads_init(&threads, vm, storm, sink, monitor);
	threads.stamps = stamps;
	pthread_mutex_lock(&threads.lock);
	for (u32 i = 0; i < threads.count && !err; i++) {
		struct vcpu_thread *thread = &threads.thread[i];

		thread->threads = &threads;
		thread->runner = (struct runner){
			.vcpu = hv_vcpu(vm, i),
			.storm = storm,
			.plan = plan,
			.repeat = repeat,
			.sink = &threads.locked.sink,
			.monitor = &threads.locked.monitor,
			.group = &threads.group,
			.nested = is_nested(),
		};
		err = vcpu_thread_start(thread, plan->cpu[i % plan->cpu_count], why);
		threads.running += thread->started;
	}
	if (err)
		runner_group_break(&threads.group, why);
	pthread_mutex_unlock(&threads.lock);
	watchdog(&threads);
	for (u32 i = 0; i < threads.count; i++)
		if (threads.thread[i].started)
			pthread_join(threads.thread[i].pthread, NULL);
	pthread_cond_destroy(&threads.changed);
	pthread_mutex_destroy(&threads.lock);
	return err ? err : vcpu_threads_result(&threads, why);
}
