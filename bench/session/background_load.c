// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_load.h"

#include <sys/resource.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../machine/clock.h"
#include "../machine/environment.h"

/* Columns of the first line of /proc/stat (proc(5)). USER and NICE include the time of guests. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL };

static double own_seconds(void)
{
	static const int usage_of[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
	double seconds = 0;

	for (size_t i = 0; i < sizeof(usage_of) / sizeof(*usage_of); i++) {
		struct rusage usage = {0};

		getrusage(usage_of[i], &usage);
		seconds += usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
			   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	}
	return seconds;
}

void background_load_begin(struct background_load *load)
{
	load->known = environment_stat(load->ticks);
	load->own = own_seconds();
	load->began = clock_seconds();
}

json_t *background_load_json(const struct background_load *load)
{
	static const int busy[] = {USER, NICE, SYSTEM, IRQ, SOFTIRQ};
	double seconds = clock_seconds() - load->began, own = own_seconds() - load->own;
	double hz = sysconf(_SC_CLK_TCK), others = 0;
	unsigned long long ticks[8];

	if (!load->known || !environment_stat(ticks) || !(seconds > 0) || !(hz > 0))
		return compose_pack("{s:n, s:n}", "others", "stolen");
	for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++)
		others += (ticks[busy[i]] - load->ticks[busy[i]]) / hz;
	/* /proc/stat samples at the timer tick, getrusage() is exact: the difference may be < 0. */
	others = others > own ? others - own : 0;
	return compose_pack("{s:f, s:f}", "others", others / seconds, "stolen",
			    (ticks[STEAL] - load->ticks[STEAL]) / hz / seconds);
}
