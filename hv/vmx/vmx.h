/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the VMX backend share. */
#ifndef HV_VMX_VMX_H
#define HV_VMX_VMX_H

#include "../access.h"
#include "../backend.h"
#include "../slat.h"
#include "controls.h"
#include "frame.h"
#include "names.h"
#include "vmcs.h"

#define VMX_MAX_CPUS 1024 /* of the host, by host_cpu */
#define VMX_NO_CPU   ~0U

#define VMX_VPID_FIRST 1 /* 0 is the host's */

#define VMX_ACTIVITY_ACTIVE	   0 /* SDM Vol. 3, "Guest Non-Register State" */
#define VMX_ACTIVITY_HLT	   1
#define VMX_ACTIVITY_WAIT_FOR_SIPI 3
#define VMX_BLOCKING_BY_SMI	   (1 << 2)
#define VMX_PML_EMPTY		   511 /* PML index, which is counted down */

/* Pages that features need, by what is in them. */
enum vmx_page {
	VMX_PAGE_ZEROS,
	VMX_PAGE_VIRTUAL_APIC,
	VMX_PAGE_APIC_ACCESS,
	VMX_PAGE_PML,
	VMX_PAGE_EPTP_LIST,
	VMX_PAGE_SHADOW_VMCS,
	VMX_PAGE_MSRS,
	VMX_PAGES
};

struct vmx_vcpu;

struct vmx_vm {
	struct vmx_capabilities capabilities;
	struct vmx_controls controls;
	struct slat slat;
	struct access access;
	u64 ept_pointer;
	u8 *io_bitmaps; /* two pages: ports 0-0x7fff, 0x8000-0xffff */
	u8 *msr_bitmap;
	u32 exceptions;			     /* exception bitmap */
	u64 xss;			     /* IA32_XSS while the guest runs, if not 0 */
	u8 *pages;			     /* VMX_PAGES of them */
	void (*load)(struct vmx_vcpu *vcpu); /* of the feature that was enabled, see feature.c */
	void (*arm)(struct vmx_vcpu *vcpu);
	bool interrupts; /* the guest has them on at times, or it is the host's that are to exit */
	int (*handler)(struct vmx_frame *frame); /* NULL: the usual one */
};

struct vmx_vcpu {
	u8 stack[0x2000 - FRAME_BYTES];
	struct vmx_frame frame; /* HOST_RSP: the stack is below it */
	struct hv_vcpu *vcpu;
	struct vmx_vm *vm;
	u64 vmcs; /* physical address */
	void *region;
	u32 cpu; /* where the VMCS is active; VMX_NO_CPU: nowhere */
	u32 launched;
	struct raw_vcpu raw;
	u64 cr8;
	u64 broken;  /* RFLAGS, while an entry is made to fail */
	bool set_up; /* the VMCS has what does not change */
	bool feature_loaded;
	bool signal_awaited;
	u64 star, lstar, sfmask; /* of the guest; entries and exits leave them alone */
	bool irqs_off;		 /* likewise: the host's interrupts wait until it is over */
};

static inline struct vmx_vcpu *vmx_vcpu_of(struct vmx_frame *frame)
{
	return (struct vmx_vcpu *)((u8 *)frame - offsetof(struct vmx_vcpu, frame));
}

/*
 * Fields of the current VMCS that exist on every CPU that we run on: cannot fail while a VMCS is
 * current, so nothing is looked at. What may be missing goes by the intrinsics.
 */
static inline u64 vmcs_read(u32 field)
{
	u64 value;

	__asm__ volatile("vmread %1, %0" : "=r"(value) : "r"((u64)field) : "cc");
	return value;
}

static inline void vmcs_write(u32 field, u64 value)
{
	__asm__ volatile("vmwrite %1, %0" : : "r"((u64)field), "r"(value) : "cc");
}

/* The guest goes on behind the instruction that exited. */
static inline int vmx_skip(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_GUEST_RIP,
		   vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
	return 0;
}

#endif
