// SPDX-License-Identifier: GPL-2.0-or-later
/* The kvm backend: /dev/kvm from a process. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../host.h"
#include "error.h"
#include "kvm.h"

/* Guest-physical addresses that KVM on Intel needs for real mode; the guest has no memory there. */
#define TSS_ADDRESS	     0xfffbd000
#define IDENTITY_MAP_ADDRESS 0xfffbc000
#define PAGE		     0x1000

static const struct {
	int number;
	const char *name;
} needed[] = {
	{KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
	{KVM_CAP_SYNC_MMU, "KVM_CAP_SYNC_MMU"},
	{KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR"},
	{KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID"},
	{KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP"},
	{KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE"},
	{KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT"},
};

static int open_failed(char *why)
{
	static const struct {
		int error;
		const char *text;
	} known[] = {
		{ENOENT, "there is no /dev/kvm: load kvm_intel or kvm_amd (modprobe), and switch "
			 "VT-x or SVM on in the firmware, or nesting on in the hypervisor below"},
		{ENXIO, "/dev/kvm has no driver: load kvm_intel or kvm_amd (modprobe)"},
		{ENODEV, "/dev/kvm has no driver: load kvm_intel or kvm_amd (modprobe)"},
		{EACCES, "no permission to open /dev/kvm: join its group (adduser USER kvm, then "
			 "log in again), or run as root"},
		{EPERM, "no permission to open /dev/kvm: a container needs it passed in "
			"(--device /dev/kvm)"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].error != errno)
			continue;
		host_format(why, HV_WHY, "%s", known[i].text);
		return -known[i].error;
	}
	return kvm_failed(why, "opening /dev/kvm");
}

int kvm_open(char *why)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int version, error;

	if (fd < 0)
		return open_failed(why);
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version == KVM_API_VERSION)
		return fd;
	error = errno;
	close(fd);
	if (version < 0 && error != ENOTTY && error != EINVAL) {
		errno = error;
		return kvm_failed(why, "/dev/kvm could be opened, but KVM_GET_API_VERSION on it (a "
				       "container's seccomp filter or security module may forbid "
				       "it)");
	}
	if (version < 0)
		host_format(why, HV_WHY,
			    "/dev/kvm is there, but it is not KVM's device: remove it, "
			    "then load kvm_intel or kvm_amd (modprobe)");
	else
		host_format(why, HV_WHY, "/dev/kvm speaks version %d of its interface, not %d",
			    version, KVM_API_VERSION);
	return -EOPNOTSUPP;
}

static int kvm_probe(char *why)
{
	int fd = kvm_open(why);
	int value = 1;

	if (fd < 0)
		return fd;
	for (size_t i = 0; value > 0 && i < sizeof(needed) / sizeof(needed[0]); i++)
		value = kvm_capability(fd, needed[i].number, needed[i].name, why);
	close(fd);
	return value < 0 ? value : 0;
}

/* KVM enables VMX or SVM itself. */
static int kvm_cpu_on(char *why)
{
	(void)why;
	return 0;
}

static void kvm_cpu_off(void)
{
}

static void kvm_vm_destroy(struct hv_vm *vm)
{
	struct kvm_vm *kvm = vm->priv;

	if (!kvm)
		return;
	for (u32 i = 0; i < kvm->eventfds; i++)
		close(kvm->eventfd[i]);
	if (kvm->fd >= 0)
		close(kvm->fd);
	host_free(kvm->cpuid, kvm->cpuid_bytes);
	host_free(kvm, sizeof(*kvm));
	vm->priv = NULL;
}

static int vm_create_fd(int kvm_fd, char *why)
{
	int fd;

	/* KVM_CREATE_VM can be interrupted by a signal. */
	do
		fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && (errno == EBUSY || errno == EIO))
		host_format(why, HV_WHY,
			    "KVM_CREATE_VM failed: another hypervisor holds the CPU's "
			    "virtualization; stop it first");
	else if (fd < 0)
		return kvm_failed(why, "KVM_CREATE_VM");
	return fd < 0 ? -EBUSY : fd;
}

static int vm_set_up(struct hv_vm *vm, char *why)
{
	struct kvm_vm *kvm = vm->priv;
	u64 identity_map = IDENTITY_MAP_ADDRESS;
	int err = 0;

	if (ioctl(kvm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map))
		return kvm_failed(why, "KVM_SET_IDENTITY_MAP_ADDR");
	if (ioctl(kvm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS))
		return kvm_failed(why, "KVM_SET_TSS_ADDR");
	if (vm->config.irqchip && ioctl(kvm->fd, KVM_CREATE_IRQCHIP, 0))
		return kvm_failed(why, "KVM_CREATE_IRQCHIP");
	for (u32 slot = SLOT_LOW; !err && slot < SLOT_FILL + vm->config.vcpus; slot++)
		err = kvm_slot_set(vm, slot, false, why);
	return err;
}

static int kvm_vm_create(struct hv_vm *vm, char *why)
{
	struct kvm_vm *kvm = host_alloc(sizeof(*kvm));
	int kvm_fd = -1;
	int err = -ENOMEM;

	if (!kvm) {
		host_format(why, HV_WHY, "not enough memory for a VM");
		return err;
	}
	vm->priv = kvm;
	kvm->fd = -1;
	kvm_fd = kvm_open(why);
	err = kvm_fd;
	if (kvm_fd < 0)
		goto out;
	kvm->fd = vm_create_fd(kvm_fd, why);
	err = kvm->fd;
	if (kvm->fd < 0)
		goto out;
	err = kvm_cpuid_get(kvm, kvm_fd, why);
	if (!err)
		err = vm_set_up(vm, why);
out:
	if (kvm_fd >= 0)
		close(kvm_fd);
	if (err)
		kvm_vm_destroy(vm);
	return err;
}

static void kvm_vcpu_destroy(struct hv_vcpu *hv)
{
	struct kvm_vcpu *vcpu = hv->priv;

	if (!vcpu)
		return;
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_bytes);
	if (vcpu->stats_fd >= 0)
		close(vcpu->stats_fd);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	host_free(vcpu, sizeof(*vcpu));
	hv->priv = NULL;
}

static int run_map(struct kvm_vcpu *vcpu, char *why)
{
	struct kvm_vm *kvm = vcpu->hv->vm->priv;
	int kvm_fd = kvm_open(why);
	int bytes, coalesced_page;
	void *run;

	if (kvm_fd < 0)
		return kvm_fd;
	bytes = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	coalesced_page = ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);
	close(kvm_fd);
	if (bytes < 0 || coalesced_page < 0)
		return kvm_failed(why,
				  bytes < 0 ? "KVM_GET_VCPU_MMAP_SIZE" : "KVM_CHECK_EXTENSION");
	if (bytes < (int)sizeof(*vcpu->run)) {
		host_format(why, HV_WHY,
			    "this kernel's struct kvm_run has %d bytes, not %zu: "
			    "exitstorm was built for a newer kernel",
			    bytes, sizeof(*vcpu->run));
		return -EOPNOTSUPP;
	}
	run = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED)
		return kvm_failed(why, "mapping struct kvm_run");
	vcpu->run = run;
	vcpu->run_bytes = bytes;
	if (coalesced_page > 0 && !kvm->coalesced)
		kvm->coalesced = (void *)((char *)run + coalesced_page * PAGE);
	return 0;
}

