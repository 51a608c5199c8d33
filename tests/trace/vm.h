/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VM with 64 KiB of memory for the guests of this folder. Any error ends the program. */
#ifndef TESTS_TRACE_VM_H
#define TESTS_TRACE_VM_H

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { VM_MEMORY = 1 << 16, VM_CODE = 0x1000 };

struct vm {
	int system, fd, run_size;
	uint8_t *memory; /* from guest-physical 0 */
};

struct vcpu {
	int fd;
	struct kvm_run *run;
};

/* Begin and end of the guest's code in the program. */
extern const uint8_t guest_begin[], guest_end[];

static inline void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static inline struct vm vm_make(void)
{
	struct kvm_userspace_memory_region region = {.memory_size = VM_MEMORY};
	struct vm vm = {.system = open("/dev/kvm", O_RDWR | O_CLOEXEC)};

	need(vm.system >= 0, "/dev/kvm");
	vm.fd = ioctl(vm.system, KVM_CREATE_VM, 0);
	need(vm.fd >= 0, "KVM_CREATE_VM");
	ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000); /* for VMX without unrestricted guest */
	vm.run_size = ioctl(vm.system, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm.memory =
		mmap(NULL, VM_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(vm.memory != MAP_FAILED, "mmap");
	memcpy(vm.memory + VM_CODE, guest_begin, guest_end - guest_begin);
	region.userspace_addr = (uintptr_t)vm.memory;
	need(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region) == 0, "KVM_SET_USER_MEMORY_REGION");
	return vm;
}

/* In real mode, with segments at 0. */
static inline struct vcpu vcpu_make(const struct vm *vm, long id, const struct kvm_regs *regs)
{
	struct vcpu vcpu = {.fd = ioctl(vm->fd, KVM_CREATE_VCPU, id)};
	struct kvm_sregs sregs;

	need(vcpu.fd >= 0, "KVM_CREATE_VCPU");
	vcpu.run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu.fd, 0);
	need(vcpu.run != MAP_FAILED, "mmap");
	need(ioctl(vcpu.fd, KVM_GET_SREGS, &sregs) == 0, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	need(ioctl(vcpu.fd, KVM_SET_SREGS, &sregs) == 0, "KVM_SET_SREGS");
	need(ioctl(vcpu.fd, KVM_SET_REGS, regs) == 0, "KVM_SET_REGS");
	return vcpu;
}

static inline double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* How long this thread was runnable and waited for a CPU. */
static inline double waited_ms(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	unsigned long long ran, waited = 0;

	need(file != NULL && fscanf(file, "%llu %llu", &ran, &waited) == 2,
	     "/proc/thread-self/schedstat");
	fclose(file);
	return waited / 1e6;
}

#endif
