// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit handlers of instructions with operands. With decode assists (APM Vol. 2, "Decode Assists")
 * EXITINFO1 names the register and nRIP is the end of the instruction; without them both come from
 * decoding it.
 */
#include "access.h"

#include "cpu.h"
#include "setup.h"

/* EXITINFO1 of IOIO: APM Vol. 2, "IOIO Intercept Information". EXITINFO2 is the next RIP. */
#define IO_IN	      (1 << 0)
#define IO_STRING     (1 << 2)
#define IO_REP	      (1 << 3)
#define IO_SIZE(info) ((info) >> 4 & 7)
#define IO_PORT(info) ((info) >> 16 & 0xffff)

#define RFLAGS_FIXED	  (1ULL << 1)
#define RFLAGS_NOT_PUSHED (1ULL << 16 | 1ULL << 17) /* RF, VM */
#define RFLAGS_POPPED	  0x247fd5ULL /* at CPL 0: all but VM, VIF, VIP, RF and reserved bits */

#define DECODED_MOV_CR (1ULL << 63)

#define CR0_TS	     (1 << 3)
#define CR0_LMSW     0xf /* the bits that LMSW changes */
#define GPR_RAX	     0
#define GPR_RSP	     4
#define OP_GROUP7    0x01
#define OP_CLTS	     0x06
#define OP_MOV_TO_CR 0x22
#define MODRM_LMSW   6
#define EFER_LMA     (1 << 10)
#define CS_LONG	     (1 << 9) /* of the VMCB's segment attributes */

/* Decodes the guest's instruction at RIP. False: not known. */
static bool decode(const struct svm_vcpu *vcpu, struct instruction *insn)
{
	const struct vmcb_save *save = &vcpu->vmcb->save;
	const struct hv_vm *vm = vcpu->vcpu->vm;
	bool long_mode = save->efer & EFER_LMA && save->cs.rights & CS_LONG;

	/* The guest's linear addresses are its physical ones, and all of its code is in the image.
	 */
	if (save->rip < GUEST_IMAGE || save->rip >= GUEST_IMAGE + GUEST_IMAGE_SIZE)
		return false;
	return instruction_decode(vm->memory + save->rip, long_mode, insn);
}

u64 svm_next_rip(const struct svm_vcpu *vcpu)
{
	u64 next = vcpu->vmcb->control.next_rip; /* 0 without NRIPS */
	struct instruction insn;

	if (next)
		return next;
	return decode(vcpu, &insn) ? vcpu->vmcb->save.rip + insn.length : 0;
}

/* A general register by its number, which is the order of the frame. */
static u64 *gpr(struct svm_frame *frame, u32 number)
{
	if (number == GPR_RAX)
		return &frame->vmcb->save.rax;
	if (number == GPR_RSP)
		return &frame->vmcb->save.rsp;
	return &frame->rcx + (number < GPR_RSP ? number - 1 : number - 2);
}

static int go_on(struct svm_frame *frame, u64 rip)
{
	frame->vmcb->save.rip = rip;
	frame->vmcb->control.interrupt_shadow = 0;
	return 0;
}

static int skip(struct svm_frame *frame, const struct instruction *insn)
{
	return go_on(frame, frame->vmcb->save.rip + insn->length);
}

static void write_cr(struct svm_vcpu *vcpu, u32 number, u64 value)
{
	struct vmcb_save *save = &vcpu->vmcb->save;
	u64 *task_priority = &vcpu->vmcb->control.virtual_interrupt;

	switch (number) {
	case 0:
		save->cr0 = value;
		break;
	case 3:
		save->cr3 = value & ~(1ULL << 63);
		break;
	case 4:
		save->cr4 = value | vcpu->cr4_required;
		break;
	case 8:
		*task_priority = (*task_priority & ~0xffULL) | (value & 15);
		vmcb_changed(vcpu, VMCB_CLEAN_INTERRUPT);
		return;
	default:
		save->cr2 = value;
		vmcb_changed(vcpu, VMCB_CLEAN_CR2);
		return;
	}
	/* A MOV to CR0, CR3 or CR4 flushes translations, so the emulated one has to. */
	vmcb_changed(vcpu, VMCB_CLEAN_CR);
	vmcb_flush(vcpu);
}

