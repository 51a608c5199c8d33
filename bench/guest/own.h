/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For rows at CPL 0 in place: the state of the machine that they run in. */
#ifndef BENCH_GUEST_OWN_H
#define BENCH_GUEST_OWN_H

#include "loops.h"

GUEST_INLINE u64 read_cr8(void)
{
	u64 value;

	__asm__ volatile("movq %%cr8, %0" : "=r"(value));
	return value;
}

GUEST_INLINE u64 read_dr7(void)
{
	u64 value;

	__asm__ volatile("movq %%dr7, %0" : "=r"(value));
	return value;
}

/* #UD where the host has not set CR4.OSXSAVE. */
GUEST_INLINE u64 xgetbv(u32 number)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(number));
	return (u64)high << 32 | low;
}

/* In place: the host's APIC. #UD if it is in x2APIC mode: it has no page then. */
GUEST_INLINE u64 own_apic(const struct guest_shared *shared)
{
	if (!shared->apic)
		__asm__ volatile("ud2");
	return shared->apic;
}

#endif
