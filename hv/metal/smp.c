// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other CPUs: INIT, SIPI, SIPI to one after the other, by APIC ID (Intel SDM Vol. 3, "MP
 * Initialization Protocol Algorithm for MP Systems"), until there are as many as are wanted. All
 * others stay as firmware left them. A CPU that has started parks until it gets work.
 */
#include "smp.h"

#include "../../trace/stamp.h"
#include "../host.h"
#include "acpi.h"
#include "apic.h"
#include "metal.h"

/*
 * Of a TSC of up to 10 GHz: 200 us after a SIPI, 2 ms after INIT, 5 ms until a CPU runs. One that
 * ACPI lists exists, and may be slow: an emulator's.
 */
#define SIPI_TICKS   2000000
#define INIT_TICKS   20000000
#define ARRIVE_TICKS 50000000
#define LISTED_TICKS (1ULL << 32)
#define SIGNAL_FIRST 100 /* PAUSEs */
#define SIGNAL_AGAIN 10000
#define SIGNAL_MAX   1000 /* then the receiver does not react at all */

#define MAX_IDS	       512
#define PROBED_IDS     16 /* without a table of CPUs */
#define CPUID_TOPOLOGY 0xb

struct cpu_work {
	void (*run)(void *arg);
	void *arg;
	volatile u32 busy;
	u32 apic_id;
	volatile bool arrived;
} __attribute__((aligned(64))); /* a line of its own, which a parked CPU monitors */

static struct cpu_work work[METAL_MAX_CPUS];
bool smp_trampoline_is_free = true;

extern const u8 smp_trampoline[], smp_trampoline_end[];

/* CPUs that have arrived, in the order of their numbers. */
static u32 arrived_cpus(void)
{
	u32 cpus = 1;

	while (cpus < METAL_MAX_CPUS && work[cpus].arrived)
		cpus++;
	return cpus;
}

u32 metal_apic_id(u32 cpu)
{
	return cpu ? work[cpu].apic_id : apic_id();
}

/* True: there are more than `cpus` CPUs. */
static bool wait_for_more(u32 cpus, u64 ticks)
{
	u64 began = stamp_in();

	while (stamp_in() - began < ticks && arrived_cpus() <= cpus)
		__asm__ volatile("pause");
	return arrived_cpus() > cpus;
}

void smp_main(u32 cpu)
{
	metal_cpu_init(cpu);
	work[cpu].apic_id = apic_id();
	__atomic_store_n(&work[cpu].arrived, true, __ATOMIC_RELEASE);
	for (;;) {
		park(&work[cpu].busy);
		work[cpu].run(work[cpu].arg);
		__atomic_store_n(&work[cpu].busy, 0, __ATOMIC_RELEASE);
	}
}

static void start(u32 id, u64 ticks)
{
	u32 startup = APIC_ICR_ASSERT | APIC_ICR_STARTUP | SMP_TRAMPOLINE >> 12;
	u32 cpus = arrived_cpus();

	apic_send(id, APIC_ICR_ASSERT | APIC_ICR_INIT);
	wait_for_more(METAL_MAX_CPUS, INIT_TICKS);
	apic_send(id, startup);
	if (wait_for_more(cpus, SIPI_TICKS))
		return;
	apic_send(id, startup);
	wait_for_more(cpus, ticks);
}

/* Right shifts of an APIC ID that give the core and the package; 0 and 8 where CPUID is silent. */
static void id_shifts(u32 *core, u32 *package)
{
	u32 leaf[4];

	*core = 0;
	*package = 8;
	cpu_cpuid(0, 0, leaf);
	if (leaf[0] < CPUID_TOPOLOGY)
		return;
	cpu_cpuid(CPUID_TOPOLOGY, 0, leaf);
	if (!leaf[1])
		return;
	*core = leaf[0] & 0x1f;
	cpu_cpuid(CPUID_TOPOLOGY, 1, leaf);
	if (leaf[1])
		*package = leaf[0] & 0x1f;
}

static bool is_started(u32 id)
{
	for (u32 cpu = 0; cpu < arrived_cpus(); cpu++)
		if (metal_apic_id(cpu) == id)
			return true;
	return false;
}

/*
 * The order of choice: another core of the boot CPU's package, another package, and last the boot
 * CPU's own core, whose threads share what is measured.
 */
static u32 choice(u32 id)
{
	u32 core, package, own = apic_id();

	id_shifts(&core, &package);
	if (id >> core == own >> core)
		return 2;
	return id >> package == own >> package ? 0 : 1;
}
#define CHOICES 3

/*
 * The IDs that ACPI lists; without its table the lowest, in ascending order, as each that does not
 * exist takes some 10 ms.
 */
static u32 candidates(u32 *id, u32 *choices)
{
	u32 count = acpi_apic_ids(id, MAX_IDS);

	*choices = CHOICES;
	if (count)
		return count;
	*choices = 1;
	for (; count < PROBED_IDS; count++)
		id[count] = count;
	return count;
}

u32 metal_cpus_start(u32 wanted)
{
	static u32 id[MAX_IDS], ids, choices, tried;
	u32 max = wanted < METAL_MAX_CPUS ? wanted : METAL_MAX_CPUS;

	if (!smp_trampoline_is_free || arrived_cpus() >= max)
		return arrived_cpus();
	if (!ids) {
		__builtin_memcpy((void *)SMP_TRAMPOLINE, smp_trampoline,
				 smp_trampoline_end - smp_trampoline);
		ids = candidates(id, &choices);
	}
	for (; tried < choices * ids && arrived_cpus() < max; tried++) {
		u32 next = id[tried % ids];

		if ((choices == 1 || choice(next) == tried / ids) && !is_started(next))
			start(next, choices == 1 ? ARRIVE_TICKS : LISTED_TICKS);
	}
	return arrived_cpus();
}

u32 smp_nmi_others(void)
{
	u32 sent = 0;

	for (u32 cpu = 0; cpu < arrived_cpus(); cpu++) {
		if (metal_apic_id(cpu) == apic_id())
			continue;
		apic_send(metal_apic_id(cpu), APIC_ICR_ASSERT | APIC_ICR_NMI);
		sent++;
	}
	return sent;
}

void metal_cpu_run(u32 cpu, void (*run)(void *arg), void *arg)
{
	work[cpu].run = run;
	work[cpu].arg = arg;
	__atomic_store_n(&work[cpu].busy, 1, __ATOMIC_RELEASE);
	park_wake(work[cpu].apic_id);
}

void metal_cpu_poke(u32 cpu)
{
	park_interrupt(metal_apic_id(cpu));
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
	wait_or_over(SIGNAL_FIRST);
	for (u32 i = 0; i < SIGNAL_MAX && !signal.over; i++) {
		apic_send(signal.to, signal.command);
		wait_or_over(SIGNAL_AGAIN);
	}
}

/* The lowest idle CPU; 0: none, as the boot CPU never is. */
static u32 idle_cpu(void)
{
	for (u32 cpu = 1; cpu < arrived_cpus(); cpu++)
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
	signal.to = apic_id();
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
