// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, "Checks on the Guest State Area". */
#include "check_areas.h"
#include "check_rules.h"

#define RFLAGS_TF	   (1ULL << 8)
#define RFLAGS_IF	   (1ULL << 9)
#define RFLAGS_VM	   (1ULL << 17)
#define DEBUGCTL_BTF	   (1ULL << 1)
#define DEBUGCTL_KNOWN	   0xdfc7ULL
#define RIGHTS_UNUSABLE	   (1U << 16)
#define RIGHTS_DPL(rights) ((rights) >> 5 & 3)

/* Guest interruptibility (Vol. 3, table "Format of Interruptibility State"). */
#define BLOCKING_STI	     (1U << 0)
#define BLOCKING_MOV_SS	     (1U << 1)
#define BLOCKING_SMI	     (1U << 2)
#define BLOCKING_NMI	     (1U << 3)
#define ENCLAVE_INTERRUPTION (1U << 4)
/* Activity states. */
enum { ACTIVE, HLT, SHUTDOWN, WAIT_FOR_SIPI };
/* Types of events to be injected. */
enum { EXTERNAL = 0, NMI = 2, HARDWARE = 3, OTHER = 7 };

enum { ES, CS, SS, DS, FS, GS, LDTR, TR };

static bool guest_64(const struct vmx_check *check)
{
	return vmx_control_on(check, VMX_ENTRY, VMX_ENTRY_GUEST_64);
}

static bool unrestricted_guest(const struct vmx_check *check)
{
	return vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST);
}

/* In virtual-8086 mode other rules hold for segments. */
static bool virtual_8086(const struct vmx_check *check)
{
	return !guest_64(check) && vmx_check_get(check, VMCS_GUEST_RFLAGS) & RFLAGS_VM;
}

/* Vol. 3, "Checks on Guest Control Registers, Debug Registers, and MSRs". */
static bool guest_registers(struct vmx_check *check)
{
	const struct vmx_capabilities *can = check->can;
	bool guest64 = guest_64(check);
	u64 cr0 = vmx_check_get(check, VMCS_GUEST_CR0), cr4 = vmx_check_get(check, VMCS_GUEST_CR4);
	u64 efer = vmx_check_get(check, VMCS_GUEST_EFER);
	u64 free = unrestricted_guest(check) ? CR0_PE | CR0_PG : 0;

	RULE(VMCS_GUEST_CR0, vmx_fixed(cr0, can->cr0_fixed0 & ~free, can->cr0_fixed1),
	     "must be as IA32_VMX_CR0_FIXED0 and FIXED1 say");
	RULE(VMCS_GUEST_CR0, !(cr0 & CR0_PG) || cr0 & CR0_PE, "PG needs PE");
	RULE(VMCS_GUEST_CR4, vmx_fixed(cr4, can->cr4_fixed0, can->cr4_fixed1),
	     "must be as IA32_VMX_CR4_FIXED0 and FIXED1 say");
	RULE(VMCS_GUEST_CR0, !(cr4 & CR4_CET) || cr0 & CR0_WP, "WP must be 1 while CR4.CET is");
	if (guest64) {
		RULE(VMCS_GUEST_CR0, cr0 & CR0_PG, "an IA-32e mode guest needs PG");
		RULE(VMCS_GUEST_CR4, cr4 & CR4_PAE, "an IA-32e mode guest needs PAE");
	} else {
		RULE(VMCS_GUEST_CR4, !(cr4 & CR4_PCIDE), "PCIDE is for IA-32e mode only");
	}
	RULE(VMCS_GUEST_CR3, vmx_cr3_valid(check, VMCS_GUEST_CR3), "must be a physical address");
	if (vmx_control_on(check, VMX_ENTRY, VMX_ENTRY_LOAD_DEBUG)) {
		RULE(VMCS_GUEST_DEBUGCTL,
		     !(vmx_check_get(check, VMCS_GUEST_DEBUGCTL) & ~DEBUGCTL_KNOWN),
		     "reserved bits must be 0");
		RULE(VMCS_GUEST_DR7, !(vmx_check_get(check, VMCS_GUEST_DR7) >> 32),
		     "bits 63:32 must be 0");
	}
	RULE(VMCS_GUEST_SYSENTER_ESP,
	     vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_SYSENTER_ESP)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_SYSENTER_EIP,
	     vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_SYSENTER_EIP)),
	     "must be a canonical address");
	if (vmx_control_on(check, VMX_ENTRY, VMX_ENTRY_LOAD_PAT))
		RULE(VMCS_GUEST_PAT, vmx_pat_valid(vmx_check_get(check, VMCS_GUEST_PAT)),
		     "each byte must be a memory type (0, 1, 4, 5, 6, 7)");
	if (vmx_control_on(check, VMX_ENTRY, VMX_ENTRY_LOAD_EFER)) {
		RULE(VMCS_GUEST_EFER, vmx_efer_valid(efer), "reserved bits must be 0");
		RULE(VMCS_GUEST_EFER, !!(efer & EFER_LMA) == guest64,
		     "LMA must be as \"IA-32e mode guest\" says");
		RULE(VMCS_GUEST_EFER, !(cr0 & CR0_PG) || !!(efer & EFER_LMA) == !!(efer & EFER_LME),
		     "LMA must be LME while paging is on");
	}
	if (vmx_control_on(check, VMX_ENTRY, VMX_ENTRY_LOAD_PKRS))
		RULE(VMCS_GUEST_PKRS, !(vmx_check_get(check, VMCS_GUEST_PKRS) >> 32),
		     "bits 63:32 must be 0");
	return false;
}

