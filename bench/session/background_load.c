// SPDX-License-Identifier: GPL-2.0-or-later
#include "background_load.h"

#include <sys/resource.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../machine/clock.h"
#include "../machine/cpu_stat.h"
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

void background_load_begin(struct background_load *load, const unsigned short *cpu, size_t count)
{
	load->near_count = cpu_siblings(cpu, count, load->near, BACKGROUND_CPUS);
	load->near_known = cpu_stat(load->near, load->near_count, load->near_ticks);
	load->known = environment_stat(load->ticks);
	load->own = own_seconds();
	load->began = clock_seconds();
}

/* CPUs that others kept busy between the two readings. */
static double others_of(const unsigned long long *from, const unsigned long long *to, double own,
			double seconds)
{
	static const int busy[] = {USER, NICE, SYSTEM, IRQ, SOFTIRQ};
	double hz = sysconf(_SC_CLK_TCK), others = 0;

	for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++)
		others += (to[busy[i]] - from[busy[i]]) / hz;
	/* /proc/stat samples at the timer tick, getrusage() is exact: the difference may be < 0. */
	return others > own ? (others - own) / seconds : 0;
}

static double stolen_of(const unsigned long long *from, const unsigned long long *to,
			double seconds)
{
	return (double)(to[STEAL] - from[STEAL]) / sysconf(_SC_CLK_TCK) / seconds;
}

/* Of the measured CPUs and their siblings. This process' own time is nearly all there. */
static json_t *near_json(const struct background_load *load, double own, double seconds)
{
	unsigned long long ticks[8];
	json_t *cpus;

	if (!load->near_known || !cpu_stat(load->near, load->near_count, ticks))
		return json_null();
	cpus = json_array();
	for (size_t i = 0; i < load->near_count; i++)
		compose_add(cpus, json_integer(load->near[i]));
	return compose_pack("{s:o, s:f, s:f}", "cpus", cpus, "others",
			    others_of(load->near_ticks, ticks, own, seconds), "stolen",
			    stolen_of(load->near_ticks, ticks, seconds));
}

json_t *background_load_json(const struct background_load *load)
{
	double seconds = clock_seconds() - load->began, own = own_seconds() - load->own;
	unsigned long long ticks[8];

	if (!load->known || !environment_stat(ticks) || !(seconds > 0))
		return compose_pack("{s:n, s:n, s:n}", "others", "stolen", "measured");
	return compose_pack(
		"{s:f, s:f, s:o}", "others", others_of(load->ticks, ticks, own, seconds), "stolen",
		stolen_of(load->ticks, ticks, seconds), "measured", near_json(load, own, seconds));
}
