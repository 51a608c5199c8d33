// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exitstorm.ko: /dev/exitstorm, and the end of a run when the machine wants its CPUs for something
 * else. As long as the device is open the module cannot be unloaded.
 */
#include <linux/capability.h>
#include <linux/cpuhotplug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "../../hv/linux/linux.h"
#include "module.h"

static atomic_t opened = ATOMIC_INIT(0);

static int device_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return atomic_cmpxchg(&opened, 0, 1) ? -EBUSY : nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	run_stop();
	atomic_set(&opened, 0);
	return 0;
}

/* The first two numbers of what an ioctl hands over say of which build it is. */
static int ioctl_info(void __user *arg)
{
	struct exitstorm_info *info;
	u32 caller[2];
	int err = 0;

	if (copy_from_user(caller, arg, sizeof(caller)))
		return -EFAULT;
	if (caller[0] != sizeof(*info) || caller[1] != EXITSTORM_VERSION)
		return -EINVAL;
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	run_info(info);
	if (!info->status)
		info->status = linux_others(info->why, sizeof(info->why));
	if (copy_to_user(arg, info, sizeof(*info)))
		err = -EFAULT;
	kfree(info);
	return err;
}

static int ioctl_start(void __user *arg)
{
	struct exitstorm_start start;
	struct wire_plan *plan;
	int err;

	if (copy_from_user(&start, arg, sizeof(start)))
		return -EFAULT;
	if (start.size != sizeof(start) || start.version != EXITSTORM_VERSION ||
	    start.plan_bytes != sizeof(*plan) || !start.seconds ||
	    start.seconds > EXITSTORM_MAX_SECONDS)
		return -EINVAL;
	plan = memdup_user((void __user *)start.plan, start.plan_bytes);
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	err = wire_plan_fault(plan, start.plan_bytes) ? -EINVAL : run_start(plan, start.seconds);
	kfree(plan);
	return err;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	switch (command) {
	case EXITSTORM_INFO:
		return ioctl_info((void __user *)arg);
	case EXITSTORM_START:
		return ioctl_start((void __user *)arg);
	case EXITSTORM_STOP:
		run_stop();
		return 0;
	}
	return -ENOTTY;
}

static int device_mmap(struct file *file, struct vm_area_struct *area)
{
	return ring_map(area);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
	.poll = ring_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exitstorm",
	.fops = &operations,
	.mode = 0600,
};

static int before_offline(unsigned int cpu)
{
	if (run_uses_cpu(cpu))
		run_stop();
	return 0;
}

static int before_sleep(struct notifier_block *block, unsigned long action, void *data)
{
	if (action == PM_SUSPEND_PREPARE || action == PM_HIBERNATION_PREPARE)
		run_stop();
	return NOTIFY_DONE;
}

static int before_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	run_stop();
	return NOTIFY_DONE;
}

static struct notifier_block sleep_notifier = {.notifier_call = before_sleep};
static struct notifier_block reboot_notifier = {.notifier_call = before_reboot};
static int hotplug;

static int __init module_begin(void)
{
	int err = run_init();

	if (!err)
		err = ring_init();
	if (err)
		return err;
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
	err = misc_register(&device);
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

static void __exit module_end(void)
{
	misc_deregister(&device);
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug);
	run_exit();
	linux_host_exit();
	ring_exit();
}

module_init(module_begin);
module_exit(module_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: VM exits and resumes, measured by raw VMX and SVM");
MODULE_AUTHOR("exitstorm");