static u32 rights(const struct vmx_check *check, u32 segment)
{
	return vmx_check_get(check, VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment);
}

/* Granularity must suit the limit: low bits all ones if G, high bits 0 if not. */
static bool limit_suits(const struct vmx_check *check, u32 segment)
{
	u64 limit = vmx_check_get(check, VMCS_GUEST_ES_LIMIT + 2 * segment);
	bool pages = rights(check, segment) >> 15 & 1;

	return pages ? (limit & 0xfff) == 0xfff : !(limit >> 20);
}

/* Rules for each of ES, CS, SS, DS, FS and GS. */
static bool guest_segment(struct vmx_check *check, u32 segment)
{
	u32 field = VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment;
	u32 value = rights(check, segment), type = value & 15;
	u64 rpl = vmx_check_get(check, VMCS_GUEST_ES_SELECTOR + 2 * segment) & 3;

	if (value & RIGHTS_UNUSABLE)
		return false;
	if (segment != CS && segment != SS) {
		RULE(field, type & 1, "the segment must be accessed");
		RULE(field, !(type & 8) || type & 2, "a code segment must be readable");
		RULE(field, unrestricted_guest(check) || type > 11 || RIGHTS_DPL(value) >= rpl,
		     "its DPL must not be less than the RPL of its selector");
	}
	RULE(field, value & 1 << 4, "S must be 1: code or data");
	RULE(field, value & 1 << 7, "P must be 1: present");
	RULE(field, !(value & 0xfffe0f00), "reserved bits must be 0");
	RULE(VMCS_GUEST_ES_LIMIT + 2 * segment, limit_suits(check, segment),
	     "does not suit G of the access rights");
	if (segment == SS || segment == DS || segment == ES)
		RULE(VMCS_GUEST_ES_BASE + 2 * segment,
		     !(vmx_check_get(check, VMCS_GUEST_ES_BASE + 2 * segment) >> 32),
		     "bits 63:32 must be 0");
	return false;
}

/* Rules for segments in virtual-8086 mode. */
static bool guest_segment_8086(struct vmx_check *check, u32 segment)
{
	u64 selector = vmx_check_get(check, VMCS_GUEST_ES_SELECTOR + 2 * segment);

	RULE(VMCS_GUEST_ES_BASE + 2 * segment,
	     vmx_check_get(check, VMCS_GUEST_ES_BASE + 2 * segment) == selector << 4,
	     "must be 16 times the selector in virtual-8086 mode");
	RULE(VMCS_GUEST_ES_LIMIT + 2 * segment,
	     vmx_check_get(check, VMCS_GUEST_ES_LIMIT + 2 * segment) == 0xffff,
	     "must be 0xffff in virtual-8086 mode");
	RULE(VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment, rights(check, segment) == 0xf3,
	     "must be 0xf3 in virtual-8086 mode");
	return false;
}

