// SPDX-License-Identifier: GPL-2.0-or-later
/* A vCPU's CPUID, registers and local APIC before its first entry. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../host.h"
#include "error.h"
#include "kvm.h"

enum { CPUID_ENTRIES = 256 };

#define CPUID_1_ECX_X2APIC	 (1U << 21)
#define CPUID_1_ECX_TSC_DEADLINE (1U << 24)
#define CPUID_1_ECX_XSAVE	 (1U << 26)
#define CR4_OSXSAVE		 (1U << 18)
#define APIC_BASE_X2APIC	 (1U << 10)
#define APIC_BASE_ENABLE	 (1U << 11)
#define APIC_SVR		 0xf0
#define APIC_SVR_ENABLE_FF	 0x1ff /* enabled, spurious vector 0xff */
#define MSR_STAR		 0xc0000081
#define MSR_LSTAR		 0xc0000082
#define MSR_SFMASK		 0xc0000084

int kvm_cpuid_get(struct kvm_vm *vm, int kvm_fd, char *why)
{
	vm->cpuid_bytes = sizeof(*vm->cpuid) + CPUID_ENTRIES * sizeof(vm->cpuid->entries[0]);
	vm->cpuid = host_alloc(vm->cpuid_bytes);
	if (!vm->cpuid) {
		host_format(why, HV_WHY, "not enough memory for a VM's CPUID");
		return -ENOMEM;
	}
	vm->cpuid->nent = CPUID_ENTRIES;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, vm->cpuid))
		return kvm_failed(why, "KVM_GET_SUPPORTED_CPUID");
	return 0;
}

static void cpuid_bit(u32 *word, u32 bit, bool on)
{
	*word = on ? *word | bit : *word & ~bit;
}

/* All that KVM supports, and the vCPU's own APIC ID. *xsave: the guest can have CR4.OSXSAVE. */
static int cpuid_set(struct kvm_vcpu *vcpu, bool *xsave, char *why)
{
	const struct kvm_vm *vm = vcpu->hv->vm->priv;
	bool irqchip = vcpu->hv->vm->config.irqchip;
	u32 index = vcpu->hv->index;
	struct kvm_cpuid2 *cpuid = host_alloc(vm->cpuid_bytes);
	int err = 0, deadline = 0;

	if (!cpuid) {
		host_format(why, HV_WHY, "not enough memory for a vCPU's CPUID");
		return -ENOMEM;
	}
	memcpy(cpuid, vm->cpuid, vm->cpuid_bytes);
	if (irqchip)
		deadline = ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER);
	if (deadline < 0)
		err = kvm_failed(why, "KVM_CHECK_EXTENSION");
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *leaf = &cpuid->entries[i];

		if (leaf->function == 1) {
			leaf->ebx = (leaf->ebx & 0x00ffffff) | index << 24;
			cpuid_bit(&leaf->ecx, CPUID_1_ECX_X2APIC, irqchip);
			/* Older kernels do not list it in KVM_GET_SUPPORTED_CPUID. */
			cpuid_bit(&leaf->ecx, CPUID_1_ECX_TSC_DEADLINE, deadline > 0);
			*xsave = leaf->ecx & CPUID_1_ECX_XSAVE;
		} else if (leaf->function == 0xb || leaf->function == 0x1f) {
			leaf->edx = index;
		}
	}
	if (!err && ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid))
		err = kvm_failed(why, "KVM_SET_CPUID2");
	host_free(cpuid, vm->cpuid_bytes);
	return err;
}

static struct kvm_segment segment(const struct hv_segment *from)
{
	return (struct kvm_segment){
		.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.type = from->rights & 0xf,
		.s = from->rights >> 4 & 1,
		.dpl = from->rights >> 5 & 3,
		.present = from->rights >> 7 & 1,
		.avl = from->rights >> 12 & 1,
		.l = from->rights >> 13 & 1,
		.db = from->rights >> 14 & 1,
		.g = from->rights >> 15 & 1,
		.unusable = from->rights == HV_SEGMENT_UNUSABLE,
	};
}

