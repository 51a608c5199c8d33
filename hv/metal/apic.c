// SPDX-License-Identifier: GPL-2.0-or-later
#include "apic.h"

#include "../host.h"

#define MSR_APIC_BASE	  0x1b
#define APIC_BASE_X2APIC  (1 << 10)
#define APIC_BASE_ENABLED (1 << 11)
#define APIC_BASE_ADDRESS 0xfffff000ULL
#define READS_MAX	  100000 /* of a register that should change within microseconds */

bool apic_is_x2apic;
volatile u8 *apic_page;

/* From xAPIC to x2APIC only: the way back leads through a disabled APIC. */
void apic_init(void)
{
	u64 base = cpu_rdmsr(MSR_APIC_BASE);

	if (!apic_page) {
		apic_page = (volatile u8 *)(base & APIC_BASE_ADDRESS);
		apic_is_x2apic = base & APIC_BASE_X2APIC;
	}
	if (apic_is_x2apic)
		cpu_wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLED | APIC_BASE_X2APIC);
	else
		cpu_wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLED);
	apic_write(APIC_TPR, APIC_TPR_OWN);
	apic_write(APIC_SVR, APIC_SVR_ENABLE);
}

u64 host_apic(void)
{
	return apic_is_x2apic ? 0 : (u64)apic_page;
}

u32 apic_id(void)
{
	return apic_is_x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

void apic_send(u32 id, u32 command)
{
	if (apic_is_x2apic) {
		/* WRMSR of the ICR does not wait for stores before it (SDM, "x2APIC Registers"). */
		__asm__ volatile("mfence; lfence" : : : "memory");
		cpu_wrmsr(X2APIC_MSR + APIC_ICR_LOW / 16, (u64)id << 32 | command);
		return;
	}
	for (u32 i = 0; i < READS_MAX && apic_read(APIC_ICR_LOW) & APIC_ICR_PENDING; i++)
		__asm__ volatile("pause");
	apic_write(APIC_ICR_HIGH, id << 24);
	apic_write(APIC_ICR_LOW, command);
}

bool apic_pending(u32 vector)
{
	return apic_read(APIC_IRR + vector / 32 * 0x10) >> vector % 32 & 1;
}
