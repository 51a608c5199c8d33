/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error message of one line. Characters that do not print (in paths, in strings of damaged
 * files) are escaped as \n, \t, \xNN, so that it stays one line and cannot control a terminal.
 */
#ifndef RESULTS_WHY_H
#define RESULTS_WHY_H

#include <stdbool.h>
#include <stddef.h>

#define RUN_WHY 512 /* bytes, with the NUL */

/* Formats `why` and returns `error`, so that callers can return it. */
int why_say(char *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The number of bytes of the printable character at `text`; 0: its first byte must be escaped. */
size_t why_printable(const char *text);
/* The end of a long path, which leaves room for the message. */
const char *why_path(const char *path);

/* Adds to the end of `text`, of which `size` bytes are there; what does not fit is cut off. */
void why_append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Replaces the bytes that why_printable() has no character for by '?'. Returns `text`. */
char *why_clean(char *text);
/* Is it printable ASCII, not empty, with its NUL within `room` bytes? For strings of damaged data.
 */
bool why_is_text(const char *text, size_t room);

#endif
