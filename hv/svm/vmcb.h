/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine control block: AMD APM Vol. 2, appendix B "Layout of VMCB". Offsets for
 * assembly are in frame.h, asserted by batch.c.
 */
#ifndef HV_SVM_VMCB_H
#define HV_SVM_VMCB_H

#include "../../trace/types.h"

/* Bits of intercept[]: the exit code itself, APM Vol. 2 appendix C. */
#define VMCB_INTERCEPTS	      6 /* words */
#define VMCB_INTERCEPTED(n)   ((n) < VMCB_INTERCEPTS * 32U)
#define VMCB_INTERCEPT_BIT(n) (1U << ((n) % 32))

struct vmcb_control {
	u32 intercept[VMCB_INTERCEPTS];
	u8 reserved1[0x3c - 0x18];
	u16 pause_filter_threshold, pause_filter_count;
	u64 iopm_base, msrpm_base;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved2[3];
	u64 virtual_interrupt;
	u64 interrupt_shadow;
	u64 exit_code, exit_info1, exit_info2;
	u64 exit_interrupt_info;
	u64 nested_paging;
	u64 avic_apic_bar, ghcb;
	u64 event_injection;
	u64 nested_cr3;
	u64 lbr_virtualization;
	u32 clean, reserved3;
	u64 next_rip;
	u8 fetched, instruction[15];
	u64 avic_backing_page, reserved4, avic_logical_table, avic_physical_table, reserved5, vmsa;
	u8 reserved6[0x120 - 0x110];
	u16 bus_lock_counter;
	u8 reserved7[0x1c8 - 0x122];
	u64 pml_base;
	u16 pml_index;
	u8 reserved8[0x400 - 0x1d2];
};

struct vmcb_segment {
	u16 selector;
	u16 rights; /* bits 40-47 and 52-55 of the descriptor, adjacent */
	u32 limit;
	u64 base;
};

struct vmcb_save {
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved1[0xcb - 0xa0];
	u8 cpl;
	u32 reserved2;
	u64 efer;
	u8 reserved3[0x148 - 0xd8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved4[0x1d8 - 0x180];
	u64 rsp, s_cet, ssp, isst_addr, rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved5[0x268 - 0x248];
	u64 pat, debugctl, br_from, br_to, last_exception_from, last_exception_to;
	u8 reserved6[0xc00 - 0x298];
};

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};