static u64 read_cr(const struct svm_vcpu *vcpu, u32 number)
{
	const struct vmcb_save *save = &vcpu->vmcb->save;

	switch (number) {
	case 0:
		return save->cr0;
	case 2:
		return save->cr2;
	case 3:
		return save->cr3;
	case 4:
		return save->cr4;
	default:
		return vcpu->vmcb->control.virtual_interrupt & 15;
	}
}

/* EXITINFO1 and nRIP are valid. */
static bool is_decoded(const struct svm_vcpu *vcpu)
{
	return vcpu->vm->can.features & SVM_FEATURE_DECODE_ASSISTS && vcpu->vmcb->control.next_rip;
}

/* MOV to or from a control register; for CLTS, LMSW and SMSW bit 63 of EXITINFO1 is 0. */
static int handle_mov_cr(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	struct vmcb_control *control = &frame->vmcb->control;
	u32 code = control->exit_code;
	u64 *operand = gpr(frame, control->exit_info1 & 15);

	if (code == SVM_EXIT_CR0_SEL_WRITE)
		write_cr(vcpu, 0, *operand);
	else if (code >= SVM_EXIT_WRITE_CR)
		write_cr(vcpu, code - SVM_EXIT_WRITE_CR, *operand);
	else
		*operand = read_cr(vcpu, code - SVM_EXIT_READ_CR);
	return go_on(frame, control->next_rip);
}

int svm_handle_cr(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	u64 cr0 = frame->vmcb->save.cr0;
	struct instruction insn;
	u32 number;

	if (frame->vmcb->control.exit_info1 & DECODED_MOV_CR && is_decoded(vcpu))
		return handle_mov_cr(frame);
	if (!decode(vcpu, &insn) || !insn.two_byte)
		return RAW_UNEXPECTED;
	number = instruction_reg(&insn);
	if (insn.opcode == OP_CLTS)
		write_cr(vcpu, 0, cr0 & ~(u64)CR0_TS);
	else if (insn.opcode == OP_GROUP7 && (insn.modrm >> 3 & 7) == MODRM_LMSW)
		/* Only with a register operand, as in all storms; PE can be set, not cleared. */
		write_cr(vcpu, 0,
			 (cr0 & ~(u64)(CR0_LMSW - 1)) |
				 (*gpr(frame, instruction_rm(&insn)) & CR0_LMSW));
	else if (insn.opcode == OP_GROUP7) /* SMSW */
		*gpr(frame, instruction_rm(&insn)) = cr0;
	else if (insn.opcode == OP_MOV_TO_CR)
		write_cr(vcpu, number, *gpr(frame, instruction_rm(&insn)));
	else
		*gpr(frame, instruction_rm(&insn)) = read_cr(vcpu, number);
	return skip(frame, &insn);
}

int svm_handle_dr(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	struct vmcb_save *save = &vcpu->vmcb->save;
	struct vmcb_control *control = &vcpu->vmcb->control;
	bool write = control->exit_code >= SVM_EXIT_WRITE_DR;
	u32 number = control->exit_code % 16;
	u64 next = control->next_rip;
	struct instruction insn;
	u64 *operand, *dr;

	if (is_decoded(vcpu)) {
		operand = gpr(frame, control->exit_info1 & 15);
	} else if (decode(vcpu, &insn)) {
		operand = gpr(frame, instruction_rm(&insn));
		next = save->rip + insn.length;
	} else {
		return RAW_UNEXPECTED;
	}
	dr = number == 7 ? &save->dr7 : &save->dr6;
	if (number < 6) { /* DR0 to DR3 are not given to the guest */
		if (!write)
			*operand = 0;
	} else if (write) {
		*dr = *operand;
		vmcb_changed(vcpu, VMCB_CLEAN_DR);
	} else {
		*operand = *dr;
	}
	return go_on(frame, next);
}

int svm_handle_invlpg(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	u64 next = svm_next_rip(vcpu);

	if (!next)
		return RAW_UNEXPECTED;
	/* The address is not decoded: all of the guest's translations are flushed. */
	vmcb_flush(vcpu);
	return go_on(frame, next);
}

