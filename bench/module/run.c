// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run: a kernel thread per vCPU, bound to its CPU. The first one performs the plan as the image
 * does and runs vCPU 0 itself.
 */
#include <linux/cpu.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/inplace/inplace.h"
#include "../../hv/linux/linux.h"
#include "../agent/agent.h"
#include "module.h"

static struct {
	struct mutex lock;	  /* of `task` */
	struct task_struct *task; /* of vCPU 0; NULL: no run */
	bool held;		  /* run_start fails */
	struct wire_plan *plan;
	u16 cpu[GUEST_MAX_VCPUS];
	u32 cpus;
} run;

static int guest_parameter;

bool run_in_place(void)
{
	return guest_parameter || !(boot_cpu_has(X86_FEATURE_VMX) || boot_cpu_has(X86_FEATURE_SVM));
}

static const struct hv_backend *run_backend(void)
{
	return run_in_place() ? &hv_kernel : agent_backend();
}

/* In place, whether there is something to measure. A hypervisor may hide: guest=2. */
static int run_probe_place(const struct wire_hello *hello, char *why)
{
	if (guest_parameter == 2)
		return 0;
	if (!*hello->hypervisor && !boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		snprintf(why, HV_WHY,
			 "no hypervisor below: nothing to measure in place (if it hides: rmmod "
			 "exitstorm, modprobe exitstorm guest=2)");
		return -ENODEV;
	}
	if (strcmp(hello->hypervisor, "TCGTCGTCGTCG"))
		return 0;
	snprintf(why, HV_WHY,
		 "this CPU is emulated (QEMU's TCG): its instructions do not exit to a hypervisor");
	return -EOPNOTSUPP;
}

static void run_send_hello(const struct hv_backend *backend)
{
	static struct exitstorm_info info;

	run_info(&info);
	agent_send(WIRE_HELLO, WIRE_NO_STORM, &info.hello, sizeof(info.hello));
	agent_send(WIRE_PLAN, WIRE_NO_STORM, run.plan, sizeof(*run.plan));
}

/* On the CPUs of the plan's vCPUs: no others are disturbed, which may be isolated ones. */
static int run_look_for_others(char *why)
{
	u32 vcpus = 1;
	cpumask_var_t cpus;
	int err;

	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL)) {
		snprintf(why, HV_WHY, "no memory for a set of CPUs");
		return -ENOMEM;
	}
	for (u32 i = 0; i < run.plan->storms; i++)
		vcpus = max(vcpus, runner_vcpus(&storms[run.plan->storm[i]], &run.plan->plan));
	for (u32 i = 0; i < vcpus && i < GUEST_MAX_VCPUS; i++)
		cpumask_set_cpu(run.cpu[i], cpus);
	err = linux_others(cpus, why, HV_WHY);
	free_cpumask_var(cpus);
	return err;
}

static int run_main(void *arg)
{
	const struct hv_backend *backend = run_backend();
	char why[HV_WHY] = "";
	int err;

	migrate_disable();
	agent_begin();
	err = run_in_place() ? 0 : run_look_for_others(why);
	if (!run_in_place())
		linux_emergency_begin();
	if (!err)
		err = backend->cpu_on(why);
	if (!err) {
		run_send_hello(backend);
		err = agent_perform(run.plan, backend, why);
		backend->cpu_off();
		run_send_hello(backend);
	}
	if (!run_in_place())
		linux_emergency_end();
	migrate_enable();
	agent_send_end(err, why);
	ring_over();
	platform_wait_for_stop();
	return 0;
}

static bool run_names_cpu_twice(const struct plan *plan)
{
	for (u32 i = 1; i < plan->cpu_count; i++)
		for (u32 j = 0; j < i; j++)
			if (plan->cpu[i] == plan->cpu[j])
				return true;
	return false;
}

/* A CPU per vCPU: those that the plan names, or those that are online. */
static int run_choose_cpus(const struct plan *plan)
{
	u32 cpu, count = 0;

	run.cpus = num_online_cpus();
	if (run_names_cpu_twice(plan))
		return -EINVAL;
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

u32 agent_cpus(u32 wanted)
{
	(void)wanted;
	return run.cpus;
}

/* irqs=on keeps VMX enabled between batches, in CR4. SVM does not use CR4. */
static bool run_can_enable_irqs(void)
{
	return host_keeps_cr4() || run_backend() != &hv_vmx;
}

static int run_start_locked(const struct wire_plan *plan, u32 seconds)
{
	int err = run_choose_cpus(&plan->plan);

	if (err)
		return err;
	if (plan->plan.setting[SETTING_IRQS] == IRQS_ON && !run_can_enable_irqs())
		return -EOPNOTSUPP;
	run.plan = kmemdup(plan, sizeof(*plan), GFP_KERNEL);
	if (!run.plan)
		return -ENOMEM;
	platform_begin(run.cpu);
	ring_reset();
	run.task = platform_thread(run_main, NULL, 0);
	if (!IS_ERR(run.task)) {
		watchdog_start(run.cpu, run.cpus, plan->plan.setting[SETTING_IRQS] == IRQS_OFF,
			       seconds);
		return 0;
	}
	err = PTR_ERR(run.task);
	run.task = NULL;
	kfree(run.plan);
	return err;
}

static void run_stop_locked(void)
{
	if (!run.task)
		return;
	platform_stop();
	ring_abort();
	watchdog_end_batches();
	kthread_stop(run.task);
	watchdog_stop();
	ring_over(); /* for a thread that was stopped before it began */
	run.task = NULL;
	kfree(run.plan);
	run.plan = NULL;
}

int run_start(const struct wire_plan *plan, u32 seconds)
{
	int err;

	cpus_read_lock();
	mutex_lock(&run.lock);
	run_stop_locked();
	err = run.held ? -EBUSY : run_start_locked(plan, seconds);
	mutex_unlock(&run.lock);
	cpus_read_unlock();
	return err;
}

void run_stop(void)
{
	mutex_lock(&run.lock);
	run_stop_locked();
	mutex_unlock(&run.lock);
}

void run_hold(bool hold)
{
	mutex_lock(&run.lock);
	if (hold)
		run_stop_locked();
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
	static DEFINE_MUTEX(lock); /* agent_hello's readings of the clock are in static memory */
	const struct hv_backend *backend = run_backend();
	unsigned long flags;

	mutex_lock(&lock);
	*info = (struct exitstorm_info){
		.size = sizeof(*info),
		.version = EXITSTORM_VERSION,
		.irqs_on = run_can_enable_irqs(),
	};
	info->status = backend->probe(info->why);
	local_irq_save(flags); /* agent_hello times instructions to recognise an emulator */
	agent_hello(&info->hello, backend, num_online_cpus());
	local_irq_restore(flags);
	if (!info->status && run_in_place())
		info->status = run_probe_place(&info->hello, info->why);
	mutex_unlock(&lock);
	info->hello.memory_bytes = (u64)si_mem_available() * PAGE_SIZE;
}

void run_init(int guest)
{
	guest_parameter = guest;
	mutex_init(&run.lock);
	watchdog_init();
}
