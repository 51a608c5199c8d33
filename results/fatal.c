// SPDX-License-Identifier: GPL-2.0-or-later
#include "fatal.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "why.h"

/* Recursive: hooks may end with fatal_unhook(), as the functions for regular ends do. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct fatal_hook *hooks;
static void (*reported_by)(const char *text);
static char note[RUN_WHY];

void fatal_report_with(void (*report)(const char *text))
{
	reported_by = report;
}

void fatal_note(const char *format, ...)
{
	va_list arguments;

	pthread_mutex_lock(&lock);
	va_start(arguments, format);
	vsnprintf(note, sizeof(note), format, arguments);
	va_end(arguments);
	pthread_mutex_unlock(&lock);
}

void fatal_hook(struct fatal_hook *hook, void (*run)(void *arg), void *arg)
{
	pthread_mutex_lock(&lock);
	*hook = (struct fatal_hook){run, arg, hooks};
	hooks = hook;
	pthread_mutex_unlock(&lock);
}

void fatal_unhook(struct fatal_hook *hook)
{
	struct fatal_hook **at = &hooks;

	if (!hook->run)
		return;
	pthread_mutex_lock(&lock);
	while (*at && *at != hook)
		at = &(*at)->next;
	if (*at)
		*at = hook->next;
	hook->run = NULL;
	pthread_mutex_unlock(&lock);
}

_Noreturn void fatal(const char *format, ...)
{
	char text[2 * RUN_WHY];
	va_list arguments;

	/* Never unlocked: another thread that fails, too, waits for the end of the process. */
	pthread_mutex_lock(&lock);
	va_start(arguments, format);
	vsnprintf(text, RUN_WHY, format, arguments);
	va_end(arguments);
	if (*note)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "; %s", note);
	while (hooks) {
		struct fatal_hook *hook = hooks;

		hooks = hook->next;
		hook->run(hook->arg);
	}
	if (reported_by)
		reported_by(text);
	else
		fprintf(stderr, "exitstorm: %s\n", text);
	_exit(1);
}

_Noreturn void fatal_no_memory(void)
{
	fatal("no memory");
}
