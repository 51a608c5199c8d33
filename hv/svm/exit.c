// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * #VMEXIT handlers. path=full measures svm_handle and the handler: code that an expected exit does
 * not need is out of line. AMD APM Vol. 2, "Instruction Intercepts".
 */
#include "exit.h"

#include "../../trace/stamp.h"
#include "../host.h"
#include "access.h"
#include "avic.h"
#include "cpu.h"
#include "setup.h"

#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define EXCEPTION_CODES	    32
#define EXCEPTION_BP	    3
#define EXCEPTION_OF	    4
#define EXCEPTION_PF	    14
#define EXCEPTION_HAS_ERROR 0x60227d00U /* vectors with an error code: APM Vol. 2, table 8-1 */

/* An instruction ends the interrupt shadow of STI and MOV SS (APM Vol. 2, "Interrupt Shadows"). */
static inline int go_on(struct vmcb *vmcb, u64 rip)
{
	vmcb->save.rip = rip;
	vmcb->control.interrupt_shadow = 0;
	return 0;
}

static __attribute__((__noinline__)) int skip_decoded(struct svm_frame *frame)
{
	u64 next = svm_next_rip(svm_vcpu_of(frame));

	return next ? go_on(frame->vmcb, next) : RAW_UNEXPECTED;
}

static int skip(struct svm_frame *frame)
{
	u64 next = frame->vmcb->control.next_rip;

	if (unlikely(!next)) /* always 0 without NRIPS */
		return skip_decoded(frame);
	return go_on(frame->vmcb, next);
}

static int handle_cpuid(struct svm_frame *frame)
{
	/* A constant leaf: executing CPUID here would exit itself under another hypervisor. */
	frame->vmcb->save.rax = 0;
	frame->rbx = 0x74697865; /* "exitstorm..." */
	frame->rdx = 0x726f7473;
	frame->rcx = 0x2e2e2e6d;
	return skip(frame);
}

static int handle_msr(struct svm_frame *frame)
{
	if (!frame->vmcb->control.exit_info1) { /* RDMSR */
		frame->vmcb->save.rax = 0;
		frame->rdx = 0;
	}
	return skip(frame);
}

/* Injects the guest's exception again (APM Vol. 2, "Event Injection"). */
static int handle_exception(struct svm_frame *frame)
{
	struct vmcb *vmcb = frame->vmcb;
	u32 vector = vmcb->control.exit_code - SVM_EXIT_EXCEPTION;
	u64 event = vector | VMCB_EVENT_EXCEPTION << 8 | VMCB_EVENT_VALID;
	u64 next;

	if (EXCEPTION_HAS_ERROR >> vector & 1)
		event |= VMCB_EVENT_ERROR_CODE | vmcb->control.exit_info1 << 32;
	if (vector == EXCEPTION_PF) {
		vmcb->save.cr2 = vmcb->control.exit_info2;
		vmcb_changed(svm_vcpu_of(frame), VMCB_CLEAN_CR2);
	}
	/*
	 * The VMCB's RIP is that of the INT3 or INTO, the exception's is that of the next
	 * instruction (APM Vol. 2, "INT3").
	 */
	if (vector == EXCEPTION_BP || vector == EXCEPTION_OF) {
		next = svm_next_rip(svm_vcpu_of(frame));
		if (!next)
			return RAW_UNEXPECTED;
		vmcb->save.rip = next;
	}
	vmcb_inject(svm_vcpu_of(frame), event);
	return 0;
}

/* An interrupt of the host: handled with the host's state loaded and GIF set for some instructions.
 */
static int handle_interrupt(struct svm_frame *frame)
{
	struct raw_vcpu *raw = &svm_vcpu_of(frame)->raw;
	struct raw_events before;
	int end;

	svm_host_begin(frame);
	raw_interrupt_begin(raw, &before);
	cpu_gif_window();
	end = raw_interrupt_end(raw, &frame->batch, frame->record, SVM_EXIT_INTR, &before,
				&frame->vmcb->save.rax);
	svm_host_end(frame);
	return end;
}

