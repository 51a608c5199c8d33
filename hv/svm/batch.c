// SPDX-License-Identifier: GPL-2.0-or-later
/* The SVM backend: VMs, vCPUs and batches. */
#include "svm.h"

#include "../host.h"
#include "cpu.h"

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
OFFSET_IS(round, FRAME_ROUND);
OFFSET_IS(host, FRAME_HOST);
OFFSET_IS(switched, FRAME_SWITCHED);
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
 * What exits in every batch: what the host cannot do without, and the instructions that no loop
 * needs for itself. What makes guest stamps and handlers exit (RDTSC, IRET, PUSHF …) does so only
 * in the batches that are about it.
 */
static const u32 always[] = {
	SVM_EXIT_WRITE_CR + 0, SVM_EXIT_WRITE_CR + 3, SVM_EXIT_WRITE_CR + 4, SVM_EXIT_WRITE_CR + 8,
	SVM_EXIT_READ_CR + 8,  SVM_EXIT_WRITE_DR + 7, SVM_EXIT_INTR,	     SVM_EXIT_NMI,
	SVM_EXIT_INIT,	       SVM_EXIT_RDPMC,	      SVM_EXIT_CPUID,	     SVM_EXIT_INVD,
	SVM_EXIT_PAUSE,	       SVM_EXIT_HLT,	      SVM_EXIT_INVLPG,	     SVM_EXIT_INVLPGA,
	SVM_EXIT_IOIO,	       SVM_EXIT_MSR,	      SVM_EXIT_TASK_SWITCH,  SVM_EXIT_SHUTDOWN,
	SVM_EXIT_VMRUN,	       SVM_EXIT_VMMCALL,      SVM_EXIT_VMLOAD,	     SVM_EXIT_VMSAVE,
	SVM_EXIT_STGI,	       SVM_EXIT_CLGI,	      SVM_EXIT_SKINIT,	     SVM_EXIT_WBINVD,
	SVM_EXIT_MONITOR,      SVM_EXIT_MWAIT,	      SVM_EXIT_XSETBV,
};

static void vm_destroy(struct hv_vm *vm)
{
	struct svm_vm *svm = vm->priv;

	if (!svm)
		return;
	slat_free(&svm->slat);
	access_free(&svm->access);
	host_pages_free(svm->fifth, 0x1000);
	host_pages_free(svm->io_map, SVM_IOPM_BYTES);
	host_pages_free(svm->msr_map, SVM_MSRPM_BYTES);
	host_pages_free(svm->page_log, SVM_PAGE_LOG_BYTES);
	svm_avic_free(vm, svm);
	host_free(svm, sizeof(*svm));
	vm->priv = NULL;
}

/*
 * Nested tables are walked as the host's are: with CR4.LA57 by five levels (APM Vol. 2, "Nested
 * Paging Modes"). All that is mapped is behind the first entry of the fifth.
 */
static int tables_build(struct hv_vm *vm, struct svm_vm *svm, char *why)
{
	struct slat_ability can = {.format = &paging_npt,
				   .name = "nested paging",
				   .pages_2m = true,
				   .pages_1g = svm->can.pages_1g};
	int err = slat_build(vm, &svm->slat, &can, why);

	if (err)
		return err;
	svm->nested_cr3 = svm->slat.tables.area_address;
	if (!(cpu_read_cr4() & CR4_LA57))
		return 0;
	svm->fifth = host_pages_alloc(0x1000);
	if (!svm->fifth) {
		host_format(why, HV_WHY, "not enough memory for nested paging");
		return -ENOMEM;
	}
	svm->fifth[0] = svm->nested_cr3 | NPT_TABLE;
	svm->nested_cr3 = host_physical(svm->fifth);
	return 0;
}

