// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit handlers of events: the guest's exceptions, which are injected again, and the host's
 * interrupts, NMIs, INIT and SIPI.
 */
#include "event.h"

#include "../cpu.h"
#include "../host.h"
#include "setup.h"

#define INTERRUPTION_VALID	(1U << 31)
#define INTERRUPTION_ERROR_CODE (1U << 11)
#define INTERRUPTION_TYPE(info) ((info) >> 8 & 7)
#define TYPE_NMI		2
/* NMI and #MC, the vectors 2 and 18: with one test, as exceptions are measured. */
#define IS_HOST_EVENT(info) (((info)&0xff & ~(VECTOR_NMI ^ VECTOR_MACHINE_CHECK)) == VECTOR_NMI)
#define VECTOR_NMI	    2

void vmx_inject(u32 info, u32 error_code_field)
{
	if (info & INTERRUPTION_ERROR_CODE)
		vmcs_write(VMCS_ENTRY_EXCEPTION_ERROR_CODE, vmcs_read(error_code_field));
	vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
	vmcs_write(VMCS_ENTRY_INTERRUPTION_INFO,
		   info & (INTERRUPTION_VALID | INTERRUPTION_ERROR_CODE | 0x7ff));
}

/* An NMI of the host during any storm: handled before the next entry. */
static int handle_host_nmi(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);

	if (frame->batch.raw_reason == VMX_EXIT_EXCEPTION_NMI) {
		frame->batch.count--; /* exceptions have the same reason; an NMI is not one */
		vcpu->raw.others++;
	}
	vcpu->raw.interrupts++;
	frame->record->flags |= RECORD_NMI;
	host_nmi_end();
	return raw_kick_end(&vcpu->raw);
}

/*
 * Machine checks are the host's: the batch ends. The guest state that the exit has saved is suspect
 * (SDM Vol. 3, "Handling Machine-Check Exceptions").
 */
static __attribute__((__noinline__)) int handle_host_event(struct vmx_frame *frame, u32 info)
{
	return INTERRUPTION_TYPE(info) == TYPE_NMI ? handle_host_nmi(frame) : RAW_MACHINE_CHECK;
}

/*
 * Injects the guest's exception again. One during the delivery of another event would be a #DF:
 * storms do not cause that.
 */
int vmx_handle_exception(struct vmx_frame *frame)
{
	u32 info = vmcs_read(VMCS_EXIT_INTERRUPTION_INFO);

	if (IS_HOST_EVENT(info))
		return handle_host_event(frame, info);
	if ((info & 0xff) == 14) /* VM exits do not load CR2 */
		cpu_write_cr2(vmcs_read(VMCS_EXIT_QUALIFICATION));
	vmx_inject(info, VMCS_EXIT_INTERRUPTION_ERROR_CODE);
	return 0;
}

/* The guest has sent the host an NMI and polls RAX. */
int vmx_handle_nmi(struct vmx_frame *frame)
{
	u32 info = vmcs_read(VMCS_EXIT_INTERRUPTION_INFO);

	if (INTERRUPTION_TYPE(info) != TYPE_NMI)
		return vmx_handle_exception(frame);
	host_nmi_end();
	frame->rax = 1;
	return raw_kick_end(&vmx_vcpu_of(frame)->raw);
}

/*
 * An interrupt of the host: handled with interrupts enabled for one instruction. In a storm of
 * interrupts an exit without the storm's own interrupt is not one of the expected exits.
 */
int vmx_handle_interrupt(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	struct raw_events before;
	bool changed;

	raw_interrupt_begin(&vcpu->raw, &before);
	if (vcpu->vm->controls.value[VMX_EXIT] & VMX_EXIT_ACKNOWLEDGE_INTERRUPT)
		changed = host_interrupt_end(vmcs_read(VMCS_EXIT_INTERRUPTION_INFO) & 0xff);
	else
		changed = host_interrupts_take();
	if (changed)
		vmcs_host_tables();
	return raw_interrupt_end(&vcpu->raw, &frame->batch, frame->record,
				 VMX_EXIT_EXTERNAL_INTERRUPT, &before, &frame->rax);
}

/*
 * The sender repeats its signal until it sees that one has come: the last may still be pending
 * then. One exit for it is no error. A second one is: Bochs 2.7 keeps an INIT pending, so that each
 * entry exits at once.
 */
static int handle_repeated_signal(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	u32 reason = vmcs_read(VMCS_EXIT_REASON);

	if (!vcpu->signal_may_repeat)
		return RAW_UNEXPECTED;
	vcpu->signal_may_repeat = false;
	if (frame->batch.raw_reason == reason) {
		frame->batch.count--;
		vcpu->raw.others++;
	}
	frame->record->flags |= RECORD_EXTRA_EXIT;
	return 0;
}

/* INIT or SIPI: the guest continues where it was; the SIPI's vector is ignored. */
int vmx_handle_signal(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);

	host_signal_end();
	if (!vcpu->signal_awaited)
		return handle_repeated_signal(frame);
	vcpu->signal_awaited = false;
	vcpu->signal_may_repeat = true;
	vmcs_write(VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_ACTIVE);
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0); /* an exit in wait-for-SIPI saves blocking */
	return 0;
}
