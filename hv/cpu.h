/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privileged instructions and the MSRs that both vendors have. Numbers: Intel SDM Vol. 4. */
#ifndef HV_CPU_H
#define HV_CPU_H

#include "../trace/types.h"

#define MSR_SYSENTER_CS	 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_MCG_STATUS	 0x17a
#define MSR_DEBUGCTL	 0x1d9
#define MSR_PAT		 0x277
#define MSR_EFER	 0xc0000080
#define MSR_STAR	 0xc0000081
#define MSR_LSTAR	 0xc0000082
#define MSR_SFMASK	 0xc0000084
#define MSR_FS_BASE	 0xc0000100
#define MSR_GS_BASE	 0xc0000101

#define CR4_MCE		     (1ULL << 6) /* machine checks cause exceptions; without it, shutdown */
#define MCG_STATUS_MCIP	     (1ULL << 2) /* a machine check is being handled: the next is a shutdown */
#define VECTOR_MACHINE_CHECK 18

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

/* Disables interrupts and returns RFLAGS, for cpu_interrupts_restore. */
static inline u64 cpu_interrupts_off(void)
{
	u64 flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void cpu_interrupts_restore(u64 flags)
{
	__asm__ volatile("pushq %0; popfq" : : "r"(flags) : "memory", "cc");
}

#define CPU_DR(n)                                                              \
	static inline u64 cpu_read_dr##n(void)                                 \
	{                                                                      \
		u64 value;                                                     \
                                                                               \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(value));          \
		return value;                                                  \
	}                                                                      \
	static inline void cpu_write_dr##n(u64 value)                          \
	{                                                                      \
		__asm__ volatile("mov %0, %%dr" #n : : "r"(value) : "memory"); \
	}
CPU_DR(0)
CPU_DR(6)
CPU_DR(7)
#undef CPU_DR

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
CPU_SELECTOR(ldtr, "sldt %0")
#undef CPU_SELECTOR

static inline void cpu_load_ldtr(u16 selector)
{
	__asm__ volatile("lldt %0" : : "r"(selector));
}

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
