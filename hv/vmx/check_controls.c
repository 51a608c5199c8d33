// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, "Checks on VMX Controls": execution, VM-exit and VM-entry control fields. */
#include "check_areas.h"
#include "check_rules.h"

#define CAP_WALK_5		(1ULL << 7)
#define CAP_UC			(1ULL << 8)
#define CAP_WB			(1ULL << 14)
#define CAP_AD			(1ULL << 21)
#define CAP_SSS			(1ULL << 23)
#define EPTP_AD			(1ULL << 6)
#define EPTP_SSS		(1ULL << 7)
#define MISC_LENGTH0		(1ULL << 30) /* software events may be injected with length 0 */
#define BASIC_ANY		(1ULL << 56) /* an error code may be delivered with any exception or none */
#define INFO_ERROR		(1ULL << 11)
#define FUNCTION_EPTP_SWITCHING 1

static bool fits(const struct vmx_check *check, enum vmx_group group)
{
	u64 value = vmx_check_get(check, vmx_control_field(group));
	u64 can = check->can->group[group];

	if (group == VMX_TERTIARY)
		return !(value & ~can);
	return (value & (u32)can) == (u32)can && !(value & ~(can >> 32));
}

static bool reserved_bits(struct vmx_check *check)
{
	static const struct {
		enum vmx_group group;
		u32 if_on; /* in the primary processor-based controls; 0: always */
		const char *rule;
	} rows[] = {
		{VMX_PIN, 0, "reserved bits must be as IA32_VMX_(TRUE_)PINBASED_CTLS says"},
		{VMX_PROCESSOR, 0, "reserved bits must be as IA32_VMX_(TRUE_)PROCBASED_CTLS says"},
		{VMX_SECONDARY, VMX_PROCESSOR_SECONDARY_CONTROLS,
		 "reserved bits must be as IA32_VMX_PROCBASED_CTLS2 says"},
		{VMX_TERTIARY, VMX_PROCESSOR_TERTIARY_CONTROLS,
		 "reserved bits must be as IA32_VMX_PROCBASED_CTLS3 says"},
		{VMX_EXIT, 0, "reserved bits must be as IA32_VMX_(TRUE_)EXIT_CTLS says"},
		{VMX_ENTRY, 0, "reserved bits must be as IA32_VMX_(TRUE_)ENTRY_CTLS says"},
	};

	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].if_on || vmx_control_on(check, VMX_PROCESSOR, rows[i].if_on))
			RULE(vmx_control_field(rows[i].group), fits(check, rows[i].group),
			     rows[i].rule);
	return false;
}

static bool outside_smm(struct vmx_check *check)
{
	RULE(VMCS_ENTRY_CONTROLS,
	     !vmx_control_on(check, VMX_ENTRY,
			     VMX_ENTRY_ENTRY_TO_SMM | VMX_ENTRY_DEACTIVATE_DUAL_MONITOR),
	     "\"entry to SMM\" and \"deactivate dual-monitor treatment\" are for SMM only");
	return false;
}

/* A control that needs another one, or (`without`) may not be beside it. */
#define NEEDS(group, bit, with, other, rule)                                                    \
	{                                                                                       \
		VMX_##group, VMX_##group##_##bit, VMX_##with, VMX_##with##_##other, false, rule \
	}
#define BARS(group, bit, with, other, rule)                                                    \
	{                                                                                      \
		VMX_##group, VMX_##group##_##bit, VMX_##with, VMX_##with##_##other, true, rule \
	}
