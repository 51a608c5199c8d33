// SPDX-License-Identifier: GPL-2.0-or-later
/* Replaces stamps.c in builds without eBPF. */
#include <stdio.h>

#include "stamps.h"

const char *const stamps_missing =
	"this exitstorm was built without eBPF (clang, bpftool, libbpf): make setup, then make all";

int stamps_open(struct stamps **stamps, u32 threads, enum stamps_place place, char *why)
{
	return stamps_open_clock(stamps, threads, place, STAMPS_KTIME, why);
}

int stamps_open_clock(struct stamps **stamps, u32 threads, enum stamps_place place,
		      enum stamps_clock clock, char *why)
{
	(void)threads;
	(void)place;
	(void)clock;
	*stamps = NULL;
	snprintf(why, STAMPS_WHY, "ebpf=on: %s", stamps_missing);
	return -EOPNOTSUPP;
}

void stamps_close(struct stamps *stamps)
{
	(void)stamps;
}

int stamps_join(struct stamps *stamps, char *why)
{
	(void)stamps;
	(void)why;
	return -EOPNOTSUPP;
}

void stamps_begin(struct stamps *stamps, u32 slot)
{
	(void)stamps;
	(void)slot;
}

void stamps_end(struct stamps *stamps, u32 slot, struct record *record, u32 records, bool one_clock)
{
	(void)stamps;
	(void)slot;
	(void)record;
	(void)records;
	(void)one_clock;
}

u64 stamps_seen(const struct stamps *stamps, u32 slot)
{
	(void)stamps;
	(void)slot;
	return 0;
}

u64 stamps_missed(const struct stamps *stamps)
{
	(void)stamps;
	return 0;
}

enum stamps_place stamps_place(const struct stamps *stamps)
{
	(void)stamps;
	return STAMPS_AT_SYSCALL;
}

enum stamps_clock stamps_clock(const struct stamps *stamps)
{
	(void)stamps;
	return STAMPS_KTIME;
}

u32 stamps_error(const struct stamps *stamps)
{
	(void)stamps;
	return 0;
}
