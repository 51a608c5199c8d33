// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run: a thread for each vCPU, bound to its CPU, and one that looks after them. The first
 * thread performs the plan as the image does and runs vCPU 0 itself.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/linux/kernel.h"
#include "../../hv/linux/linux.h"
#include "../agent/agent.h"
#include "module.h"

#define LOOK_MS 100
#define HANG_MS 3000 /* a batch that takes longer hangs: it is meant for a millisecond */
#define WATCHES 2    /* CPUs that look: one that hangs with interrupts off looks after nobody */

struct worker {
	struct task_struct *task; /* NULL: none */
	void (*run)(void *arg);
	void *arg;
};

static struct {
	struct mutex lock;	  /* of `task` */
	struct task_struct *task; /* of vCPU 0; NULL: no run */
	bool stop;
	bool held; /* none is to begin */
	struct wire_plan *plan;
	u16 cpu[GUEST_MAX_VCPUS];
	u32 cpus;
	struct worker worker[GUEST_MAX_VCPUS];
	/* The looking after. */
	raw_spinlock_t watch_lock;
	struct runner *runners;
	u32 count;
	unsigned long until, since[GUEST_MAX_VCPUS];
	u64 batches[GUEST_MAX_VCPUS];
	struct hrtimer watch[WATCHES];
} run;

bool image_stopped(void)
{
	return READ_ONCE(run.stop);
}

void image_relax(void)
{
	cond_resched();
	cpu_relax();
}

void image_wake(void *vm, u32 vcpu)
{
	hv_kick(hv_vcpu(vm, vcpu));
	linux_poke(run.cpu[vcpu], false);
}

/* kthread_stop can wait for the end only of what is still there. */
static void wait_for_stop(void)
{
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
}

/*
 * Bound to its CPU, and within a run not to be moved even from one that is about to go: that is
 * told to us (before_offline) when the scheduler has begun to push others away, and waits for who
 * cannot be.
 */
static struct task_struct *thread(int (*main)(void *), void *arg, u32 vcpu)
{
	struct task_struct *task = kthread_create(main, arg, "exitstorm/%u", vcpu);

	if (IS_ERR(task))
		return task;
	kthread_bind(task, run.cpu[vcpu]);
	wake_up_process(task);
	return task;
}

static int worker_main(void *arg)
{
	struct worker *worker = arg;

	migrate_disable();
	worker->run(worker->arg);
	migrate_enable();
	wait_for_stop();
	return 0;
}

void image_cpu_run(u32 vcpu, void (*work)(void *arg), void *arg)
{
	struct worker *worker = &run.worker[vcpu];
	struct runner *runner = arg;

	*worker = (struct worker){.run = work, .arg = arg};
	worker->task = thread(worker_main, worker, vcpu);
	if (IS_ERR(worker->task)) {
		worker->task = NULL;
		runner_group_break(runner->group, "no thread for another vCPU");
	}
}

void image_cpu_wait(u32 vcpu)
{
	struct worker *worker = &run.worker[vcpu];

	if (worker->task)
		kthread_stop(worker->task);
	worker->task = NULL;
}

void image_watchdog(struct runner *runners, u32 count)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&run.watch_lock, flags);
	run.runners = runners;
	run.count = count;
	for (u32 i = 0; i < count; i++) {
		run.since[i] = jiffies;
		run.batches[i] = 0;
	}
	raw_spin_unlock_irqrestore(&run.watch_lock, flags);
}

static bool irqs_off(void)
{
	return run.plan->plan.setting[SETTING_IRQS] == IRQS_OFF;
}

static bool hangs(u32 i)
{
	const struct runner *runner = &run.runners[i];

	if (!runner->heartbeat.entered || runner->heartbeat.batches != run.batches[i]) {
		run.since[i] = jiffies;
		run.batches[i] = runner->heartbeat.batches;
	}
	return time_after(jiffies, run.since[i] + msecs_to_jiffies(HANG_MS));
}

/* Whoever is in a batch leaves it; whoever waits for others sees that the group is broken. */
static void end_batches(const char *why)
{
	runner_group_break(run.runners[0].group, why);
	for (u32 i = 0; i < run.count; i++) {
		hv_kick(run.runners[i].vcpu);
		if (run.runners[i].heartbeat.entered)
			linux_poke(run.cpu[i], irqs_off());
	}
}

static void look(void)
{
	const char *why = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&run.watch_lock, flags);
	if (run.count && READ_ONCE(run.stop))
		why = "the run was ended";
	else if (time_after(jiffies, run.until))
		why = "the run's time is up";
	for (u32 i = 0; !why && i < run.count; i++)
		if (hangs(i))
			why = "the guest hangs: its batch does not end";
	if (why && run.count)
		end_batches(why);
	raw_spin_unlock_irqrestore(&run.watch_lock, flags);
}

/* In an interrupt: who waits for a CPU that hangs to answer him leaves no other task its turn. */
static enum hrtimer_restart look_after(struct hrtimer *timer)
{
	look();
	hrtimer_forward_now(timer, ms_to_ktime(LOOK_MS));
	return HRTIMER_RESTART;
}

static void watch_here(void *timer)
{
	hrtimer_start(timer, ms_to_ktime(LOOK_MS), HRTIMER_MODE_REL_PINNED_HARD);
}

