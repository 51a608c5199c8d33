// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is done with a VM exit. vmx_handle and the answers are what path=full times; what is not
 * needed for an exit that was expected is out of line. Intel SDM Vol. 3, "VM Exits".
 */
#include "../../trace/stamp.h"
#include "../host.h"
#include "cpu.h"
#include "intrin.h"
#include "vmx.h"

#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* Exit qualification of I/O instructions (SDM Vol. 3, table "Exit Qualification for I/O"). */
#define IO_SIZE(qualification) (((qualification)&7) + 1)
#define IO_IN		       (1 << 3)
#define IO_STRING	       (1 << 4)
#define IO_REP		       (1 << 5)
#define IO_PORT(qualification) ((qualification) >> 16 & 0xffff)
/* ... of control-register accesses. */
#define CR_NUMBER(qualification) ((qualification)&15)
#define CR_TYPE(qualification)	 ((qualification) >> 4 & 3)
#define CR_GPR(qualification)	 ((qualification) >> 8 & 15)
#define CR_LMSW(qualification)	 ((qualification) >> 16 & 15)
enum { CR_TO, CR_FROM, CR_CLTS, CR_LMSW_TYPE };
#define CR0_TS			(1 << 3)
#define GPR_RSP			4
#define INTERRUPTION_VALID	(1U << 31)
#define INTERRUPTION_ERROR_CODE (1U << 11)
#define INTERRUPTION_TYPE(info) ((info) >> 8 & 7)
#define TYPE_NMI		2

static int skip(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_GUEST_RIP,
		   vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
	return 0;
}

static int answer_cpuid(struct vmx_frame *frame)
{
	/* Leaf 0 of a hypervisor that has nothing to tell; asking the CPU would exit when nested.
	 */
	frame->rax = 0;
	frame->rbx = 0x74697865; /* "exitstorm..." */
	frame->rdx = 0x726f7473;
	frame->rcx = 0x2e2e2e6d;
	return skip(frame);
}

static int answer_rdmsr(struct vmx_frame *frame)
{
	frame->rax = 0;
	frame->rdx = 0;
	return skip(frame);
}

static int answer_rdtsc(struct vmx_frame *frame)
{
	u64 now = stamp_in();

	frame->rax = (u32)now;
	frame->rdx = now >> 32;
	return skip(frame);
}

/* The guest said before where it wants to be set up again: RIP in RBX, RSP in RCX. */
static int answer_set_up_again(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RIP, frame->rbx);
	vmcs_write(VMCS_GUEST_RSP, frame->rcx);
	vmcs_write(VMCS_GUEST_ACTIVITY, 0); /* from shutdown to active */
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	return 0;
}

static int answer_io(struct vmx_frame *frame)
{
	u64 qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
	u32 port = IO_PORT(qualification), size = IO_SIZE(qualification);

	if (port == GUEST_PORT_DONE || port == GUEST_PORT_FAULT) {
		skip(frame);
		return port == GUEST_PORT_DONE ? VMX_DONE : VMX_FAULT;
	}
	if (qualification & IO_STRING) {
		u64 count = qualification & IO_REP ? frame->rcx : 1;

		if (qualification & IO_IN)
			frame->rdi += count * size;
		else
			frame->rsi += count * size;
		if (qualification & IO_REP)
			frame->rcx = 0;
	} else if (qualification & IO_IN) {
		/* Nobody is there: all ones, as on a bus. 32-bit results clear the upper half. */
		frame->rax = size == 4 ? 0xffffffff : frame->rax | ((1ULL << size * 8) - 1);
	}
	return skip(frame);
}

/* A register by the number that exit qualifications have; RSP is not in the frame. */
static u64 *gpr_of(struct vmx_frame *frame, u32 number)
{
	u64 *const low[] = {&frame->rax, &frame->rcx, &frame->rdx, &frame->rbx};

	return number < GPR_RSP ? low[number] : &frame->rbp + (number - GPR_RSP - 1);
}

static u64 read_gpr(struct vmx_frame *frame, u32 number)
{
	return number == GPR_RSP ? vmcs_read(VMCS_GUEST_RSP) : *gpr_of(frame, number);
}

static void write_gpr(struct vmx_frame *frame, u32 number, u64 value)
{
	if (number == GPR_RSP)
		vmcs_write(VMCS_GUEST_RSP, value);
	else
		*gpr_of(frame, number) = value;
}

