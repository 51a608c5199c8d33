// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/exitstorm: what can be asked for, by root, by one at a time; and how it is taken away while
 * somebody has it open. The module must go when it is told to, a run or not: so an open file does
 * not hold it (no .owner), and device_withdraw() sees to it that nobody can come back to what is
 * gone.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>

#include "../../hv/linux/linux.h"
#include "module.h"

#define ZERO_MINOR 5 /* Documentation/admin-guide/devices.txt */

/* Who is in one of the calls below is a reader: how the end waits for them. They may sleep. */
DEFINE_STATIC_SRCU(calls);
static bool gone;
static DEFINE_MUTEX(lock); /* of `opened` */
static struct file *opened;
static const struct file_operations *afterwards; /* of a file that is still open when we are gone */

bool device_gone(void)
{
	return READ_ONCE(gone);
}

static int device_open(struct inode *inode, struct file *file)
{
	int err = -EBUSY;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&lock);
	if (device_gone()) {
		err = -ENODEV;
	} else if (!opened) {
		opened = file;
		err = nonseekable_open(inode, file);
	}
	mutex_unlock(&lock);
	return err;
}

static int device_release(struct inode *inode, struct file *file)
{
	int call = srcu_read_lock(&calls);

	run_stop();
	mutex_lock(&lock);
	opened = NULL;
	mutex_unlock(&lock);
	srcu_read_unlock(&calls, call);
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

static long call_ioctl(unsigned int command, unsigned long arg)
{
	if (device_gone())
		return -ENODEV;
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

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	int call = srcu_read_lock(&calls);
	long err = call_ioctl(command, arg);

	srcu_read_unlock(&calls, call);
	return err;
}

static int device_mmap(struct file *file, struct vm_area_struct *area)
{
	int call = srcu_read_lock(&calls);
	int err = device_gone() ? -ENODEV : ring_map(area);

	srcu_read_unlock(&calls, call);
	return err;
}

/* No .poll: who waits in poll() is on a list of ours, which the end could not take him off. */
static const struct file_operations operations = {
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exitstorm",
	.fops = &operations,
	.mode = 0600,
};

/*
 * Where an open file's operations are to point when ours are gone: to some that are the kernel's
 * own, need nothing but the file, and have an mmap: do_mmap() looks for one and calls it later, by
 * then perhaps of the new ones. /dev/zero's are such.
 */
static int find_afterwards(void)
{
	struct file *zero = filp_open("/dev/zero", O_RDONLY, 0);
	int err = -ENODEV;

	if (IS_ERR(zero))
		return PTR_ERR(zero);
	if (file_inode(zero)->i_rdev == MKDEV(MEM_MAJOR, ZERO_MINOR) && !zero->f_op->owner &&
	    zero->f_op->mmap) {
		afterwards = zero->f_op;
		err = 0;
	}
	fput(zero);
	return err;
}

int device_offer(void)
{
	int err = find_afterwards();

	if (err) {
		pr_err("exitstorm: no /dev/zero\n");
		return err;
	}
	return misc_register(&device);
}

/*
 * From its return on no CPU is in this module's text because of the device, and none comes back.
 *  1. Who is in a call, or comes into one now, leaves at once: the run ends, WAIT returns.
 *  2. No new opens: misc_deregister() waits for one that is under way.
 *  3. The file that is open gets operations that stay. It does not go away meanwhile: its last
 * close has to come through device_release() and so past `lock`, or already uses the new ones.
 *  4. Somebody may have loaded a pointer of ours before that and not have used it yet. He does not
 * sleep on the way (vfs_ioctl(), __fput() load the pointer once and call it): by the end of the
 * grace period that waits until each task has gone to sleep by itself or left the kernel, he is in
 * a call.
 *  5. Who is in a call is waited for.
 *  6. As 4, for those that have left a call and still are to execute its last instructions.
 * Pages of the ring that are mapped are their own: each page table entry holds its page.
 */
void device_withdraw(void)
{
	WRITE_ONCE(gone, true);
	run_stop();
	ring_gone();
	misc_deregister(&device);
	mutex_lock(&lock);
	if (opened)
		WRITE_ONCE(opened->f_op, afterwards);
	opened = NULL;
	mutex_unlock(&lock);
	synchronize_rcu_tasks();
	synchronize_srcu(&calls);
	synchronize_rcu_tasks();
}
