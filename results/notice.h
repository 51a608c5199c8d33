/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line on what a function did otherwise than it was asked to and yet succeeded. Without a
 * receiver it is dropped: a caller that matters gets an error instead.
 */
#ifndef RESULTS_NOTICE_H
#define RESULTS_NOTICE_H

void notice_to(void (*receiver)(const char *line));
/* A line that is equal to the last one is not repeated. */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