/* The guest has sent the host an NMI and polls RAX. Interrupts that are pending come as well. */
static int handle_nmi(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	struct raw_events before;

	if (vcpu->raw_reason == SVM_EXIT_NMI) {
		frame->vmcb->save.rax = 1;
	} else {
		vcpu->raw.interrupts++;
		frame->record->flags |= RECORD_NMI;
	}
	svm_host_begin(frame);
	raw_interrupt_begin(&vcpu->raw, &before);
	cpu_gif_window();
	raw_apic_restore(&vcpu->raw, &before);
	svm_host_end(frame);
	return raw_kick_end(&vcpu->raw);
}

static int handle_page_log(struct svm_frame *frame)
{
	frame->vmcb->control.pml_index = VMCB_PAGE_LOG_EMPTY;
	return 0;
}

static int handle_rdtsc(struct svm_frame *frame)
{
	u64 now = stamp_in();

	frame->vmcb->save.rax = (u32)now;
	frame->rdx = now >> 32;
	return skip(frame);
}

/*
 * The VMCB is undefined after a shutdown (APM Vol. 2, "Shutdown Intercept"), whatever emulators
 * keep of it: the state save area is restored from before the batch. The guest has left its new RIP
 * in RBX, its RSP in RCX.
 */
static int handle_shutdown(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);

	/* Not the control area: an event injected by an earlier VMRUN would be injected again. */
	__builtin_memcpy(&frame->vmcb->save, &vcpu->saved->save,
			 offsetof(struct vmcb_save, reserved6));
	vmcb_changed(vcpu, VMCB_CLEAN_ALL);
	frame->vmcb->save.rsp = frame->rcx;
	return go_on(frame->vmcb, frame->rbx);
}

/* Allows one bus lock: that of the instruction when it is restarted. */
static int handle_bus_lock(struct svm_frame *frame)
{
	frame->vmcb->control.bus_lock_counter = 1;
	return 0;
}

static int handle_virtual_interrupt(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);

	frame->vmcb->control.virtual_interrupt &= 0xff | VMCB_V_INTR_MASKING;
	vmcb_changed(vcpu, VMCB_CLEAN_INTERRUPT);
	return 0;
}

/*
 * Undoes a deliberate error. The record of the failure keeps host_out of the failed entry: the next
 * entry's goes to another one.
 */
static int handle_invalid(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);

	if (!vcpu->broken)
		return RAW_UNEXPECTED;
	vcpu->broken = false;
	vmcb_copy(vcpu->vmcb, vcpu->saved);
	vmcb_changed(vcpu, VMCB_CLEAN_ALL);
	frame->record = &frame->batch.ring[frame->batch.count % GUEST_RING_RECORDS];
	return 0;
}

/*
 * Machine checks are the host's: the batch ends. One that comes while GIF is 0 is pending until
 * STGI or shuts the CPU down (APM Vol. 2, "Global Interrupt Flag, STGI and CLGI Instructions").
 */
static int handle_machine_check(struct svm_frame *frame)
{
	(void)frame;
	return RAW_MACHINE_CHECK;
}

static int unexpected_exit(struct svm_frame *frame)
{
	(void)frame;
	return RAW_UNEXPECTED;
}

