// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu.h"

#include <asm/desc.h>
#include <asm/fpu/xcr.h>
#include <asm/pkru.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>
#include <hv/linux/kernel.h>
#include <linux/string.h>

/*
 * Where an MSR exists: emulators read others as 0 instead of #GP. By X86_FEATURE_*, or by CPUID
 * where the oldest kernel that is supported has no such name.
 */
struct feature {
	u32 known; /* X86_FEATURE_* */
	u32 leaf, subleaf, of, bit;
};
#define KNOWN(word)                \
	{                          \
		X86_FEATURE_##word \
	}
#define SHADOW                        \
	{                             \
		0, 7, 0, CPUID_ECX, 7 \
	}
#define FRED                           \
	{                              \
		0, 7, 1, CPUID_EAX, 17 \
	}

static const struct {
	const char *name;
	u32 number;
	struct feature feature;
} msrs[] = {
	{"APIC_BASE", MSR_IA32_APICBASE},
	{"SYSENTER_CS", MSR_IA32_SYSENTER_CS},
	{"SYSENTER_ESP", MSR_IA32_SYSENTER_ESP},
	{"SYSENTER_EIP", MSR_IA32_SYSENTER_EIP},
	{"DEBUGCTL", MSR_IA32_DEBUGCTLMSR},
	{"PAT", MSR_IA32_CR_PAT},
	{"EFER", MSR_EFER},
	{"STAR", MSR_STAR},
	{"LSTAR", MSR_LSTAR},
	{"CSTAR", MSR_CSTAR},
	{"SFMASK", MSR_SYSCALL_MASK},
	{"GS_BASE", MSR_GS_BASE},
	{"FS_BASE", MSR_FS_BASE},
	{"KERNEL_GS_BASE", MSR_KERNEL_GS_BASE},
	{"TSC_AUX", MSR_TSC_AUX, KNOWN(RDTSCP)},
	{"SPEC_CTRL", MSR_IA32_SPEC_CTRL, KNOWN(MSR_SPEC_CTRL)},
	{"XSS", MSR_IA32_XSS, KNOWN(XSAVES)},
	{"U_CET", 0x6a0, SHADOW},
	{"S_CET", 0x6a2, SHADOW},
	{"PL0_SSP", 0x6a4, SHADOW},
	{"PL1_SSP", 0x6a5, SHADOW},
	{"PL2_SSP", 0x6a6, SHADOW},
	{"PL3_SSP", 0x6a7, SHADOW},
	{"SSP_TABLE", 0x6a8, SHADOW},
	{"FRED_RSP0", 0x1cc, FRED},
	{"FRED_RSP1", 0x1cd, FRED},
	{"FRED_RSP2", 0x1ce, FRED},
	{"FRED_RSP3", 0x1cf, FRED},
	{"FRED_STKLVLS", 0x1d0, FRED},
	{"FRED_SSP1", 0x1d1, FRED},
	{"FRED_SSP2", 0x1d2, FRED},
	{"FRED_SSP3", 0x1d3, FRED},
	{"FRED_CONFIG", 0x1d4, FRED},
	{"FEATURE_CONTROL", MSR_IA32_FEAT_CTL, KNOWN(VMX)},
	{"VM_HSAVE_PA", MSR_VM_HSAVE_PA, KNOWN(SVM)},
	{"VM_CR", MSR_VM_CR, KNOWN(SVM)},
	{"TSC_ADJUST", MSR_IA32_TSC_ADJUST, KNOWN(TSC_ADJUST)},
};

static void state_add(struct cpu_state *state, const char *name, u64 value)
{
	if (state->count == CPU_STATE_LINES)
		return;
	state->line[state->count].name = name;
	state->line[state->count++].value = value;
}

u64 cpu_dr(int number)
{
	unsigned long value;

	get_debugreg(value, number);
	return value;
}

static bool cpu_has_feature(const struct feature *feature)
{
	u32 leaf[4];

	if (!feature->leaf)
		return !feature->known || boot_cpu_has(feature->known);
	cpuid_count(feature->leaf, feature->subleaf, &leaf[0], &leaf[1], &leaf[2], &leaf[3]);
	return feature->leaf <= boot_cpu_data.cpuid_level && leaf[feature->of] >> feature->bit & 1;
}

/* RDSSP is a NOP where supervisor shadow stacks are off. */
static u64 ssp(void)
{
	u64 value = 0;

	asm volatile("rdsspq %0" : "+r"(value));
	return value;
}

/* The kernel's copy of CR4; false where it cannot be read. */
static bool cr4_copy(u64 *value)
{
#ifdef KERNEL_EXPORTS_cr4_read_shadow
	*value = cr4_read_shadow();
	return true;
#else
	return false;
#endif
}

void cpu_state_read(void *arg)
{
	struct cpu_state *state = arg;
	struct desc_ptr table;
	u64 value;
	u16 selector;

	asm volatile("sgdt %0" : "=m"(table));
	state_add(state, "GDTR.base", table.address);
	state_add(state, "GDTR.limit", table.size);
	store_idt(&table);
	state_add(state, "IDTR.base", table.address);
	state_add(state, "IDTR.limit", table.size);
	store_tr(selector);
	state_add(state, "TR", selector);
	asm("sldt %0" : "=r"(selector));
	state_add(state, "LDTR", selector);
	asm("mov %%ds, %0" : "=r"(selector));
	state_add(state, "DS", selector);
	asm("mov %%es, %0" : "=r"(selector));
	state_add(state, "ES", selector);
	asm("mov %%fs, %0" : "=r"(selector));
	state_add(state, "FS", selector);
	asm("mov %%gs, %0" : "=r"(selector));
	state_add(state, "GS", selector);
	state_add(state, "CR0", read_cr0());
	state_add(state, "CR2", native_read_cr2());
	state_add(state, "CR4", __read_cr4());
	if (cr4_copy(&value))
		state_add(state, "CR4.copy", value);
	asm("mov %%cr8, %0" : "=r"(value));
	state_add(state, "CR8", value);
	for (int i = 0; i < 4; i++)
		state_add(state, (const char *[]){"DR0", "DR1", "DR2", "DR3"}[i], cpu_dr(i));
	state_add(state, "DR7", cpu_dr(7));
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		state_add(state, "XCR0", xgetbv(XCR_XFEATURE_ENABLED_MASK));
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		state_add(state, "PKRU", read_pkru());
	if (cpu_has_feature(&(struct feature)SHADOW))
		state_add(state, "SSP", ssp());
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++)
		if (cpu_has_feature(&msrs[i].feature) && kernel_rdmsr_try(msrs[i].number, &value))
			state_add(state, msrs[i].name, value);
}
