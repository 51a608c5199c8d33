// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is done with a VM exit. vmx_handle and the answers are what path=full times; what is not
 * needed for an exit that was expected is out of line. Intel SDM Vol. 3, "VM Exits".
 */
#include "exit.h"

#include "../../trace/stamp.h"
#include "access.h"
#include "event.h"
#include "intrin.h"
#include "setup.h"

#define unlikely(condition) __builtin_expect(!!(condition), 0)

static int skip(struct vmx_frame *frame)
{
	return vmx_skip(frame);
}

static int handle_cpuid(struct vmx_frame *frame)
{
	/* Leaf 0 of a hypervisor that has nothing to tell; asking the CPU would exit when nested.
	 */
	frame->rax = 0;
	frame->rbx = 0x74697865; /* "exitstorm..." */
	frame->rdx = 0x726f7473;
	frame->rcx = 0x2e2e2e6d;
	return skip(frame);
}

static int handle_rdmsr(struct vmx_frame *frame)
{
	frame->rax = 0;
	frame->rdx = 0;
	return skip(frame);
}

static int handle_rdtsc(struct vmx_frame *frame)
{
	u64 now = stamp_in();

	frame->rax = (u32)now;
	frame->rdx = now >> 32;
	return skip(frame);
}

/* The guest said before where it wants to be set up again: RIP in RBX, RSP in RCX. */
static int handle_vcpu_reset(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RIP, frame->rbx);
	vmcs_write(VMCS_GUEST_RSP, frame->rcx);
	vmcs_write(VMCS_GUEST_ACTIVITY, 0); /* from shutdown to active */
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	return 0;
}

/* What was set off by arming is over: the controls are what they were. */
static int handle_armed_event(struct vmx_frame *frame)
{
	vmx_controls_write(vmx_vcpu_of(frame));
	return 0;
}

/*
 * The entry is repaired. What leaves next is no part of the record of the failure: host_out of the
 * entry that failed is to stay.
 */
static int handle_entry_failure(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RFLAGS, vmx_vcpu_of(frame)->broken);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	frame->record = &frame->batch.ring[frame->batch.count % GUEST_RING_RECORDS];
	return 0;
}

/* The instruction is complete; below no threshold any more. */
static int handle_tpr(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_TPR_THRESHOLD, 0);
	return 0;
}

/* Trap-like: RIP is past the instruction already. */
static int handle_trap(struct vmx_frame *frame)
{
	(void)frame;
	return 0;
}

/* Nobody wants to know what is in the log. The store is made again. */
static int handle_pml(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_PML_INDEX, VMX_PML_EMPTY);
	return vmx_deliver_again();
}

static int unexpected_exit(struct vmx_frame *frame)
{
	(void)frame;
	return RAW_UNEXPECTED;
}

/*
 * By the basic exit reason; what is not here, nobody can answer. A task switch exits after the
 * checks and before anything is switched (SDM Vol. 3, "Treatment of Task Switches"): TR, busy
 * flags, NT and TSSs are as before, and CALL, IRET and JMP have an instruction length. So to go on
 * behind it is a switch to a task that is the same.
 */
