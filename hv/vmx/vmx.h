/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structures of the VMX backend, and access to the current VMCS. */
#ifndef HV_VMX_VMX_H
#define HV_VMX_VMX_H

#include "../access.h"
#include "../backend.h"
#include "../slat.h"
#include "controls.h"
#include "frame.h"
#include "names.h"
#include "vmcs.h"

#define VMX_MAX_CPUS 1024 /* host CPUs, by host_cpu */
#define VMX_NO_CPU   ~0U

#define VMX_REGION_BYTES 0x2000 /* two VMCSs */

#define VMX_VPID_FIRST 1 /* 0 is the host's */

#define VMX_ACTIVITY_ACTIVE	   0 /* SDM Vol. 3, "Guest Non-Register State" */
#define VMX_ACTIVITY_HLT	   1
#define VMX_ACTIVITY_WAIT_FOR_SIPI 3
#define VMX_BLOCKING_BY_SMI	   (1 << 2)
#define VMX_PML_EMPTY		   511 /* PML index of an empty log: the CPU counts down */

/* Pages for features. */
enum vmx_page {
	VMX_PAGE_ZEROS,
	VMX_PAGE_VIRTUAL_APIC,
	VMX_PAGE_APIC_ACCESS,
	VMX_PAGE_PML,
	VMX_PAGE_EPTP_LIST,
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
	u32 exceptions; /* exception bitmap; #MC is always in it */
	u64 apic;	/* see struct raw_vcpu */
	u64 xss;	/* IA32_XSS while the guest runs; 0: as the host has it */
	u8 *pages;	/* VMX_PAGES pages */
	void (*load)(struct vmx_vcpu *vcpu); /* of the enabled feature, see arm.h */
	void (*arm)(struct vmx_vcpu *vcpu);
	bool interrupts; /* the guest runs with RFLAGS.IF, or the host's interrupts are to cause
			    exits */
	int (*handler)(struct vmx_frame *frame); /* of the enabled feature, for the expected exit;
						    NULL: vmx_exit_handler */
};

struct vmx_vcpu {
	u8 stack[0x2000 - FRAME_BYTES];
	struct vmx_frame frame; /* HOST_RSP points here; the stack grows down from it */
	struct hv_vcpu *vcpu;
	struct vmx_vm *vm;
	u64 vmcs;   /* physical address */
	u64 shadow; /* of the shadow VMCS, once the CPU may have cached it */
	u8 *region; /* of the VMCS, then of the shadow VMCS */
	u32 cpu;    /* where the VMCS is active, or VMX_NO_CPU */
	u32 launched;
	struct raw_vcpu raw;
	u64 cr8;
	u64 cr4_required; /* bits of CR4 that are 1 whatever the guest writes: those of VMX, and the
			     host's MCE */
	u64 broken;	  /* guest RFLAGS, while an entry is made to fail */
	bool set_up;	  /* vmcs_setup has been done */
	bool feature_loaded;
	bool signal_awaited;
	bool signal_may_repeat;	 /* one more of the last signal may be under way */
	u64 star, lstar, sfmask; /* of the guest; not switched by entries and exits */
	bool irqs_off;		 /* this batch runs with the host's interrupts disabled */
};

static inline struct vmx_vcpu *vmx_vcpu_of(struct vmx_frame *frame)
{
	return (struct vmx_vcpu *)((u8 *)frame - offsetof(struct vmx_vcpu, frame));
}

/*
 * For fields that exist on every CPU with the controls that we require: cannot fail while a VMCS is
 * current, so errors are not checked. Optional fields go by intrin.h.
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

/* Advances RIP past the instruction that exited. */
static inline int vmx_skip(struct vmx_frame *frame)
{
	(void)frame;
	vmcs_write(VMCS_GUEST_RIP,
		   vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
	return 0;
}

#endif