static void write_cr0(const struct vmx_vcpu *vcpu, u64 value)
{
	const struct vmx_capabilities *can = &vcpu->vm->capabilities;

	vmcs_write(VMCS_GUEST_CR0, (value | can->cr0_fixed0) & can->cr0_fixed1);
	vmcs_write(VMCS_CR0_READ_SHADOW, value);
}

/* Translations may have changed with any of these: MOV to CR would flush, so we do. */
static void write_cr(struct vmx_vcpu *vcpu, u32 number, u64 value)
{
	const struct vmx_capabilities *can = &vcpu->vm->capabilities;

	switch (number) {
	case 0:
		write_cr0(vcpu, value);
		break;
	case 3:
		vmcs_write(VMCS_GUEST_CR3, value & ~(1ULL << 63));
		break;
	case 4:
		vmcs_write(VMCS_GUEST_CR4, (value | can->cr4_fixed0) & can->cr4_fixed1);
		vmcs_write(VMCS_CR4_READ_SHADOW, value);
		break;
	default:
		vcpu->cr8 = value;
		return;
	}
	vmx_flush_vpid(vcpu);
}

static int answer_cr(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	u64 qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
	u32 number = CR_NUMBER(qualification), gpr = CR_GPR(qualification);
	u64 cr0;

	switch (CR_TYPE(qualification)) {
	case CR_TO:
		write_cr(vcpu, number, read_gpr(frame, gpr));
		break;
	case CR_FROM: /* only CR3 and CR8 exit */
		write_gpr(frame, gpr, number == 3 ? vmcs_read(VMCS_GUEST_CR3) : vcpu->cr8);
		break;
	case CR_CLTS:
		write_cr0(vcpu, vmcs_read(VMCS_CR0_READ_SHADOW) & ~(u64)CR0_TS);
		break;
	case CR_LMSW_TYPE: /* sets PE, never clears it */
		cr0 = vmcs_read(VMCS_CR0_READ_SHADOW);
		write_cr0(vcpu, (cr0 & ~14ULL) | CR_LMSW(qualification));
		break;
	}
	return skip(frame);
}

static int answer_invlpg(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	vmx_flush_address(vcpu, vmcs_read(VMCS_EXIT_QUALIFICATION));
	return skip(frame);
}

/*
 * Goes on behind a load or store. The VMCS does not tell its length for EPT violations and APIC
 * accesses (SDM Vol. 3, "Information for VM Exits Due to Instruction Execution").
 */
static int skip_access(struct vmx_frame *frame)
{
	u64 rip = vmcs_read(VMCS_GUEST_RIP);
	u32 length = access_length(&vmx_vcpu_of(frame)->vm->access, rip);

	vmcs_write(VMCS_GUEST_RIP, rip + length);
	return length ? 0 : VMX_UNEXPECTED;
}

/* Pages that were taken away are given back; an address without memory is a device's. */
static int answer_ept(struct vmx_frame *frame)
{
	struct slat *slat = &vmx_vcpu_of(frame)->vm->slat;

	return slat_give(slat, vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS)) ? 0 : skip_access(frame);
}

/* Not the guest's: the host gets it before anything else comes. */
static int answer_host_nmi(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);

	if (frame->raw_reason == VMX_EXIT_EXCEPTION_NMI) {
		frame->count--; /* what is expected is an exception */
		vcpu->others++;
	}
	vcpu->interrupts++;
	frame->record->flags |= RECORD_NMI;
	host_nmi_end(false);
	return vcpu->kicked ? VMX_KICKED : 0;
}

/* The guest gets its own exception back (SDM Vol. 3, "Event Injection"). */
static int answer_exception(struct vmx_frame *frame)
{
	u32 info = vmcs_read(VMCS_EXIT_INTERRUPTION_INFO);

	if (INTERRUPTION_TYPE(info) == TYPE_NMI)
		return answer_host_nmi(frame);
	if (info & INTERRUPTION_ERROR_CODE)
		vmcs_write(VMCS_ENTRY_EXCEPTION_ERROR_CODE,
			   vmcs_read(VMCS_EXIT_INTERRUPTION_ERROR_CODE));
	if ((info & 0xff) == 14) /* VM exits do not load CR2 */
		cpu_write_cr2(vmcs_read(VMCS_EXIT_QUALIFICATION));
	vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
	vmcs_write(VMCS_ENTRY_INTERRUPTION_INFO,
		   info & (INTERRUPTION_VALID | INTERRUPTION_ERROR_CODE | 0x7ff));
	return 0;
}

