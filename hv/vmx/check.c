// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "vmcs.h"

#define CR0_PE		(1ULL << 0)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define CR4_PCIDE	(1ULL << 17)
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)
#define EFER_RESERVED	(~(1ULL << 0 | EFER_LME | EFER_LMA | 1ULL << 11))
#define RFLAGS_VM	(1ULL << 17)
#define RFLAGS_IF	(1ULL << 9)
#define RIGHTS_UNUSABLE (1U << 16)
#define INFO_VALID	(1ULL << 31)
#define INFO_ERROR	(1ULL << 11)
#define CAP_MEMORY_WB	(1ULL << 14)
#define CAP_AD		(1ULL << 21)

enum { ES, CS, SS, DS, FS, GS, LDTR, TR };

static u64 get(const struct vmx_check *check, u32 field)
{
	return check->read(check->arg, field);
}

/* True, and noted, where the rule is broken. */
static bool broken(struct vmx_check *check, u32 field, bool good, const char *rule)
{
	if (good)
		return false;
	check->field = field;
	check->value = get(check, field);
	check->rule = rule;
	return true;
}

/* For the body of an area's function: ends it at the first rule that is broken. */
#define RULE(FIELD, condition, text)                       \
	do {                                               \
		if (broken(check, FIELD, condition, text)) \
			return true;                       \
	} while (0)

static bool canonical(u64 address)
{
	u64 top = address >> 47;

	return top == 0 || top == 0x1ffff;
}

static bool physical(const struct vmx_check *check, u64 address, u64 align)
{
	return !(address & (align - 1)) && !(address >> check->physical_bits);
}

static bool control(const struct vmx_check *check, enum vmx_group group, u32 bit)
{
	static const u32 field[VMX_GROUPS] = {
		[VMX_PIN] = VMCS_PIN_CONTROLS,
		[VMX_PROCESSOR] = VMCS_PROCESSOR_CONTROLS,
		[VMX_SECONDARY] = VMCS_SECONDARY_PROCESSOR_CONTROLS,
		[VMX_TERTIARY] = VMCS_TERTIARY_PROCESSOR_CONTROLS,
		[VMX_EXIT] = VMCS_EXIT_CONTROLS,
		[VMX_ENTRY] = VMCS_ENTRY_CONTROLS,
	};

	if (group == VMX_SECONDARY &&
	    !control(check, VMX_PROCESSOR, VMX_PROCESSOR_SECONDARY_CONTROLS))
		return false;
	return get(check, field[group]) & bit;
}

static bool fits(const struct vmx_check *check, enum vmx_group group, u32 field)
{
	u64 value = get(check, field);
	u32 must = check->can->group[group], may = check->can->group[group] >> 32;

	return (value & must) == must && !(value & ~(u64)may);
}

static bool fixed(u64 value, u64 fixed0, u64 fixed1)
{
	return (value & fixed0) == fixed0 && !(value & ~fixed1);
}

