// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * halts COUNT PAUSE_MS: a VM with the in-kernel irqchip, whose guest executes HLT COUNT times. KVM
 * blocks within KVM_RUN until an NMI comes, every PAUSE_MS. Prints the time from the first HLT to
 * the last.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "vm.h"

enum { STACK = 0x8000, NMI_VECTOR = 2, APIC = 0xfee00000, APIC_SVR = 0xf0 };

/* ESI: HLTs left. The NMI handler is at the start, to which vector 2 points. */
__asm__(".pushsection .rodata\n"
	"guest_begin: .code16\n"
	"	iret\n"
	"	.balign 16\n"
	"	out %al, $0x10\n"
	"1:	hlt\n"
	"	dec %esi\n"
	"	jnz 1b\n"
	"	out %al, $0x10\n"
	"	.code64\n"
	"guest_end: .popsection\n");

static struct vm vm;
static atomic_bool over;
static unsigned long pause_ms;

/* Delivery mode NMI (SDM Vol. 3, "Message Data Register Format"), to the APIC with ID 0. */
static void *wake(void *unused)
{
	const struct kvm_msi nmi = {.address_lo = APIC, .data = 4 << 8};

	while (!over) {
		usleep(pause_ms * 1000);
		need(ioctl(vm.fd, KVM_SIGNAL_MSI, &nmi) == 1, "KVM_SIGNAL_MSI");
	}
	return unused;
}

/* Software-enables the APIC: KVM delivers to an APIC only after a write to it. */
static void enable_apic(const struct vcpu *vcpu)
{
	struct kvm_lapic_state apic;

	need(ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) == 0, "KVM_GET_LAPIC");
	apic.regs[APIC_SVR + 1] |= 1;
	need(ioctl(vcpu->fd, KVM_SET_LAPIC, &apic) == 0, "KVM_SET_LAPIC");
}

static void run_to_out(const struct vcpu *vcpu)
{
	need(ioctl(vcpu->fd, KVM_RUN, 0) == 0, "KVM_RUN");
	if (vcpu->run->exit_reason == KVM_EXIT_IO)
		return;
	fprintf(stderr, "exit reason %u\n", vcpu->run->exit_reason);
	exit(1);
}

int main(int argc, char **argv)
{
	struct kvm_regs regs = {.rip = VM_CODE + 16, .rflags = 2, .rsp = STACK};
	double wall;
	pthread_t waker;
	struct vcpu vcpu;

	if (argc != 3) {
		fprintf(stderr, "usage: halts COUNT PAUSE_MS\n");
		return 2;
	}
	regs.rsi = strtoul(argv[1], NULL, 10);
	pause_ms = strtoul(argv[2], NULL, 10);
	vm = vm_make();
	((uint16_t *)vm.memory)[2 * NMI_VECTOR] = VM_CODE;
	need(ioctl(vm.fd, KVM_CREATE_IRQCHIP, 0) == 0, "KVM_CREATE_IRQCHIP");
	vcpu = vcpu_make(&vm, 0, &regs);
	enable_apic(&vcpu);
	run_to_out(&vcpu);
	need(pthread_create(&waker, NULL, wake, NULL) == 0, "pthread_create");
	wall = -now_ms();
	run_to_out(&vcpu);
	wall += now_ms();
	over = 1;
	pthread_join(waker, NULL);
	printf("halts %s wall_ms %.1f\n", argv[1], wall);
	return 0;
}
