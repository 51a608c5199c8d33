// SPDX-License-Identifier: GPL-2.0-or-later
#include "locked_sink.h"

static int locked_result(void *arg, const struct storm_result *result)
{
	struct locked_sink *locked = arg;
	int err;

	pthread_mutex_lock(locked->lock);
	err = locked->outer->result(locked->outer->arg, result);
	pthread_mutex_unlock(locked->lock);
	return err;
}

static int locked_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			    const struct histogram *histogram)
{
	struct locked_sink *locked = arg;
	int err;

	pthread_mutex_lock(locked->lock);
	err = locked->outer->histogram(locked->outer->arg, result, leg, clean, histogram);
	pthread_mutex_unlock(locked->lock);
	return err;
}

static int locked_records(void *arg, const struct storm_result *result,
			  const struct record *records, u32 count)
{
	struct locked_sink *locked = arg;
	int err;

	pthread_mutex_lock(locked->lock);
	err = locked->outer->records(locked->outer->arg, result, records, count);
	pthread_mutex_unlock(locked->lock);
	return err;
}

static int locked_counters(void *arg, const struct storm_result *result,
			   const struct counter_value *value, u32 count)
{
	struct locked_sink *locked = arg;
	int err;

	pthread_mutex_lock(locked->lock);
	err = locked->outer->counters(locked->outer->arg, result, value, count);
	pthread_mutex_unlock(locked->lock);
	return err;
}

static void locked_progress(void *arg, u64 operations)
{
	struct locked_sink *locked = arg;

	pthread_mutex_lock(locked->lock);
	run_progress(locked->outer_monitor, operations);
	pthread_mutex_unlock(locked->lock);
}

static bool unlocked_stopped(void *arg)
{
	struct locked_sink *locked = arg;

	return run_stopped(locked->outer_monitor);
}

void locked_sink_init(struct locked_sink *locked, pthread_mutex_t *lock,
		      const struct run_sink *sink, const struct run_monitor *monitor)
{
	*locked = (struct locked_sink){
		.sink =
			{
				.result = locked_result,
				.histogram = locked_histogram,
				.records = locked_records,
				.counters = locked_counters,
				.arg = locked,
			},
		.monitor =
			{
				.progress = locked_progress,
				.stopped = unlocked_stopped,
				.arg = locked,
			},
		.outer = sink,
		.outer_monitor = monitor,
		.lock = lock,
	};
}
