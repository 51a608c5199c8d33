/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core needs of whatever it runs on; chosen at link time: hv/user, hv/linux, hv/metal. */
#ifndef HV_HOST_H
#define HV_HOST_H

#include "../trace/types.h"

/* Zeroed memory, 64-byte aligned; NULL: none left. */
void *host_alloc(size_t bytes);
void host_free(void *memory, size_t bytes);
/* Zeroed 4 KiB pages, mapped by 4 KiB pages. */
void *host_pages_alloc(size_t bytes);
/* The same without being zeroed; a multiple of 2 MiB or 1 GiB begins at such a one, if it can. */
void *host_pages_reserve(size_t bytes);
void host_pages_free(void *pages, size_t bytes);

/*
 * Only where a backend is privileged (not in hv/user): the physical address of memory of ours
 * (within a page, neighbours are neighbours), and the index of the calling CPU.
 */
u64 host_physical(const void *memory);
u32 host_cpu(void);
/*
 * From _begin to _end nothing else runs on the calling CPU, and what of it a guest may leave changed
 * beside what the backend sees to (x87 and vector registers, the TSS's limit) is kept and put back.
 * For what lasts no longer than a batch: the host's interrupts wait.
 */
void host_batch_begin(void);
void host_batch_end(void);
/* Sets and clears bits of the calling CPU's CR4, which the host may have a copy of. */
void host_cr4(u64 set, u64 clear);
/* False: what host_cr4 sets is not to outlast a batch, nor to meet an interrupt of the host's. */
bool host_keeps_cr4(void);
/*
 * What waits for the host is taken: interrupts are on for an instruction. Within a batch. True: CR3
 * or CR4 may be others now.
 */
bool host_interrupts_take(void);
/* What the calling CPU has counted so far; 0: that it cannot tell. */
struct host_counters {
	u64 aperf, mperf, smi;
};
void host_counters(struct host_counters *now);
/*
 * An interrupt of the host's own for the calling CPU, which has interrupts off: it waits. It comes
 * when they are on; or, if the CPU has acknowledged it already, host_interrupt_end gives it to the host.
 */
void host_interrupt_self(void);
void host_interrupt_end(u32 vector);
/*
 * A signal that a CPU which waits for work sends to the calling one: some time after _begin, and
 * if that was too early again and again, until _end. Only where host_cpu_is_idle.
 */
enum host_signal { HOST_SIGNAL_INIT, HOST_SIGNAL_SIPI };
bool host_cpu_is_idle(void);
void host_signal_begin(enum host_signal signal);
void host_signal_end(void);
/*
 * An NMI has made a VM exit, which leaves further ones blocked: the host gets it, and they can come
 * again. `own`: the guest has sent it, and nobody is to wonder where it comes from.
 */
void host_nmi_end(bool own);
/*
 * SVM, where an NMI stays pending over its #VMEXIT: between a true and a false the calling CPU takes
 * one that the guest has sent, and nobody is to wonder.
 */
void host_nmi_expect(bool own);

/* snprintf, and is bounded like it. */
void host_format(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How often the calling thread has been switched out so far; 0 where it cannot be. */
u64 host_context_switches(void);

#endif
