/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment that hv runs in, chosen at link time: hv/user, hv/linux or hv/metal. */
#ifndef HV_HOST_H
#define HV_HOST_H

#include "../trace/types.h"

/* Zeroed memory, 64-byte aligned; NULL: out of memory. */
void *host_alloc(size_t bytes);
void host_free(void *memory, size_t bytes);
/* Zeroed 4 KiB pages, mapped by 4 KiB pages. */
void *host_pages_alloc(size_t bytes);
/* Not zeroed; a multiple of 2 MiB or 1 GiB is aligned to that size where possible. */
void *host_pages_reserve(size_t bytes);
void host_pages_free(void *pages, size_t bytes);

/*
 * Only for privileged backends (not in hv/user): the physical address of memory from the functions
 * above (contiguous within a page only), and the index of the calling CPU.
 */
u64 host_physical(const void *memory);
u32 host_cpu(void);
/*
 * Between _begin and _end no other task runs on the calling CPU. Saves and restores host state that
 * a guest may change and that no backend saves: x87 and vector registers, the limit of the TSS.
 * Only for the length of a batch, because it delays the host's interrupts.
 */
void host_batch_begin(void);
void host_batch_end(void);
/*
 * Sets and clears bits of the calling CPU's CR4, and of the copy that the host's kernel may keep.
 */
void host_cr4(u64 set, u64 clear);
/*
 * False: bits set by host_cr4 must be cleared again before the batch ends and before any interrupt.
 */
bool host_keeps_cr4(void);
/*
 * Within a batch: enables interrupts for one instruction, so that the host handles pending ones.
 * True: CR3 or CR4 may have changed.
 */
bool host_interrupts_take(void);
/* Counters of the calling CPU; 0: it does not have the counter. */
struct host_counters {
	u64 aperf, mperf, smi;
};
void host_counters(struct host_counters *now);
/*
 * _self sends an interrupt to the calling CPU, where interrupts are disabled: it stays pending. If
 * a VM exit has acknowledged it, host_interrupt_end runs the host's handler. True: CR3 or CR4 may
 * have changed.
 */
void host_interrupt_self(void);
bool host_interrupt_end(u32 vector);
/* How often the calling CPU's handler of host_interrupt_self's interrupt has run. */
u32 host_interrupts_of_self(void);
/*
 * An idle CPU sends a signal to the calling CPU: some time after _begin, repeated until _end,
 * because one that arrives before VM entry is lost. Only where host_cpu_is_idle.
 */
enum host_signal { HOST_SIGNAL_INIT, HOST_SIGNAL_SIPI };
bool host_cpu_is_idle(void);
void host_signal_begin(enum host_signal signal);
void host_signal_end(void);
/* After a VM exit by an NMI, which leaves NMIs blocked: runs the host's handler and unblocks them.
 */
void host_nmi_end(void);
/*
 * From true to false, and for a second after, an NMI on the calling CPU may be one that the guest
 * has sent: the host's handler must not report it as unknown. host_nmis: how many have come.
 */
void host_nmi_expect(bool expect);
u32 host_nmis(void);

/*
 * The calling CPU has begun to handle a machine check, and nothing has handled it yet (IA32_MCG_
 * STATUS.MCIP).
 */
bool host_machine_check_pending(void);
/*
 * After a batch that a machine check has ended, with the host's state restored and interrupts
 * disabled: runs the host's handler, which does not return if the error is fatal to the host.
 */
void host_machine_check(void);

/*
 * For loops of the guest image that run in place (hv/inplace), one image at a time. _map: the
 * address at which this code can be executed; NULL: out of memory.
 */
void *host_code_map(const void *code, size_t bytes);
void host_code_unmap(void *code, size_t bytes);
/*
 * Asks `taken` at each exception of the host's own code. True: execution continues at fault->rip
 * with fault->rsp. NULL: asks nothing.
 */
struct host_fault {
	u32 vector;
	u64 error, rip, rsp;
};
void host_faults(bool (*taken)(struct host_fault *fault));
/* The linear address of the local APIC's page; 0: it is in x2APIC mode, or not mapped. */
u64 host_apic(void);

/* snprintf */
void host_format(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Context switches of the calling thread; 0 where it cannot be switched out. */
u64 host_context_switches(void);

#endif
