// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamps_event.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "stamp.h"

#define BASE_TRIES 500

static int read_sysfs(const char *name, const char *format, void *value)
{
	char path[96];
	FILE *file;
	int got;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/msr/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -ENOENT;
	got = fscanf(file, format, value);
	fclose(file);
	return got == 1 ? 0 : -ENOENT;
}

int stamps_event_open(int map, int *event, int cpus, const char **step)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};

	*step = "no msr PMU with an event tsc";
	if (read_sysfs("type", "%u", &attr.type) ||
	    read_sysfs("events/tsc", "event=%llx", &attr.config))
		return -ENOENT;
	for (int cpu = 0; cpu < cpus; cpu++) {
		u32 key = cpu;
		int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

		event[cpu] = fd;
		*step = "msr/tsc/";
		if (fd < 0 && errno == ENODEV) /* offline */
			continue;
		if (fd < 0)
			return -errno;
		*step = "msr/tsc/ in a map";
		if (bpf_map_update_elem(map, &key, &fd, BPF_ANY))
			return -errno;
	}
	return 0;
}

struct bounds {
	s64 low, high;
};

static void bounds_narrow(struct bounds *bounds, s64 low, s64 high)
{
	if (low > bounds->low)
		bounds->low = low;
	if (high < bounds->high)
		bounds->high = high;
}

/*
 * Each probe reads the event between two TSC stamps of the system call that runs it, and between
 * two readings of the kernel's clock, which the anchors turn into ticks. Both bound the base.
 */
int stamps_event_base(int program, const struct stamps_probe *probed, u32 anchor_good, u64 *base,
		      u32 *error, const char **step)
{
	static struct {
		struct stamps_probe probe;
		u64 before, after;
	} tries[BASE_TRIES];
	struct bounds bounds = {INT64_MIN, INT64_MAX};
	struct clock_anchor begin = clock_anchor(anchor_good), end;
	struct clock_scale scale;
	u32 half;

	for (int i = 0; i < BASE_TRIES; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, options);
		int err;

		tries[i].before = stamp_fenced();
		err = bpf_prog_test_run_opts(program, &options);
		tries[i].after = stamp_fenced();
		tries[i].probe = *probed;
		*step = "msr/tsc/ cannot be read by a program";
		if (err || !tries[i].probe.reading)
			return err ? err : -EIO;
	}
	end = clock_anchor(anchor_good);
	scale = clock_scale(&begin, &end);
	half = (begin.half > end.half ? begin.half : end.half) + (u32)scale.slope + 1;
	for (int i = 0; i < BASE_TRIES; i++) {
		const struct stamps_probe *probe = &tries[i].probe;
		u64 reading = probe->reading;

		bounds_narrow(&bounds, tries[i].before - reading, tries[i].after - reading);
		bounds_narrow(&bounds, clock_ticks(&scale, probe->before_ns) - half - reading,
			      clock_ticks(&scale, probe->after_ns) + half - reading);
	}
	*step = "msr/tsc/ does not count what RDTSC reads";
	if (bounds.low > bounds.high)
		return -EIO;
	*base = bounds.low + (bounds.high - bounds.low) / 2;
	*error = (bounds.high - bounds.low + 1) / 2;
	return 0;
}