static bool used(u32 cpu)
{
	bool uses = false;

	for (u32 i = 0; i < run.cpus && i < GUEST_MAX_VCPUS; i++)
		uses |= run.cpu[i] == cpu;
	return uses;
}

/* On CPUs of no vCPU, as far as there are such; with one CPU in all nobody is left to look. */
static void watch_begin(void)
{
	u32 cpu, at = 0;

	for (u32 pass = 0; pass < 2; pass++)
		for_each_online_cpu (cpu)
			if (at < WATCHES && used(cpu) == pass)
				smp_call_function_single(cpu, watch_here, &run.watch[at++], 1);
}

static void watch_end(void)
{
	for (u32 i = 0; i < WATCHES; i++)
		hrtimer_cancel(&run.watch[i]);
}

static void send_hello(const struct hv_backend *backend)
{
	static struct exitstorm_info info;

	run_info(&info);
	image_send(WIRE_HELLO, WIRE_NO_STORM, &info.hello, sizeof(info.hello));
	image_send(WIRE_PLAN, WIRE_NO_STORM, run.plan, sizeof(*run.plan));
}

static int run_main(void *arg)
{
	const struct hv_backend *backend = image_backend();
	char why[HV_WHY] = "";
	int err;

	migrate_disable();
	image_begin();
	err = linux_others(why, sizeof(why));
	if (!err)
		err = backend->cpu_on(why);
	if (!err) {
		send_hello(backend);
		image_perform(run.plan, backend, run.cpus);
		backend->cpu_off();
		send_hello(backend);
	}
	migrate_enable();
	image_send_end(err, why);
	ring_over();
	wait_for_stop();
	return 0;
}

/* A CPU for each vCPU, as the plan names them, or those that are on. */
static int choose_cpus(const struct plan *plan)
{
	u32 cpu, count = 0;

	run.cpus = num_online_cpus();
	if (plan->cpu_count) {
		for (u32 i = 0; i < GUEST_MAX_VCPUS; i++) {
			run.cpu[i] = plan->cpu[i % plan->cpu_count];
			if (run.cpu[i] >= nr_cpu_ids || !cpu_online(run.cpu[i]))
				return -ENXIO;
		}
		run.cpus = plan->cpu_count;
		return 0;
	}
	for_each_online_cpu (cpu)
		if (count < GUEST_MAX_VCPUS)
			run.cpu[count++] = cpu;
	return 0;
}

/* SVM needs nothing of CR4. */
static bool irqs_on(void)
{
	return host_keeps_cr4() || image_backend() != &hv_vmx;
}

static int start(const struct wire_plan *plan, u32 seconds)
{
	int err = choose_cpus(&plan->plan);

	if (err)
		return err;
	if (plan->plan.setting[SETTING_IRQS] == IRQS_ON && !irqs_on())
		return -EOPNOTSUPP;
	run.plan = kmemdup(plan, sizeof(*plan), GFP_KERNEL);
	if (!run.plan)
		return -ENOMEM;
	WRITE_ONCE(run.stop, false);
	run.until = jiffies + seconds * HZ;
	ring_reset();
	run.task = thread(run_main, NULL, 0);
	if (!IS_ERR(run.task)) {
		watch_begin();
		return 0;
	}
	err = PTR_ERR(run.task);
	run.task = NULL;
	kfree(run.plan);
	return err;
}

static void stop(void)
{
	if (!run.task)
		return;
	WRITE_ONCE(run.stop, true);
	ring_wake();
	look();
	kthread_stop(run.task);
	watch_end();
	ring_over(); /* a thread that was stopped before it began has not said so */
	run.task = NULL;
	kfree(run.plan);
	run.plan = NULL;
}

int run_start(const struct wire_plan *plan, u32 seconds)
{
	int err;

	cpus_read_lock();
	mutex_lock(&run.lock);
	stop();
	err = run.held ? -EBUSY : start(plan, seconds);
	mutex_unlock(&run.lock);
	cpus_read_unlock();
	return err;
}

void run_stop(void)
{
	mutex_lock(&run.lock);
	stop();
	mutex_unlock(&run.lock);
}

void run_hold(bool hold)
{
	mutex_lock(&run.lock);
	if (hold)
		stop();
	run.held = hold;
	mutex_unlock(&run.lock);
}

bool run_uses_cpu(u32 cpu)
{
	bool uses = false;

	mutex_lock(&run.lock);
	for (u32 i = 0; run.task && i < GUEST_MAX_VCPUS; i++)
		uses |= run.cpu[i] == cpu;
	mutex_unlock(&run.lock);
	return uses;
}

void run_info(struct exitstorm_info *info)
{
	const struct hv_backend *backend = image_backend();
	unsigned long flags;

	*info = (struct exitstorm_info){
		.size = sizeof(*info),
		.version = EXITSTORM_VERSION,
		.irqs_on = irqs_on(),
	};
	info->status = backend->probe(info->why);
	local_irq_save(flags); /* it looks at how long instructions take */
	image_hello(&info->hello, backend, num_online_cpus());
	local_irq_restore(flags);
	info->hello.memory_bytes = (u64)si_mem_available() * PAGE_SIZE;
}

void run_init(void)
{
	mutex_init(&run.lock);
	raw_spin_lock_init(&run.watch_lock);
	for (u32 i = 0; i < WATCHES; i++)
		kernel_timer_init(&run.watch[i], look_after);
}
