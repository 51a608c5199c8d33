// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A CPU without work: MWAIT in the deepest idle state, or HLT. One that spins with PAUSE would
 * share the core of the CPU that measures, and lower its turbo frequency.
 */
#include "apic.h"
#include "smp.h"
#include "trap.h"

#define CPUID_1_ECX_MONITOR 8
#define CPUID_MWAIT	    5
#define MWAIT_STATES	    8
#define VENDOR_INTEL_EBX    0x756e6547 /* "Genu" of GenuineIntel */

static bool by_mwait;
static u32 hint; /* EAX of MWAIT: bits 7:4 C-state less 1, 3:0 sub-state */

/* The highest C-state that has sub-states, and its last one, as Linux parks offline CPUs. */
static u32 deepest(u32 states)
{
	u32 found = 0;

	for (u32 state = 1; state < MWAIT_STATES; state++) {
		u32 count = states >> 4 * state & 0xf;

		if (count)
			found = (state - 1) << 4 | (count - 1);
	}
	return found;
}

static void wake(struct metal_trap *trap)
{
	(void)trap;
	apic_write(APIC_EOI, 0);
}

/* AMD's HLT reaches deeper idle states than its MWAIT does. */
void park_init(void)
{
	u32 leaf[4], highest;

	cpu_cpuid(0, 0, leaf);
	highest = leaf[0];
	by_mwait = leaf[1] == VENDOR_INTEL_EBX && highest >= CPUID_MWAIT;
	cpu_cpuid(1, 0, leaf);
	by_mwait = by_mwait && leaf[2] & CPUID_1_ECX_MONITOR;
	if (by_mwait) {
		cpu_cpuid(CPUID_MWAIT, 0, leaf);
		hint = deepest(leaf[3]);
	}
	metal_trap_set(METAL_VECTOR_WAKE, wake);
}

/* The store to *word ends MWAIT, an interrupt HLT: between STI and HLT none is taken and missed. */
void park(volatile u32 *word)
{
	while (!__atomic_load_n(word, __ATOMIC_ACQUIRE)) {
		if (!by_mwait) {
			__asm__ volatile("sti; hlt; cli" : : : "memory");
			continue;
		}
		__asm__ volatile("monitor" : : "a"(word), "c"(0), "d"(0) : "memory");
		if (!__atomic_load_n(word, __ATOMIC_ACQUIRE))
			__asm__ volatile("mwait" : : "a"(hint), "c"(0) : "memory");
	}
}

void park_interrupt(u32 id)
{
	apic_send(id, APIC_ICR_ASSERT | METAL_VECTOR_WAKE);
}

void park_wake(u32 id)
{
	if (!by_mwait)
		park_interrupt(id);
}
