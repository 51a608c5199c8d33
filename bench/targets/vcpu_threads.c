// SPDX-License-Identifier: GPL-2.0-or-later
#include "vcpu_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "watch.h"

#define MOST_SPARED 20	/* times that a guest gets half of the patience again */
#define WATCH_MS    100 /* how often the watchdog looks: rarely, it takes a CPU from the guest */

struct member {
	struct crew *crew;
	struct runner runner;
	struct watch watch;
	char why[HV_WHY];
	pthread_t thread;
	bool started, ended;
	int result;
	u64 batches; /* as the watchdog last saw them */
	u32 index;
	double still;  /* seconds since they changed */
	double waited; /* what crew_waited was halfway through the patience */
	u32 spared;
	pid_t tid;
};

struct crew {
	struct run_sink sink; /* calls .outer under .lock; so does monitor.progress */
	struct run_monitor monitor;
	const struct run_sink *outer;
	const struct run_monitor *outer_monitor;
	struct stamps *stamps; /* NULL: the kernel takes none */
	struct runner_group group;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct timespec looked; /* when the watchdog did last */
	u32 members, running, senders;
	struct member member[GUEST_MAX_VCPUS];
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

static int locked_result(void *arg, const struct storm_result *result)
{
	struct crew *crew = arg;
	int err;

	pthread_mutex_lock(&crew->lock);
	err = crew->outer->result(crew->outer->arg, result);
	pthread_mutex_unlock(&crew->lock);
	return err;
}

static int locked_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			    const struct histogram *histogram)
{
	struct crew *crew = arg;
	int err;

	pthread_mutex_lock(&crew->lock);
	err = crew->outer->histogram(crew->outer->arg, result, leg, clean, histogram);
	pthread_mutex_unlock(&crew->lock);
	return err;
}

static int locked_records(void *arg, const struct storm_result *result,
			  const struct record *records, u32 count)
{
	struct crew *crew = arg;
	int err;

	pthread_mutex_lock(&crew->lock);
	err = crew->outer->records(crew->outer->arg, result, records, count);
	pthread_mutex_unlock(&crew->lock);
	return err;
}

static int locked_counters(void *arg, const struct storm_result *result,
			   const struct counter_value *value, u32 count)
{
	struct crew *crew = arg;
	int err;

	pthread_mutex_lock(&crew->lock);
	err = crew->outer->counters(crew->outer->arg, result, value, count);
	pthread_mutex_unlock(&crew->lock);
	return err;
}

static void locked_progress(void *arg, u64 operations)
{
	struct crew *crew = arg;

	pthread_mutex_lock(&crew->lock);
	run_progress(crew->outer_monitor, operations);
	pthread_mutex_unlock(&crew->lock);
}

/* Not under the lock: it only reads a flag, and is asked while others wait. */
static bool unlocked_stopped(void *arg)
{
	struct crew *crew = arg;

	return run_stopped(crew->outer_monitor);
}

static void relax(void)
{
	/* Where there are fewer CPUs than vCPUs, the others must get theirs. */
	sched_yield();
}

static void wake(void *arg, u32 vcpu)
{
	struct crew *crew = arg;

	pthread_kill(crew->member[vcpu].thread, kick_signal());
}

