// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

static void begin(void *arg)
{
	struct watch *watch = arg;

	if (watch->stamps)
		stamps_begin(watch->stamps, watch->slot);
	if (watch->counters)
		counters_begin(watch->counters);
}

static void end(void *arg, struct record *ring, u32 operations, bool one_clock)
{
	struct watch *watch = arg;

	if (watch->counters)
		counters_end(watch->counters);
	if (watch->stamps)
		stamps_end(watch->stamps, watch->slot, ring, operations, one_clock);
}

int watch_open(struct watch *watch, struct runner *runner, struct stamps *stamps, char *why)
{
	const struct plan *plan = runner->plan;
	int err = 0;

	*watch = (struct watch){.hooks = {.begin = begin, .end = end, .arg = watch}};
	if (runner_is_partner(runner->storm, hv_vcpu_index(runner->vcpu)))
		return 0;
	if (plan->setting[SETTING_COUNTERS] == COUNTERS_LIST)
		err = counters_open(&watch->counters, plan->counters, why);
	if (!err && stamps) {
		err = stamps_join(stamps, why);
		watch->stamps = err < 0 ? NULL : stamps;
		watch->slot = err < 0 ? 0 : err;
		watch->hooks.every_exit = stamps_place(stamps) == STAMPS_AT_EXIT;
	}
	if (err >= 0 && (watch->counters || watch->stamps))
		runner->watch = &watch->hooks;
	return err < 0 ? err : 0;
}

int watch_report(struct watch *watch, const struct runner *runner)
{
	struct counter_value value[COUNTERS_VALUES];
	struct storm_result of = {
		.size = sizeof(of),
		.storm = runner->storm - storms,
		.repeat = runner->repeat,
		.vcpu = hv_vcpu_index(runner->vcpu),
	};

	if (!watch->counters)
		return 0;
	return runner->sink->counters(runner->sink->arg, &of, value,
				      counters_read(watch->counters, value));
}

void watch_close(struct watch *watch)
{
	counters_close(watch->counters);
	watch->counters = NULL;
}
