// SPDX-License-Identifier: GPL-2.0-or-later
/* One batch: set-up, VM entries and exits in enter.S, result. */
#include "batch.h"

#include "../host.h"
#include "cpu.h"
#include "enable.h"
#include "exit.h"
#include "explain.h"
#include "feature.h"
#include "setup.h"

#define OFFSET_IS(member, offset) \
	_Static_assert(offsetof(struct vmx_frame, member) == (offset), "frame.h: " #member)

OFFSET_IS(rax, FRAME_RAX);
OFFSET_IS(rcx, FRAME_RCX);
OFFSET_IS(rdx, FRAME_RDX);
OFFSET_IS(rbx, FRAME_RBX);
OFFSET_IS(rbp, FRAME_RBP);
OFFSET_IS(rsi, FRAME_RSI);
OFFSET_IS(rdi, FRAME_RDI);
OFFSET_IS(r8, FRAME_R8);
OFFSET_IS(r15, FRAME_R15);
RAW_BATCH_IS(struct vmx_frame, index, FRAME_INDEX);
RAW_BATCH_IS(struct vmx_frame, ring, FRAME_RING);
RAW_BATCH_IS(struct vmx_frame, next_rip, FRAME_NEXT_RIP);
RAW_BATCH_IS(struct vmx_frame, raw_reason, FRAME_RAW_REASON);
OFFSET_IS(launch, FRAME_LAUNCH);
RAW_BATCH_IS(struct vmx_frame, count, FRAME_COUNT);
OFFSET_IS(record, FRAME_RECORD);
OFFSET_IS(caller_rsp, FRAME_CALLER);
OFFSET_IS(delayed, FRAME_DELAYED);
OFFSET_IS(delay, FRAME_DELAY);
OFFSET_IS(store, FRAME_STORE);
OFFSET_IS(store.value, FRAME_STORED);
_Static_assert(sizeof(struct vmx_frame) == FRAME_BYTES, "frame.h");
_Static_assert(offsetof(struct vmx_vcpu, frame) % 64 == 0, "the frame is a whole cache line");
static u64 exit_entry_point(const struct vmx_vcpu *vcpu, const struct hv_loop *loop)
{
	static const u8 *const points[2][2] = {{vmx_exit_full, vmx_exit_fast},
					       {vmx_exit_full_checked, vmx_exit_fast_checked}};

	if (!loop->stamped)
		return (u64)(vcpu->raw.fast ? vmx_exit_fast_unstamped : vmx_exit_full_unstamped);
	return (u64)points[vcpu->vcpu->vm->config.stored_tsc][vcpu->raw.fast];
}

static void set_handler(struct vmx_vcpu *vcpu, const struct hv_loop *loop, enum raw_path path)
{
	struct vmx_frame *frame = &vcpu->frame;

	if (vcpu->vm->handler)
		frame->handler = vcpu->vm->handler;
	else if (path == RAW_LEARN)
		frame->handler = vmx_handle_and_learn;
	else
		frame->handler = vmx_exit_handler(loop->raw_reason);
	if (loop->delay >= HV_MIN_DELAY) {
		frame->delayed = frame->handler;
		frame->delay = (loop->delay - 4) / 2;
		frame->handler = vmx_delay;
	}
}

/* A feature's handler does more than skip, and does not learn: always the full path. */
static enum raw_path choose_path(struct vmx_vcpu *vcpu, const struct hv_loop *loop)
{
	vcpu->raw.fast = false;
	if (vcpu->vm->handler)
		return RAW_FULL;
	return raw_path_choose(&vcpu->raw, &vcpu->frame.batch, loop, hv_shared(vcpu->vcpu)->loop,
			       vmx_handler_is_skip(loop->raw_reason));
}

static void batch_begin(struct vmx_vcpu *vcpu, const struct hv_loop *loop)
{
	struct vmx_frame *frame = &vcpu->frame;
	enum raw_path path;

	raw_batch_begin(vcpu->vcpu, &vcpu->raw, &frame->batch, loop);
	frame->batch.raw_reason = loop->raw_reason;
	vcpu->raw.apic = vcpu->vm->apic;
	frame->launch = !vcpu->launched;
	/*
	 * An entry outside SMM fails with this bit set; Bochs 2.7 sets it in every exit after a
	 * SIPI.
	 */
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY,
		   vmcs_read(VMCS_GUEST_INTERRUPTIBILITY) & ~(u64)VMX_BLOCKING_BY_SMI);
	vcpu->irqs_off = (vcpu->vcpu->vm->config.irqs_off && !loop->waits) || !host_keeps_cr4();
	vmx_feature_load(vcpu);
	vmx_controls_write(vcpu);
	path = choose_path(vcpu, loop);
	vmcs_write(VMCS_HOST_RIP, exit_entry_point(vcpu, loop));
	if (path != RAW_FAST)
		set_handler(vcpu, loop, path);
}

/*
 * Host state that a VM exit does not restore (SDM Vol. 3, "Loading Host State") or that the guest
 * needs with other values.
 */
