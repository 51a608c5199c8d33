// SPDX-License-Identifier: GPL-2.0-or-later
/* One batch: set-up, VMRUN and #VMEXIT in enter.S, result. */
#include "batch.h"

#include "../host.h"
#include "cpu.h"
#include "enable.h"
#include "exit.h"
#include "explain.h"
#include "setup.h"

#define OFFSET_IS(member, offset) \
	_Static_assert(offsetof(struct svm_frame, member) == (offset), "frame.h: " #member)

OFFSET_IS(rcx, FRAME_RCX);
OFFSET_IS(rdx, FRAME_RDX);
OFFSET_IS(rbx, FRAME_RBX);
OFFSET_IS(r8, FRAME_R8);
OFFSET_IS(r15, FRAME_R15);
OFFSET_IS(vmcb, FRAME_VMCB);
OFFSET_IS(vmcb_physical, FRAME_VMCB_PHYSICAL);
RAW_BATCH_IS(struct svm_frame, index, FRAME_INDEX);
RAW_BATCH_IS(struct svm_frame, ring, FRAME_RING);
RAW_BATCH_IS(struct svm_frame, next_rip, FRAME_NEXT_RIP);
RAW_BATCH_IS(struct svm_frame, raw_reason, FRAME_RAW_REASON);
RAW_BATCH_IS(struct svm_frame, count, FRAME_COUNT);
OFFSET_IS(record, FRAME_RECORD);
OFFSET_IS(caller_rsp, FRAME_CALLER);
OFFSET_IS(variant, FRAME_VARIANT);
OFFSET_IS(host, FRAME_HOST);
OFFSET_IS(vmload_each, FRAME_VMLOAD_EACH);
OFFSET_IS(delay, FRAME_DELAY);
OFFSET_IS(delayed, FRAME_DELAYED);
OFFSET_IS(irqs, FRAME_IRQS);
_Static_assert(sizeof(struct svm_frame) == FRAME_BYTES, "frame.h");
_Static_assert(offsetof(struct svm_vcpu, frame) % 64 == 0, "the frame is a whole cache line");
_Static_assert(offsetof(struct vmcb, control.exit_code) == VMCB_EXIT_CODE &&
		       offsetof(struct vmcb, save.rip) == VMCB_RIP,
	       "frame.h: VMCB");
/* Expected exits, and an intercept that must be off for them to occur. */
static const struct {
	u32 wanted, without;
} alone[] = {
	{SVM_EXIT_CR0_SEL_WRITE, SVM_EXIT_WRITE_CR + 0},
	{SVM_EXIT_IDLE_HLT, SVM_EXIT_HLT},
	/* Conditional on an armed monitor: MONITOR and MWAIT must not exit themselves. */
	{SVM_EXIT_MWAIT_CONDITIONAL, SVM_EXIT_MONITOR},
	{SVM_EXIT_MWAIT_CONDITIONAL, SVM_EXIT_MWAIT},
};

/* The intercepts of every batch, and that of the expected exit. */
static void set_intercepts(struct svm_vcpu *vcpu, u32 code)
{
	u32 *words = vcpu->vmcb->control.intercept;
	u32 wanted[VMCB_INTERCEPTS];

	__builtin_memcpy(wanted, vcpu->vm->intercept, sizeof(wanted));
	if (VMCB_INTERCEPTED(code))
		svm_intercept(wanted, code);
	for (u32 i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		if (code == alone[i].wanted)
			wanted[alone[i].without / 32] &= ~VMCB_INTERCEPT_BIT(alone[i].without);
	if (!__builtin_memcmp(words, wanted, sizeof(wanted)))
		return;
	__builtin_memcpy(words, wanted, sizeof(wanted));
	vmcb_changed(vcpu, VMCB_CLEAN_INTERCEPTS);
}

static void set_handler(struct svm_vcpu *vcpu, const struct hv_loop *loop, enum raw_path path)
{
	struct svm_frame *frame = &vcpu->frame;

	frame->handler =
		path == RAW_LEARN ? svm_handle_and_learn : svm_exit_handler(loop->raw_reason);
	if (loop->delay >= HV_MIN_DELAY) {
		frame->delayed = frame->handler;
		frame->delay = (loop->delay - 4) / 2;
		frame->handler = svm_delay;
	}
}

/* The fast path cannot take back a one-shot setting of the first VMRUN. */
static enum raw_path choose_path(struct svm_vcpu *vcpu, const struct hv_loop *loop)
{
	bool can_be_fast = svm_handler_is_skip(loop->raw_reason) &&
			   vcpu->frame.batch.raw_reason != SVM_ONE_SHOT;

	return raw_path_choose(&vcpu->raw, &vcpu->frame.batch, loop, hv_shared(vcpu->vcpu)->loop,
			       can_be_fast);
}

static void batch_begin(struct svm_vcpu *vcpu, const struct hv_loop *loop)
{
	struct svm_frame *frame = &vcpu->frame;
	enum raw_path path;

	raw_batch_begin(vcpu->vcpu, &vcpu->raw, &frame->batch, loop);
	vcpu->raw.apic = vcpu->vm->apic;
	vcpu->raw_reason = loop->raw_reason;
	if (frame->batch.raw_reason != SVM_ONE_SHOT)
		frame->batch.raw_reason = loop->raw_reason;
	frame->irqs = !vcpu->vcpu->vm->config.irqs_off || loop->waits || vcpu->vm->interrupts;
	set_intercepts(vcpu, loop->raw_reason);
	vcpu->vmcb->control.tlb_control = vcpu->tlb;
	if (vcpu->flush)
		vmcb_flush(vcpu);
	vcpu->flush = false;
	path = choose_path(vcpu, loop);
	frame->variant = (path == RAW_FAST ? SVM_VARIANT_FAST : 0) |
			 (frame->vmload_each ? SVM_VARIANT_EACH : 0) |
			 (loop->stamped ? SVM_VARIANT_STAMPED : 0);
	if (path != RAW_FAST)
		set_handler(vcpu, loop, path);
}

/*
 * None of KVM's mitigations around VMRUN is done here: no untraining of return predictions
 * (Retbleed, SRSO), no filling of the return stack, no IBPB, no VERW (TSA), and SPEC_CTRL keeps the
 * host's value, also where the VMCB has one (V_SPEC_CTRL is 0, which adds nothing). The guest runs
 * only code of this project, and the cost of the hardware's exit is what is to be measured.
 */
int svm_run(struct hv_vcpu *hv, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct svm_vcpu *vcpu = hv->priv;
	u64 cr2, dr6, dr7;
	int end, err;

	if (loop->action == HV_ACTION_IMMEDIATE) {
		host_format(unexpected->why, HV_WHY,
			    "raw SVM has no interface to enter without a guest");
		return -EOPNOTSUPP;
	}
	err = svm_vcpu_load(vcpu, unexpected->why);
	if (err)
		return err;
	batch_begin(vcpu, loop);
	vmcb_copy(vcpu->saved, vcpu->vmcb);
	cr2 = cpu_read_cr2();
	dr6 = cpu_read_dr6(); /* VMRUN loads the guest's */
	dr7 = cpu_read_dr7(); /* #VMEXIT disables all breakpoints (APM Vol. 2, "#VMEXIT") */
	if (vcpu->raw.apic)
		host_nmi_expect(true);
	end = svm_enter(&vcpu->frame);
	if (vcpu->raw.apic)
		host_nmi_expect(false);
	cpu_write_dr6(dr6);
	cpu_write_dr7(dr7);
	cpu_write_cr2(cr2);
	end = raw_end_of(end);
	err = raw_batch_end(hv, &vcpu->raw, &vcpu->frame.batch, loop, end, unexpected);
	if (end == RAW_MACHINE_CHECK)
		host_machine_check();
	return err == RAW_UNEXPECTED ? svm_explain(vcpu, unexpected) : err;
}
