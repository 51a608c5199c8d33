// SPDX-License-Identifier: GPL-2.0-or-later
/* turns OUTS: one thread that runs two vCPUs of one VM in turn, OUTS exits to userspace each. */
#include "vm.h"

__asm__(".pushsection .rodata\n"
	"guest_begin: .code16\n"
	"1:	out %al, $0x10\n"
	"	jmp 1b\n"
	".code64\n"
	"guest_end: .popsection\n");

int main(int argc, char **argv)
{
	const struct kvm_regs regs = {.rip = VM_CODE, .rflags = 2};
	unsigned long outs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	struct vm vm = vm_make();
	struct vcpu vcpu[2] = {vcpu_make(&vm, 0, &regs), vcpu_make(&vm, 1, &regs)};

	for (unsigned long i = 0; i < 2 * outs; i++) {
		need(ioctl(vcpu[i % 2].fd, KVM_RUN, 0) == 0, "KVM_RUN");
		need(vcpu[i % 2].run->exit_reason == KVM_EXIT_IO, "KVM_EXIT_IO");
	}
	return 0;
}
