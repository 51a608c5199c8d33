// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VM exit handlers. path=full measures vmx_handle and the handler: code that an expected exit does
 * not need is out of line. Intel SDM Vol. 3, "VM Exits".
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
	/* A constant leaf: executing CPUID here would exit itself under another hypervisor. */
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

/* Resets the vCPU after a triple fault: the guest has left its new RIP in RBX, its RSP in RCX. */
static int handle_vcpu_reset(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RIP, frame->rbx);
	vmcs_write(VMCS_GUEST_RSP, frame->rcx);
	vmcs_write(VMCS_GUEST_ACTIVITY, 0); /* active, from shutdown */
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	return 0;
}

/*
 * Which PAUSE of a loop exits depends on how long one takes, and the first one after an entry
 * begins a new loop (SDM Vol. 3, "Instructions That Cause VM Exits Conditionally"). So the guest
 * continues after all of them: it has left that address in RBX.
 */
int vmx_handle_pause_loop(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RIP, frame->rbx);
	return 0;
}

/* Removes the controls that arming has set. */
static int handle_armed_event(struct vmx_frame *frame)
{
	vmx_controls_write(vmx_vcpu_of(frame));
	return 0;
}

/*
 * Undoes the deliberate error. The record of the failure keeps host_out of the failed entry: the
 * next entry's goes to another one.
 */
static int handle_entry_failure(struct vmx_frame *frame)
{
	vmcs_write(VMCS_GUEST_RFLAGS, vmx_vcpu_of(frame)->broken);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	frame->record = &frame->batch.ring[frame->batch.count % GUEST_RING_RECORDS];
	return 0;
}

/*
 * The MOV to CR8 is complete (trap-like). Without a threshold the next entry does not exit again.
 */
static int handle_tpr(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_TPR_THRESHOLD, 0);
	return 0;
}

/* Trap-like exits: RIP is past the instruction already. */
static int handle_trap(struct vmx_frame *frame)
{
	(void)frame;
	return 0;
}

/* The log's contents are of no interest: empty again. The guest repeats its store. */
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
 * By the basic exit reason. A task switch exits after the checks and before anything is switched
 * (SDM Vol. 3, "Treatment of Task Switches"): TR, busy flags, NT and TSSs are unchanged, and CALL,
 * IRET and JMP have an instruction length, so skipping it is a switch to an identical task.
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
	[VMX_EXIT_RDMSRLIST... VMX_EXIT_WRMSRLIST] = skip,
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

/*
 * Handlers whose only effect, beside skipping, is on registers that no storm's loop reads: the fast
 * path leaves them out.
 */
bool vmx_handler_is_skip(u32 raw_reason)
{
	int (*handler)(struct vmx_frame *) = vmx_exit_handler(raw_reason);

	return handler == skip || handler == handle_cpuid || handler == handle_rdmsr;
}

/* In place of the handler, in batches that find out how many instructions of the loop exit. */
int vmx_handle_and_learn(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	u64 next = vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH);

	raw_learn(&vcpu->raw, next, false);
	return vmx_exit_handler(frame->batch.raw_reason)(frame);
}

/* VMCLEAR makes the launch state clear: the next entry is a VMLAUNCH, and the record says so. */
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

/* An exit for another reason than the expected one: a batch's start or end, or an interrupt. */
static __attribute__((__noinline__)) int other_exit(struct vmx_frame *frame, u32 reason)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	int end;

	/* Only deliberate failures can be undone, and those are expected. */
	if (reason & VMX_EXIT_ENTRY_FAILURE)
		return reason == (VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_MACHINE_CHECK)
			       ? RAW_MACHINE_CHECK
			       : RAW_UNEXPECTED;
	end = vmx_exit_handler(reason)(frame);
	if (!end && reason == VMX_EXIT_VMCALL && vcpu->vm->arm)
		vcpu->vm->arm(vcpu);
	if (end)
		return end;
	vcpu->raw.others++;
	if (vcpu->raw.fast)
		frame->record->flags |= RECORD_FAST_FALLBACK;
	return raw_kick_end(&vcpu->raw);
}

int vmx_handle(struct vmx_frame *frame)
{
	u32 reason = vmcs_read(VMCS_EXIT_REASON);

	if (unlikely(reason != frame->batch.raw_reason))
		return other_exit(frame, reason);
	frame->batch.count++;
	return frame->handler(frame);
}