static int sregs_set(struct kvm_vcpu *vcpu, const struct hv_start *start, bool xsave, char *why)
{
	const struct hv_config *config = &vcpu->hv->vm->config;
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return kvm_failed(why, "KVM_GET_SREGS");
	struct kvm_segment *const to[HV_SEGMENTS] = {
		[HV_ES] = &sregs.es,	[HV_CS] = &sregs.cs, [HV_SS] = &sregs.ss,
		[HV_DS] = &sregs.ds,	[HV_FS] = &sregs.fs, [HV_GS] = &sregs.gs,
		[HV_LDTR] = &sregs.ldt, [HV_TR] = &sregs.tr,
	};
	for (u32 i = 0; i < HV_SEGMENTS; i++)
		*to[i] = segment(&start->segment[i]);
	sregs.gdt = (struct kvm_dtable){.base = start->gdt_base, .limit = start->gdt_limit};
	sregs.idt = (struct kvm_dtable){.base = start->idt_base, .limit = start->idt_limit};
	sregs.cr0 = start->cr0;
	sregs.cr3 = start->cr3;
	sregs.cr4 = start->cr4 | (xsave ? CR4_OSXSAVE : 0);
	sregs.efer = start->efer;
	if (config->irqchip)
		sregs.apic_base |= APIC_BASE_ENABLE | (config->x2apic ? APIC_BASE_X2APIC : 0);
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs))
		return kvm_failed(why, "KVM_SET_SREGS");
	return 0;
}

static int msrs_set(struct kvm_vcpu *vcpu, const struct hv_start *start, char *why)
{
	const struct kvm_msr_entry entry[] = {
		{.index = MSR_STAR, .data = start->star},
		{.index = MSR_LSTAR, .data = start->lstar},
		{.index = MSR_SFMASK, .data = start->sfmask},
	};
	const int count = sizeof(entry) / sizeof(entry[0]);
	union {
		struct kvm_msrs head;
		u8 bytes[sizeof(struct kvm_msrs) + sizeof(entry)];
	} msrs = {.head.nmsrs = count};
	int done;

	memcpy(msrs.bytes + sizeof(msrs.head), entry, sizeof(entry));
	done = ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);
	if (done < 0)
		return kvm_failed(why, "KVM_SET_MSRS");
	if (done == count)
		return 0;
	host_format(why, HV_WHY, "KVM gives the guest no MSR 0x%x, which SYSCALL needs",
		    entry[done].index);
	return -EOPNOTSUPP;
}

/* All vCPUs start as runnable: no INIT or SIPI is sent. */
static int apic_set(struct kvm_vcpu *vcpu, char *why)
{
	struct kvm_mp_state state = {.mp_state = KVM_MP_STATE_RUNNABLE};
	struct kvm_lapic_state apic;
	const u32 svr = APIC_SVR_ENABLE_FF;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic))
		return kvm_failed(why, "KVM_GET_LAPIC");
	memcpy(apic.regs + APIC_SVR, &svr, sizeof(svr));
	if (ioctl(vcpu->fd, KVM_SET_LAPIC, &apic))
		return kvm_failed(why, "KVM_SET_LAPIC");
	if (ioctl(vcpu->fd, KVM_SET_MP_STATE, &state))
		return kvm_failed(why, "KVM_SET_MP_STATE");
	return 0;
}

static bool tsc_offset(const struct kvm_vcpu *vcpu, unsigned long request, u64 *offset)
{
	struct kvm_device_attr attribute = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)offset,
	};

	return !ioctl(vcpu->fd, request, &attribute);
}

/*
 * KVM starts a guest's TSC at 0, by an offset. Failure is not fatal: calibration tells by the order
 * of the stamps whether guest and host have the same clock.
 */
static void tsc_offset_clear(struct kvm_vcpu *vcpu)
{
	u64 offset = 0;

	vcpu->one_clock = tsc_offset(vcpu, KVM_SET_DEVICE_ATTR, &offset);
}

/*
 * A kernel that has marked the TSC as unstable changes the offset with each KVM_RUN, so that the
 * guest's TSC continues where the last KVM_RUN ended.
 */
u64 kvm_tsc_moved(const struct kvm_vcpu *vcpu)
{
	u64 offset;

	return vcpu->one_clock && tsc_offset(vcpu, KVM_GET_DEVICE_ATTR, &offset) ? offset : 0;
}

int kvm_state_set(struct kvm_vcpu *vcpu, char *why)
{
	struct kvm_regs regs = {0};
	struct hv_start start;
	bool xsave = false;
	int err;

	hv_start_state(vcpu->hv, &start);
	err = cpuid_set(vcpu, &xsave, why);
	if (!err)
		err = sregs_set(vcpu, &start, xsave, why);
	if (!err)
		err = msrs_set(vcpu, &start, why);
	if (!err && vcpu->hv->vm->config.irqchip)
		err = apic_set(vcpu, why);
	if (err)
		return err;
	tsc_offset_clear(vcpu);
	regs.rip = start.rip;
	regs.rsp = start.rsp;
	regs.rdi = start.rdi;
	regs.rflags = start.rflags;
	return ioctl(vcpu->fd, KVM_SET_REGS, &regs) ? kvm_failed(why, "KVM_SET_REGS") : 0;
}
