// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AVIC: AMD APM Vol. 2, "Advanced Virtual Interrupt Controller". Only as much as its exits need: no
 * interrupt is ever sent to a guest. Untested: no emulator implements it.
 */
#include "avic.h"

#include "../host.h"
#include "access.h"
#include "memory.h"
#include "setup.h"

#define PAGE		 0x1000
#define AVIC_MAX_INDEX	 0xff	      /* APIC IDs in xAVIC mode */
#define AVIC_ENTRY_VALID (1ULL << 63) /* APM Vol. 2, "Physical APIC ID Table" */
#define AVIC_ID		 0x20	      /* register offsets in the backing page */
#define AVIC_VERSION	 0x30
#define VERSION		 0x00050010   /* six LVT entries, as in family 10h */
#define ACCESS_WRITE	 (1ULL << 32) /* EXITINFO1 of AVIC_NOACCEL */

/* The VM's pages: tables by physical and by logical APIC ID, then one backing page per vCPU. */
enum { PHYSICAL_IDS, LOGICAL_IDS, BACKING };

static u64 bytes_of(const struct hv_vm *vm)
{
	return (u64)(BACKING + vm->config.vcpus) * PAGE;
}

/*
 * AVIC sends accesses to the backing page in the VMCB. The nested tables have to map the APIC's
 * page readable and writable all the same; the target does not matter.
 */
int svm_avic_build(struct hv_vm *vm, char *why)
{
	struct svm_vm *svm = vm->priv;
	u64 *physical;

	if (svm_memory_forbids_avic()) {
		host_format(why, HV_WHY,
			    "with SEV-SNP enabled this CPU does not allow AVIC (CPUID Fn8000_001F "
			    "EAX[30] is 0)");
		return -EOPNOTSUPP;
	}
	svm->avic = svm_pages_alloc(bytes_of(vm));
	if (!svm->avic ||
	    slat_device(&svm->slat, GUEST_APIC, host_physical(svm->avic + BACKING * PAGE))) {
		host_format(why, HV_WHY, "not enough memory for AVIC's tables");
		return -ENOMEM;
	}
	physical = (u64 *)(svm->avic + PHYSICAL_IDS * PAGE);
	for (u32 i = 0; i < vm->config.vcpus; i++) {
		u8 *page = svm->avic + (BACKING + i) * PAGE;

		*(u32 *)(page + AVIC_ID) = i << 24;
		*(u32 *)(page + AVIC_VERSION) = VERSION;
		physical[i] = host_physical(page) | AVIC_ENTRY_VALID;
	}
	return 0;
}

void svm_avic_free(struct hv_vm *vm, struct svm_vm *svm)
{
	if (svm->avic)
		host_pages_free(svm->avic, bytes_of(vm));
}

void svm_avic_load(struct svm_vcpu *vcpu)
{
	struct vmcb_control *control = &vcpu->vmcb->control;
	const u8 *pages = vcpu->vm->avic;

	control->virtual_interrupt |= VMCB_V_AVIC;
	control->avic_apic_bar = GUEST_APIC;
	control->avic_backing_page = host_physical(pages + (BACKING + vcpu->vcpu->index) * PAGE);
	control->avic_logical_table = host_physical(pages + LOGICAL_IDS * PAGE);
	control->avic_physical_table = host_physical(pages + PHYSICAL_IDS * PAGE) | AVIC_MAX_INDEX;
	vmcb_changed(vcpu, VMCB_CLEAN_AVIC | VMCB_CLEAN_INTERRUPT);
}

/*
 * A read that AVIC does not accelerate is a fault-like exit, to be skipped. A write of a register
 * that the storms write is trap-like: RIP is past it (APM Vol. 2, "Virtual APIC Register
 * Accesses").
 */
int svm_handle_avic(struct svm_frame *frame)
{
	u64 next;

	if (frame->vmcb->control.exit_info1 & ACCESS_WRITE)
		return 0;
	next = svm_next_rip(svm_vcpu_of(frame));
	if (!next)
		return RAW_UNEXPECTED;
	frame->vmcb->save.rip = next;
	return 0;
}
