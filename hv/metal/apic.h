/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC in xAPIC mode (Intel SDM Vol. 3, "Local APIC"; APM Vol. 2, "Local APIC"). */
#ifndef HV_METAL_APIC_H
#define HV_METAL_APIC_H

#include "../../trace/types.h"

#define APIC_BASE     0xfee00000UL
#define APIC_ID	      0x20
#define APIC_EOI      0xb0
#define APIC_SVR      0xf0
#define APIC_ICR_LOW  0x300
#define APIC_ICR_HIGH 0x310

#define APIC_SVR_ENABLE	    0x1ff /* spurious vector 0xff */
#define APIC_ICR_NMI	    0x400
#define APIC_ICR_INIT	    0x500
#define APIC_ICR_STARTUP    0x600
#define APIC_ICR_ASSERT	    0x4000
#define APIC_ICR_SELF	    0x44000 /* shorthand self, assert, fixed */
#define APIC_ICR_ALL_OTHERS 0xc0000 /* shorthand all excluding self */

static inline void apic_write(u32 offset, u32 value)
{
	*(volatile u32 *)(APIC_BASE + offset) = value;
}

static inline u32 apic_read(u32 offset)
{
	return *(volatile u32 *)(APIC_BASE + offset);
}

#endif
