// SPDX-License-Identifier: GPL-2.0-or-later
#include "error.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../hv.h"
#include "../host.h"

int kvm_failed(char *why, const char *what)
{
	int error = errno;

	host_format(why, HV_WHY, "%s failed: %s", what, strerror(error));
	return error ? -error : -EIO;
}

int kvm_capability(int fd, int number, const char *name, char *why)
{
	int value = ioctl(fd, KVM_CHECK_EXTENSION, number);

	if (value > 0)
		return value;
	if (value < 0)
		return kvm_failed(why, "KVM_CHECK_EXTENSION");
	host_format(why, HV_WHY, "this kernel's KVM lacks %s: a newer kernel may have it", name);
	return -EOPNOTSUPP;
}