static const struct pair {
	enum vmx_group group;
	u32 bit;
	enum vmx_group other_group;
	u32 other;
	bool without;
	const char *rule;
} pairs[] = {
	NEEDS(PIN, VIRTUAL_NMIS, PIN, NMI_EXITING, "\"virtual NMIs\" needs \"NMI exiting\""),
	NEEDS(PROCESSOR, NMI_WINDOW_EXITING, PIN, VIRTUAL_NMIS,
	      "\"NMI-window exiting\" needs \"virtual NMIs\""),
	NEEDS(SECONDARY, VIRTUALIZE_X2APIC, PROCESSOR, TPR_SHADOW,
	      "\"virtualize x2APIC mode\" needs \"use TPR shadow\""),
	NEEDS(SECONDARY, APIC_REGISTER_VIRTUALIZATION, PROCESSOR, TPR_SHADOW,
	      "\"APIC-register virtualization\" needs \"use TPR shadow\""),
	NEEDS(SECONDARY, VIRTUAL_INTERRUPT_DELIVERY, PROCESSOR, TPR_SHADOW,
	      "\"virtual-interrupt delivery\" needs \"use TPR shadow\""),
	BARS(SECONDARY, VIRTUALIZE_X2APIC, SECONDARY, VIRTUALIZE_APIC_ACCESSES,
	     "\"virtualize x2APIC mode\" cannot be beside \"virtualize APIC accesses\""),
	NEEDS(SECONDARY, VIRTUAL_INTERRUPT_DELIVERY, PIN, EXTERNAL_INTERRUPT_EXITING,
	      "\"virtual-interrupt delivery\" needs \"external-interrupt exiting\""),
	NEEDS(PIN, POSTED_INTERRUPTS, SECONDARY, VIRTUAL_INTERRUPT_DELIVERY,
	      "\"process posted interrupts\" needs \"virtual-interrupt delivery\""),
	NEEDS(PIN, POSTED_INTERRUPTS, EXIT, ACKNOWLEDGE_INTERRUPT,
	      "\"process posted interrupts\" needs \"acknowledge interrupt on exit\""),
	NEEDS(SECONDARY, PML, SECONDARY, EPT, "\"enable PML\" needs \"enable EPT\""),
	NEEDS(SECONDARY, UNRESTRICTED_GUEST, SECONDARY, EPT,
	      "\"unrestricted guest\" needs \"enable EPT\""),
	NEEDS(SECONDARY, MODE_BASED_EXECUTE, SECONDARY, EPT,
	      "\"mode-based execute control for EPT\" needs \"enable EPT\""),
	NEEDS(SECONDARY, SUB_PAGE_WRITE, SECONDARY, EPT,
	      "\"sub-page write permissions for EPT\" needs \"enable EPT\""),
	NEEDS(SECONDARY, PT_GUEST_PHYSICAL, SECONDARY, EPT,
	      "\"Intel PT uses guest physical addresses\" needs \"enable EPT\""),
	NEEDS(SECONDARY, PT_GUEST_PHYSICAL, ENTRY, LOAD_RTIT_CTL,
	      "\"Intel PT uses guest physical addresses\" needs \"load IA32_RTIT_CTL\""),
	NEEDS(SECONDARY, PT_GUEST_PHYSICAL, EXIT, CLEAR_RTIT_CTL,
	      "\"Intel PT uses guest physical addresses\" needs \"clear IA32_RTIT_CTL\""),
	NEEDS(TERTIARY, HLAT, SECONDARY, EPT, "\"enable HLAT\" needs \"enable EPT\""),
	NEEDS(TERTIARY, PAGING_WRITE, SECONDARY, EPT,
	      "\"EPT paging-write control\" needs \"enable EPT\""),
	NEEDS(TERTIARY, GUEST_PAGING_VERIFICATION, SECONDARY, EPT,
	      "\"guest-paging verification\" needs \"enable EPT\""),
	NEEDS(TERTIARY, IPI_VIRTUALIZATION, PROCESSOR, TPR_SHADOW,
	      "\"IPI virtualization\" needs \"use TPR shadow\""),
	NEEDS(EXIT, SAVE_PREEMPTION_TIMER, PIN, PREEMPTION_TIMER,
	      "\"save VMX-preemption timer value\" needs the timer"),
	NEEDS(ENTRY, GUEST_64, EXIT, HOST_64,
	      "\"IA-32e mode guest\" needs \"host address-space size\""),
};

static bool dependencies(struct vmx_check *check)
{
	for (u32 i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *pair = &pairs[i];

		if (vmx_control_on(check, pair->group, pair->bit))
			RULE(vmx_control_field(pair->group),
			     vmx_control_on(check, pair->other_group, pair->other) != pair->without,
			     pair->rule);
	}
	return false;
}

