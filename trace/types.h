/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The integer types of the core. The only header of the core that may look at
 * what it is compiled for: a kernel module, or anything else.
 */
#ifndef TRACE_TYPES_H
#define TRACE_TYPES_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/types.h>
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

#endif
