// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/exitstorm: one open file at a time, root only. An open file holds the module (.owner), so
 * rmmod fails while there is one; its last close ends the run.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../hv/linux/linux.h"
#include "module.h"

static unsigned long device_busy; /* bit 0: open */

static int device_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (test_and_set_bit_lock(0, &device_busy))
		return -EBUSY;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	run_stop();
	clear_bit_unlock(0, &device_busy);
	return 0;
}

/*
 * Structures of the interface begin with their size and version: another build's are refused. CPUs
 * other than this one are not disturbed: KVM uses all or none, and a run looks at its own.
 */
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
	if (!info->status && !run_in_place())
		info->status = linux_others(cpumask_of(raw_smp_processor_id()), info->why,
					    sizeof(info->why));
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
	case EXITSTORM_WAIT:
		return ring_wait();
	}
	return -ENOTTY;
}

static int device_mmap(struct file *file, struct vm_area_struct *area)
{
	return ring_map(area);
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exitstorm",
	.fops = &device_operations,
	.mode = 0600,
};

int chardev_register(void)
{
	return misc_register(&device);
}

void chardev_unregister(void)
{
	misc_deregister(&device);
}
