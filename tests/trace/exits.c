// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exits OUTS CPUIDS [VCPUS [PAUSE_US]]: a VM for traces. Each vCPU makes that many exits by OUT,
 * which goes to userspace, and by CPUID, which KVM handles, and one HLT at the end. Prints the
 * exits that KVM_RUN returned, the thread's time, and how long of it the thread waited for a CPU.
 * PAUSE_US: userspace's time for every hundredth exit.
 *
 * The guest runs in real mode, which needs no tables and works on every KVM.
 */
#include <pthread.h>

#include "vm.h"

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

enum { VCPUS = 16 };

static struct vm vm;
static unsigned long outs, cpuids, pause_us;

static void *run_vcpu(void *number)
{
	const struct kvm_regs regs = {.rip = VM_CODE, .rflags = 2, .rsi = outs, .rdi = cpuids};
	long id = (long)number;
	unsigned long io = 0;
	struct vcpu vcpu = vcpu_make(&vm, id, &regs);
	double wall = -now_ms(), waited = -waited_ms();

	do {
		need(ioctl(vcpu.fd, KVM_RUN, 0) == 0, "KVM_RUN");
		io += vcpu.run->exit_reason == KVM_EXIT_IO;
		if (pause_us && io % 100 == 0)
			usleep(pause_us);
	} while (vcpu.run->exit_reason == KVM_EXIT_IO);
	if (vcpu.run->exit_reason != KVM_EXIT_HLT) {
		fprintf(stderr, "exit reason %u\n", vcpu.run->exit_reason);
		exit(1);
	}
	wall += now_ms();
	waited += waited_ms();
	printf("vcpu %ld io %lu hlt 1 wall_ms %.1f waited_ms %.1f\n", id, io, wall, waited);
	return NULL;
}

int main(int argc, char **argv)
{
	long vcpus = argc > 3 ? atol(argv[3]) : 1;
	pthread_t thread[VCPUS];

	if (argc < 3 || vcpus < 1 || vcpus > VCPUS) {
		fprintf(stderr, "usage: exits OUTS CPUIDS [VCPUS [PAUSE_US]]\n");
		return 2;
	}
	outs = strtoul(argv[1], NULL, 10);
	cpuids = strtoul(argv[2], NULL, 10);
	pause_us = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	vm = vm_make();
	for (long i = 0; i < vcpus; i++)
		need(pthread_create(&thread[i], NULL, run_vcpu, (void *)i) == 0, "pthread_create");
	for (long i = 0; i < vcpus; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