static bool guest_selectors(struct vmx_check *check)
{
	u64 rpl_cs = vmx_check_get(check, VMCS_GUEST_CS_SELECTOR) & 3;
	u64 rpl_ss = vmx_check_get(check, VMCS_GUEST_SS_SELECTOR) & 3;
	bool ldtr = !(rights(check, LDTR) & RIGHTS_UNUSABLE);

	RULE(VMCS_GUEST_TR_SELECTOR, !(vmx_check_get(check, VMCS_GUEST_TR_SELECTOR) & 4),
	     "TI must be 0");
	RULE(VMCS_GUEST_LDTR_SELECTOR,
	     !ldtr || !(vmx_check_get(check, VMCS_GUEST_LDTR_SELECTOR) & 4), "TI must be 0");
	RULE(VMCS_GUEST_SS_SELECTOR,
	     virtual_8086(check) || unrestricted_guest(check) || rpl_ss == rpl_cs,
	     "its RPL must be CS's");
	RULE(VMCS_GUEST_TR_BASE, vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_TR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_FS_BASE, vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_FS_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_GS_BASE, vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_GS_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_LDTR_BASE,
	     !ldtr || vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_LDTR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_CS_BASE, !(vmx_check_get(check, VMCS_GUEST_CS_BASE) >> 32),
	     "bits 63:32 must be 0");
	return false;
}

static bool guest_code_and_stack(struct vmx_check *check)
{
	u32 cs = rights(check, CS), ss = rights(check, SS), type = cs & 15;
	u64 rpl_ss = vmx_check_get(check, VMCS_GUEST_SS_SELECTOR) & 3;
	bool real = !(vmx_check_get(check, VMCS_GUEST_CR0) & CR0_PE);

	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, !(cs & RIGHTS_UNUSABLE), "CS must be usable");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS,
	     (type & 9) == 9 || (type == 3 && unrestricted_guest(check)),
	     "CS must be accessed code (writable data only for an unrestricted guest)");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, type != 3 || !RIGHTS_DPL(cs), "its DPL must be 0");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS,
	     (type != 9 && type != 11) || RIGHTS_DPL(cs) == RIGHTS_DPL(ss),
	     "the DPL of non-conforming code must be that of SS");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, type < 13 || RIGHTS_DPL(cs) <= RIGHTS_DPL(ss),
	     "the DPL of conforming code must not be above that of SS");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, !guest_64(check) || !(cs & 1 << 13) || !(cs & 1 << 14),
	     "D must be 0 in 64-bit mode (L is 1)");
	RULE(VMCS_GUEST_SS_ACCESS_RIGHTS, ss & RIGHTS_UNUSABLE || (ss & 11) == 3,
	     "SS must be writable data");
	RULE(VMCS_GUEST_SS_ACCESS_RIGHTS, unrestricted_guest(check) || RIGHTS_DPL(ss) == rpl_ss,
	     "its DPL must be the RPL of its selector");
	RULE(VMCS_GUEST_SS_ACCESS_RIGHTS, (type != 3 && !real) || !RIGHTS_DPL(ss),
	     "its DPL must be 0 in real-address mode");
	return false;
}

/* TR, and LDTR if it is usable. */
static bool guest_system_segment(struct vmx_check *check, u32 segment, bool type_good,
				 const char *type_rule)
{
	u32 field = VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment, value = rights(check, segment);

	RULE(field, type_good, type_rule);
	RULE(field, !(value & 1 << 4) && value & 1 << 7, "S must be 0 and P must be 1");
	RULE(field, !(value & 0xfffe0f00), "reserved bits must be 0");
	RULE(VMCS_GUEST_ES_LIMIT + 2 * segment, limit_suits(check, segment),
	     "does not suit G of the access rights");
	return false;
}

