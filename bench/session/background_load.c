// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_load.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../machine/environment.h"

/* The columns of /proc/stat's first line (proc(5)). What guests take is in USER and NICE, too. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL };

static double own_seconds(void)
{
	static const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
	double seconds = 0;

	for (size_t i = 0; i < sizeof(who) / sizeof(*who); i++) {
		struct rusage usage = {0};

		getrusage(who[i], &usage);
		seconds += usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
			   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	}
	return seconds;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

void meanwhile_begin(struct meanwhile *meanwhile)
{
	meanwhile->known = environment_stat(meanwhile->ticks);
	meanwhile->own = own_seconds();
	meanwhile->began = now();
}

json_t *meanwhile_json(const struct meanwhile *meanwhile)
{
	static const int busy[] = {USER, NICE, SYSTEM, IRQ, SOFTIRQ};
	double seconds = now() - meanwhile->began, own = own_seconds() - meanwhile->own;
	double hz = sysconf(_SC_CLK_TCK), others = 0;
	unsigned long long ticks[8];

	if (!meanwhile->known || !environment_stat(ticks) || !(seconds > 0) || !(hz > 0))
		return json_pack("{s:n, s:n}", "others", "stolen");
	for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++)
		others += (ticks[busy[i]] - meanwhile->ticks[busy[i]]) / hz;
	/* Ticks are sampled, our own time is not: the difference may come out below nothing. */
	others = others > own ? others - own : 0;
	return json_pack("{s:f, s:f}", "others", others / seconds, "stolen",
			 (ticks[STEAL] - meanwhile->ticks[STEAL]) / hz / seconds);
}
