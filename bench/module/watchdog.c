// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends batches that hang, and those of a run whose time is up or that is to stop. In hard
 * interrupts of timers on other CPUs: a CPU that hangs with interrupts off, and is waited for by
 * others, leaves no task its turn.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "../../hv/linux/kernel.h"
#include "../../hv/linux/linux.h"
#include "../agent/agent.h"
#include "module.h"

#define CHECK_MS 100
#define HANG_MS	 3000 /* a batch that takes longer hangs: it is sized for a millisecond */
#define TIMERS	 2    /* on different CPUs: the one on a CPU that hangs does not fire */

static struct {
	raw_spinlock_t lock;
	struct runner *runners; /* by vCPU */
	u32 count;
	const u16 *cpu; /* by vCPU */
	u32 cpus;
	bool irqs_off; /* batches run with interrupts off: only an NMI ends them */
	bool ending;
	unsigned long until, since[GUEST_MAX_VCPUS]; /* jiffies */
	u64 batches[GUEST_MAX_VCPUS];
	struct hrtimer timer[TIMERS];
} watchdog;

void agent_watchdog(struct runner *runners, u32 count)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&watchdog.lock, flags);
	watchdog.runners = runners;
	watchdog.count = count;
	for (u32 i = 0; i < count; i++) {
		watchdog.since[i] = jiffies;
		watchdog.batches[i] = 0;
	}
	raw_spin_unlock_irqrestore(&watchdog.lock, flags);
}

/* Timers of other CPUs look at the heartbeats. */
void agent_batch_begins(void)
{
}

void agent_batch_ends(void)
{
}

static bool vcpu_hangs(u32 i)
{
	const struct runner *runner = &watchdog.runners[i];

	if (!runner->heartbeat.entered || runner->heartbeat.batches != watchdog.batches[i]) {
		watchdog.since[i] = jiffies;
		watchdog.batches[i] = runner->heartbeat.batches;
	}
	return time_after(jiffies, watchdog.since[i] + msecs_to_jiffies(HANG_MS));
}

/* vCPUs in a batch are kicked; those that wait for another one see that the group is broken. */
static void end_batches_locked(const char *why)
{
	runner_group_break(watchdog.runners[0].group, why);
	for (u32 i = 0; i < watchdog.count; i++) {
		hv_kick(watchdog.runners[i].vcpu);
		if (watchdog.runners[i].heartbeat.entered)
			linux_poke(watchdog.cpu[i], watchdog.irqs_off);
	}
}

static void watchdog_check(void)
{
	const char *why = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&watchdog.lock, flags);
	if (watchdog.ending)
		why = "the run was ended";
	else if (time_after(jiffies, watchdog.until))
		why = "the run's time is up";
	for (u32 i = 0; !why && i < watchdog.count; i++)
		if (vcpu_hangs(i))
			why = "the guest hangs: its batch does not end";
	if (why && watchdog.count)
		end_batches_locked(why);
	raw_spin_unlock_irqrestore(&watchdog.lock, flags);
}

static enum hrtimer_restart watchdog_fire(struct hrtimer *timer)
{
	watchdog_check();
	hrtimer_forward_now(timer, ms_to_ktime(CHECK_MS));
	return HRTIMER_RESTART;
}

static void watchdog_arm(void *timer)
{
	hrtimer_start(timer, ms_to_ktime(CHECK_MS), HRTIMER_MODE_REL_PINNED_HARD);
}

static bool runs_vcpu(u32 cpu)
{
	bool runs = false;

	for (u32 i = 0; i < watchdog.cpus && i < GUEST_MAX_VCPUS; i++)
		runs |= watchdog.cpu[i] == cpu;
	return runs;
}

static void watchdog_begin(u32 cpu, u32 *used)
{
	if (*used < TIMERS)
		smp_call_function_single(cpu, watchdog_arm, &watchdog.timer[(*used)++], 1);
}

/*
 * CPUs without a vCPU are taken first, and of them those that are not isolated (nohz_full=). On a
 * machine with one CPU no hang is noticed.
 */
void watchdog_start(const u16 *cpu_of_vcpu, u32 cpus, bool irqs_off, u32 seconds)
{
	u32 cpu, used = 0;

	watchdog.cpu = cpu_of_vcpu;
	watchdog.cpus = cpus;
	watchdog.irqs_off = irqs_off;
	watchdog.ending = false;
	watchdog.until = jiffies + seconds * HZ;
	for_each_online_cpu (cpu)
		if (!runs_vcpu(cpu) && housekeeping_cpu(cpu, HK_TYPE_TIMER))
			watchdog_begin(cpu, &used);
	for_each_online_cpu (cpu)
		if (!runs_vcpu(cpu) && !housekeeping_cpu(cpu, HK_TYPE_TIMER))
			watchdog_begin(cpu, &used);
	for_each_online_cpu (cpu)
		if (runs_vcpu(cpu))
			watchdog_begin(cpu, &used);
}

void watchdog_end_batches(void)
{
	WRITE_ONCE(watchdog.ending, true);
	watchdog_check();
}

void watchdog_stop(void)
{
	for (u32 i = 0; i < TIMERS; i++)
		hrtimer_cancel(&watchdog.timer[i]);
}

void watchdog_init(void)
{
	raw_spin_lock_init(&watchdog.lock);
	for (u32 i = 0; i < TIMERS; i++)
		kernel_timer_init(&watchdog.timer[i], watchdog_fire);
}
