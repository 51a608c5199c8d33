/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers for rows that run in a process only: system calls of Linux, x86-64. */
#ifndef BENCH_GUEST_SYSTEM_CALL_H
#define BENCH_GUEST_SYSTEM_CALL_H

#include "processor.h"

/* Linux, arch/x86/entry/syscalls/syscall_64.tbl, and futex(2) */
enum {
	CALL_PREAD64 = 17,
	CALL_GETPID = 39,
	CALL_GETPPID = 110,
	CALL_GETTID = 186,
	CALL_FUTEX = 202,
	CALL_TGKILL = 234,
};
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };

GUEST_INLINE long system_call(long number, u64 a, u64 b, u64 c, u64 d)
{
	register u64 fourth __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
			 : "rcx", "r11", "memory");
	return result;
}

/* Process and thread, for tgkill. */
GUEST_INLINE u64 own_ids(void)
{
	return (u64)system_call(CALL_GETPID, 0, 0, 0, 0) << 32 |
	       (u32)system_call(CALL_GETTID, 0, 0, 0, 0);
}

GUEST_INLINE void signal_self(u64 ids)
{
	system_call(CALL_TGKILL, ids >> 32, (u32)ids, GUEST_SIGNAL, 0);
}

/* 8 bytes of a file at an offset: of /dev/cpu/N/msr the MSR of that number. */
GUEST_INLINE void read_at(struct guest_shared *shared, u32 file, u64 offset)
{
	system_call(CALL_PREAD64, file, (u64)scratch(shared), 8, offset);
}

/* guest_smp.c */
void partner_sleep(struct guest_shared *shared);

/* The partner's guest_shared, once its loop runs. */
GUEST_INLINE u64 partner_sleeps(const struct guest_shared *shared)
{
	volatile struct guest_shared *partner =
		(struct guest_shared *)(GUEST_SHARED + 0x1000UL * (shared->vcpu ^ 1));

	while (!partner->index)
		;
	return (u64)partner;
}

/* Returns when the partner has run. */
GUEST_INLINE void wake(struct guest_shared *partner)
{
	u64 seen = partner->count;

	*scratch(partner) = seen + 1;
	system_call(CALL_FUTEX, (u64)scratch(partner), FUTEX_WAKE, 1, 0);
	wait_interrupt(partner, seen);
}

#endif
