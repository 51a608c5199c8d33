/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bare metal as a host: what an image that runs without an operating system has to live on.
 * Memory is mapped one to one, interrupts are off, every CPU has its own stack and TSS.
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
#define METAL_CR0      0x80010033 /* PG WP NE ET MP PE */
#define METAL_CR4      0x000006a0 /* OSXMMEXCPT OSFXSR PGE PAE */

#ifndef __ASSEMBLER__
#include <stdarg.h>

#include "../../trace/types.h"

/* The image's own. `module` is what the loader brought along: the plan; NULL: nothing. */
void metal_main(const void *module, size_t module_bytes);

/* COM1, 115,200 baud, 8 bits, no parity. */
void serial_init(void);
void serial_write(const void *data, size_t bytes);
void serial_drain(void); /* waits until the last bit is out */
void serial_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void serial_vprint(const char *format, va_list args);

/* What each CPU does before it is stopped for good, whatever the reason; NULL: nothing. */
void metal_on_end(void (*leave)(void));
/*
 * Stops all other CPUs, says why, ends; never returns. What is on the line before is kept whole. Of
 * several CPUs the first has the word.
 */
void metal_panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Ends the emulator, or spins where there is none. */
void metal_end(void) __attribute__((noreturn));
/* For whoever takes an NMI away from the trap's handler: stops this CPU if another one panics. */
void metal_stop_in_panic(void);

/* A GDT entry with a TSS, the IDT; on every CPU once. */
void metal_cpu_init(u32 cpu);

/* Memory from `start` to `end`, physical addresses, is the allocator's. */
void metal_memory_init(u64 start, u64 end);
u64 metal_memory_free(void); /* bytes */

/*
 * Starts every other CPU and returns how many there are with this one. Each waits in PAUSE until
 * it is given something to do.
 */
u32 metal_cpus_start(void);
/* Has `run` executed on a CPU that is waiting; metal_cpu_wait returns when it has come back. */
void metal_cpu_run(u32 cpu, void (*run)(void *arg), void *arg);
void metal_cpu_wait(u32 cpu);
#endif

#endif