static int vm_fill(struct hv_vm *vm, struct svm_vm *svm, char *why)
{
	int err;

	svm->io_map = host_pages_alloc(SVM_IOPM_BYTES);
	svm->msr_map = host_pages_alloc(SVM_MSRPM_BYTES);
	if (!svm->io_map || !svm->msr_map) {
		host_format(why, HV_WHY, "not enough memory for the VM's permission maps");
		return -ENOMEM;
	}
	__builtin_memset(svm->io_map, 0xff, SVM_IOPM_BYTES); /* every port and every MSR exits */
	__builtin_memset(svm->msr_map, 0xff, SVM_MSRPM_BYTES);
	for (u32 i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		svm_intercept(svm->intercept, always[i]);
	svm_capabilities_read(&svm->can);
	if (svm->can.asids <= vm->config.vcpus) {
		host_format(why, HV_WHY, "this CPU has %u ASIDs, the host's among them: too few",
			    svm->can.asids);
		return -EOPNOTSUPP;
	}
	err = access_init(&svm->access, vm, why);
	return err ? err : tables_build(vm, svm, why);
}

static int vm_create(struct hv_vm *vm, char *why)
{
	struct svm_vm *svm;
	int err;

	if (vm->config.irqchip) {
		host_format(why, HV_WHY, "raw SVM has no interrupt controller of its own");
		return -EOPNOTSUPP;
	}
	if (vm->config.msr_store) {
		host_format(why, HV_WHY, "SVM has no area that a VM exit stores MSRs in");
		return -EOPNOTSUPP;
	}
	svm = host_alloc(sizeof(*svm));
	if (!svm) {
		host_format(why, HV_WHY, "not enough memory for a VM");
		return -ENOMEM;
	}
	vm->priv = svm;
	err = vm_fill(vm, svm, why);
	if (err)
		vm_destroy(vm);
	return err;
}

static void vcpu_destroy(struct hv_vcpu *hv)
{
	struct svm_vcpu *vcpu = hv->priv;

	if (!vcpu)
		return;
	host_pages_free(vcpu->vmcb, sizeof(*vcpu->vmcb));
	host_pages_free(vcpu->kept, sizeof(*vcpu->kept));
	host_pages_free(vcpu, sizeof(*vcpu));
	hv->priv = NULL;
}

static int vcpu_create(struct hv_vcpu *hv, char *why)
{
	struct svm_vcpu *vcpu = host_pages_alloc(sizeof(*vcpu));

	hv->priv = vcpu;
	if (vcpu) {
		vcpu->vmcb = host_pages_alloc(sizeof(*vcpu->vmcb));
		vcpu->kept = host_pages_alloc(sizeof(*vcpu->kept));
	}
	if (!vcpu || !vcpu->vmcb || !vcpu->kept) {
		host_format(why, HV_WHY, "not enough memory for a vCPU");
		vcpu_destroy(hv);
		return -ENOMEM;
	}
	vcpu->vcpu = hv;
	vcpu->vm = hv->vm->priv;
	vcpu->cpu = SVM_NO_CPU;
	vcpu->tlb = hv->vm->config.no_vpid ? VMCB_TLB_ALL : VMCB_TLB_NOTHING;
	vcpu->frame.vmcb = vcpu->vmcb;
	vcpu->frame.vmcb_physical = host_physical(vcpu->vmcb);
	vcpu->frame.ring = hv_ring(hv);
	vcpu->frame.record = vcpu->frame.ring;
	vcpu->frame.switched = !hv->vm->config.vmload_batch;
	vmcb_setup(vcpu);
	return 0;
}

static int device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	(void)vm;
	(void)device;
	host_format(why, HV_WHY, "raw SVM has no devices in a kernel");
	return -EOPNOTSUPP;
}

static int pages(struct hv_vcpu *hv, enum hv_pages state, char *why)
{
	struct svm_vcpu *vcpu = hv->priv;

	(void)why;
	slat_pages(&vcpu->vm->slat, hv->index, state);
	vcpu->flush = true;
	return 0;
}

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
	       svm_answer_is_skip(loop->raw_reason) && vcpu->frame.raw_reason != SVM_UNSETTLED;
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

static void batch_answer(struct svm_vcpu *vcpu, const struct hv_loop *loop, u64 code)
{
	struct svm_frame *frame = &vcpu->frame;

	frame->answer = svm_answer(loop->raw_reason);
	if (loop->path == HV_PATH_LEAN && !is_known(vcpu, loop, code)) {
		frame->answer = svm_answer_and_learn;
		vcpu->site_loop = code;
		vcpu->site_reason = loop->raw_reason;
		vcpu->sites = 0;
	}
	if (loop->delay > 4) {
		frame->delayed = frame->answer;
		frame->delay = (loop->delay - 4) / 2;
		frame->answer = svm_delay;
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
	if (frame->raw_reason != SVM_UNSETTLED)
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
	frame->round = (frame->lean ? SVM_ROUND_LEAN : 0) | (frame->switched ? SVM_ROUND_EACH : 0) |
		       (loop->stamped ? SVM_ROUND_STAMPED : 0);
	if (frame->lean)
		frame->next_rip = vcpu->site_rip;
	else
		batch_answer(vcpu, loop, shared->loop);
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
static int run(struct hv_vcpu *hv, const struct hv_loop *loop, struct hv_exit *unexpected)
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
	vmcb_copy(vcpu->kept, vcpu->vmcb);
	cr2 = cpu_read_cr2();
	dr6 = cpu_read_dr6(); /* VMRUN loads it */
	dr7 = cpu_read_dr7(); /* a #VMEXIT leaves no breakpoint on (APM Vol. 2, "#VMEXIT") */
	end = svm_enter(&vcpu->frame);
	cpu_write_dr6(dr6);
	cpu_write_dr7(dr7);
	cpu_write_cr2(cr2);
	return batch_end(vcpu, loop, end, unexpected);
}

static void kick(struct hv_vcpu *hv)
{
	struct svm_vcpu *vcpu = hv->priv;

	vcpu->kicked = true;
}

static int counts(struct hv_vcpu *hv, struct hv_counts *counts)
{
	const struct svm_vcpu *vcpu = hv->priv;

	*counts = (struct hv_counts){
		.valid = HV_COUNT_EXITS | HV_COUNT_INTERRUPTS | HV_COUNT_EXPECTED,
		.exits = vcpu->exits,
		.interrupts = vcpu->interrupts,
		.expected = vcpu->expected,
	};
	return 0;
}

const struct hv_backend hv_svm = {
	.name = "svm",
	.title = "raw SVM",
	.raw_space = "svm",
	.vendor = HV_VENDOR_AMD,
	.every_exit = true,
	.probe = svm_probe,
	.cpu_on = svm_cpu_on,
	.cpu_off = svm_cpu_off,
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.enable = svm_feature_enable,
	.controls = svm_controls,
	.device_add = device_add,
	.pages = pages,
	.run = run,
	.kick = kick,
	.counts = counts,
	.raw_reason = svm_exit_code,
	.raw_name = svm_exit_name,
};
