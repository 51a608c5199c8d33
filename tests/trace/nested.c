// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nested L2_CPUIDS L1_CPUIDS: a VM that is a hypervisor (SVM). L1 executes CPUID L1_CPUIDS times,
 * then runs an L2 guest by VMRUN that executes CPUID L2_CPUIDS times and one VMMCALL. L1 intercepts
 * both and counts the exits; an OUT ends the VM. Prints L1's counts.
 *
 * L1 is in protected mode with paging: KVM requires that, VMRUN does not (APM Vol. 2, "VMRUN").
 */
#include "../../hv/svm/vmcb.h"
#include "vm.h"

enum {
	VMCB = 0x4000,
	HSAVE = 0x6000, /* L1's host state save area */
	L2_CODE = 0x2000,
	COUNTS = 0x3000, /* VMRUNs, L2's CPUIDs, L2's VMMCALLs */
	PAGES = 0x7000,	 /* L1's page directory: one page of 4 MiB */
	EFER_SVME = 1 << 12,
	MSR_VM_HSAVE_PA = 0xc0010117,
	EXIT_VMMCALL = 0x81,
	EXIT_CPUID = 0x72,
	EXIT_VMRUN = 0x80
};

/* EDI: CPUIDs left in L1. L2 has the registers of L1 except EAX and ESP: ESI is its count. */
__asm__(".pushsection .rodata\n"
	"guest_begin: .code32\n"
	"1:	test %edi, %edi\n"
	"	jz 2f\n"
	"	xor %eax, %eax\n"
	"	cpuid\n"
	"	dec %edi\n"
	"	jmp 1b\n"
	"2:	incl 0x3000\n"
	"	mov $0x4000, %eax\n"
	"	vmrun\n"
	"	cmpl $0x72, 0x4070\n" /* EXITCODE */
	"	jne 3f\n"
	"	incl 0x3004\n"
	"	addl $2, 0x4578\n" /* RIP: past the CPUID */
	"	jmp 2b\n"
	"3:	cmpl $0x81, 0x4070\n"
	"	jne 4f\n"
	"	incl 0x3008\n"
	"4:	out %al, $0x10\n"
	"	jmp 4b\n"
	"	.code64\n"
	"guest_end:\n"
	"l2_begin: .code16\n"
	"1:	test %esi, %esi\n"
	"	jz 2f\n"
	"	cpuid\n"
	"	dec %esi\n"
	"	jmp 1b\n"
	"2:	vmmcall\n"
	"	.code64\n"
	"l2_end: .popsection\n");
extern const uint8_t l2_begin[], l2_end[];

static void intercept(struct vmcb *vmcb, unsigned int exit_code)
{
	vmcb->control.intercept[exit_code / 32] |= VMCB_INTERCEPT_BIT(exit_code);
}

static void fill_vmcb(struct vmcb *vmcb)
{
	const struct vmcb_segment data = {.rights = 0x93, .limit = 0xffff};

	intercept(vmcb, EXIT_CPUID);
	intercept(vmcb, EXIT_VMMCALL);
	intercept(vmcb, EXIT_VMRUN); /* VMRUN fails without it */
	vmcb->control.asid = 1;
	vmcb->save.es = vmcb->save.ss = vmcb->save.ds = vmcb->save.fs = vmcb->save.gs = data;
	vmcb->save.cs = (struct vmcb_segment){.rights = 0x9b, .limit = 0xffff};
	vmcb->save.gdtr.limit = vmcb->save.idtr.limit = 0xffff;
	vmcb->save.ldtr = (struct vmcb_segment){.rights = 0x82, .limit = 0xffff};
	vmcb->save.tr = (struct vmcb_segment){.rights = 0x8b, .limit = 0xffff};
	vmcb->save.efer = EFER_SVME;
	vmcb->save.cr0 = 0x10;
	vmcb->save.dr6 = 0xffff0ff0;
	vmcb->save.dr7 = 0x400;
	vmcb->save.rflags = 2;
	vmcb->save.rip = L2_CODE;
}

static void flat(struct kvm_segment *segment, int type)
{
	*segment = (struct kvm_segment){.limit = 0xffffffff,
					.selector = 8,
					.type = type,
					.present = 1,
					.db = 1,
					.s = 1,
					.g = 1};
}

static void make_hypervisor(const struct vm *vm, const struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + 128 * sizeof(cpuid->entries[0]));
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(msrs->entries[0]));
	struct kvm_sregs sregs;

	need(cpuid != NULL && msrs != NULL, "memory");
	cpuid->nent = 128;
	need(ioctl(vm->system, KVM_GET_SUPPORTED_CPUID, cpuid) == 0, "KVM_GET_SUPPORTED_CPUID");
	need(ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) == 0, "KVM_SET_CPUID2");
	free(cpuid);
	need(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) == 0, "KVM_GET_SREGS");
	flat(&sregs.cs, 0xb);
	flat(&sregs.ds, 3);
	sregs.es = sregs.ss = sregs.fs = sregs.gs = sregs.ds;
	sregs.cr0 |= 0x80000001; /* PG, PE */
	sregs.cr3 = PAGES;
	sregs.cr4 |= 0x10; /* PSE */
	sregs.efer |= EFER_SVME;
	need(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) == 0,
	     "KVM_SET_SREGS with EFER.SVME (nested=1?)");
	msrs->nmsrs = 1;
	msrs->entries[0] = (struct kvm_msr_entry){.index = MSR_VM_HSAVE_PA, .data = HSAVE};
	need(ioctl(vcpu->fd, KVM_SET_MSRS, msrs) == 1, "KVM_SET_MSRS VM_HSAVE_PA");
	free(msrs);
}

int main(int argc, char **argv)
{
	struct kvm_regs regs = {.rip = VM_CODE, .rflags = 2};
	const uint32_t *count;
	struct vcpu vcpu;
	struct vm vm;

	if (argc != 3) {
		fprintf(stderr, "usage: nested L2_CPUIDS L1_CPUIDS\n");
		return 2;
	}
	regs.rsi = strtoul(argv[1], NULL, 10);
	regs.rdi = strtoul(argv[2], NULL, 10);
	vm = vm_make();
	count = (uint32_t *)(vm.memory + COUNTS);
	memcpy(vm.memory + L2_CODE, l2_begin, l2_end - l2_begin);
	*(uint32_t *)(vm.memory + PAGES) = 0x83;
	fill_vmcb((struct vmcb *)(vm.memory + VMCB));
	vcpu = vcpu_make(&vm, 0, &regs);
	make_hypervisor(&vm, &vcpu);
	need(ioctl(vcpu.fd, KVM_RUN, 0) == 0, "KVM_RUN");
	if (vcpu.run->exit_reason != KVM_EXIT_IO) {
		fprintf(stderr, "exit reason %u\n", vcpu.run->exit_reason);
		return 1;
	}
	printf("l2 cpuid %u vmmcall %u, l1 vmrun %u cpuid %s\n", count[1], count[2], count[0],
	       argv[2]);
	return 0;
}
