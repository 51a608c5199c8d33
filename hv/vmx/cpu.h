/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privileged instructions and MSRs that VMX needs. Numbers: Intel SDM Vol. 4. */
#ifndef HV_VMX_CPU_H
#define HV_VMX_CPU_H

#include "../../trace/types.h"

#define MSR_APIC_BASE	       0x1b
#define MSR_FEATURE_CONTROL    0x3a
#define MSR_SYSENTER_CS	       0x174
#define MSR_SYSENTER_ESP       0x175
#define MSR_SYSENTER_EIP       0x176
#define MSR_DEBUGCTL	       0x1d9
#define MSR_PAT		       0x277
#define MSR_VMX_BASIC	       0x480
#define MSR_VMX_PIN	       0x481
#define MSR_VMX_PROCESSOR      0x482
#define MSR_VMX_EXIT	       0x483
#define MSR_VMX_ENTRY	       0x484
#define MSR_VMX_MISC	       0x485
#define MSR_VMX_CR0_FIXED0     0x486
#define MSR_VMX_CR0_FIXED1     0x487
#define MSR_VMX_CR4_FIXED0     0x488
#define MSR_VMX_CR4_FIXED1     0x489
#define MSR_VMX_SECONDARY      0x48b
#define MSR_VMX_EPT_VPID       0x48c
#define MSR_VMX_TRUE_PIN       0x48d
#define MSR_VMX_TRUE_PROCESSOR 0x48e
#define MSR_VMX_TRUE_EXIT      0x48f
#define MSR_VMX_TRUE_ENTRY     0x490
#define MSR_VMX_VMFUNC	       0x491
#define MSR_VMX_TERTIARY       0x492
#define MSR_XSS		       0xda0
#define MSR_EFER	       0xc0000080
#define MSR_STAR	       0xc0000081
#define MSR_LSTAR	       0xc0000082
#define MSR_SFMASK	       0xc0000084
#define MSR_FS_BASE	       0xc0000100
#define MSR_GS_BASE	       0xc0000101
#define FEATURE_CONTROL_LOCK   1
#define FEATURE_CONTROL_VMX    4 /* outside SMX */
#define BASIC_TRUE_CONTROLS    (1ULL << 55)
#define CR4_VMXE	       (1ULL << 13)

struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

static inline u64 cpu_rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void cpu_wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline void cpu_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "0"(leaf), "2"(subleaf));
}

#define CPU_CR(n)                                                              \
	static inline u64 cpu_read_cr##n(void)                                 \
	{                                                                      \
		u64 value;                                                     \
                                                                               \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value));          \
		return value;                                                  \
	}                                                                      \
	static inline void cpu_write_cr##n(u64 value)                          \
	{                                                                      \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory"); \
	}
CPU_CR(0)
CPU_CR(2)
CPU_CR(3)
CPU_CR(4)
#undef CPU_CR

static inline u64 cpu_read_dr7(void)
{
	u64 value;

	__asm__ volatile("mov %%dr7, %0" : "=r"(value));
	return value;
}

static inline void cpu_write_dr7(u64 value)
{
	__asm__ volatile("mov %0, %%dr7" : : "r"(value));
}

#define CPU_SELECTOR(name, instruction)                      \
	static inline u16 cpu_##name(void)                   \
	{                                                    \
		u16 value;                                   \
                                                             \
		__asm__ volatile(instruction : "=r"(value)); \
		return value;                                \
	}
CPU_SELECTOR(cs, "movw %%cs, %0")
CPU_SELECTOR(ss, "movw %%ss, %0")
CPU_SELECTOR(ds, "movw %%ds, %0")
CPU_SELECTOR(es, "movw %%es, %0")
CPU_SELECTOR(fs, "movw %%fs, %0")
CPU_SELECTOR(gs, "movw %%gs, %0")
CPU_SELECTOR(tr, "str %0")
#undef CPU_SELECTOR

static inline void cpu_sgdt(struct table_register *table)
{
	__asm__ volatile("sgdt %0" : "=m"(*table));
}

static inline void cpu_sidt(struct table_register *table)
{
	__asm__ volatile("sidt %0" : "=m"(*table));
}

static inline void cpu_lgdt(const struct table_register *table)
{
	__asm__ volatile("lgdt %0" : : "m"(*table));
}

static inline void cpu_lidt(const struct table_register *table)
{
	__asm__ volatile("lidt %0" : : "m"(*table));
}

#endif
