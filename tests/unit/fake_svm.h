/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A simulated CPU with SVM: MSRs, CPUID, and a VMRUN that plays a guest. It caches the fields of
 *the VMCB's clean bits (APM Vol. 2, "VMCB Clean Bits"), so a change without its bit cleared is an
 *error here; no emulator would notice.
 *
 *	vm_make(SVM_FEATURE_NRIP, (struct hv_config){0});     a VM on a CPU with these abilities
 *	act(SVM_EXIT_CPUID, "\x0f\xa2");                      what its guest is to do
 *	assert_int_equal(batch(SVM_EXIT_CPUID), 0);           one batch; fake.entry[i]: each VMRUN
 *	vm_end();
 */
#ifndef TESTS_FAKE_SVM_H
#define TESTS_FAKE_SVM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/storms/storm.h"
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/svm/setup.h"
#include "fake_cpu.h"

/* The guest's next instruction or event, and the fields of the #VMEXIT that it causes. */
struct act {
	u64 code, info1, info2, interrupt_info;
	const char *bytes; /* of the instruction, put where RIP is */
	u32 length;
	u64 rip; /* 0: where it was */
	void (*before)(struct svm_frame *frame);
};

/* The state that one VMRUN was given. */
struct entry {
	u64 rip, event, shadow;
	u32 clean;
	u8 tlb;
	u32 intercept[VMCB_INTERCEPTS];
	u64 next_rip; /* of the fast path, as it was set */
	bool fast;
};

static struct {
	struct act act[16];
	u32 acts;
	struct entry entry[32];
	u32 entries;
	struct vmcb cached;
	bool is_cached;
	const char *stale; /* a field that was changed, its clean bit not cleared */
	u32 features, more_features, asids, instructions;
	u64 vm_cr, efer, hsave, de_cfg, dr6, dr7, cr2, cr3, cr4, tsc_ratio, syscfg;
	u32 writes_of_de_cfg;
	u32 encryption[2];			    /* CPUID Fn8000_001F EAX, EBX */
	u32 interrupts_of_self, interrupts_pending; /* of host_interrupt_self */
	u32 large_pages; /* so many pages yet begin at a multiple of 2 MiB */
	u32 cpu;
	u64 vmloads[8], vmsaves[8];
	u32 vmload_count, vmsave_count, gif_windows;
	bool hypervisor, nmi_expected, nmi_taken; /* _taken: while it was expected */
	u32 nmis, nmis_pending;			  /* that the host handles with its interrupts */
	u32 apic[0x400];			  /* the host's local APIC */
	bool guest_state;			  /* FS, GS, TR, LDTR, ... are the guest's */
	u32 calls_of_host;			  /* which need the host's */
	bool machine_check;			  /* one is pending: IA32_MCG_STATUS.MCIP */
	u32 machine_checks;			  /* that the host has been given */
} fake;

#define APIC_ICR_HIGH 0x310

static void host_called(void)
{
	fake.calls_of_host++;
	assert_false(fake.guest_state);
}

static struct hv_vm *vm;
static struct svm_vcpu *vcpu;
static struct hv_exit unexpected;

/* hv/host.h, as far as hv/user has none of it. */
u64 host_physical(const void *memory)
{
	u64 physical = (u64)memory & 0xfffffffffffULL; /* within 44 bits; pages stay pages */

	if (fake.large_pages && !(physical & 0xfff)) {
		fake.large_pages--;
		return physical & ~0x1fffffULL;
	}
	return physical;
}

u32 host_cpu(void)
{
	host_called();
	return fake.cpu;
}

void host_interrupt_self(void)
{
	host_called();
}

u32 host_interrupts_of_self(void)
{
	host_called();
	return fake.interrupts_of_self;
}

void host_nmi_expect(bool expect)
{
	host_called();
	fake.nmi_expected = expect;
}

u32 host_nmis(void)
{
	host_called();
	return fake.nmis;
}