/* Vol. 3, "Checks on Guest Segment Registers". */
static bool guest_segments(struct vmx_check *check)
{
	u32 tr = rights(check, TR), ldtr = rights(check, LDTR);
	bool old = virtual_8086(check);

	if (guest_selectors(check))
		return true;
	for (u32 segment = ES; segment <= GS; segment++)
		if (old ? guest_segment_8086(check, segment) : guest_segment(check, segment))
			return true;
	if (!old && guest_code_and_stack(check))
		return true;
	RULE(VMCS_GUEST_TR_ACCESS_RIGHTS, !(tr & RIGHTS_UNUSABLE), "TR must be usable");
	if (guest_system_segment(check, TR, (tr & 15) == 11 || (!guest_64(check) && (tr & 15) == 3),
				 "the type must be a busy TSS"))
		return true;
	return !(ldtr & RIGHTS_UNUSABLE) &&
	       guest_system_segment(check, LDTR, (ldtr & 15) == 2, "the type must be an LDT");
}

/* Vol. 3, "Checks on Guest Descriptor-Table Registers" and "... RIP, RFLAGS, and SSP". */
static bool guest_flow(struct vmx_check *check)
{
	bool guest64 = guest_64(check), code64 = guest64 && rights(check, CS) & 1 << 13;
	u64 rflags = vmx_check_get(check, VMCS_GUEST_RFLAGS);
	u64 rip = vmx_check_get(check, VMCS_GUEST_RIP);
	u64 info = vmx_check_get(check, VMCS_ENTRY_INTERRUPTION_INFO);
	bool external = info & INFO_VALID && (info >> 8 & 7) == EXTERNAL;

	RULE(VMCS_GUEST_GDTR_BASE, vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_GDTR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_IDTR_BASE, vmx_canonical(check, vmx_check_get(check, VMCS_GUEST_IDTR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_GDTR_LIMIT, !(vmx_check_get(check, VMCS_GUEST_GDTR_LIMIT) >> 16),
	     "bits 31:16 must be 0");
	RULE(VMCS_GUEST_IDTR_LIMIT, !(vmx_check_get(check, VMCS_GUEST_IDTR_LIMIT) >> 16),
	     "bits 31:16 must be 0");
	RULE(VMCS_GUEST_RIP, code64 ? vmx_canonical(check, rip) : !(rip >> 32),
	     "must be an address of the guest's mode");
	RULE(VMCS_GUEST_RFLAGS, rflags & 2 && !(rflags & 0xffffffffffc08028ULL),
	     "bit 1 must be 1, reserved bits 0");
	RULE(VMCS_GUEST_RFLAGS,
	     !(rflags & RFLAGS_VM) || (!guest64 && vmx_check_get(check, VMCS_GUEST_CR0) & CR0_PE),
	     "VM must be 0 in IA-32e mode and in real-address mode");
	RULE(VMCS_GUEST_RFLAGS, !external || rflags & RFLAGS_IF,
	     "IF must be 1 for an external interrupt to be injected");
	return false;
}

/* Whether an event may be injected into an activity state. */
static bool event_suits(u32 activity, u64 info)
{
	u32 type = info >> 8 & 7, vector = info & 0xff;

	if (!(info & INFO_VALID) || activity == ACTIVE)
		return true;
	if (activity == HLT)
		return type == EXTERNAL || type == NMI || (type == OTHER && vector == 0) ||
		       (type == HARDWARE && (vector == 1 || vector == 18));
	return activity == SHUTDOWN && (type == NMI || (type == HARDWARE && vector == 18));
}

static bool guest_activity(struct vmx_check *check)
{
	u64 activity = vmx_check_get(check, VMCS_GUEST_ACTIVITY);
	u64 blocking = vmx_check_get(check, VMCS_GUEST_INTERRUPTIBILITY);

	RULE(VMCS_GUEST_ACTIVITY, activity <= WAIT_FOR_SIPI,
	     "must be 0 to 3 (active, HLT, shutdown, wait-for-SIPI)");
	/* IA32_VMX_MISC[8:6], in this order. */
	RULE(VMCS_GUEST_ACTIVITY, !activity || check->can->misc >> (5 + activity) & 1,
	     "must be one that IA32_VMX_MISC says this CPU has");
	RULE(VMCS_GUEST_ACTIVITY, activity != HLT || !RIGHTS_DPL(rights(check, SS)),
	     "cannot be HLT while the DPL of SS is not 0");
	RULE(VMCS_GUEST_ACTIVITY,
	     activity == ACTIVE || !(blocking & (BLOCKING_STI | BLOCKING_MOV_SS)),
	     "must be active while STI or MOV SS blocks");
	RULE(VMCS_GUEST_ACTIVITY,
	     event_suits(activity, vmx_check_get(check, VMCS_ENTRY_INTERRUPTION_INFO)),
	     "the event to be injected is not one that ends this state");
	return false;
}

static bool guest_interruptibility(struct vmx_check *check)
{
	u64 blocking = vmx_check_get(check, VMCS_GUEST_INTERRUPTIBILITY);
	u64 info = vmx_check_get(check, VMCS_ENTRY_INTERRUPTION_INFO);
	u64 rflags = vmx_check_get(check, VMCS_GUEST_RFLAGS);
	bool external = info & INFO_VALID && (info >> 8 & 7) == EXTERNAL;
	bool nmi = info & INFO_VALID && (info >> 8 & 7) == NMI;

	RULE(VMCS_GUEST_INTERRUPTIBILITY, !(blocking >> 5), "reserved bits must be 0");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, (blocking & 3) != 3,
	     "blocking by STI and by MOV SS cannot both be");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !(blocking & BLOCKING_STI) || rflags & RFLAGS_IF,
	     "blocking by STI needs IF");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !external || !(blocking & 3),
	     "nothing may block an external interrupt to be injected");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !nmi || !(blocking & BLOCKING_MOV_SS),
	     "MOV SS may not block an NMI to be injected");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !(blocking & BLOCKING_SMI),
	     "blocking by SMI must be 0 outside SMM");
	RULE(VMCS_GUEST_INTERRUPTIBILITY,
	     !nmi || !vmx_control_on(check, VMX_PIN, VMX_PIN_VIRTUAL_NMIS) ||
		     !(blocking & BLOCKING_NMI),
	     "blocking by NMI must be 0 for a virtual NMI to be injected");
	RULE(VMCS_GUEST_INTERRUPTIBILITY,
	     !(blocking & ENCLAVE_INTERRUPTION) || !(blocking & BLOCKING_MOV_SS),
	     "enclave interruption cannot be beside blocking by MOV SS");
	return false;
}