static bool pat_valid(u64 pat)
{
	for (u32 i = 0; i < 8; i++, pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return false;
	return true;
}

/* Vol. 3, "VM-Execution Control Fields". */
static bool controls_execution(struct vmx_check *check)
{
	bool secondary = control(check, VMX_PROCESSOR, VMX_PROCESSOR_SECONDARY_CONTROLS);

	RULE(VMCS_PIN_CONTROLS, fits(check, VMX_PIN, VMCS_PIN_CONTROLS),
	     "reserved bits must be as IA32_VMX_(TRUE_)PINBASED_CTLS says");
	RULE(VMCS_PROCESSOR_CONTROLS, fits(check, VMX_PROCESSOR, VMCS_PROCESSOR_CONTROLS),
	     "reserved bits must be as IA32_VMX_(TRUE_)PROCBASED_CTLS says");
	RULE(VMCS_SECONDARY_PROCESSOR_CONTROLS,
	     !secondary || fits(check, VMX_SECONDARY, VMCS_SECONDARY_PROCESSOR_CONTROLS),
	     "reserved bits must be as IA32_VMX_PROCBASED_CTLS2 says");
	RULE(VMCS_CR3_TARGET_COUNT, get(check, VMCS_CR3_TARGET_COUNT) <= 4,
	     "must not be greater than 4");
	if (control(check, VMX_PROCESSOR, VMX_PROCESSOR_IO_BITMAPS)) {
		RULE(VMCS_IO_BITMAP_A, physical(check, get(check, VMCS_IO_BITMAP_A), 4096),
		     "must be a physical address, 4 KiB-aligned");
		RULE(VMCS_IO_BITMAP_B, physical(check, get(check, VMCS_IO_BITMAP_B), 4096),
		     "must be a physical address, 4 KiB-aligned");
	}
	if (control(check, VMX_PROCESSOR, VMX_PROCESSOR_MSR_BITMAPS))
		RULE(VMCS_MSR_BITMAP, physical(check, get(check, VMCS_MSR_BITMAP), 4096),
		     "must be a physical address, 4 KiB-aligned");
	RULE(VMCS_PIN_CONTROLS,
	     control(check, VMX_PIN, VMX_PIN_NMI_EXITING) ||
		     !control(check, VMX_PIN, VMX_PIN_VIRTUAL_NMIS),
	     "\"virtual NMIs\" needs \"NMI exiting\"");
	RULE(VMCS_PROCESSOR_CONTROLS,
	     control(check, VMX_PIN, VMX_PIN_VIRTUAL_NMIS) ||
		     !control(check, VMX_PROCESSOR, VMX_PROCESSOR_NMI_WINDOW_EXITING),
	     "\"NMI-window exiting\" needs \"virtual NMIs\"");
	return false;
}

static bool controls_memory(struct vmx_check *check)
{
	u64 eptp = get(check, VMCS_EPT_POINTER);

	if (control(check, VMX_SECONDARY, VMX_SECONDARY_VPID))
		RULE(VMCS_VPID, get(check, VMCS_VPID), "must not be 0 while VPIDs are on");
	if (!control(check, VMX_SECONDARY, VMX_SECONDARY_EPT)) {
		RULE(VMCS_SECONDARY_PROCESSOR_CONTROLS,
		     !control(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST),
		     "\"unrestricted guest\" needs \"enable EPT\"");
		return false;
	}
	RULE(VMCS_EPT_POINTER,
	     (eptp & 7) == 0 || ((eptp & 7) == 6 && check->can->ept_vpid & CAP_MEMORY_WB),
	     "the memory type must be one that the CPU has (6 is write-back)");
	RULE(VMCS_EPT_POINTER, (eptp >> 3 & 7) == 3 || (eptp >> 3 & 7) == 4,
	     "the page-walk length must be 4 or 5 levels");
	RULE(VMCS_EPT_POINTER, !(eptp & 1 << 6) || check->can->ept_vpid & CAP_AD,
	     "accessed and dirty flags are not supported");
	RULE(VMCS_EPT_POINTER, !(eptp & 0xf80) && !(eptp >> check->physical_bits),
	     "reserved bits must be 0");
	return false;
}

/* Vol. 3, "VM-Exit Control Fields" and "VM-Entry Control Fields". */
static bool controls_transition(struct vmx_check *check)
{
	u64 info = get(check, VMCS_ENTRY_INTERRUPTION_INFO);
	u32 type = info >> 8 & 7, vector = info & 0xff;

	RULE(VMCS_EXIT_CONTROLS, fits(check, VMX_EXIT, VMCS_EXIT_CONTROLS),
	     "reserved bits must be as IA32_VMX_(TRUE_)EXIT_CTLS says");
	RULE(VMCS_EXIT_CONTROLS,
	     control(check, VMX_PIN, VMX_PIN_PREEMPTION_TIMER) ||
		     !control(check, VMX_EXIT, VMX_EXIT_SAVE_PREEMPTION_TIMER),
	     "\"save VMX-preemption timer value\" needs the timer");
	RULE(VMCS_ENTRY_CONTROLS, fits(check, VMX_ENTRY, VMCS_ENTRY_CONTROLS),
	     "reserved bits must be as IA32_VMX_(TRUE_)ENTRY_CTLS says");
	if (!(info & INFO_VALID))
		return false;
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != 1, "the interruption type must not be 1");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != 2 || vector == 2, "an NMI has vector 2");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != 3 || vector <= 31,
	     "a hardware exception has a vector up to 31");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, !(info & 0x7ffff000), "bits 30:12 must be 0");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, !(info & INFO_ERROR) || type == 3,
	     "only a hardware exception delivers an error code");
	if (type >= 4 && type <= 6)
		RULE(VMCS_ENTRY_INSTRUCTION_LENGTH, get(check, VMCS_ENTRY_INSTRUCTION_LENGTH) <= 15,
		     "must be 0 to 15 for software interrupts and exceptions");
	return false;
}

