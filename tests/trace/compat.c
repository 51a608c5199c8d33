// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compat MS: two vCPU threads that share CPU 0 and exit to userspace now and then, for that time.
 * They call KVM_RUN by the 32-bit system call, whose number is not the one that a trace looks for:
 * as if its hook had been skipped.
 */
#include <pthread.h>
#include <sched.h>

#include "vm.h"

__asm__(".pushsection .rodata\n"
	"guest_begin: .code16\n"
	"1:	movl $300000, %ecx\n"
	"2:	decl %ecx\n"
	"	jnz 2b\n"
	"	out %al, $0x10\n"
	"	jmp 1b\n"
	".code64\n"
	"guest_end: .popsection\n");

enum { IOCTL_32 = 54 };

static struct vm vm;
static double ends;

static long run_32(int fd)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(IOCTL_32), "b"(fd), "c"(KVM_RUN), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static void *run_vcpu(void *number)
{
	const struct kvm_regs regs = {.rip = VM_CODE, .rflags = 2};
	struct vcpu vcpu = vcpu_make(&vm, (long)number, &regs);
	double waited = -waited_ms(), wall = -now_ms();
	long runs = 0;

	while (now_ms() < ends) {
		need(run_32(vcpu.fd) == 0, "KVM_RUN");
		need(vcpu.run->exit_reason == KVM_EXIT_IO, "KVM_EXIT_IO");
		runs++;
	}
	wall += now_ms();
	printf("runs %ld waited %.1f %%\n", runs, 100 * (waited + waited_ms()) / wall);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[2];
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	need(sched_setaffinity(0, sizeof(first), &first) == 0, "sched_setaffinity");
	vm = vm_make();
	ends = now_ms() + (argc > 1 ? atoi(argv[1]) : 1000);
	for (long i = 0; i < 2; i++)
		need(pthread_create(&thread[i], NULL, run_vcpu, (void *)i) == 0, "pthread_create");
	for (long i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