/* Fields that hold an address while a control is on. */
static bool addresses(struct vmx_check *check)
{
	static const struct {
		enum vmx_group group;
		u32 bit, field, align;
	} rows[] = {
		{VMX_PROCESSOR, VMX_PROCESSOR_IO_BITMAPS, VMCS_IO_BITMAP_A, 4096},
		{VMX_PROCESSOR, VMX_PROCESSOR_IO_BITMAPS, VMCS_IO_BITMAP_B, 4096},
		{VMX_PROCESSOR, VMX_PROCESSOR_MSR_BITMAPS, VMCS_MSR_BITMAP, 4096},
		{VMX_PROCESSOR, VMX_PROCESSOR_TPR_SHADOW, VMCS_VIRTUAL_APIC_ADDRESS, 4096},
		{VMX_SECONDARY, VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES, VMCS_APIC_ACCESS_ADDRESS,
		 4096},
		{VMX_PIN, VMX_PIN_POSTED_INTERRUPTS, VMCS_POSTED_INTERRUPT_DESCRIPTOR, 64},
		{VMX_SECONDARY, VMX_SECONDARY_PML, VMCS_PML_ADDRESS, 4096},
		{VMX_SECONDARY, VMX_SECONDARY_SUB_PAGE_WRITE, VMCS_SUB_PAGE_PERMISSION_TABLE, 4096},
		{VMX_SECONDARY, VMX_SECONDARY_VMCS_SHADOWING, VMCS_VMREAD_BITMAP, 4096},
		{VMX_SECONDARY, VMX_SECONDARY_VMCS_SHADOWING, VMCS_VMWRITE_BITMAP, 4096},
		{VMX_SECONDARY, VMX_SECONDARY_EPT_VIOLATION_VE, VMCS_VE_INFORMATION_ADDRESS, 4096},
		{VMX_TERTIARY, VMX_TERTIARY_IPI_VIRTUALIZATION, VMCS_PID_POINTER_TABLE, 8},
	};

	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (vmx_control_on(check, rows[i].group, rows[i].bit))
			RULE(rows[i].field,
			     vmx_physical(check, vmx_check_get(check, rows[i].field),
					  rows[i].align),
			     rows[i].align == 4096 ? "must be a physical address, 4 KiB-aligned"
			     : rows[i].align == 64 ? "must be a physical address, 64-byte aligned"
						   : "must be a physical address, 8-byte aligned");
	return false;
}

static bool values(struct vmx_check *check)
{
	u64 threshold = vmx_check_get(check, VMCS_TPR_THRESHOLD);
	u64 functions = vmx_check_get(check, VMCS_VM_FUNCTION_CONTROLS);

	RULE(VMCS_CR3_TARGET_COUNT, vmx_check_get(check, VMCS_CR3_TARGET_COUNT) <= 4,
	     "must not be greater than 4");
	if (vmx_control_on(check, VMX_PROCESSOR, VMX_PROCESSOR_TPR_SHADOW) &&
	    !vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_VIRTUAL_INTERRUPT_DELIVERY))
		RULE(VMCS_TPR_THRESHOLD, threshold <= 15, "bits 31:4 must be 0");
	if (vmx_control_on(check, VMX_PIN, VMX_PIN_POSTED_INTERRUPTS))
		RULE(VMCS_POSTED_INTERRUPT_VECTOR,
		     vmx_check_get(check, VMCS_POSTED_INTERRUPT_VECTOR) <= 255,
		     "must be a vector (0 to 255)");
	if (vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_VPID))
		RULE(VMCS_VPID, vmx_check_get(check, VMCS_VPID),
		     "must not be 0 while VPIDs are on");
	if (vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_TSC_SCALING))
		RULE(VMCS_TSC_MULTIPLIER, vmx_check_get(check, VMCS_TSC_MULTIPLIER),
		     "must not be 0 while TSC scaling is on");
	if (!vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_VM_FUNCTIONS))
		return false;
	RULE(VMCS_VM_FUNCTION_CONTROLS, !(functions & ~check->can->vmfunc),
	     "reserved bits must be as IA32_VMX_VMFUNC says");
	if (functions & FUNCTION_EPTP_SWITCHING) {
		RULE(VMCS_VM_FUNCTION_CONTROLS,
		     vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_EPT),
		     "EPTP switching needs \"enable EPT\"");
		RULE(VMCS_EPTP_LIST_ADDRESS,
		     vmx_physical(check, vmx_check_get(check, VMCS_EPTP_LIST_ADDRESS), 4096),
		     "must be a physical address, 4 KiB-aligned");
	}
	return false;
}

static bool ept_pointer(struct vmx_check *check)
{
	u64 eptp = vmx_check_get(check, VMCS_EPT_POINTER), can = check->can->ept_vpid;
	u32 type = eptp & 7, levels = (eptp >> 3 & 7) + 1;

	if (!vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_EPT))
		return false;
	RULE(VMCS_EPT_POINTER, (type == 0 && can & CAP_UC) || (type == 6 && can & CAP_WB),
	     "the memory type must be one that the CPU has (6 is write-back)");
	RULE(VMCS_EPT_POINTER, levels == 4 || (levels == 5 && can & CAP_WALK_5),
	     "the page-walk length must be one that the CPU has (4 or 5 levels)");
	RULE(VMCS_EPT_POINTER, !(eptp & EPTP_AD) || can & CAP_AD,
	     "accessed and dirty flags are not supported");
	RULE(VMCS_EPT_POINTER, !(eptp & EPTP_SSS) || can & CAP_SSS,
	     "supervisor shadow-stack control is not supported");
	RULE(VMCS_EPT_POINTER, !(eptp & 0xf00) && !(eptp >> check->physical_bits),
	     "reserved bits must be 0");
	return false;
}

