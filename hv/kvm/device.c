// SPDX-License-Identifier: GPL-2.0-or-later
/* Capabilities that a storm enables, ioeventfds and coalesced zones. */
#include <errno.h>
#include <linux/kvm_para.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../host.h"
#include "error.h"
#include "kvm.h"

#define HYPERCALL "KVM_CAP_EXIT_HYPERCALL for KVM_HC_MAP_GPA_RANGE"

static int lacks(char *why, const char *what)
{
	host_format(why, HV_WHY, "this kernel's KVM lacks %s: a newer kernel may have it", what);
	return -EOPNOTSUPP;
}

int kvm_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	const struct kvm_vm *kvm = vm->priv;
	struct kvm_enable_cap enable = {
		.cap = KVM_CAP_EXIT_HYPERCALL,
		.args = {1 << KVM_HC_MAP_GPA_RANGE},
	};

	int value;

	if (feature != HV_FEATURE_HYPERCALL_EXIT)
		return lacks(why, HYPERCALL);
	value = kvm_capability(kvm->fd, KVM_CAP_EXIT_HYPERCALL, HYPERCALL, why);
	if (value < 0)
		return value;
	if (!(value & 1 << KVM_HC_MAP_GPA_RANGE))
		return lacks(why, HYPERCALL);
	if (ioctl(kvm->fd, KVM_ENABLE_CAP, &enable))
		return kvm_failed(why, "enabling KVM_CAP_EXIT_HYPERCALL");
	return 0;
}

static int eventfd_add(struct kvm_vm *kvm, const struct hv_device *device, char *why)
{
	struct kvm_ioeventfd request = {
		.datamatch = device->match ? device->value : 0,
		.addr = device->address,
		.len = device->size,
		.flags = (device->port ? KVM_IOEVENTFD_FLAG_PIO : 0) |
			 (device->match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0),
	};
	int value = kvm_capability(kvm->fd, KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD", why);

	if (value > 0 && !device->size)
		value = kvm_capability(kvm->fd, KVM_CAP_IOEVENTFD_ANY_LENGTH,
				       "KVM_CAP_IOEVENTFD_ANY_LENGTH", why);
	if (value < 0)
		return value;
	if (kvm->eventfds == KVM_MAX_DEVICES) {
		host_format(why, HV_WHY, "a VM has at most %d eventfds", KVM_MAX_DEVICES);
		return -ENOSPC;
	}
	request.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (request.fd < 0)
		return kvm_failed(why, "eventfd");
	/* Recorded before KVM_IOEVENTFD, so that it is closed with the VM in any case. */
	kvm->eventfd[kvm->eventfds++] = request.fd;
	return ioctl(kvm->fd, KVM_IOEVENTFD, &request) ? kvm_failed(why, "KVM_IOEVENTFD") : 0;
}

static int coalesced_add(struct kvm_vm *kvm, const struct hv_device *device, char *why)
{
	struct kvm_coalesced_mmio_zone zone = {
		.addr = device->address,
		.size = device->size,
		.pio = device->port,
	};
	int value = 1;

	if (!kvm->coalesced)
		return lacks(why, "KVM_CAP_COALESCED_MMIO");
	if (device->port)
		value = kvm_capability(kvm->fd, KVM_CAP_COALESCED_PIO, "KVM_CAP_COALESCED_PIO",
				       why);
	if (value < 0)
		return value;
	if (ioctl(kvm->fd, KVM_REGISTER_COALESCED_MMIO, &zone))
		return kvm_failed(why, "KVM_REGISTER_COALESCED_MMIO");
	kvm->coalescing = true;
	return 0;
}

int kvm_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	return device->type == HV_DEVICE_EVENTFD ? eventfd_add(vm->priv, device, why)
						 : coalesced_add(vm->priv, device, why);
}