/* The NMI was for the host: the guest, which waits for it, learns of it by RAX. */
int vmx_answer_nmi(struct vmx_frame *frame)
{
	u32 info = vmcs_read(VMCS_EXIT_INTERRUPTION_INFO);

	if (INTERRUPTION_TYPE(info) != TYPE_NMI)
		return answer_exception(frame);
	host_nmi_end(true);
	frame->rax = 1;
	return 0;
}

/* What was set off by arming is over: the controls are what they were. */
static int answer_armed(struct vmx_frame *frame)
{
	vmx_controls_write(vmx_vcpu_of(frame));
	return 0;
}

/*
 * The entry is repaired. What leaves next is no part of the record of the failure: host_out of the
 * entry that failed is to stay.
 */
static int answer_entry_failure(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RFLAGS, vmx_vcpu_of(frame)->broken);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	frame->record = &frame->ring[frame->count % GUEST_RING_RECORDS];
	return 0;
}

/* The instruction is complete; below no threshold any more. */
static int answer_tpr(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_TPR_THRESHOLD, 0);
	return 0;
}

/* Trap-like: RIP is past the instruction already. */
static int answer_trap(struct vmx_frame *frame)
{
	(void)frame;
	return 0;
}

/*
 * INIT or SIPI: the guest goes on where it was; the vector would be for one that is reset. The
 * second of two is nobody's: Bochs 2.7 keeps an INIT pending, so that each entry exits at once.
 */
static int answer_signal(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);

	host_signal_end();
	if (!vcpu->signal_awaited)
		return VMX_UNEXPECTED;
	vcpu->signal_awaited = false;
	vmcs_write(VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_ACTIVE);
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0); /* saved as blocked while it waited for SIPI */
	return 0;
}

/* Nobody wants to know what is in the log. The store is made again. */
static int answer_pml(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_PML_INDEX, VMX_PML_EMPTY);
	return 0;
}

/* What waits is for the host: it takes it here, with interrupts on for one instruction. */
static int answer_interrupt(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	if (frame->raw_reason != VMX_EXIT_EXTERNAL_INTERRUPT) {
		vcpu->interrupts++;
		frame->record->flags |= RECORD_IRQ;
	}
	if (vcpu->vm->controls.value[VMX_EXIT] & VMX_EXIT_ACKNOWLEDGE_INTERRUPT)
		host_interrupt_end(vmcs_read(VMCS_EXIT_INTERRUPTION_INFO) & 0xff);
	else if (host_interrupts_take())
		vmcs_host_tables();
	return 0;
}

static int unexpected_exit(struct vmx_frame *frame)
{
	(void)frame;
	return VMX_UNEXPECTED;
}