static bool guest_pending(struct vmx_check *check)
{
	u64 pending = vmx_check_get(check, VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS);
	u64 blocking = vmx_check_get(check, VMCS_GUEST_INTERRUPTIBILITY);
	u64 link = vmx_check_get(check, VMCS_VMCS_LINK_POINTER);
	bool step = vmx_check_get(check, VMCS_GUEST_RFLAGS) & RFLAGS_TF &&
		    !(vmx_check_get(check, VMCS_GUEST_DEBUGCTL) & DEBUGCTL_BTF);

	/* B0-B3, bus lock, an enabled breakpoint, BS, RTM. */
	RULE(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, !(pending & ~0x1580fULL),
	     "reserved bits must be 0");
	if (blocking & (BLOCKING_STI | BLOCKING_MOV_SS) ||
	    vmx_check_get(check, VMCS_GUEST_ACTIVITY) == HLT)
		RULE(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, !(pending >> 14 & 1) == !step,
		     "BS (bit 14) must be 1 just while TF is and BTF is not");
	RULE(VMCS_VMCS_LINK_POINTER, link == ~0ULL || vmx_physical(check, link, 4096),
	     "must be all ones, or a VMCS's address");
	return false;
}

/* Vol. 3, "Checks on Guest Page-Directory-Pointer-Table Entries". */
static bool guest_pdptes(struct vmx_check *check)
{
	bool pae = vmx_check_get(check, VMCS_GUEST_CR0) & CR0_PG &&
		   vmx_check_get(check, VMCS_GUEST_CR4) & CR4_PAE && !guest_64(check);

	if (!pae || !vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_EPT))
		return false;
	for (u32 field = VMCS_GUEST_PDPTE0; field <= VMCS_GUEST_PDPTE3; field += 2) {
		u64 entry = vmx_check_get(check, field);

		RULE(field, !(entry & 1) || !(entry & 0x1e6 || entry >> check->physical_bits),
		     "reserved bits must be 0 in an entry that is present");
	}
	return false;
}

bool vmx_check_guest(struct vmx_check *check)
{
	return guest_registers(check) || guest_segments(check) || guest_flow(check) ||
	       guest_activity(check) || guest_interruptibility(check) || guest_pending(check) ||
	       guest_pdptes(check);
}
