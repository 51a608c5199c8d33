/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bare metal as host, for images without an operating system. Memory is identity-mapped, interrupts
 * are off, every CPU has its own stack and TSS.
 */
#ifndef HV_METAL_METAL_H
#define HV_METAL_METAL_H

#define METAL_MAX_CPUS	      8
#define METAL_BOOT_STACK_SIZE 0x4000
#define METAL_CS	      0x08
#define METAL_DS	      0x10
#define METAL_CS32	      0x18
#define METAL_TSS	      0x20 /* + 16 * cpu */

#define METAL_PTE_PRESENT 0x001
#define METAL_PTE_WRITE	  0x002
#define METAL_PTE_LARGE	  0x080

#define METAL_MSR_EFER 0xc0000080
#define METAL_EFER_LME 0x100
#define METAL_EFER_NXE 0x800

#define METAL_CPUID_EXTENDED 0x80000001
#define METAL_CPUID_EDX_NX   0x100000

#define METAL_CR0 0x80010033 /* PG WP NE ET MP PE */
#define METAL_CR4 0x000006a0 /* OSXMMEXCPT OSFXSR PGE PAE */

#ifndef __ASSEMBLER__
#include <stdarg.h>

#include "../../trace/types.h"

/* The rate of the TSC and its source; 0 and "": unknown. Takes 50 to 100 ms, or seconds if no timer
 * runs. */
u64 metal_tsc_hz(const char **source);
/* Calls the function once, in an interrupt, `ticks` of the TSC after _start, unless _stop comes
 * first. */
void metal_timer_init(void (*function)(void)); /* once, on the boot CPU */
void metal_timer_start(u64 ticks);
void metal_timer_stop(void);
/* False: the CPU does not have the MSR. On the boot CPU only. */
bool metal_rdmsr(u32 msr, u64 *value);
/* For host_counters: finds out which counters the boot CPU has. */
void metal_counters_init(void);

/* Supplied by the image. `module`: the first Multiboot module, which holds the plan; NULL: none. */
void metal_main(const void *module, size_t module_bytes);

/* COM1, 115,200 baud, 8 bits, no parity. */
void serial_init(void);
void serial_write(const void *data, size_t bytes);
void serial_drain(void); /* waits until the last bit is out */
void serial_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void serial_vprint(const char *format, va_list args);

/* Sets a function that each CPU calls before it stops for good; NULL: none. */
void metal_on_end(void (*hook)(void));
/*
 * Stops all other CPUs, prints the message after the frame that is being sent, and ends. Of several
 * CPUs that panic the first one prints.
 */
void metal_panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Ends the emulator, or spins where there is none. */
void metal_end(void) __attribute__((noreturn));
/* For code that takes NMIs without the trap handler: stops this CPU if another one panics. */
void metal_stop_in_panic(void);

/* Loads a TSS and the IDT. Once on every CPU. */
void metal_cpu_init(u32 cpu);

/* Gives the allocator the physical memory from `start` to `end`. */
void metal_memory_init(u64 start, u64 end);
u64 metal_memory_free(void); /* bytes */

/*
 * Starts other CPUs, by APIC ID, until `wanted` run, this one among them; those park until
 * metal_cpu_run. Returns how many run, at most METAL_MAX_CPUS.
 */
u32 metal_cpus_start(u32 wanted);
u32 metal_apic_id(u32 cpu);
/* Executes `run` on an idle CPU; metal_cpu_wait waits for its return. */
/* Interrupts a CPU: a guest there exits. */
void metal_cpu_poke(u32 cpu);
void metal_cpu_run(u32 cpu, void (*run)(void *arg), void *arg);
void metal_cpu_wait(u32 cpu);
#endif

#endif