int (*vmx_answer(u32 raw_reason))(struct vmx_frame *frame)
{
	switch (raw_reason) {
	case VMX_EXIT_CPUID:
		return answer_cpuid;
	case VMX_EXIT_RDMSR:
		return answer_rdmsr;
	case VMX_EXIT_IO:
		return answer_io;
	case VMX_EXIT_CR_ACCESS:
		return answer_cr;
	case VMX_EXIT_INVLPG:
		return answer_invlpg;
	case VMX_EXIT_EPT_VIOLATION:
	case VMX_EXIT_EPT_MISCONFIGURATION:
	case VMX_EXIT_SPP_EVENT:
		return answer_ept;
	case VMX_EXIT_RDTSC:
		return answer_rdtsc;
	case VMX_EXIT_TRIPLE_FAULT:
	case VMX_EXIT_INSTRUCTION_TIMEOUT:
		return answer_set_up_again;
	case VMX_EXIT_EXCEPTION_NMI:
		return answer_exception;
	case VMX_EXIT_EXTERNAL_INTERRUPT:
		return answer_interrupt;
	case VMX_EXIT_INTERRUPT_WINDOW:
	case VMX_EXIT_NMI_WINDOW:
	case VMX_EXIT_MONITOR_TRAP_FLAG:
	case VMX_EXIT_PREEMPTION_TIMER:
		return answer_armed;
	case VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_INVALID_GUEST_STATE:
	case VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_MSR_LOADING:
		return answer_entry_failure;
	case VMX_EXIT_TPR_BELOW_THRESHOLD:
		return answer_tpr;
	case VMX_EXIT_APIC_ACCESS:
		return skip_access;
	case VMX_EXIT_APIC_WRITE:
	case VMX_EXIT_VIRTUALIZED_EOI:
	case VMX_EXIT_BUS_LOCK:
		return answer_trap;
	case VMX_EXIT_INIT:
	case VMX_EXIT_SIPI:
		return answer_signal;
	case VMX_EXIT_PML_FULL:
		return answer_pml;
	case VMX_EXIT_UMWAIT:
	case VMX_EXIT_TPAUSE:
	case VMX_EXIT_ENCLS:
	case VMX_EXIT_LOADIWKEY:
	case VMX_EXIT_RDMSR_IMMEDIATE:
	case VMX_EXIT_WRMSRNS_IMMEDIATE:
	case VMX_EXIT_VMCALL:
	case VMX_EXIT_GETSEC:
	case VMX_EXIT_HLT:
	case VMX_EXIT_INVD:
	case VMX_EXIT_WBINVD:
	case VMX_EXIT_RDPMC:
	case VMX_EXIT_RDTSCP:
	case VMX_EXIT_WRMSR:
	case VMX_EXIT_MOV_DR:
	case VMX_EXIT_MWAIT:
	case VMX_EXIT_MONITOR:
	case VMX_EXIT_PAUSE:
	case VMX_EXIT_XSETBV:
	case VMX_EXIT_GDTR_IDTR:
	case VMX_EXIT_LDTR_TR:
	case VMX_EXIT_RDRAND:
	case VMX_EXIT_RDSEED:
	case VMX_EXIT_INVPCID:
	case VMX_EXIT_VMCLEAR:
	case VMX_EXIT_VMLAUNCH:
	case VMX_EXIT_VMPTRLD:
	case VMX_EXIT_VMPTRST:
	case VMX_EXIT_VMREAD:
	case VMX_EXIT_VMRESUME:
	case VMX_EXIT_VMWRITE:
	case VMX_EXIT_VMXOFF:
	case VMX_EXIT_VMXON:
	case VMX_EXIT_INVEPT:
	case VMX_EXIT_INVVPID:
	case VMX_EXIT_XSAVES:
	case VMX_EXIT_XRSTORS:
	case VMX_EXIT_VMFUNC:
	/*
	 * The exit comes after the checks and before anything is switched (SDM Vol. 3, "Treatment
	 * of Task Switches"): TR, busy flags, NT and TSSs are as before, and CALL, IRET and JMP
	 * have an instruction length. So to go on behind it is a switch to a task that is the same.
	 */
	case VMX_EXIT_TASK_SWITCH:
		return skip;
	default:
		return unexpected_exit;
	}
}

/* Answers that lean can do without: what they change, no loop of a storm looks at. */
bool vmx_answer_is_skip(u32 raw_reason)
{
	int (*answer)(struct vmx_frame *) = vmx_answer(raw_reason);

	return answer == skip || answer == answer_cpuid || answer == answer_rdmsr;
}

/* Instead of the answer in batches that tell whether the loop exits at one place only. */
int vmx_answer_and_learn(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	u64 next = vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH);

	if (!vcpu->sites || vcpu->site_rip != next)
		vcpu->sites++;
	vcpu->site_rip = next;
	return vmx_answer(frame->raw_reason)(frame);
}

/* Launch state clear again: the record says that its way back was a VMLAUNCH. */
int vmx_answer_and_clear(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	unsigned long long vmcs = vcpu->vmcs;
	int end = skip(frame);

	__vmx_vmclear(&vmcs);
	__vmx_vmptrld(&vmcs);
	frame->launch = 1;
	frame->record->flags |= RECORD_LAUNCHED;
	return end;
}

/* Not what the batch is there for: its end, its beginnings, or an interrupt. */
static __attribute__((__noinline__)) int other_exit(struct vmx_frame *frame, u32 reason)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	int end;

	/* A failure that nobody set off cannot be repaired. */
	if (reason & VMX_EXIT_ENTRY_FAILURE)
		return VMX_UNEXPECTED;
	end = vmx_answer(reason)(frame);
	if (!end && reason == VMX_EXIT_VMCALL && vcpu->vm->arm)
		vcpu->vm->arm(vcpu);
	if (end)
		return end;
	vcpu->others++;
	if (vcpu->lean)
		frame->record->flags |= RECORD_LEAN_FALLBACK;
	return vcpu->kicked ? VMX_KICKED : 0;
}

int vmx_handle(struct vmx_frame *frame)
{
	u32 reason = vmcs_read(VMCS_EXIT_REASON);

	if (unlikely(reason != frame->raw_reason))
		return other_exit(frame, reason);
	frame->count++;
	return frame->answer(frame);
}