/* By exit code. */
static int (*const handlers[SVM_EXIT_IDLE_HLT + 1])(struct svm_frame *) = {
	[SVM_EXIT_READ_CR... SVM_EXIT_READ_CR + 15] = svm_handle_cr,
	[SVM_EXIT_WRITE_CR... SVM_EXIT_WRITE_CR + 15] = svm_handle_cr,
	[SVM_EXIT_READ_DR... SVM_EXIT_READ_DR + 15] = svm_handle_dr,
	[SVM_EXIT_WRITE_DR... SVM_EXIT_WRITE_DR + 15] = svm_handle_dr,
	[SVM_EXIT_EXCEPTION... SVM_EXIT_EXCEPTION + EXCEPTION_CODES - 1] = handle_exception,
	[SVM_EXIT_INTR] = handle_interrupt,
	[SVM_EXIT_NMI] = handle_nmi,
	[SVM_EXIT_VINTR] = handle_virtual_interrupt,
	[SVM_EXIT_CR0_SEL_WRITE] = svm_handle_cr,
	[SVM_EXIT_IDTR_READ... SVM_EXIT_TR_WRITE] = skip,
	[SVM_EXIT_RDTSC] = handle_rdtsc,
	[SVM_EXIT_PUSHF] = svm_handle_pushf,
	[SVM_EXIT_POPF] = svm_handle_popf,
	[SVM_EXIT_RSM] = skip,
	[SVM_EXIT_IRET] = svm_handle_iret,
	[SVM_EXIT_SWINT] = skip,
	[SVM_EXIT_SHUTDOWN] = handle_shutdown,
	[SVM_EXIT_RDPMC] = skip,
	[SVM_EXIT_CPUID] = handle_cpuid,
	[SVM_EXIT_INVD] = skip,
	[SVM_EXIT_PAUSE] = skip,
	[SVM_EXIT_HLT] = skip,
	[SVM_EXIT_INVLPG] = svm_handle_invlpg,
	[SVM_EXIT_INVLPGA] = skip,
	[SVM_EXIT_IOIO] = svm_handle_io,
	[SVM_EXIT_MSR] = handle_msr,
	[SVM_EXIT_TASK_SWITCH] = skip, /* intercepted before anything is switched (APM Vol. 2, "Task
					  Switch Intercept") */
	[SVM_EXIT_VMRUN... SVM_EXIT_SKINIT] = skip,
	[SVM_EXIT_RDTSCP] = handle_rdtsc,
	[SVM_EXIT_ICEBP... SVM_EXIT_RDPRU] = skip,
	[SVM_EXIT_INVLPGB... SVM_EXIT_TLBSYNC] = skip,
	[SVM_EXIT_BUS_LOCK] = handle_bus_lock,
	[SVM_EXIT_IDLE_HLT] = skip,
};

int (*svm_exit_handler(u32 code))(struct svm_frame *frame)
{
	switch (code) {
	case SVM_EXIT_NPF:
		return svm_handle_npf;
	case SVM_EXIT_AVIC_INCOMPLETE_IPI:
	case SVM_EXIT_AVIC_NOACCEL:
		return svm_handle_avic;
	case SVM_EXIT_PML_FULL:
		return handle_page_log;
	case (u32)SVM_EXIT_INVALID:
		return handle_invalid;
	case SVM_EXIT_MACHINE_CHECK:
		return handle_machine_check;
	default:
		break;
	}
	if (code >= sizeof(handlers) / sizeof(handlers[0]) || !handlers[code])
		return unexpected_exit;
	return handlers[code];
}

/*
 * Handlers whose only effect, beside skipping, is on registers that no storm's loop reads: the fast
 * path leaves them out.
 */
bool svm_handler_is_skip(u32 code)
{
	int (*handler)(struct svm_frame *) = svm_exit_handler(code);

	return handler == skip || handler == handle_cpuid || handler == handle_msr;
}

/* In place of the handler, in batches that find out how many instructions of the loop exit. */
int svm_handle_and_learn(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	u64 shadow = frame->vmcb->control.interrupt_shadow;
	int end = svm_exit_handler(svm_vcpu_of(frame)->raw_reason)(frame);

	/* The fast path does not end an interrupt shadow. */
	raw_learn(&vcpu->raw, frame->vmcb->save.rip, shadow);
	return end;
}

/*
 * An exit for another reason than the expected one (a batch's start or end, an interrupt), or the
 * first one after a one-shot setting.
 */
static __attribute__((__noinline__)) int other_exit(struct svm_frame *frame, u32 code)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	int end;

	if (frame->batch.raw_reason == SVM_ONE_SHOT) {
		vmcb_one_shot_clear(vcpu);
		if (svm_vcpu_of(frame)->raw.fast)
			frame->record->flags |= RECORD_FAST_FALLBACK;
		if (code == frame->batch.raw_reason) {
			frame->batch.count++;
			return frame->handler(frame);
		}
	}
	end = svm_exit_handler(code)(frame);
	if (end)
		return end;
	if (code == SVM_EXIT_VMMCALL && vcpu->vm->arm) {
		svm_host_begin(frame);
		vcpu->vm->arm(vcpu);
		svm_host_end(frame);
	}
	vcpu->raw.others++;
	if (svm_vcpu_of(frame)->raw.fast)
		frame->record->flags |= RECORD_FAST_FALLBACK;
	return raw_kick_end(&vcpu->raw);
}

int svm_handle(struct svm_frame *frame)
{
	u32 code = frame->vmcb->control.exit_code;

	if (unlikely(code != frame->batch.raw_reason))
		return other_exit(frame, code);
	frame->batch.count++;
	return frame->handler(frame);
}