/* Lists of MSRs: the same rules for the three of them, none for one that is empty. */
static bool msr_areas(struct vmx_check *check)
{
	static const u32 areas[][2] = {
		{VMCS_EXIT_MSR_STORE_COUNT, VMCS_EXIT_MSR_STORE_ADDRESS},
		{VMCS_EXIT_MSR_LOAD_COUNT, VMCS_EXIT_MSR_LOAD_ADDRESS},
		{VMCS_ENTRY_MSR_LOAD_COUNT, VMCS_ENTRY_MSR_LOAD_ADDRESS},
	};

	for (u32 i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		u64 count = vmx_check_get(check, areas[i][0]);
		u64 address = vmx_check_get(check, areas[i][1]);

		if (!count)
			continue;
		RULE(areas[i][1], vmx_physical(check, address, 16),
		     "must be a physical address, 16-byte aligned");
		RULE(areas[i][0], !((address + count * 16 - 1) >> check->physical_bits),
		     "the area must end at a physical address");
	}
	return false;
}

/* Whether an exception has an error code in protected mode (Vol. 3, "Exception Summary"). */
static bool has_error_code(u32 vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

static bool injection(struct vmx_check *check)
{
	enum { EXTERNAL, RESERVED, NMI, HARDWARE, SOFTWARE, PRIVILEGED, SOFTWARE_EXCEPTION, OTHER };
	u64 info = vmx_check_get(check, VMCS_ENTRY_INTERRUPTION_INFO);
	u64 length = vmx_check_get(check, VMCS_ENTRY_INSTRUCTION_LENGTH);
	u32 type = info >> 8 & 7, vector = info & 0xff;
	bool protected = vmx_check_get(check, VMCS_GUEST_CR0) & CR0_PE ||
			 !vmx_control_on(check, VMX_SECONDARY, VMX_SECONDARY_UNRESTRICTED_GUEST);

	if (!(info & INFO_VALID))
		return false;
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != RESERVED, "the interruption type must not be 1");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != NMI || vector == 2, "an NMI has vector 2");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != HARDWARE || vector <= 31,
	     "a hardware exception has a vector up to 31");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO,
	     type != OTHER || (!vector && check->can->group[VMX_PROCESSOR] >> 32 &
						  VMX_PROCESSOR_MONITOR_TRAP_FLAG),
	     "an other event is vector 0 (MTF), on a CPU that has the monitor trap flag");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, !(info & 0x7ffff000), "bits 30:12 must be 0");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, !(info & INFO_ERROR) || type == HARDWARE,
	     "only a hardware exception delivers an error code");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO, type != HARDWARE || protected || !(info & INFO_ERROR),
	     "no error code is delivered in real-address mode");
	RULE(VMCS_ENTRY_INTERRUPTION_INFO,
	     type != HARDWARE || !protected || check->can->basic & BASIC_ANY ||
		     !(info & INFO_ERROR) == !has_error_code(vector),
	     "an error code is delivered with just those exceptions that have one");
	if (info & INFO_ERROR)
		RULE(VMCS_ENTRY_EXCEPTION_ERROR_CODE,
		     !(vmx_check_get(check, VMCS_ENTRY_EXCEPTION_ERROR_CODE) >> 16),
		     "bits 31:16 must be 0");
	if (type >= SOFTWARE && type <= SOFTWARE_EXCEPTION)
		RULE(VMCS_ENTRY_INSTRUCTION_LENGTH,
		     length <= 15 && (length || check->can->misc & MISC_LENGTH0),
		     "must be 1 to 15 for software interrupts and exceptions (0 if IA32_VMX_MISC "
		     "allows it)");
	return false;
}

bool vmx_check_controls(struct vmx_check *check)
{
	return reserved_bits(check) || outside_smm(check) || dependencies(check) ||
	       addresses(check) || values(check) || ept_pointer(check) || msr_areas(check) ||
	       injection(check);
}
