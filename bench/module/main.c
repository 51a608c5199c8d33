// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm.ko: its beginning and its end, and the end of a run when the machine wants its CPUs for
 * something else. */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "../../hv/linux/linux.h"
#include "module.h"

static int before_offline(unsigned int cpu)
{
	if (run_uses_cpu(cpu))
		run_stop();
	return 0;
}

/*
 * Told before processes are frozen, which could begin another run, and kernel threads are not: so
 * until all is over there is none. Firmware and other kernels do not expect a CPU in VMX operation,
 * and in it INIT is blocked (SDM Vol. 3, "Restrictions on VMX Operation").
 */
static int around_sleep(struct notifier_block *block, unsigned long action, void *data)
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

static int before_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	run_hold(true);
	return NOTIFY_DONE;
}

static struct notifier_block sleep_notifier = {.notifier_call = around_sleep};
static struct notifier_block reboot_notifier = {.notifier_call = before_reboot};
static int hotplug;

static int __init module_begin(void)
{
	int err = ring_init();

	if (err)
		return err;
	run_init();
	err = linux_host_init();
	if (err)
		goto no_host;
	hotplug = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "exitstorm:online", NULL,
					    before_offline);
	if (hotplug < 0) {
		err = hotplug;
		goto no_hotplug;
	}
	register_pm_notifier(&sleep_notifier);
	register_reboot_notifier(&reboot_notifier);
	err = device_offer();
	if (!err)
		return 0;
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug);
no_hotplug:
	linux_host_exit();
no_host:
	ring_exit();
	return err;
}

/* After device_withdraw() a run that was begun meanwhile is the last one. */
static void __exit module_end(void)
{
	device_withdraw();
	run_stop();
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug);
	linux_host_exit();
	ring_exit();
}

module_init(module_begin);
module_exit(module_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: VM exits and resumes, measured by raw VMX and SVM");
MODULE_AUTHOR("exitstorm");
