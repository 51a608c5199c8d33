/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line that says what went wrong. What does not print (in paths, in strings of damaged files)
 * is escaped as \n, \t, \xNN, so that it stays one line and cannot drive a terminal.
 */
#ifndef RESULTS_WHY_H
#define RESULTS_WHY_H

#include <stddef.h>

#define RUN_WHY 512 /* bytes, with the NUL */

/* Fills `why` and returns `error`, so that callers can say and return in one line. */
int why_say(char *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Bytes of the character at `text` that may be shown as it is; 0: its first byte is to be escaped.
 */
size_t why_printable(const char *text);
/* The end of a long path: so that the line has room for what is wrong with it. */
const char *why_path(const char *path);

#endif
