// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel as platform of bench/agent: threads on CPUs, and the request to stop. */
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../../hv/backend.h"
#include "../../hv/linux/linux.h"
#include "../agent/agent.h"
#include "module.h"

static struct {
	bool stop;
	const u16 *cpu; /* by vCPU */
	struct worker {
		struct task_struct *task; /* NULL: none */
		void (*run)(void *arg);
		void *arg;
	} worker[GUEST_MAX_VCPUS];
} platform;

void platform_begin(const u16 *cpu_of_vcpu)
{
	platform.cpu = cpu_of_vcpu;
	WRITE_ONCE(platform.stop, false);
}

void platform_stop(void)
{
	WRITE_ONCE(platform.stop, true);
}

/*
 * Asked before each batch, with nothing locked: also the place where a kernel that preempts no
 * kernel thread (preempt=none) can run other tasks on the vCPU's CPU. RCU Tasks, which waits for
 * each task to give up its CPU once, would wait for the end of the run.
 */
bool agent_stopped(void)
{
	cond_resched_tasks_rcu_qs();
	return READ_ONCE(platform.stop);
}

void agent_relax(void)
{
	cond_resched();
	cpu_relax();
}

void agent_wake(void *vm, u32 vcpu)
{
	hv_kick(hv_vcpu(vm, vcpu));
	linux_poke(platform.cpu[vcpu], false);
}

void platform_wait_for_stop(void)
{
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
}

struct task_struct *platform_thread(int (*main)(void *), void *arg, u32 vcpu)
{
	struct task_struct *task = kthread_create(main, arg, "exitstorm/%u", vcpu);

	if (IS_ERR(task))
		return task;
	kthread_bind(task, platform.cpu[vcpu]);
	wake_up_process(task);
	return task;
}

/*
 * CPU hotplug pushes tasks off a CPU before it calls cpu_offline_prepare, but waits for those with
 * migration disabled: so no vCPU changes its CPU before the run has ended.
 */
static int worker_main(void *arg)
{
	struct worker *worker = arg;

	migrate_disable();
	worker->run(worker->arg);
	migrate_enable();
	platform_wait_for_stop();
	return 0;
}

void agent_cpu_run(u32 vcpu, void (*work)(void *arg), void *arg)
{
	struct worker *worker = &platform.worker[vcpu];
	struct runner *runner = arg;

	*worker = (struct worker){.run = work, .arg = arg};
	worker->task = platform_thread(worker_main, worker, vcpu);
	if (IS_ERR(worker->task)) {
		worker->task = NULL;
		runner_group_break(runner->group, "no thread for another vCPU");
	}
}

void agent_cpu_wait(u32 vcpu)
{
	struct worker *worker = &platform.worker[vcpu];

	if (worker->task)
		kthread_stop(worker->task);
	worker->task = NULL;
}