u64 host_apic(void)
{
	return (u64)fake.apic;
}

bool host_machine_check_pending(void)
{
	host_called();
	return fake.machine_check;
}

void host_machine_check(void)
{
	host_called();
	fake.machine_checks++;
	fake.machine_check = false;
}

u64 fake_rdmsr(u32 msr)
{
	switch (msr) {
	case MSR_VM_CR:
		return fake.vm_cr;
	case MSR_EFER:
		return fake.efer;
	case MSR_DE_CFG:
		return fake.de_cfg;
	case MSR_TSC_RATIO:
		return fake.tsc_ratio;
	case MSR_APIC_BASE:
		return 0xfee00900;
	case MSR_SYSCFG:
		assert_true(fake.encryption[0]); /* #GP on older CPUs */
		return fake.syscfg;
	default:
		return 0;
	}
}

void fake_wrmsr(u32 msr, u64 value)
{
	switch (msr) {
	case MSR_VM_CR:
		assert_true(!(value & VM_CR_SVMDIS) || !(fake.efer & EFER_SVME)); /* #GP */
		fake.vm_cr = value;
		break;
	case MSR_EFER:
		fake.efer = value;
		break;
	case MSR_VM_HSAVE_PA:
		assert_true(fake.efer & EFER_SVME); /* #GP without it */
		fake.hsave = value;
		break;
	case MSR_TSC_RATIO:
		assert_true(fake.features & SVM_FEATURE_TSC_RATIO);
		fake.tsc_ratio = value;
		break;
	case MSR_DE_CFG:
		fake.de_cfg = value;
		fake.writes_of_de_cfg++;
		break;
	default:
		fail_msg("WRMSR of 0x%x", msr);
	}
}

void fake_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	(void)subleaf;
	memset(out, 0, 4 * sizeof(*out));
	switch (leaf) {
	case 1:
		out[2] = fake.hypervisor ? 1U << 31 : 0;
		break;
	case 0x80000000:
		out[0] = 0x80000021;
		break;
	case 0x80000001:
		out[2] = 1 << 2;
		break;
	case 0x80000008:
		out[0] = 44;
		out[1] = fake.instructions;
		break;
	case 0x8000001f:
		out[0] = fake.encryption[0];
		out[1] = fake.encryption[1];
		break;
	case 0x8000000a:
		out[1] = fake.asids;
		out[2] = fake.more_features;
		out[3] = fake.features;
		break;
	default:
		break;
	}
}

u64 fake_read_cr2(void)
{
	return fake.cr2;
}

u64 fake_read_cr3(void)
{
	return fake.cr3;
}

u64 fake_read_cr4(void)
{
	return fake.cr4;
}

void fake_write_cr2(u64 value)
{
	fake.cr2 = value;
}

u64 fake_read_dr6(void)
{
	return fake.dr6;
}

void fake_write_dr6(u64 value)
{
	fake.dr6 = value;
}

u64 fake_read_dr7(void)
{
	return fake.dr7;
}

void fake_write_dr7(u64 value)
{
	fake.dr7 = value;
}

void fake_vmload(u64 physical)
{
	fake.vmloads[fake.vmload_count++ % 8] = physical;
	fake.guest_state = physical == vcpu->frame.vmcb_physical;
	assert_true(fake.guest_state || physical == vcpu->frame.host);
}

void fake_vmsave(u64 physical)
{
	fake.vmsaves[fake.vmsave_count++ % 8] = physical;
	assert_true(fake.guest_state && physical == vcpu->frame.vmcb_physical);
}

void fake_gif_window(void)
{
	host_called(); /* interrupt handlers */
	fake.gif_windows++;
	fake.interrupts_of_self += fake.interrupts_pending;
	fake.interrupts_pending = 0;
	fake.nmi_taken = fake.nmi_expected;
	fake.nmis += fake.nmis_pending;
	fake.nmis_pending = 0;
	fake.apic[APIC_ICR_HIGH / 4] = 3U << 24; /* an IPI of a handler's */
}

