// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exits OUTS CPUIDS [VCPUS [PAUSE_US]]: a VM whose vCPUs each make so many exits, to be counted by a
 * trace: OUT, which goes to userspace, CPUID, which KVM handles, and one HLT at the end. Prints what
 * came out of KVM_RUN. PAUSE_US: what userspace takes for every hundredth exit.
 *
 * Real mode, so that it needs no tables and runs wherever KVM does.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

extern const uint8_t guest_begin[], guest_end[];
__asm__(".pushsection .rodata\n"
	"guest_begin: .code16\n"
	"1:	test %esi, %esi\n"
	"	jz 2f\n"
	"	out %al, $0x10\n"
	"	dec %esi\n"
	"	jmp 1b\n"
	"2:	test %edi, %edi\n"
	"	jz 3f\n"
	"	xor %eax, %eax\n"
	"	cpuid\n"
	"	dec %edi\n"
	"	jmp 2b\n"
	"3:	hlt\n"
	"	jmp 3b\n"
	".code64\n"
	"guest_end: .popsection\n");

enum { MEMORY = 1 << 16, CODE = 0x1000, VCPUS = 16 };

static int system_fd, vm_fd, run_size;
static unsigned long outs, cpuids, pause_us;

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void set_registers(int fd)
{
	struct kvm_regs regs = {.rip = CODE, .rflags = 2, .rsi = outs, .rdi = cpuids};
	struct kvm_sregs sregs;

	need(ioctl(fd, KVM_GET_SREGS, &sregs) == 0, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	need(ioctl(fd, KVM_SET_SREGS, &sregs) == 0, "KVM_SET_SREGS");
	need(ioctl(fd, KVM_SET_REGS, &regs) == 0, "KVM_SET_REGS");
}

static void *vcpu(void *number)
{
	long id = (long)number;
	unsigned long io = 0;
	struct kvm_run *run;
	int fd = ioctl(vm_fd, KVM_CREATE_VCPU, id);

	need(fd >= 0, "KVM_CREATE_VCPU");
	run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(run != MAP_FAILED, "mmap");
	set_registers(fd);
	do {
		need(ioctl(fd, KVM_RUN, 0) == 0, "KVM_RUN");
		io += run->exit_reason == KVM_EXIT_IO;
		if (pause_us && io % 100 == 0)
			usleep(pause_us);
	} while (run->exit_reason == KVM_EXIT_IO);
	if (run->exit_reason != KVM_EXIT_HLT) {
		fprintf(stderr, "exit reason %u\n", run->exit_reason);
		exit(1);
	}
	printf("vcpu %ld io %lu hlt 1\n", id, io);
	return NULL;
}

int main(int argc, char **argv)
{
	long vcpus = argc > 3 ? atol(argv[3]) : 1;
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY};
	pthread_t thread[VCPUS];
	void *memory;

	if (argc < 3 || vcpus < 1 || vcpus > VCPUS) {
		fprintf(stderr, "usage: exits OUTS CPUIDS [VCPUS [PAUSE_US]]\n");
		return 2;
	}
	outs = strtoul(argv[1], NULL, 10);
	cpuids = strtoul(argv[2], NULL, 10);
	pause_us = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	system_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	need(system_fd >= 0, "/dev/kvm");
	vm_fd = ioctl(system_fd, KVM_CREATE_VM, 0);
	need(vm_fd >= 0, "KVM_CREATE_VM");
	ioctl(vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000); /* for VMX without unrestricted guest */
	run_size = ioctl(system_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(memory != MAP_FAILED, "mmap");
	memcpy((char *)memory + CODE, guest_begin, guest_end - guest_begin);
	region.userspace_addr = (uintptr_t)memory;
	need(ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) == 0, "KVM_SET_USER_MEMORY_REGION");
	for (long i = 0; i < vcpus; i++)
		need(pthread_create(&thread[i], NULL, vcpu, (void *)i) == 0, "pthread_create");
	for (long i = 0; i < vcpus; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
