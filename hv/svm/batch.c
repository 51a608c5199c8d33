// SPDX-License-Identifier: GPL-2.0-or-later
/* A batch: from its first VMRUN to its last #VMEXIT, and what it has counted. */
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
OFFSET_IS(index, FRAME_INDEX);
OFFSET_IS(ring, FRAME_RING);
OFFSET_IS(next_rip, FRAME_NEXT_RIP);
OFFSET_IS(raw_reason, FRAME_RAW_REASON);
OFFSET_IS(count, FRAME_COUNT);
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
_Static_assert(offsetof(struct record, host_in) == RECORD_HOST_IN &&
		       offsetof(struct record, host_out) == RECORD_HOST_OUT &&
		       sizeof(struct record) == 1 << RECORD_SHIFT,
	       "frame.h: record");

/*
 * Whether the batch can be lean: the loop that it runs was seen to exit at one place only, with the
 * reason that is expected, and the answer is to go on behind it. Nor may the first entry have
 * something that later ones must not: assembly would not take it back.
 */
static bool is_known(const struct svm_vcpu *vcpu, const struct hv_loop *loop, u64 code)
{
	return vcpu->sites && vcpu->site_loop == code && vcpu->site_reason == loop->raw_reason;
}

static bool can_be_lean(const struct svm_vcpu *vcpu, const struct hv_loop *loop, u64 code)
{
	return loop->path == HV_PATH_LEAN && is_known(vcpu, loop, code) && vcpu->sites == 1 &&
	       svm_handler_is_skip(loop->raw_reason) && vcpu->frame.raw_reason != SVM_ONE_SHOT;
}

/* Intercepts that leave another nothing to do, or keep it from what it needs. */
static const struct {
	u32 wanted, without;
} alone[] = {
	{SVM_EXIT_CR0_SEL_WRITE, SVM_EXIT_WRITE_CR + 0},
	{SVM_EXIT_IDLE_HLT, SVM_EXIT_HLT},
	/* It is for who lets guests arm the monitor. Not armed, MWAIT does not wait. */
	{SVM_EXIT_MWAIT_CONDITIONAL, SVM_EXIT_MONITOR},
	{SVM_EXIT_MWAIT_CONDITIONAL, SVM_EXIT_MWAIT},
};

/* What is to be measured exits. */
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

static void batch_handler(struct svm_vcpu *vcpu, const struct hv_loop *loop, u64 code)
{
	struct svm_frame *frame = &vcpu->frame;

	frame->handler = svm_exit_handler(loop->raw_reason);
	if (loop->path == HV_PATH_LEAN && !is_known(vcpu, loop, code)) {
		frame->handler = svm_handle_and_learn;
		vcpu->site_loop = code;
		vcpu->site_reason = loop->raw_reason;
		vcpu->sites = 0;
	}
	if (loop->delay > 4) {
		frame->delayed = frame->handler;
		frame->delay = (loop->delay - 4) / 2;
		frame->handler = svm_delay;
	}
}

static void batch_begin(struct svm_vcpu *vcpu, const struct hv_loop *loop)
{
	const struct guest_shared *shared = hv_shared(vcpu->vcpu);
	struct svm_frame *frame = &vcpu->frame;
	u32 batch = shared->batch < GUEST_RING_RECORDS ? shared->batch : GUEST_RING_RECORDS;

	for (u32 i = 0; i < batch; i++) {
		frame->ring[i].flags = 0;
		frame->ring[i].raw_reason = loop->raw_reason; /* or the batch ends in an error */
	}
	vcpu->raw_reason = loop->raw_reason;
	if (frame->raw_reason != SVM_ONE_SHOT)
		frame->raw_reason = loop->raw_reason;
	frame->count = 0;
	frame->irqs = !vcpu->vcpu->vm->config.irqs_off || loop->waits || vcpu->vm->interrupts;
	frame->index = loop->counted ? &frame->count : &hv_shared(vcpu->vcpu)->index;
	vcpu->others = 0;
	set_intercepts(vcpu, loop->raw_reason);
	vcpu->vmcb->control.tlb_control = vcpu->tlb;
	if (vcpu->flush)
		vmcb_flush(vcpu);
	vcpu->flush = false;
	frame->lean = can_be_lean(vcpu, loop, shared->loop);
	frame->variant = (frame->lean ? SVM_VARIANT_LEAN : 0) |
			 (frame->vmload_each ? SVM_VARIANT_EACH : 0) |
			 (loop->stamped ? SVM_VARIANT_STAMPED : 0);
	if (frame->lean)
		frame->next_rip = vcpu->site_rip;
	else
		batch_handler(vcpu, loop, shared->loop);
}

/* 0, or why the batch is not what it should be. */
static int batch_end(struct svm_vcpu *vcpu, const struct hv_loop *loop, int end,
		     struct hv_exit *unexpected)
{
	u32 count = vcpu->frame.count;

	/* The exit that ends a batch is an I/O instruction, too, and was counted with its like. */
	if (loop->raw_reason == SVM_EXIT_IOIO && (end == SVM_DONE || end == SVM_FAULT))
		count--;
	vcpu->exits += count + vcpu->others + 1;
	vcpu->expected += count;
	if (end == SVM_FAULT)
		return hv_guest_fault(vcpu->vcpu, unexpected);
	if (end == SVM_KICKED) {
		vcpu->kicked = false;
		host_format(unexpected->why, HV_WHY, "kicked");
		return -EINTR;
	}
	if (end != SVM_DONE)
		return svm_explain(vcpu, unexpected);
	if (loop->count && loop->count != count) {
		unexpected->qualification = count;
		host_format(unexpected->why, HV_WHY, "%u exits (%s) were asked for, %u came",
			    loop->count, svm_exit_name(loop->raw_reason), count);
		return -EBADE;
	}
	return 0;
}

/*
 * Of the mitigations that KVM has around a VMRUN there is none here: no untraining of returns
 * (Retbleed, SRSO), no filling of the return stack, no IBPB, no VERW (TSA), and SPEC_CTRL is the
 * host's throughout, also where the VMCB could hold another (V_SPEC_CTRL; its field is 0, which
 * adds nothing). All that a guest executes is ours, and its exits are to be the hardware's.
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
	dr6 = cpu_read_dr6(); /* VMRUN loads it */
	dr7 = cpu_read_dr7(); /* a #VMEXIT leaves no breakpoint on (APM Vol. 2, "#VMEXIT") */
	end = svm_enter(&vcpu->frame);
	cpu_write_dr6(dr6);
	cpu_write_dr7(dr7);
	cpu_write_cr2(cr2);
	return batch_end(vcpu, loop, end, unexpected);
}