static void *member_main(void *arg)
{
	struct member *member = arg;
	struct crew *crew = member->crew;
	sigset_t kick;

	own_vcpu = member->runner.vcpu;
	__atomic_store_n(&member->tid, gettid(), __ATOMIC_RELEASE);
	sigemptyset(&kick);
	sigaddset(&kick, kick_signal());
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
	/* Not before all of them exist: they meet, and wake each other. */
	pthread_mutex_lock(&crew->lock);
	pthread_mutex_unlock(&crew->lock);

	member->result = watch_open(&member->watch, &member->runner, crew->stamps, member->why);
	if (member->result)
		runner_group_break(&crew->group, member->why);
	else
		member->result = runner_run(&member->runner);
	if (!member->result)
		member->result = watch_report(&member->watch, &member->runner);
	watch_close(&member->watch);

	pthread_mutex_lock(&crew->lock);
	member->ended = true;
	crew->running--;
	crew->senders -= !runner_is_partner(member->runner.storm, member - crew->member);
	pthread_cond_signal(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - then->tv_sec + (now.tv_nsec - then->tv_nsec) / 1e9;
}

/*
 * Seconds that the threads were ready and others had the CPUs. A vCPU that does not get one, or
 * whose partner does not, is no guest that hangs.
 */
static double crew_waited(const struct crew *crew)
{
	unsigned long long ns, all = 0;
	char path[64];

	for (u32 i = 0; i < crew->members; i++) {
		pid_t tid = __atomic_load_n(&crew->member[i].tid, __ATOMIC_ACQUIRE);
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", (int)tid);
		file = tid ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		if (fscanf(file, "%*u %llu", &ns) == 1)
			all += ns;
		fclose(file);
	}
	return all / 1e9;
}

/* A guest that makes progress ends batches, or at least counts operations. */
static bool member_hangs(struct member *member, double passed)
{
	const struct runner *runner = &member->runner;
	u64 batches = runner->pulse.batches;
	u32 index = hv_shared(runner->vcpu)->index;
	const double half = CREW_PATIENCE_SECONDS / 2.0;
	double waited;

	if (!runner->pulse.entered || batches != member->batches || index != member->index) {
		member->batches = batches;
		member->index = index;
		member->still = 0;
		member->spared = 0;
		return false;
	}
	if (member->still <= half && member->still + passed > half)
		member->waited = crew_waited(member->crew);
	member->still += passed;
	if (member->still <= CREW_PATIENCE_SECONDS)
		return false;
	waited = crew_waited(member->crew) - member->waited;
	if (waited < half / 4 || member->spared++ == MOST_SPARED)
		return true;
	member->still = half;
	member->waited += waited;
	return false;
}

/* Since the last look, but no more than a few: a machine that was stopped meanwhile stopped the
 * guest. */
static double crew_passed(struct crew *crew)
{
	double passed = seconds_since(&crew->looked), most = 3 * WATCH_MS / 1000.0;

	clock_gettime(CLOCK_MONOTONIC, &crew->looked);
	return passed < most ? passed : most;
}

static void crew_look(struct crew *crew)
{
	bool end = crew->senders == 0 || unlocked_stopped(crew) ||
		   __atomic_load_n(&crew->group.broken, __ATOMIC_ACQUIRE);
	double passed = crew_passed(crew);
	char why[HV_WHY];

	for (u32 i = 0; i < crew->members && !end; i++)
		if (!crew->member[i].ended && member_hangs(&crew->member[i], passed)) {
			snprintf(why, sizeof(why), "the guest did not come back within %d s",
				 CREW_PATIENCE_SECONDS);
			runner_group_break(&crew->group, why);
			end = true;
		}
	/* Again and again: a signal that comes between two entries may go unseen. */
	for (u32 i = 0; i < crew->members && end; i++)
		if (!crew->member[i].ended)
			wake(crew, i);
}

static void crew_watch(struct crew *crew)
{
	struct timespec until;

	pthread_mutex_lock(&crew->lock);
	clock_gettime(CLOCK_MONOTONIC, &crew->looked);
	while (crew->running) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += WATCH_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
		if (crew->running)
			crew_look(crew);
	}
	pthread_mutex_unlock(&crew->lock);
}

/* Threads inherit a mask that leaves signals to the thread that knows what to do about them. */
static int member_start(struct member *member, u16 cpu, char *why)
{
	sigset_t all, old;
	pthread_attr_t attributes;
	cpu_set_t cpus;
	int err;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&member->thread, &attributes, member_main, member);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (err)
		snprintf(why, HV_WHY, "no thread for a vCPU on CPU %u: %s", cpu, strerror(err));
	member->started = !err;
	return -err;
}

static void crew_init(struct crew *crew, struct hv_vm *vm, const struct storm *storm,
		      const struct run_sink *sink, const struct run_monitor *monitor)
{
	pthread_condattr_t attributes;
	struct sigaction action = {.sa_handler = kicked};

	sigaction(kick_signal(), &action, NULL);
	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	crew->outer = sink;
	crew->outer_monitor = monitor;
	crew->sink = (struct run_sink){
		.result = locked_result,
		.histogram = locked_histogram,
		.records = locked_records,
		.counters = locked_counters,
		.arg = crew,
	};
	crew->monitor = (struct run_monitor){
		.progress = locked_progress,
		.stopped = unlocked_stopped,
		.arg = crew,
	};
	crew->members = hv_vm_config(vm)->vcpus;
	runner_group_init(&crew->group, storm, crew->members);
	crew->senders = crew->group.senders.members;
	crew->group.relax = relax;
	crew->group.wake = wake;
	crew->group.arg = crew;
}

static int crew_result(const struct crew *crew, char *why)
{
	for (u32 i = 0; i < crew->members; i++)
		if (crew->member[i].result) {
			snprintf(why, HV_WHY, "%s", crew->member[i].why);
			return crew->member[i].result;
		}
	return 0;
}

int crew_run(struct hv_vm *vm, const struct plan *plan, const struct storm *storm, u16 repeat,
	     struct stamps *stamps, const struct run_sink *sink, const struct run_monitor *monitor,
	     char *why)
{
	static struct crew crew; /* one at a time: target.run is not called from two threads */
	int err = 0;

	memset(&crew, 0, sizeof(crew));
	why[0] = 0;
	crew_init(&crew, vm, storm, sink, monitor);
	crew.stamps = stamps;
	pthread_mutex_lock(&crew.lock);
	for (u32 i = 0; i < crew.members && !err; i++) {
		struct member *member = &crew.member[i];

		member->crew = &crew;
		member->runner = (struct runner){
			.vcpu = hv_vcpu(vm, i),
			.storm = storm,
			.plan = plan,
			.repeat = repeat,
			.sink = &crew.sink,
			.monitor = &crew.monitor,
			.group = &crew.group,
		};
		err = member_start(member, plan->cpu[i % plan->cpu_count], why);
		crew.running += member->started;
	}
	if (err)
		runner_group_break(&crew.group, why);
	pthread_mutex_unlock(&crew.lock);
	crew_watch(&crew);
	for (u32 i = 0; i < crew.members; i++)
		if (crew.member[i].started)
			pthread_join(crew.member[i].thread, NULL);
	pthread_cond_destroy(&crew.changed);
	pthread_mutex_destroy(&crew.lock);
	return err ? err : crew_result(&crew, why);
}
