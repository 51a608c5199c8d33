/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a request to end the run. */
#ifndef BENCH_SESSION_STOP_H
#define BENCH_SESSION_STOP_H

#include <stdbool.h>

void stop_install(void); /* no effect if they are installed */
void stop_restore(void);
bool stop_is_requested(void);

#endif