static int (*const handlers[])(struct vmx_frame *) = {
	[VMX_EXIT_EXCEPTION_NMI] = vmx_handle_exception,
	[VMX_EXIT_EXTERNAL_INTERRUPT] = vmx_handle_interrupt,
	[VMX_EXIT_TRIPLE_FAULT] = handle_vcpu_reset,
	[VMX_EXIT_INIT] = vmx_handle_signal,
	[VMX_EXIT_SIPI] = vmx_handle_signal,
	[VMX_EXIT_INTERRUPT_WINDOW] = handle_armed_event,
	[VMX_EXIT_NMI_WINDOW] = handle_armed_event,
	[VMX_EXIT_TASK_SWITCH] = skip,
	[VMX_EXIT_CPUID] = handle_cpuid,
	[VMX_EXIT_GETSEC... VMX_EXIT_INVD] = skip,
	[VMX_EXIT_INVLPG] = vmx_handle_invlpg,
	[VMX_EXIT_RDPMC] = skip,
	[VMX_EXIT_RDTSC] = handle_rdtsc,
	[VMX_EXIT_VMCALL... VMX_EXIT_VMXON] = skip,
	[VMX_EXIT_CR_ACCESS] = vmx_handle_cr,
	[VMX_EXIT_MOV_DR] = skip,
	[VMX_EXIT_IO] = vmx_handle_io,
	[VMX_EXIT_RDMSR] = handle_rdmsr,
	[VMX_EXIT_WRMSR] = skip,
	[VMX_EXIT_MWAIT] = skip,
	[VMX_EXIT_MONITOR_TRAP_FLAG] = handle_armed_event,
	[VMX_EXIT_MONITOR] = skip,
	[VMX_EXIT_PAUSE] = skip,
	[VMX_EXIT_TPR_BELOW_THRESHOLD] = handle_tpr,
	[VMX_EXIT_APIC_ACCESS] = vmx_handle_access,
	[VMX_EXIT_VIRTUALIZED_EOI] = handle_trap,
	[VMX_EXIT_GDTR_IDTR] = skip,
	[VMX_EXIT_LDTR_TR] = skip,
	[VMX_EXIT_EPT_VIOLATION] = vmx_handle_ept,
	[VMX_EXIT_EPT_MISCONFIGURATION] = vmx_handle_ept,
	[VMX_EXIT_INVEPT] = skip,
	[VMX_EXIT_RDTSCP] = skip,
	[VMX_EXIT_PREEMPTION_TIMER] = handle_armed_event,
	[VMX_EXIT_INVVPID... VMX_EXIT_XSETBV] = skip,
	[VMX_EXIT_APIC_WRITE] = handle_trap,
	[VMX_EXIT_RDRAND... VMX_EXIT_RDSEED] = skip,
	[VMX_EXIT_PML_FULL] = handle_pml,
	[VMX_EXIT_XSAVES] = skip,
	[VMX_EXIT_XRSTORS] = skip,
	[VMX_EXIT_SPP_EVENT] = vmx_handle_ept,
	[VMX_EXIT_UMWAIT... VMX_EXIT_LOADIWKEY] = skip,
	[VMX_EXIT_BUS_LOCK] = handle_trap,
	[VMX_EXIT_INSTRUCTION_TIMEOUT] = handle_vcpu_reset,
	[VMX_EXIT_RDMSR_IMMEDIATE] = skip,
	[VMX_EXIT_WRMSRNS_IMMEDIATE] = skip,
};

int (*vmx_exit_handler(u32 raw_reason))(struct vmx_frame *frame)
{
	if (raw_reason == (VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_INVALID_GUEST_STATE) ||
	    raw_reason == (VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_MSR_LOADING))
		return handle_entry_failure;
	if (raw_reason >= sizeof(handlers) / sizeof(handlers[0]) || !handlers[raw_reason])
		return unexpected_exit;
	return handlers[raw_reason];
}

/* Answers that lean can do without: what they change, no loop of a storm looks at. */
bool vmx_handler_is_skip(u32 raw_reason)
{
	int (*handler)(struct vmx_frame *) = vmx_exit_handler(raw_reason);

	return handler == skip || handler == handle_cpuid || handler == handle_rdmsr;
}

/* Instead of the answer in batches that tell whether the loop exits at one place only. */
int vmx_handle_and_learn(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	u64 next = vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH);

	raw_learn(&vcpu->raw, next, false);
	return vmx_exit_handler(frame->batch.raw_reason)(frame);
}

/* Launch state clear again: the record says that its way back was a VMLAUNCH. */
int vmx_handle_and_vmclear(struct vmx_frame *frame)
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
		return RAW_UNEXPECTED;
	end = vmx_exit_handler(reason)(frame);
	if (!end && reason == VMX_EXIT_VMCALL && vcpu->vm->arm)
		vcpu->vm->arm(vcpu);
	if (end)
		return end;
	vcpu->raw.others++;
	if (vcpu->raw.lean)
		frame->record->flags |= RECORD_LEAN_FALLBACK;
	return vcpu->raw.kicked ? RAW_KICKED : 0;
}

int vmx_handle(struct vmx_frame *frame)
{
	u32 reason = vmcs_read(VMCS_EXIT_REASON);

	if (unlikely(reason != frame->batch.raw_reason))
		return other_exit(frame, reason);
	frame->batch.count++;
	return frame->handler(frame);
}
