// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of an image, regular or in a panic. Each CPU leaves SVM or VMX operation first, as INIT
 * is blocked in VMX operation (SDM Vol. 3, "Restrictions on VMX Operation").
 */
#include <stdarg.h>

#include "../../trace/stamp.h"
#include "../cpu.h"
#include "../host.h"
#include "metal.h"
#include "port.h"
#include "smp.h"
#include "trap.h"

#define BOCHS_SHUTDOWN_PORT 0x8900 /* of Bochs: writing "Shutdown" ends it */
#define QEMU_EXIT_PORT	    0xf4   /* of QEMU's isa-debug-exit device */
#define VECTOR_NMI	    2

#define CPUID_1_ECX_HYPERVISOR (1U << 31)
#define PCI_ADDRESS	       0xcf8 /* "configuration mechanism #1" of PCI */
#define PCI_DATA	       0xcfc
#define PCI_HOST_BRIDGE	       0x80000000 /* bus 0, device 0, function 0, register 0 */
#define PCI_I440FX	       0x12378086
#define NO_CPU		       ~0U
/* Longest wait for other CPUs to stop: below 1 s before the message, some seconds before the end.
 */
#define STOP_TICKS (1ULL << 31)
#define END_TICKS  (1ULL << 36)

static void (*end_hook)(void);
static u32 in_panic = NO_CPU;
static u32 stopped;

void metal_on_end(void (*hook)(void))
{
	end_hook = hook;
}

/* Once per CPU, as the hook itself may panic. */
static void run_end_hook(void)
{
	static bool done[METAL_MAX_CPUS];
	u32 cpu;

	if (!end_hook) /* before it is set host_cpu may not work */
		return;
	cpu = host_cpu();
	if (done[cpu])
		return;
	done[cpu] = true;
	end_hook();
}

static void __attribute__((noreturn)) spin(void)
{
	for (;;)
		__asm__ volatile(
			"pause"); /* not HLT: an emulator's instruction limit must be reached */
}

static void __attribute__((noreturn)) stop(void)
{
	run_end_hook();
	__atomic_add_fetch(&stopped, 1, __ATOMIC_ACQ_REL);
	spin();
}

static void nmi_stop(struct metal_trap *trap)
{
	(void)trap;
	stop();
}

void metal_stop_in_panic(void)
{
	if (__atomic_load_n(&in_panic, __ATOMIC_ACQUIRE) != NO_CPU)
		stop();
}

/*
 * The ports may be those of a device on a real machine. Bochs sets no hypervisor bit: it has the
 * chipset of 1996, which no CPU with VMX or SVM was sold with.
 */
static bool is_emulator(void)
{
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	port_out32(PCI_ADDRESS, PCI_HOST_BRIDGE);
	return leaf[2] & CPUID_1_ECX_HYPERVISOR || port_in32(PCI_DATA) == PCI_I440FX;
}

void metal_end(void)
{
	run_end_hook();
	serial_drain();
	if (is_emulator()) {
		for (const char *word = "Shutdown"; *word; word++)
			port_out8(BOCHS_SHUTDOWN_PORT, *word);
		port_out8(QEMU_EXIT_PORT, 0);
	}
	spin();
}

static void wait_for(u32 others, u64 ticks)
{
	u64 began = stamp_in();

	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < others && stamp_in() - began < ticks)
		__asm__ volatile("pause");
}

/* The first CPU prints and stops the others by NMI. */
void metal_panic(const char *format, ...)
{
	u32 cpu = host_cpu(), first = NO_CPU, others;
	va_list args;

	if (!__atomic_compare_exchange_n(&in_panic, &first, cpu, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE) &&
	    first != cpu)
		stop();
	metal_trap_set(VECTOR_NMI, nmi_stop);
	others = smp_nmi_others();
	wait_for(others, STOP_TICKS); /* one may be sending a frame */
	serial_print("\npanic: ");
	va_start(args, format);
	serial_vprint(format, args);
	va_end(args);
	serial_print("\n");
	wait_for(others, END_TICKS);
	metal_end();
}