/* Vol. 3, "Checks on Host Control Registers, MSRs, and SSP" and the two sections after it. */
static bool host_state(struct vmx_check *check)
{
	static const u32 selectors[] = {VMCS_HOST_ES_SELECTOR, VMCS_HOST_CS_SELECTOR,
					VMCS_HOST_SS_SELECTOR, VMCS_HOST_DS_SELECTOR,
					VMCS_HOST_FS_SELECTOR, VMCS_HOST_GS_SELECTOR,
					VMCS_HOST_TR_SELECTOR};
	static const u32 bases[] = {VMCS_HOST_FS_BASE,	   VMCS_HOST_GS_BASE,
				    VMCS_HOST_TR_BASE,	   VMCS_HOST_GDTR_BASE,
				    VMCS_HOST_IDTR_BASE,   VMCS_HOST_SYSENTER_ESP,
				    VMCS_HOST_SYSENTER_EIP};
	const struct vmx_capabilities *can = check->can;
	bool host64 = control(check, VMX_EXIT, VMX_EXIT_HOST_64);
	u64 efer = get(check, VMCS_HOST_EFER);

	RULE(VMCS_HOST_CR0, fixed(get(check, VMCS_HOST_CR0), can->cr0_fixed0, can->cr0_fixed1),
	     "must be as IA32_VMX_CR0_FIXED0 and FIXED1 say");
	RULE(VMCS_HOST_CR4, fixed(get(check, VMCS_HOST_CR4), can->cr4_fixed0, can->cr4_fixed1),
	     "must be as IA32_VMX_CR4_FIXED0 and FIXED1 say");
	RULE(VMCS_HOST_CR3, !(get(check, VMCS_HOST_CR3) >> check->physical_bits),
	     "must be a physical address");
	if (control(check, VMX_EXIT, VMX_EXIT_LOAD_PAT))
		RULE(VMCS_HOST_PAT, pat_valid(get(check, VMCS_HOST_PAT)),
		     "each byte must be a memory type (0, 1, 4, 5, 6, 7)");
	if (control(check, VMX_EXIT, VMX_EXIT_LOAD_EFER)) {
		RULE(VMCS_HOST_EFER, !(efer & EFER_RESERVED), "reserved bits must be 0");
		RULE(VMCS_HOST_EFER, !!(efer & EFER_LMA) == host64 && !!(efer & EFER_LME) == host64,
		     "LMA and LME must be as \"host address-space size\" says");
	}
	for (u32 i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
		RULE(selectors[i], !(get(check, selectors[i]) & 7), "RPL and TI must be 0");
	RULE(VMCS_HOST_CS_SELECTOR, get(check, VMCS_HOST_CS_SELECTOR), "must not be 0");
	RULE(VMCS_HOST_TR_SELECTOR, get(check, VMCS_HOST_TR_SELECTOR), "must not be 0");
	RULE(VMCS_HOST_SS_SELECTOR, host64 || get(check, VMCS_HOST_SS_SELECTOR),
	     "must not be 0 for a host that is not in 64-bit mode");
	for (u32 i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		RULE(bases[i], canonical(get(check, bases[i])), "must be a canonical address");
	RULE(VMCS_EXIT_CONTROLS, host64, "a host in 64-bit mode needs \"host address-space size\"");
	RULE(VMCS_HOST_CR4, get(check, VMCS_HOST_CR4) & CR4_PAE, "64-bit mode needs PAE");
	RULE(VMCS_HOST_RIP, canonical(get(check, VMCS_HOST_RIP)), "must be a canonical address");
	return false;
}

/* Vol. 3, "Checks on Guest Control Registers, Debug Registers, and MSRs". */
static bool guest_registers(struct vmx_check *check)
{
	const struct vmx_capabilities *can = check->can;
	bool guest64 = control(check, VMX_ENTRY, VMX_ENTRY_GUEST_64);
	bool unrestricted = control(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST);
	u64 cr0 = get(check, VMCS_GUEST_CR0), cr4 = get(check, VMCS_GUEST_CR4);
	u64 efer = get(check, VMCS_GUEST_EFER);
	u64 free = unrestricted ? CR0_PE | CR0_PG : 0;

	RULE(VMCS_GUEST_CR0, fixed(cr0, can->cr0_fixed0 & ~free, can->cr0_fixed1),
	     "must be as IA32_VMX_CR0_FIXED0 and FIXED1 say");
	RULE(VMCS_GUEST_CR0, !(cr0 & CR0_PG) || cr0 & CR0_PE, "PG needs PE");
	RULE(VMCS_GUEST_CR4, fixed(cr4, can->cr4_fixed0, can->cr4_fixed1),
	     "must be as IA32_VMX_CR4_FIXED0 and FIXED1 say");
	if (guest64) {
		RULE(VMCS_GUEST_CR0, cr0 & CR0_PG, "an IA-32e mode guest needs PG");
		RULE(VMCS_GUEST_CR4, cr4 & CR4_PAE, "an IA-32e mode guest needs PAE");
	} else {
		RULE(VMCS_GUEST_CR4, !(cr4 & CR4_PCIDE), "PCIDE is for IA-32e mode only");
	}
	RULE(VMCS_GUEST_CR3, !(get(check, VMCS_GUEST_CR3) >> check->physical_bits),
	     "must be a physical address");
	if (control(check, VMX_ENTRY, VMX_ENTRY_LOAD_DEBUG))
		RULE(VMCS_GUEST_DR7, !(get(check, VMCS_GUEST_DR7) >> 32), "bits 63:32 must be 0");
	RULE(VMCS_GUEST_SYSENTER_ESP, canonical(get(check, VMCS_GUEST_SYSENTER_ESP)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_SYSENTER_EIP, canonical(get(check, VMCS_GUEST_SYSENTER_EIP)),
	     "must be a canonical address");
	if (control(check, VMX_ENTRY, VMX_ENTRY_LOAD_PAT))
		RULE(VMCS_GUEST_PAT, pat_valid(get(check, VMCS_GUEST_PAT)),
		     "each byte must be a memory type (0, 1, 4, 5, 6, 7)");
	if (control(check, VMX_ENTRY, VMX_ENTRY_LOAD_EFER)) {
		RULE(VMCS_GUEST_EFER, !(efer & EFER_RESERVED), "reserved bits must be 0");
		RULE(VMCS_GUEST_EFER, !!(efer & EFER_LMA) == guest64,
		     "LMA must be as \"IA-32e mode guest\" says");
		RULE(VMCS_GUEST_EFER, !(cr0 & CR0_PG) || !!(efer & EFER_LMA) == !!(efer & EFER_LME),
		     "LMA must be LME while paging is on");
	}
	return false;
}

static u32 rights(const struct vmx_check *check, u32 segment)
{
	return get(check, VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment);
}

/* Granularity must suit the limit: low bits all ones if G, high bits 0 if not. */
static bool limit_suits(const struct vmx_check *check, u32 segment)
{
	u64 limit = get(check, VMCS_GUEST_ES_LIMIT + 2 * segment);
	bool pages = rights(check, segment) >> 15 & 1;

	return pages ? (limit & 0xfff) == 0xfff : !(limit >> 20);
}

static bool guest_segment(struct vmx_check *check, u32 segment)
{
	u32 field = VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * segment;
	u32 value = rights(check, segment);

	if (value & RIGHTS_UNUSABLE)
		return false;
	RULE(field, value & 1, "the segment must be accessed");
	RULE(field, value & 1 << 4, "S must be 1: code or data");
	RULE(field, value & 1 << 7, "P must be 1: present");
	RULE(field, !(value & 0xfffe0f00), "reserved bits must be 0");
	RULE(VMCS_GUEST_ES_LIMIT + 2 * segment, limit_suits(check, segment),
	     "does not suit G of the access rights");
	return false;
}

/* Vol. 3, "Checks on Guest Segment Registers"; no virtual-8086 mode. */
static bool guest_segments(struct vmx_check *check)
{
	bool guest64 = control(check, VMX_ENTRY, VMX_ENTRY_GUEST_64);
	u32 cs = rights(check, CS), ss = rights(check, SS), tr = rights(check, TR);
	u32 ldtr = rights(check, LDTR);
	u64 rpl_cs = get(check, VMCS_GUEST_CS_SELECTOR) & 3;
	u64 rpl_ss = get(check, VMCS_GUEST_SS_SELECTOR) & 3;

	RULE(VMCS_GUEST_TR_SELECTOR, !(get(check, VMCS_GUEST_TR_SELECTOR) & 4), "TI must be 0");
	RULE(VMCS_GUEST_LDTR_SELECTOR,
	     ldtr & RIGHTS_UNUSABLE || !(get(check, VMCS_GUEST_LDTR_SELECTOR) & 4), "TI must be 0");
	RULE(VMCS_GUEST_SS_SELECTOR,
	     control(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST) || rpl_ss == rpl_cs,
	     "its RPL must be CS's");
	RULE(VMCS_GUEST_TR_BASE, canonical(get(check, VMCS_GUEST_TR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_FS_BASE, canonical(get(check, VMCS_GUEST_FS_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_GS_BASE, canonical(get(check, VMCS_GUEST_GS_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_CS_BASE, !(get(check, VMCS_GUEST_CS_BASE) >> 32), "bits 63:32 must be 0");
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, !(cs & RIGHTS_UNUSABLE), "CS must be usable");
	for (u32 segment = ES; segment <= GS; segment++)
		if (guest_segment(check, segment))
			return true;
	RULE(VMCS_GUEST_CS_ACCESS_RIGHTS, !guest64 || !(cs & 1 << 13) || !(cs & 1 << 14),
	     "D must be 0 in 64-bit mode (L is 1)");
	RULE(VMCS_GUEST_SS_ACCESS_RIGHTS, ss & RIGHTS_UNUSABLE || (ss & 11) == 3,
	     "SS must be writable data");
	RULE(VMCS_GUEST_SS_ACCESS_RIGHTS,
	     control(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST) ||
		     (ss >> 5 & 3) == rpl_ss,
	     "its DPL must be the RPL of its selector");
	RULE(VMCS_GUEST_TR_ACCESS_RIGHTS, !(tr & RIGHTS_UNUSABLE), "TR must be usable");
	RULE(VMCS_GUEST_TR_ACCESS_RIGHTS, (tr & 15) == 11 || (!guest64 && (tr & 15) == 3),
	     "the type must be a busy TSS");
	RULE(VMCS_GUEST_TR_ACCESS_RIGHTS, !(tr & 1 << 4) && tr & 1 << 7,
	     "S must be 0 and P must be 1");
	RULE(VMCS_GUEST_TR_LIMIT, limit_suits(check, TR), "does not suit G of the access rights");
	return false;
}

/* Vol. 3, "Checks on Guest Descriptor-Table Registers" to "Checks on Guest Non-Register State". */
static bool guest_rest(struct vmx_check *check)
{
	bool guest64 = control(check, VMX_ENTRY, VMX_ENTRY_GUEST_64);
	u64 rflags = get(check, VMCS_GUEST_RFLAGS), rip = get(check, VMCS_GUEST_RIP);
	u64 info = get(check, VMCS_ENTRY_INTERRUPTION_INFO);
	u64 blocking = get(check, VMCS_GUEST_INTERRUPTIBILITY);
	bool external = info & INFO_VALID && (info >> 8 & 7) == 0;
	u64 link = get(check, VMCS_VMCS_LINK_POINTER);

	RULE(VMCS_GUEST_GDTR_BASE, canonical(get(check, VMCS_GUEST_GDTR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_IDTR_BASE, canonical(get(check, VMCS_GUEST_IDTR_BASE)),
	     "must be a canonical address");
	RULE(VMCS_GUEST_GDTR_LIMIT, !(get(check, VMCS_GUEST_GDTR_LIMIT) >> 16),
	     "bits 31:16 must be 0");
	RULE(VMCS_GUEST_IDTR_LIMIT, !(get(check, VMCS_GUEST_IDTR_LIMIT) >> 16),
	     "bits 31:16 must be 0");
	RULE(VMCS_GUEST_RIP, guest64 ? canonical(rip) : !(rip >> 32),
	     "must be an address of the guest's mode");
	RULE(VMCS_GUEST_RFLAGS, rflags & 2 && !(rflags & 0xffffffffffc08028ULL),
	     "bit 1 must be 1, reserved bits 0");
	RULE(VMCS_GUEST_RFLAGS, !guest64 || !(rflags & RFLAGS_VM), "VM must be 0 in IA-32e mode");
	RULE(VMCS_GUEST_RFLAGS, !external || rflags & RFLAGS_IF,
	     "IF must be 1 for an external interrupt to be injected");
	RULE(VMCS_GUEST_ACTIVITY, get(check, VMCS_GUEST_ACTIVITY) <= 3,
	     "must be 0 to 3 (active, HLT, shutdown, wait-for-SIPI)");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !(blocking >> 5), "reserved bits must be 0");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, (blocking & 3) != 3,
	     "blocking by STI and by MOV SS cannot both be");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !(blocking & 1) || rflags & RFLAGS_IF,
	     "blocking by STI needs IF");
	RULE(VMCS_GUEST_INTERRUPTIBILITY, !external || !(blocking & 3),
	     "nothing may block an external interrupt to be injected");
	RULE(VMCS_VMCS_LINK_POINTER, link == ~0ULL || physical(check, link, 4096),
	     "must be all ones, or a VMCS's address");
	return false;
}

enum vmx_check_area vmx_check(struct vmx_check *check)
{
	if (controls_execution(check) || controls_memory(check) || controls_transition(check))
		return VMX_CHECK_CONTROLS;
	if (host_state(check))
		return VMX_CHECK_HOST;
	if (guest_registers(check) || guest_segments(check) || guest_rest(check))
		return VMX_CHECK_GUEST;
	return VMX_CHECK_NOTHING;
}

const char *vmx_check_area_name(enum vmx_check_area area)
{
	static const char *const names[] = {
		[VMX_CHECK_NOTHING] = "nothing that is known",
		[VMX_CHECK_CONTROLS] = "controls",
		[VMX_CHECK_HOST] = "host state",
		[VMX_CHECK_GUEST] = "guest state",
	};

	return names[area];
}
