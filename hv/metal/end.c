// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of an image, by itself or in a panic. On the way out each CPU leaves VMX operation, where
 * INIT is blocked (SDM Vol. 3, "Restrictions on VMX Operation"), or SVM.
 */
#include <stdarg.h>

#include "../../trace/stamp.h"
#include "../host.h"
#include "metal.h"
#include "port.h"
#include "smp.h"
#include "trap.h"

#define BOCHS_SHUTDOWN_PORT 0x8900 /* Bochs' own: the word "Shutdown" ends it */
#define QEMU_EXIT_PORT	    0xf4   /* isa-debug-exit as we configure it */
#define VECTOR_NMI	    2
#define NO_CPU		    ~0U
/* For others to stop: before the reason is said, less than a second; before the end, some. */
#define STOP_TICKS (1ULL << 31)
#define END_TICKS  (1ULL << 36)

static void (*leave)(void);
static u32 in_panic = NO_CPU;
static u32 stopped;

void metal_on_end(void (*hook)(void))
{
	leave = hook;
}

/* Once a CPU: what it calls may panic, too. */
static void leave_here(void)
{
	static bool left[METAL_MAX_CPUS];
	u32 cpu;

	if (!leave) /* or too early to know which CPU this is */
		return;
	cpu = host_cpu();
	if (left[cpu])
		return;
	left[cpu] = true;
	leave();
}

static void __attribute__((noreturn)) spin(void)
{
	for (;;)
		__asm__ volatile("pause"); /* not HLT: a bounded emulator must see time pass */
}

static void __attribute__((noreturn)) stop(void)
{
	leave_here();
	__atomic_add_fetch(&stopped, 1, __ATOMIC_ACQ_REL);
	spin();
}

static void stop_came(struct metal_trap *trap)
{
	(void)trap;
	stop();
}

void metal_stop_in_panic(void)
{
	if (__atomic_load_n(&in_panic, __ATOMIC_ACQUIRE) != NO_CPU)
		stop();
}

void metal_end(void)
{
	leave_here();
	serial_drain();
	for (const char *word = "Shutdown"; *word; word++)
		port_out8(BOCHS_SHUTDOWN_PORT, *word);
	port_out8(QEMU_EXIT_PORT, 0);
	spin();
}

static void wait_for(u32 others, u64 ticks)
{
	u64 began = stamp_in();

	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < others && stamp_in() - began < ticks)
		__asm__ volatile("pause");
}

/* The first that comes here has the line: the others stop, wherever their NMI meets them. */
void metal_panic(const char *format, ...)
{
	u32 cpu = host_cpu(), first = NO_CPU, others;
	va_list args;

	if (!__atomic_compare_exchange_n(&in_panic, &first, cpu, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE) &&
	    first != cpu)
		stop();
	metal_trap_set(VECTOR_NMI, stop_came);
	others = smp_nmi_others();
	wait_for(others, STOP_TICKS); /* they may be in the midst of a frame */
	serial_print("\npanic: ");
	va_start(args, format);
	serial_vprint(format, args);
	va_end(args);
	serial_print("\n");
	wait_for(others, END_TICKS);
	metal_end();
}
