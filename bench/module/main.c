// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm.ko: load, unload, and the end of a run at CPU hotplug, suspend and reboot. */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "../../hv/linux/kernel.h"
#include "../../hv/linux/linux.h"
#include "module.h"

static int cpu_offline_prepare(unsigned int cpu)
{
	if (run_uses_cpu(cpu))
		run_stop();
	return 0;
}

/*
 * A CPU must not enter firmware or another kernel in VMX operation: they do not expect it, and INIT
 * is blocked in it (SDM Vol. 3, "Restrictions on VMX Operation"). PREPARE comes before processes
 * and kernel threads are frozen: no process begins another run until POST.
 */
static int sleep_notify(struct notifier_block *block, unsigned long action, void *data)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		run_hold(true);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		run_hold(false);
		break;
	}
	return NOTIFY_DONE;
}

static int reboot_notify(struct notifier_block *block, unsigned long action, void *data)
{
	run_hold(true);
	return NOTIFY_DONE;
}

static struct notifier_block sleep_notifier = {.notifier_call = sleep_notify};
static struct notifier_block reboot_notifier = {.notifier_call = reboot_notify};
static int hotplug_state;

static int guest;
module_param(guest, int, 0444);
MODULE_PARM_DESC(
	guest,
	"1: run storms in this kernel and not in a VM, so that the hypervisor below is measured "
	"(the default where the CPU has neither VMX nor SVM); 2: the same where none is seen "
	"below");

static int __init module_begin(void)
{
	int err = ring_init();

	if (err)
		return err;
	if (!kernel_was_tried())
		pr_notice("exitstorm: was not tried on this line of kernels\n");
	run_init(guest);
	err = linux_host_init();
	if (err)
		goto no_host;
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "exitstorm:online", NULL,
						  cpu_offline_prepare);
	if (hotplug_state < 0) {
		err = hotplug_state;
		goto no_hotplug;
	}
	register_pm_notifier(&sleep_notifier);
	register_reboot_notifier(&reboot_notifier);
	err = chardev_register();
	if (!err)
		return 0;
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug_state);
no_hotplug:
	linux_host_exit();
no_host:
	ring_exit();
	return err;
}

/* The kernel calls this only while no file is open, so there is no run. */
static void __exit module_end(void)
{
	chardev_unregister();
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug_state);
	linux_host_exit();
	ring_exit();
}

module_init(module_begin);
module_exit(module_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: VM exits and resumes, measured by raw VMX and SVM");
MODULE_AUTHOR("exitstorm");
