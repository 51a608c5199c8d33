/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printf without a libc: %s %c %d %i %u %x %p %%, with l, ll, z, a width, 0 and -. */
#ifndef HV_METAL_FORMAT_H
#define HV_METAL_FORMAT_H

#include <stdarg.h>

#include "../../trace/types.h"

/* Truncates to size - 1 bytes and a 0; nothing is written if size is 0. */
void format_text(char *text, size_t size, const char *format, va_list args);

#endif
