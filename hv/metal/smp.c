// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other CPUs: INIT, SIPI, SIPI to all but self (Intel SDM Vol. 3, "MP Initialization Protocol
 * Algorithm for MP Systems"). Each then spins with PAUSE until it gets work.
 */
#include "../../trace/stamp.h"
#include "../host.h"
#include "apic.h"
#include "metal.h"
#include "smp.h"

#define WAIT_TICKS \
	2000000 /* 200 us is required, 10 times that after INIT: for a TSC up to 10 GHz */
#define ARRIVE_TICKS 50000000
#define SIGNAL_FIRST 100 /* PAUSEs */
#define SIGNAL_AGAIN 10000
#define SIGNAL_MAX   1000 /* then the receiver does not react at all */

struct cpu_work {
	void (*run)(void *arg);
	void *arg;
	volatile u32 busy;
};

static struct cpu_work work[METAL_MAX_CPUS];
static volatile u32 arrived = 1;

extern const u8 smp_trampoline[], smp_trampoline_end[];

static void wait_ticks(u64 ticks)
{
	u64 until = stamp_in() + ticks;

	while (stamp_in() < until)
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
	u32 startup =
		APIC_ICR_ALL_OTHERS | APIC_ICR_ASSERT | APIC_ICR_STARTUP | SMP_TRAMPOLINE >> 12;
	u32 seen;

	__builtin_memcpy((void *)SMP_TRAMPOLINE, smp_trampoline,
			 smp_trampoline_end - smp_trampoline);
	apic_write(APIC_SVR, APIC_SVR_ENABLE);
	apic_write(APIC_ICR_LOW, APIC_ICR_ALL_OTHERS | APIC_ICR_ASSERT | APIC_ICR_INIT);
	wait_ticks(WAIT_TICKS * 10);
	apic_write(APIC_ICR_LOW, startup);
	wait_ticks(WAIT_TICKS);
	apic_write(APIC_ICR_LOW, startup);
	/* The number of CPUs is not known: all have arrived when for a while none has. */
	do {
		seen = arrived;
		wait_ticks(ARRIVE_TICKS / 10);
	} while (arrived != seen);
	return seen;
}

u32 smp_nmi_others(void)
{
	if (arrived > 1)
		apic_write(APIC_ICR_LOW, APIC_ICR_ALL_OTHERS | APIC_ICR_ASSERT | APIC_ICR_NMI);
	return arrived - 1;
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

/* The request of host_signal_begin; one at a time. */
static struct {
	u32 from, to, command;
	volatile u32 over;
} signal;

static void wait_or_over(u32 pauses)
{
	for (u32 i = 0; i < pauses && !signal.over; i++)
		__asm__ volatile("pause");
}

/*
 * A SIPI is lost on a CPU that is not in the wait-for-SIPI state. An INIT is blocked in VMX root
 * operation, and lost there in Bochs 2.7. So the first one is sent when the guest should have been
 * entered, and the next one only when that should have caused its exit long ago.
 */
static void send_until_over(void *arg)
{
	(void)arg;
	apic_write(APIC_SVR, APIC_SVR_ENABLE);
	wait_or_over(SIGNAL_FIRST);
	for (u32 i = 0; i < SIGNAL_MAX && !signal.over; i++) {
		apic_write(APIC_ICR_HIGH, signal.to);
		apic_write(APIC_ICR_LOW, signal.command);
		wait_or_over(SIGNAL_AGAIN);
	}
}

/* The lowest idle CPU; 0: none, as the boot CPU never is. */
static u32 idle_cpu(void)
{
	for (u32 cpu = 1; cpu < arrived; cpu++)
		if (cpu != host_cpu() && !__atomic_load_n(&work[cpu].busy, __ATOMIC_ACQUIRE))
			return cpu;
	return 0;
}

bool host_cpu_is_idle(void)
{
	return idle_cpu();
}

void host_signal_begin(enum host_signal kind)
{
	static const u32 command[] = {
		[HOST_SIGNAL_INIT] = APIC_ICR_INIT,
		[HOST_SIGNAL_SIPI] = APIC_ICR_STARTUP | SMP_TRAMPOLINE >> 12,
	};

	signal.from = idle_cpu();
	signal.to = apic_read(APIC_ID); /* in bits 31:24, as ICR high has it */
	signal.command = APIC_ICR_ASSERT | command[kind];
	signal.over = 0;
	if (signal.from)
		metal_cpu_run(signal.from, send_until_over, NULL);
}

void host_signal_end(void)
{
	signal.over = 1;
	if (signal.from)
		metal_cpu_wait(signal.from);
	signal.from = 0;
}