/* The fields of each clean bit: APM Vol. 2, "VMCB Clean Bits". */
#define PART(bit, first, last)                                                         \
	{                                                                              \
		bit, #first, offsetof(struct vmcb, first),                             \
			offsetof(struct vmcb, last) + sizeof(((struct vmcb *)0)->last) \
	}
static const struct part_of_vmcb {
	u32 bit;
	const char *name;
	size_t from, to;
} parts_of_vmcb[] = {
	PART(VMCB_CLEAN_INTERCEPTS, control.intercept, control.intercept),
	PART(VMCB_CLEAN_INTERCEPTS, control.pause_filter_threshold, control.pause_filter_count),
	PART(VMCB_CLEAN_INTERCEPTS, control.tsc_offset, control.tsc_offset),
	PART(VMCB_CLEAN_PERMISSION_MAPS, control.iopm_base, control.msrpm_base),
	PART(VMCB_CLEAN_ASID, control.asid, control.asid),
	PART(VMCB_CLEAN_INTERRUPT, control.virtual_interrupt, control.virtual_interrupt),
	PART(VMCB_CLEAN_NESTED_PAGING, control.nested_paging, control.nested_paging),
	PART(VMCB_CLEAN_NESTED_PAGING, control.nested_cr3, control.nested_cr3),
	PART(VMCB_CLEAN_NESTED_PAGING, save.pat, save.pat),
	PART(VMCB_CLEAN_CR, save.efer, save.efer),
	PART(VMCB_CLEAN_CR, save.cr4, save.cr0),
	PART(VMCB_CLEAN_DR, save.dr7, save.dr6),
	PART(VMCB_CLEAN_DT, save.gdtr, save.gdtr),
	PART(VMCB_CLEAN_DT, save.idtr, save.idtr),
	PART(VMCB_CLEAN_SEGMENTS, save.es, save.ds),
	PART(VMCB_CLEAN_SEGMENTS, save.cpl, save.cpl),
	PART(VMCB_CLEAN_CR2, save.cr2, save.cr2),
	PART(VMCB_CLEAN_LBR, save.debugctl, save.last_exception_to),
	PART(VMCB_CLEAN_AVIC, control.avic_apic_bar, control.avic_apic_bar),
	PART(VMCB_CLEAN_AVIC, control.avic_backing_page, control.avic_backing_page),
	PART(VMCB_CLEAN_AVIC, control.avic_logical_table, control.avic_physical_table),
	PART(VMCB_CLEAN_CET, save.s_cet, save.isst_addr),
};
#undef PART

/* VMRUN: records its VMCB, and compares the fields that clean bits skip with the cached ones. */
static void fake_vmrun(const struct svm_frame *frame)
{
	const struct vmcb *vmcb = frame->vmcb;
	struct entry *entry = &fake.entry[fake.entries++ % 32];

	*entry = (struct entry){
		.rip = vmcb->save.rip,
		.event = vmcb->control.event_injection,
		.shadow = vmcb->control.interrupt_shadow,
		.clean = vmcb->control.clean,
		.tlb = vmcb->control.tlb_control,
		.next_rip = frame->batch.next_rip,
		.fast = frame->variant & SVM_VARIANT_FAST,
	};
	memcpy(entry->intercept, vmcb->control.intercept, sizeof(entry->intercept));
	for (u32 i = 0; i < sizeof(parts_of_vmcb) / sizeof(parts_of_vmcb[0]); i++) {
		const struct part_of_vmcb *part = &parts_of_vmcb[i];

		if (vmcb->control.clean & part->bit &&
		    (!fake.is_cached ||
		     memcmp((const u8 *)vmcb + part->from, (u8 *)&fake.cached + part->from,
			    part->to - part->from)))
			fake.stale = part->name;
	}
}