#define VMCB_AT(member, offset) \
	_Static_assert(offsetof(struct vmcb, member) == (offset), "VMCB: " #member)
VMCB_AT(control.intercept, 0x000);
VMCB_AT(control.pause_filter_threshold, 0x03c);
VMCB_AT(control.pause_filter_count, 0x03e);
VMCB_AT(control.iopm_base, 0x040);
VMCB_AT(control.msrpm_base, 0x048);
VMCB_AT(control.tsc_offset, 0x050);
VMCB_AT(control.asid, 0x058);
VMCB_AT(control.tlb_control, 0x05c);
VMCB_AT(control.virtual_interrupt, 0x060);
VMCB_AT(control.interrupt_shadow, 0x068);
VMCB_AT(control.exit_code, 0x070);
VMCB_AT(control.exit_info1, 0x078);
VMCB_AT(control.exit_info2, 0x080);
VMCB_AT(control.exit_interrupt_info, 0x088);
VMCB_AT(control.nested_paging, 0x090);
VMCB_AT(control.avic_apic_bar, 0x098);
VMCB_AT(control.event_injection, 0x0a8);
VMCB_AT(control.nested_cr3, 0x0b0);
VMCB_AT(control.lbr_virtualization, 0x0b8);
VMCB_AT(control.clean, 0x0c0);
VMCB_AT(control.next_rip, 0x0c8);
VMCB_AT(control.fetched, 0x0d0);
VMCB_AT(control.avic_backing_page, 0x0e0);
VMCB_AT(control.avic_logical_table, 0x0f0);
VMCB_AT(control.avic_physical_table, 0x0f8);
VMCB_AT(control.vmsa, 0x108);
VMCB_AT(control.bus_lock_counter, 0x120);
VMCB_AT(control.pml_base, 0x1c8);
VMCB_AT(control.pml_index, 0x1d0);
VMCB_AT(save.es, 0x400);
VMCB_AT(save.gdtr, 0x460);
VMCB_AT(save.tr, 0x490);
VMCB_AT(save.cpl, 0x4cb);
VMCB_AT(save.efer, 0x4d0);
VMCB_AT(save.cr4, 0x548);
VMCB_AT(save.rip, 0x578);
VMCB_AT(save.rsp, 0x5d8);
VMCB_AT(save.rax, 0x5f8);
VMCB_AT(save.star, 0x600);
VMCB_AT(save.sysenter_eip, 0x638);
VMCB_AT(save.cr2, 0x640);
VMCB_AT(save.pat, 0x668);
VMCB_AT(save.last_exception_to, 0x690);
_Static_assert(sizeof(struct vmcb) == 0x1000, "a VMCB is a page");
#undef VMCB_AT

/* tlb_control: APM Vol. 2, "TLB Flush". */
enum { VMCB_TLB_NOTHING = 0, VMCB_TLB_ALL = 1, VMCB_TLB_ASID = 3 };

/* virtual_interrupt: APM Vol. 2, "Virtualizing Interrupts". */
#define VMCB_V_IRQ	      (1ULL << 8)
#define VMCB_V_PRIORITY(n)    ((u64)(n) << 16)
#define VMCB_V_IGNORE_TPR     (1ULL << 20)
#define VMCB_V_INTR_MASKING   (1ULL << 24)
#define VMCB_V_AVIC	      (1ULL << 31)
#define VMCB_V_VECTOR(vector) ((u64)(vector) << 32)

/* nested_paging, the field at 090h: APM Vol. 2, appendix B. */
#define VMCB_NESTED_PAGING  (1 << 0)
#define VMCB_GUEST_INVLPGB  (1 << 7)
#define VMCB_PAGE_LOG	    (1 << 11)
#define VMCB_PAGE_LOG_EMPTY 0x1ff /* pml_index of an empty log: the CPU counts down */

/* event_injection and exit_interrupt_info: APM Vol. 2, "Event Injection". */
#define VMCB_EVENT_TYPE(event) ((u32)((event) >> 8 & 7))
enum {
	VMCB_EVENT_INTERRUPT = 0,
	VMCB_EVENT_NMI = 2,
	VMCB_EVENT_EXCEPTION = 3,
	VMCB_EVENT_SOFTWARE = 4
};
#define VMCB_EVENT_ERROR_CODE (1ULL << 11)
#define VMCB_EVENT_VALID      (1ULL << 31)

/* clean: APM Vol. 2, "VMCB Clean Bits". 0: VMRUN loads this part of the VMCB from memory. */
enum {
	VMCB_CLEAN_INTERCEPTS = 1 << 0,
	VMCB_CLEAN_PERMISSION_MAPS = 1 << 1,
	VMCB_CLEAN_ASID = 1 << 2,
	VMCB_CLEAN_INTERRUPT = 1 << 3,
	VMCB_CLEAN_NESTED_PAGING = 1 << 4,
	VMCB_CLEAN_CR = 1 << 5,
	VMCB_CLEAN_DR = 1 << 6,
	VMCB_CLEAN_DT = 1 << 7,
	VMCB_CLEAN_SEGMENTS = 1 << 8,
	VMCB_CLEAN_CR2 = 1 << 9,
	VMCB_CLEAN_LBR = 1 << 10,
	VMCB_CLEAN_AVIC = 1 << 11,
	VMCB_CLEAN_CET = 1 << 12,
	VMCB_CLEAN_ALL = (1 << 13) - 1,
};

#endif
