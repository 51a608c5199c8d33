/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integer types for kernel modules, eBPF programs and all other code. The only freestanding header
 * with an #if by environment.
 */
#ifndef TRACE_TYPES_H
#define TRACE_TYPES_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/types.h>
#elif defined(__bpf__)
#include <vmlinux.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

/* The number of the highest set bit. Undefined for 0. */
static inline u32 top_bit(u64 value)
{
#ifdef __bpf__ /* clang has no clz for BPF */
	u32 bit = 0;

	for (u32 step = 32; step; step >>= 1)
		if (value >> step) {
			value >>= step;
			bit += step;
		}
	return bit;
#else
	return 63 - __builtin_clzll(value);
#endif
}

#endif
