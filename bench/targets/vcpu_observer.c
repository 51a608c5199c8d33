// SPDX-License-Identifier: GPL-2.0-or-later
#include "vcpu_observer.h"

static void begin(void *arg)
{
	struct vcpu_observer *observer = arg;

	if (observer->stamps)
		stamps_begin(observer->stamps, observer->slot);
	if (observer->counters)
		counters_begin(observer->counters);
}

static void end(void *arg, struct record *ring, u32 operations, bool one_clock)
{
	struct vcpu_observer *observer = arg;

	if (observer->counters)
		counters_end(observer->counters);
	if (observer->stamps)
		stamps_end(observer->stamps, observer->slot, ring, operations, one_clock);
}

int vcpu_observer_open(struct vcpu_observer *observer, struct runner *runner, struct stamps *stamps,
		       char *why)
{
	const struct plan *plan = runner->plan;
	int err = 0;

	*observer = (struct vcpu_observer){.hooks = {.begin = begin, .end = end, .arg = observer}};
	if (runner_is_partner(runner->storm, hv_vcpu_index(runner->vcpu)))
		return 0;
	if (plan->setting[SETTING_COUNTERS] == COUNTERS_LIST)
		err = counters_open(&observer->counters, plan->counters, why);
	if (!err && stamps) {
		err = stamps_join(stamps, why);
		observer->stamps = err < 0 ? NULL : stamps;
		observer->slot = err < 0 ? 0 : err;
		observer->hooks.every_exit = stamps_place(stamps) == STAMPS_AT_EXIT;
	}
	if (err >= 0 && (observer->counters || observer->stamps))
		runner->observer = &observer->hooks;
	return err < 0 ? err : 0;
}

int vcpu_observer_report(struct vcpu_observer *observer, const struct runner *runner)
{
	struct counter_value value[COUNTERS_VALUES];
	struct storm_result result = {
		.size = sizeof(result),
		.storm = runner->storm - storms,
		.repeat = runner->repeat,
		.vcpu = hv_vcpu_index(runner->vcpu),
	};

	if (!observer->counters)
		return 0;
	return runner->sink->counters(runner->sink->arg, &result, value,
				      counters_read(observer->counters, value));
}

void vcpu_observer_close(struct vcpu_observer *observer)
{
	counters_close(observer->counters);
	observer->counters = NULL;
}