static int kvm_vcpu_create(struct hv_vcpu *hv, char *why)
{
	struct kvm_vm *kvm = hv->vm->priv;
	struct kvm_vcpu *vcpu = host_alloc(sizeof(*vcpu));
	int err;

	if (!vcpu) {
		host_format(why, HV_WHY, "not enough memory for a vCPU");
		return -ENOMEM;
	}
	hv->priv = vcpu;
	vcpu->hv = hv;
	vcpu->shared = hv_shared(hv);
	vcpu->ring = hv_ring(hv);
	vcpu->stats_fd = -1;
	vcpu->fd = ioctl(kvm->fd, KVM_CREATE_VCPU, hv->index);
	err = vcpu->fd < 0 ? kvm_failed(why, "KVM_CREATE_VCPU") : run_map(vcpu, why);
	if (!err)
		err = kvm_state_set(vcpu, why);
	if (!err)
		err = kvm_stats_open(vcpu, why);
	if (err)
		kvm_vcpu_destroy(hv);
	return err;
}

const struct hv_backend hv_kvm = {
	.name = "kvm",
	.title = "KVM",
	.raw_space = "kvm",
	.every_exit = false,
	.probe = kvm_probe,
	.cpu_on = kvm_cpu_on,
	.cpu_off = kvm_cpu_off,
	.vm_create = kvm_vm_create,
	.vm_destroy = kvm_vm_destroy,
	.vcpu_create = kvm_vcpu_create,
	.vcpu_destroy = kvm_vcpu_destroy,
	.enable = kvm_enable,
	.device_add = kvm_device_add,
	.pages = kvm_pages,
	.run = kvm_run_batch,
	.kick = kvm_kick,
	.counts = kvm_counts,
	.raw_reason = kvm_raw_reason,
	.raw_name = kvm_raw_name,
};
