// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.ko, for tests: CPU state that a guest or a VM exit may leave changed.
 *
 * /proc/exitstorm_state: read gives a line per part of each CPU's state. Write changes a part, so
 * that tests see a difference reported.
 *
 * /proc/exitstorm_batches: write starts to compare state around each batch of exitstorm.ko, with
 * unusual values in registers that are 0 in a kernel thread. Read gives the first differences and
 * the number of batches, and ends it.
 *
 * /proc/exitstorm_tasks: write waits until every task has given up its CPU once (RCU Tasks).
 *
 * At reboot, power-off and suspend it prints on how many CPUs VMX or SVM is still on; with crash=1
 * a CPU that panics prints whether they are on there.
 */
#include <asm/processor.h>
#include <hv/linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/suspend.h>

#include "batches.h"
#include "cpu.h"
#include "crash.h"

/* Belongs to the process that reads the file, and differs from read to read. */
static bool is_per_process(const char *name)
{
	return !strcmp(name, "CR2") || !strcmp(name, "FS_BASE") ||
	       !strcmp(name, "KERNEL_GS_BASE") || !strcmp(name, "PKRU");
}

static int state_show(struct seq_file *file, void *data)
{
	int cpu;

	for_each_online_cpu (cpu) {
		struct cpu_state *state = kzalloc(sizeof(*state), GFP_KERNEL);

		if (!state)
			return -ENOMEM;
		smp_call_function_single(cpu, cpu_state_read, state, 1);
		for (u32 i = 0; i < state->count; i++)
			if (!is_per_process(state->line[i].name))
				seq_printf(file, "%d %s %llx\n", cpu, state->line[i].name,
					   state->line[i].value);
		kfree(state);
	}
	return 0;
}

/* Returns when every task has given up its CPU once. */
static ssize_t tasks_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	synchronize_rcu_tasks();
	return count;
}

static const struct proc_ops tasks_operations = {.proc_write = tasks_write};

static int state_open(struct inode *inode, struct file *file)
{
	return single_open(file, state_show, NULL);
}

/* Harmless while no process makes 32-bit system calls. */
static void change_cstar(void *unused)
{
	kernel_wrmsr(MSR_CSTAR, kernel_rdmsr(MSR_CSTAR) ^ 0x10);
}

static ssize_t state_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	smp_call_function_single(0, change_cstar, NULL, 1);
	return count;
}

static const struct proc_ops state_operations = {
	.proc_open = state_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = state_write,
};

/* The notifiers below have the lowest priority, so that they are called after exitstorm.ko's. */
static void count_if_on(void *count)
{
	if (__read_cr4() & X86_CR4_VMXE || kernel_rdmsr(MSR_EFER) & EFER_SVME)
		atomic_inc(count);
}

static int at_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	atomic_t count = ATOMIC_INIT(0);

	on_each_cpu(count_if_on, &count, 1);
	pr_alert("state: %d of %u CPUs have VMX or SVM on at the end\n", atomic_read(&count),
		 num_online_cpus());
	return NOTIFY_DONE;
}

static int at_sleep(struct notifier_block *block, unsigned long action, void *data)
{
	return action == PM_SUSPEND_PREPARE ? at_reboot(block, action, data) : NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = {.notifier_call = at_reboot, .priority = INT_MIN};
static struct notifier_block sleep_notifier = {.notifier_call = at_sleep, .priority = INT_MIN};

static bool crash;
module_param(crash, bool, 0400);

static int __init state_begin(void)
{
	int err = crash ? crash_watch() : 0;

	if (err)
		return err;
	register_reboot_notifier(&reboot_notifier);
	register_pm_notifier(&sleep_notifier);
	if (proc_create("exitstorm_state", 0600, NULL, &state_operations) &&
	    proc_create("exitstorm_tasks", 0200, NULL, &tasks_operations) &&
	    proc_create("exitstorm_batches", 0600, NULL, &batches_operations))
		return 0;
	remove_proc_subtree("exitstorm_state", NULL);
	remove_proc_subtree("exitstorm_tasks", NULL);
	unregister_pm_notifier(&sleep_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	if (crash)
		crash_watch_end();
	return -ENOMEM;
}

static void __exit state_end(void)
{
	if (crash)
		crash_watch_end();
	remove_proc_entry("exitstorm_batches", NULL);
	remove_proc_entry("exitstorm_state", NULL);
	remove_proc_entry("exitstorm_tasks", NULL);
	unregister_pm_notifier(&sleep_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	batches_check_stop();
}

module_init(state_begin);
module_exit(state_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: state of CPUs, for tests");