static void fake_vmexit(struct svm_frame *frame, const struct act *act)
{
	struct vmcb *vmcb = frame->vmcb;
	const struct hv_vm *vm = svm_vcpu_of(frame)->vcpu->vm;

	if (act->rip)
		vmcb->save.rip = act->rip;
	if (act->bytes)
		memcpy(vm->memory + vmcb->save.rip, act->bytes, act->length);
	if (act->before)
		act->before(frame);
	vmcb->control.exit_code = act->code;
	vmcb->control.exit_info1 = act->info1;
	vmcb->control.exit_info2 = act->info2;
	vmcb->control.exit_interrupt_info = act->interrupt_info;
	vmcb->control.next_rip = 0;
	if (fake.features & SVM_FEATURE_NRIP && act->bytes && act->code < 0x8f)
		vmcb->control.next_rip = vmcb->save.rip + act->length;
	fake.cached = *vmcb; /* as the guest left it */
	fake.dr6 = vmcb->save.dr6;
	fake.dr7 = 0x400; /* no breakpoint is on: APM Vol. 2, 15.6 */
	fake.is_cached = true;
}

/* In place of enter.S: the guest's acts one after the other, then it says that it is done. */
int svm_enter(struct svm_frame *frame)
{
	const struct act done = {.code = SVM_EXIT_IOIO,
				 .info1 = (u64)GUEST_PORT_DONE << 16 | 1 << 4,
				 .info2 = 0x100000};
	int end = 0;

	fake.guest_state = true;
	for (u32 i = 0; !end; i++) {
		if (frame->vmload_each)
			fake.guest_state = true;
		assert_true(fake.guest_state);
		fake_vmrun(frame);
		fake_vmexit(frame, i < fake.acts ? &fake.act[i] : &done);
		if (frame->vmload_each)
			fake.guest_state = false;
		end = svm_handle(frame);
	}
	assert_int_equal(fake.guest_state, !frame->vmload_each);
	fake.guest_state = false; /* svm_leave */
	return end;
}

int svm_delay(struct svm_frame *frame)
{
	return frame->delayed(frame);
}

#define CODE		    (GUEST_IMAGE + 0x8000) /* where the guest's acts are */
#define VALID		    VMCB_EVENT_VALID
#define EVENT(type, vector) (VALID | (type) << 8 | (vector))

static inline void vm_make(u32 features, struct hv_config config)
{
	char why[HV_WHY] = "";

	memset(&fake, 0, sizeof(fake));
	fake.cr4 = CR4_MCE;
	fake.features = features | SVM_FEATURE_NESTED_PAGING;
	fake.asids = 16;
	config.backend = &hv_svm;
	config.image = guest_image;
	config.image_size = guest_image_end - guest_image;
	config.vcpus = 2;
	if (hv_svm.cpu_on(why) || hv_vm_create(&vm, &config, why))
		fail_msg("%s", why);
	vcpu = hv_vcpu(vm, 0)->priv;
}

static inline void vm_end(void)
{
	hv_vm_destroy(vm);
	hv_svm.cpu_off();
}

static inline struct act *act_of(u64 code, const char *bytes, u32 length)
{
	struct act *next = &fake.act[fake.acts++];

	*next = (struct act){.code = code, .bytes = bytes, .length = length};
	return next;
}

/* An exit that the guest makes by an instruction, or by none. */
#define INSN(bytes)	 bytes, sizeof(bytes) - 1
#define act(code, bytes) act_of(code, INSN(bytes))
#define event(code)	 act_of(code, NULL, 0)

/* One batch that is about exits of `code`. */
static inline int batch(u64 code)
{
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = code};
	int err;

	fake.entries = 0;
	vcpu->vmcb->save.rip = CODE;
	err = hv_run(hv_vcpu(vm, 0), &loop, &unexpected);
	fake.acts = 0;
	assert_null(fake.stale);
	return err;
}

static inline u64 leaf_of(u64 address)
{
	u64 bytes, *leaf = paging_leaf(&vcpu->vm->slat.tables, address, &bytes);

	return leaf ? *leaf : 0;
}

#endif