static void move_string(struct svm_frame *frame, u64 info)
{
	u64 count = info & IO_REP ? frame->rcx : 1;

	if (info & IO_IN)
		frame->rdi += count * IO_SIZE(info);
	else
		frame->rsi += count * IO_SIZE(info);
	if (info & IO_REP)
		frame->rcx = 0;
}

int svm_handle_io(struct svm_frame *frame)
{
	struct vmcb *vmcb = frame->vmcb;
	u64 info = vmcb->control.exit_info1;
	u32 port = IO_PORT(info), size = IO_SIZE(info);

	vmcb->save.rip = vmcb->control.exit_info2;
	vmcb->control.interrupt_shadow = 0;
	if (port == GUEST_PORT_DONE || port == GUEST_PORT_FAULT)
		return port == GUEST_PORT_DONE ? RAW_DONE : RAW_FAULT;
	if (info & IO_STRING)
		move_string(frame, info);
	else if (info & IO_IN) /* no device: all ones; 32-bit results clear the upper half */
		vmcb->save.rax = size == 4 ? 0xffffffff : vmcb->save.rax | ((1ULL << size * 8) - 1);
	return 0;
}

/*
 * A page of GUEST_FILL gets its rights back, and the guest repeats the access. Any other address is
 * treated as a device's: the access is skipped.
 */
int svm_handle_npf(struct svm_frame *frame)
{
	struct svm_vcpu *vcpu = svm_vcpu_of(frame);
	struct vmcb_control *control = &frame->vmcb->control;
	u64 rip = frame->vmcb->save.rip;
	u32 length;

	if (slat_give(&vcpu->vm->slat, control->exit_info2)) {
		/* An event whose delivery was interrupted is injected again. */
		if (control->exit_interrupt_info & VMCB_EVENT_VALID)
			vmcb_inject(vcpu, control->exit_interrupt_info);
		return 0;
	}
	length = access_length(&vcpu->vm->access, rip);
	return length ? go_on(frame, rip + length) : RAW_UNEXPECTED;
}

/* A word on the guest's stack; NULL: not in guest memory. */
static u64 *stack_word(struct svm_frame *frame, u64 address)
{
	const struct hv_vm *vm = svm_vcpu_of(frame)->vcpu->vm;

	if (address > vm->memory_bytes - sizeof(u64))
		return NULL;
	return (u64 *)(vm->memory + address);
}

int svm_handle_pushf(struct svm_frame *frame)
{
	struct vmcb_save *save = &frame->vmcb->save;
	u64 *word = stack_word(frame, save->rsp - sizeof(u64));
	u64 next = svm_next_rip(svm_vcpu_of(frame));

	if (!word || !next)
		return RAW_UNEXPECTED;
	*word = save->rflags & ~RFLAGS_NOT_PUSHED;
	save->rsp -= sizeof(u64);
	return go_on(frame, next);
}

int svm_handle_popf(struct svm_frame *frame)
{
	struct vmcb_save *save = &frame->vmcb->save;
	const u64 *word = stack_word(frame, save->rsp);
	u64 next = svm_next_rip(svm_vcpu_of(frame));

	if (!word || !next)
		return RAW_UNEXPECTED;
	save->rflags = (*word & RFLAGS_POPPED) | RFLAGS_FIXED;
	save->rsp += sizeof(u64);
	return go_on(frame, next);
}

/* The frame is RIP, CS, RFLAGS, RSP, SS. Only to the same code segment. */
int svm_handle_iret(struct svm_frame *frame)
{
	struct vmcb_save *save = &frame->vmcb->save;
	const u64 *word = stack_word(frame, save->rsp);

	if (!word || !stack_word(frame, save->rsp + 4 * sizeof(u64)) ||
	    word[1] != save->cs.selector)
		return RAW_UNEXPECTED;
	save->rip = word[0];
	save->rflags = (word[2] & RFLAGS_POPPED) | RFLAGS_FIXED;
	save->rsp = word[3];
	return 0;
}
