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

static double busy_of(const unsigned long long *ticks)
{
	return ticks[USER] + ticks[NICE] + ticks[SYSTEM] + ticks[IRQ] + ticks[SOFTIRQ];
}

/*
 * CPU seconds of others between the two readings. /proc/stat samples at the timer tick, getrusage()
 * is exact: the difference may be < 0.
 */
static struct background_cpu others_of(const unsigned long long *from, const unsigned long long *to,
				       double own)
{
	double hz = sysconf(_SC_CLK_TCK), others = (busy_of(to) - busy_of(from)) / hz;

	return (struct background_cpu){others > own ? others - own : 0,
				       (double)(to[STEAL] - from[STEAL]) / hz};
}

/* Unknown for one process: unknown for their sum. */
static struct background_cpu added(struct background_cpu before, struct background_cpu now,
				   bool known)
{
	if (!known || before.others < 0)
		return (struct background_cpu){-1, -1};
	return (struct background_cpu){before.others + now.others, before.stolen + now.stolen};
}

struct journal_time background_load_time(const struct background_load *load,
					 const struct journal_time *before)
{
	double own = own_seconds() - load->own;
	unsigned long long ticks[8] = {0}, near[8] = {0};
	bool known = load->known && environment_stat(ticks);
	bool near_known = load->near_known && cpu_stat(load->near, load->near_count, near);

	/* This process' own time is nearly all on the measured CPUs. */
	return (struct journal_time){
		.seconds = before->seconds + clock_seconds() - load->began,
		.all = added(before->all, others_of(load->ticks, ticks, own), known),
		.measured =
			added(before->measured, others_of(load->near_ticks, near, own), near_known),
	};
}

/* Of the measured CPUs and their siblings. */
static json_t *near_json(const struct background_load *load, const struct journal_time *time)
{
	json_t *cpus;

	if (time->measured.others < 0)
		return json_null();
	cpus = json_array();
	for (size_t i = 0; i < load->near_count; i++)
		compose_add(cpus, json_integer(load->near[i]));
	return compose_pack("{s:o, s:f, s:f}", "cpus", cpus, "others",
			    time->measured.others / time->seconds, "stolen",
			    time->measured.stolen / time->seconds);
}

json_t *background_load_json(const struct background_load *load, const struct journal_time *time)
{
	if (time->all.others < 0 || !(time->seconds > 0))
		return compose_pack("{s:n, s:n, s:n}", "others", "stolen", "measured");
	return compose_pack("{s:f, s:f, s:o}", "others", time->all.others / time->seconds, "stolen",
			    time->all.stolen / time->seconds, "measured", near_json(load, time));
}
