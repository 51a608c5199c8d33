/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC, in the mode in which firmware has left it: xAPIC, by memory, or x2APIC, by MSRs
 * (Intel SDM Vol. 3, "Advanced Programmable Interrupt Controller (APIC)"; APM Vol. 2, the same).
 */
#ifndef HV_METAL_APIC_H
#define HV_METAL_APIC_H

#include "../cpu.h"

/* Registers by their xAPIC offset; x2APIC's MSR is X2APIC_MSR plus a sixteenth of it. */
#define APIC_ID		   0x20
#define APIC_TPR	   0x80
#define APIC_EOI	   0xb0
#define APIC_SVR	   0xf0
#define APIC_IRR	   0x200 /* 8 registers of 32 vectors */
#define APIC_ICR_LOW	   0x300
#define APIC_ICR_HIGH	   0x310
#define APIC_LVT_TIMER	   0x320
#define APIC_TIMER_COUNT   0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0
#define X2APIC_MSR	   0x800

#define APIC_SVR_ENABLE	 0x1ff /* spurious vector 0xff */
#define APIC_SPURIOUS	 0xff
#define APIC_ICR_PENDING (1 << 12) /* xAPIC: the last one has not been sent yet */
#define APIC_ICR_NMI	 0x400
#define APIC_ICR_INIT	 0x500
#define APIC_ICR_STARTUP 0x600
#define APIC_ICR_ASSERT	 0x4000
#define APIC_ICR_SELF	 0x40000 /* shorthand: no destination */
#define APIC_LVT_MASKED	 (1 << 16)
#define APIC_DIVIDE_1	 0xb
#define APIC_DIVIDE_128	 0xa

/*
 * Priority classes up to 14 are held: interrupts of devices that firmware has set up. The image's
 * own vectors are in class 15.
 */
#define APIC_TPR_OWN 0xe0

/* Whether the APIC is in x2APIC mode, and its page otherwise. Set by apic_init. */
extern bool apic_is_x2apic;
extern volatile u8 *apic_page;

static inline void apic_write(u32 offset, u32 value)
{
	if (apic_is_x2apic)
		cpu_wrmsr(X2APIC_MSR + offset / 16, value);
	else
		*(volatile u32 *)(apic_page + offset) = value;
}

static inline u32 apic_read(u32 offset)
{
	if (apic_is_x2apic)
		return cpu_rdmsr(X2APIC_MSR + offset / 16);
	return *(volatile u32 *)(apic_page + offset);
}

/* Once on every CPU, on the boot CPU first, whose mode the others take over. */
void apic_init(void);
u32 apic_id(void); /* of the calling CPU */
/* An interprocessor interrupt to one CPU: delivery mode, trigger and vector as in ICR[19:0]. */
void apic_send(u32 id, u32 command);
/* Whether the calling CPU's APIC has the interrupt pending. */
bool apic_pending(u32 vector);

#endif
