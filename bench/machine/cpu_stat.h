/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time of single CPUs, from /proc/stat, and their siblings: the other threads of their cores. */
#ifndef BENCH_MACHINE_CPU_STAT_H
#define BENCH_MACHINE_CPU_STAT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Sums over these CPUs, in ticks of USER_HZ since boot: as environment_stat() of all. False: cannot
 * be read, or one of them has no line (it is offline).
 */
bool cpu_stat(const unsigned short *cpu, size_t count, unsigned long long ticks[8]);
/* The CPUs and their siblings, each once. Returns their number, max `room`. */
size_t cpu_siblings(const unsigned short *cpu, size_t count, unsigned short *all, size_t room);

#endif
