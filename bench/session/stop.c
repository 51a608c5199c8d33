// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define STOP_SIGNALS (sizeof(stop_signals) / sizeof(stop_signals[0]))

static struct sigaction saved_action[STOP_SIGNALS]; /* of the caller */
static bool handlers_installed;
static volatile sig_atomic_t stop_requested;

static void request_stop(int signal)
{
	(void)signal;
	stop_requested = 1;
}

/* Kept until all run folders are committed or removed, so that a signal leaves none half made. */
void stop_install(void)
{
	struct sigaction action = {.sa_handler = request_stop};

	if (handlers_installed)
		return;
	stop_requested = 0;
	handlers_installed = true;
	for (size_t i = 0; i < STOP_SIGNALS; i++) {
		sigaction(stop_signals[i], NULL, &saved_action[i]);
		/* nohup(1) has the run survive the end of its terminal. */
		if (stop_signals[i] != SIGHUP || saved_action[i].sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
	}
}

void stop_restore(void)
{
	for (size_t i = 0; i < STOP_SIGNALS && handlers_installed; i++)
		sigaction(stop_signals[i], &saved_action[i], NULL);
	handlers_installed = false;
}

bool stop_is_requested(void)
{
	return stop_requested;
}
