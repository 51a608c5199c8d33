/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of the process by a failure that its caller cannot pass on, such as no memory in the
 * middle of a JSON document: one line on stderr, children killed, temporary files removed,
 * status 1.
 */
#ifndef RESULTS_FATAL_H
#define RESULTS_FATAL_H

/* May be called from any thread. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fatal_no_memory(void);
/* Of products that stay although the process fails: appended to the message. Replaces an earlier one. */
void fatal_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the message in place of "exitstorm: TEXT". It gets no memory. */
void fatal_report_with(void (*report)(const char *text));

/* Work that fatal() does, in the reverse order of the calls of fatal_hook(). In static memory or
 * that of its owner: it must be taken out before it ends.
 */
struct fatal_hook {
	void (*run)(void *arg); /* NULL: not in the list */
	void *arg;
	struct fatal_hook *next;
};

void fatal_hook(struct fatal_hook *hook, void (*run)(void *arg), void *arg);
/* Nothing to do for one that is not in the list. */
void fatal_unhook(struct fatal_hook *hook);

#endif
