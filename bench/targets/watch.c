// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

static void begin(void *arg)
{
	struct watch *watch = arg;

	counters_begin(watch->counters);
}

static void end(void *arg, struct record *ring, u32 operations)
{
	struct watch *watch = arg;

	(void)ring;
	(void)operations;
	counters_end(watch->counters);
}

int watch_open(struct watch *watch, struct runner *runner, char *why)
{
	const struct plan *plan = runner->plan;
	int err;

	*watch = (struct watch){.hooks = {begin, end, watch}};
	if (plan->setting[SETTING_COUNTERS] != COUNTERS_LIST ||
	    runner_is_partner(runner->storm, hv_vcpu_index(runner->vcpu)))
		return 0;
	err = counters_open(&watch->counters, plan->counters, why);
	if (!err)
		runner->watch = &watch->hooks;
	return err;
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