struct host_state {
	struct table_register gdt, idt;
	u64 cr2, dr0, dr6, dr7, debugctl;
	u16 ldtr;
	u64 star, lstar, sfmask, xss;
};

static void syscall_msrs(u64 star, u64 lstar, u64 sfmask)
{
	cpu_wrmsr(MSR_STAR, star);
	cpu_wrmsr(MSR_LSTAR, lstar);
	cpu_wrmsr(MSR_SFMASK, sfmask);
}

/* The guest may change DR0 to DR3; of these the storms use DR0. */
static bool owns_debug_registers(const struct vmx_vm *vmx)
{
	return !(vmx->controls.value[VMX_PROCESSOR] & VMX_PROCESSOR_MOV_DR_EXITING);
}

static void host_state_save(struct host_state *saved, const struct vmx_vm *vmx)
{
	cpu_sgdt(&saved->gdt);
	cpu_sidt(&saved->idt);
	saved->ldtr = cpu_ldtr();
	saved->cr2 = cpu_read_cr2();
	if (owns_debug_registers(vmx))
		saved->dr0 = cpu_read_dr0();
	saved->dr6 = cpu_read_dr6(); /* a #DB in the guest sets bits */
	saved->dr7 = cpu_read_dr7();
	saved->debugctl = cpu_rdmsr(MSR_DEBUGCTL);
	saved->star = cpu_rdmsr(MSR_STAR);
	saved->lstar = cpu_rdmsr(MSR_LSTAR);
	saved->sfmask = cpu_rdmsr(MSR_SFMASK);
	if (vmx->xss)
		saved->xss = cpu_rdmsr(MSR_XSS);
}

static void host_state_restore(const struct host_state *saved, const struct vmx_vm *vmx)
{
	cpu_lgdt(&saved->gdt);
	cpu_lidt(&saved->idt);
	if (saved->ldtr)
		cpu_load_ldtr(saved->ldtr);
	cpu_write_cr2(saved->cr2);
	if (owns_debug_registers(vmx))
		cpu_write_dr0(saved->dr0);
	cpu_write_dr6(saved->dr6);
	cpu_write_dr7(saved->dr7);
	syscall_msrs(saved->star, saved->lstar, saved->sfmask);
	if (vmx->xss)
		cpu_wrmsr(MSR_XSS, saved->xss);
	if (saved->debugctl) /* VM exits clear it */
		cpu_wrmsr(MSR_DEBUGCTL, saved->debugctl);
}

static int batch_end(struct vmx_vcpu *vcpu, const struct hv_loop *loop, int end,
		     struct hv_exit *unexpected)
{
	int err;

	if (end == VMX_FAILED_VALID || end == VMX_FAILED_INVALID)
		return vmx_explain(vcpu, end, unexpected);
	/*
	 * An entry that fails on guest state leaves the launch state clear (SDM Vol. 3,
	 * "VMLAUNCH/VMRESUME").
	 */
	if (!(vmcs_read(VMCS_EXIT_REASON) & VMX_EXIT_ENTRY_FAILURE))
		vcpu->launched = 1;
	err = raw_batch_end(vcpu->vcpu, &vcpu->raw, &vcpu->frame.batch, loop, end, unexpected);
	return err == RAW_UNEXPECTED ? vmx_explain(vcpu, end, unexpected) : err;
}

/*
 * None of KVM's mitigations around an entry is done here: no L1D flush (L1TF), no VERW (MDS, TAA,
 * MMIO, RFDS), no filling of the return stack (RSB underflow), no clearing of branch history (BHI),
 * no IBPB, and SPEC_CTRL keeps the host's value. The guest runs only code of this project, and the
 * cost of the hardware's exit is what is to be measured.
 */
static int run_batch(struct vmx_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct host_state saved;
	int end, err;

	err = vmx_vcpu_load(vcpu, unexpected->why);
	if (err)
		return err;
	vmcs_host_state(vcpu);
	batch_begin(vcpu, loop);
	host_state_save(&saved, vcpu->vm);
	syscall_msrs(vcpu->star, vcpu->lstar, vcpu->sfmask);
	if (vcpu->vm->xss)
		cpu_wrmsr(MSR_XSS, vcpu->vm->xss);
	if (vcpu->raw.apic)
		host_nmi_expect(true);
	end = vmx_enter(&vcpu->frame);
	if (vcpu->raw.apic)
		host_nmi_expect(false);
	host_state_restore(&saved, vcpu->vm);
	end = raw_end_of(end);
	return batch_end(vcpu, loop, end, unexpected);
}

int vmx_run(struct hv_vcpu *hv, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	int err;

	if (loop->action == HV_ACTION_IMMEDIATE) {
		host_format(unexpected->why, HV_WHY,
			    "raw VMX has no interface to enter without a guest");
		return -EOPNOTSUPP;
	}
	err = run_batch(hv->priv, loop, unexpected);
	vmx_batch_end();
	if (err == -EHWPOISON)
		host_machine_check();
	return err;
}
