// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other CPUs: INIT, SIPI, SIPI to all but self (Intel SDM Vol. 3, "MP Initialization Protocol
 * Algorithm for MP Systems"), then each waits in PAUSE for work.
 */
#include "metal.h"
#include "smp.h"

#define APIC_BASE      0xfee00000UL
#define APIC_SPURIOUS  0xf0
#define APIC_ICR_LOW   0x300
#define APIC_ENABLE    0x1ff
#define ICR_ALL_OTHERS 0xc0000
#define ICR_ASSERT     0x4000
#define ICR_INIT       0x500
#define ICR_STARTUP    0x600
#define WAIT_TICKS     2000000 /* 10 ms and 200 us are asked for; at least that on CPUs below 5 GHz */
#define ARRIVE_TICKS   50000000

struct cpu_work {
	void (*run)(void *arg);
	void *arg;
	volatile u32 busy;
};

static struct cpu_work work[METAL_MAX_CPUS];
static volatile u32 arrived = 1;

extern const u8 smp_trampoline[], smp_trampoline_end[];

static void apic_write(u32 offset, u32 value)
{
	*(volatile u32 *)(APIC_BASE + offset) = value;
}

static u64 ticks_now(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

static void wait_ticks(u64 ticks)
{
	u64 until = ticks_now() + ticks;

	while (ticks_now() < until)
		__asm__ volatile("pause");
}

void smp_main(u32 cpu)
{
	metal_cpu_init(cpu);
	__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
	for (;;) {
		while (!__atomic_load_n(&work[cpu].busy, __ATOMIC_ACQUIRE))
			__asm__ volatile("pause");
		work[cpu].run(work[cpu].arg);
		__atomic_store_n(&work[cpu].busy, 0, __ATOMIC_RELEASE);
	}
}

u32 metal_cpus_start(void)
{
	u32 startup = ICR_ALL_OTHERS | ICR_ASSERT | ICR_STARTUP | SMP_TRAMPOLINE >> 12;
	u32 seen;

	__builtin_memcpy((void *)SMP_TRAMPOLINE, smp_trampoline,
			 smp_trampoline_end - smp_trampoline);
	apic_write(APIC_SPURIOUS, APIC_ENABLE);
	apic_write(APIC_ICR_LOW, ICR_ALL_OTHERS | ICR_ASSERT | ICR_INIT);
	wait_ticks(WAIT_TICKS * 10);
	apic_write(APIC_ICR_LOW, startup);
	wait_ticks(WAIT_TICKS);
	apic_write(APIC_ICR_LOW, startup);
	/* Nobody tells how many there are: all have come when for a while nobody has. */
	do {
		seen = arrived;
		wait_ticks(ARRIVE_TICKS / 10);
	} while (arrived != seen);
	return seen;
}

void metal_cpu_run(u32 cpu, void (*run)(void *arg), void *arg)
{
	work[cpu].run = run;
	work[cpu].arg = arg;
	__atomic_store_n(&work[cpu].busy, 1, __ATOMIC_RELEASE);
}

void metal_cpu_wait(u32 cpu)
{
	while (__atomic_load_n(&work[cpu].busy, __ATOMIC_ACQUIRE))
		__asm__ volatile("pause");
}
