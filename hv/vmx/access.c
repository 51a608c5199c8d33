// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit handlers of instructions with operands, which the exit qualification describes (SDM Vol. 3,
 * "Basic VM-Exit Information"), and of loads and stores.
 */
#include "access.h"

#include "event.h"
#include "flush.h"

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
#define CR0_TS	(1 << 3)
#define GPR_RSP 4
int vmx_handle_io(struct vmx_frame *frame)
{
	u64 qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
	u32 port = IO_PORT(qualification), size = IO_SIZE(qualification);

	if (port == GUEST_PORT_DONE || port == GUEST_PORT_FAULT) {
		vmx_skip(frame);
		return port == GUEST_PORT_DONE ? RAW_DONE : RAW_FAULT;
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
		/* No device: all ones, as on a bus. 32-bit results clear the upper half. */
		frame->rax = size == 4 ? 0xffffffff : frame->rax | ((1ULL << size * 8) - 1);
	}
	return vmx_skip(frame);
}

/* A register by its number in exit qualifications; RSP is not in the frame. */
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

/* A MOV to CR0, CR3 or CR4 flushes translations, so the emulated one has to. */
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
		vmcs_write(VMCS_GUEST_CR4, (value | vcpu->cr4_required) & can->cr4_fixed1);
		vmcs_write(VMCS_CR4_READ_SHADOW, value);
		break;
	default:
		vcpu->cr8 = value;
		return;
	}
	vmx_flush_vpid(vcpu);
}

int vmx_handle_cr(struct vmx_frame *frame)
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
	return vmx_skip(frame);
}

int vmx_handle_invlpg(struct vmx_frame *frame)
{
	struct vmx_vcpu *vcpu = vmx_vcpu_of(frame);
	vmx_flush_address(vcpu, vmcs_read(VMCS_EXIT_QUALIFICATION));
	return vmx_skip(frame);
}

/*
 * Skips a load or store. The VMCS does not tell its length for EPT violations and APIC accesses
 * (SDM Vol. 3, "Information for VM Exits Due to Instruction Execution").
 */
int vmx_handle_access(struct vmx_frame *frame)
{
	u64 rip = vmcs_read(VMCS_GUEST_RIP);
	u32 length = access_length(&vmx_vcpu_of(frame)->vm->access, rip);

	vmcs_write(VMCS_GUEST_RIP, rip + length);
	return length ? 0 : RAW_UNEXPECTED;
}

/*
 * A page of GUEST_FILL gets its rights back, and the guest repeats the access. Any other address is
 * treated as a device's: the access is skipped.
 */
int vmx_handle_ept(struct vmx_frame *frame)
{
	struct slat *slat = &vmx_vcpu_of(frame)->vm->slat;

	return slat_give(slat, vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS)) ? vmx_deliver_again()
								       : vmx_handle_access(frame);
}
