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
#include "locked_sink.h"
#include "vcpu_observer.h"

#define MAX_EXTENSIONS 20 /* of half a timeout each, for vCPUs that waited for a CPU */
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
	u64 batches;   /* runner.heartbeat.batches at the watchdog's last check */
	u32 index;     /* the guest's operation counter then */
	double still;  /* seconds since either of them changed */
	double waited; /* runqueue_wait() halfway through the timeout */
	u32 extensions;
	pid_t tid;
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
	__atomic_store_n(&thread->tid, gettid(), __ATOMIC_RELEASE);
	sigemptyset(&kick);
	sigaddset(&kick, kick_signal());
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
	/* Wait until all threads exist: runners meet at barriers and wake each other. */
	pthread_mutex_lock(&threads->lock);
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
 * Seconds that the threads were runnable but not running, from schedstat. A vCPU does not hang if
 * it, or the vCPU that it waits for, was not given a CPU.
 */
static double runqueue_wait(const struct vcpu_threads *threads)
{
	unsigned long long ns, sum = 0;
	char path[64];

	for (u32 i = 0; i < threads->count; i++) {
		pid_t tid = __atomic_load_n(&threads->thread[i].tid, __ATOMIC_ACQUIRE);
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", (int)tid);
		file = tid ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		if (fscanf(file, "%*u %llu", &ns) == 1)
			sum += ns;
		fclose(file);
	}
	return sum / 1e9;
}

/* A guest that makes progress ends batches or, within a long batch, counts operations. */
static bool vcpu_hangs(struct vcpu_thread *thread, double passed)
{
	const struct runner *runner = &thread->runner;
	u64 batches = runner->heartbeat.batches;
	u32 index = hv_shared(runner->vcpu)->index;
	const double half = VCPU_TIMEOUT_SECONDS / 2.0;
	double waited;

	if (!runner->heartbeat.entered || batches != thread->batches || index != thread->index) {
		thread->batches = batches;
		thread->index = index;
		thread->still = 0;
		thread->extensions = 0;
		return false;
	}
	if (thread->still <= half && thread->still + passed > half)
		thread->waited = runqueue_wait(thread->threads);
	thread->still += passed;
	if (thread->still <= VCPU_TIMEOUT_SECONDS)
		return false;
	waited = runqueue_wait(thread->threads) - thread->waited;
	if (waited < half / 4 || thread->extensions++ == MAX_EXTENSIONS)
		return true;
	thread->still = half;
	thread->waited += waited;
	return false;
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

	for (u32 i = 0; i < threads->count && !end; i++)
		if (!threads->thread[i].ended && vcpu_hangs(&threads->thread[i], passed)) {
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
