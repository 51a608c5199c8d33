// SPDX-License-Identifier: GPL-2.0-or-later
#include "save_events.h"

#include <errno.h>
#include <stdlib.h>

#include "../../results/memory.h"
#include "saved_storms.h"

#define BATCH 512 /* records that are buffered per reason */

/* Anchors are less than a second apart, so that a double has all digits of the difference. */
static u64 ticks_at(const struct save *save, u64 ns)
{
	const struct anchor *from = &save->anchor[0], *to = &save->anchor[1];
	double rate = save->ticks_per_ns;

	if (!ns)
		return 0;
	if (to->ns > from->ns && to->ticks > from->ticks)
		rate = (double)(to->ticks - from->ticks) / (to->ns - from->ns);
	return to->ticks + (s64)((double)(s64)(ns - to->ns) * rate);
}

int save_write_records(struct save *save, struct saved_storm *storm, char *why)
{
	u32 count = storm->records;

	storm->records = 0;
	return count ? run_add_records(save->writer, storm->name, storm->record, count, why) : 0;
}

static int add_timed(struct saved_storm *storm, u16 vcpu, u64 ticks)
{
	if (storm->timeds == storm->room) {
		size_t room = storm->room ? 2 * storm->room : BATCH;
		struct timed *timed = memory_resize(storm->timed, room, sizeof(*timed));

		storm->timed = timed;
		storm->room = room;
	}
	storm->timed[storm->timeds++] = (struct timed){ticks, vcpu};
	return 0;
}

int save_event(struct save *save, struct aggregate *aggregate, const struct traced_exit *event)
{
	struct saved_storm *storm = saved_storm(
		save, event->space, aggregate_isa(event->space, event->isa), event->reason);
	/* Hooks may read the clock by different ways, which can differ by a few ns. */
	bool early = event->to && event->to < event->from;
	u64 to = ticks_at(save, event->to), from = early ? to : ticks_at(save, event->from);
	/* Events are read more often than histograms: the thread may be new. */
	int vcpu = aggregate_add_thread(aggregate, event->slot);
	bool user = event->space == TRACE_KVM;
	char why[RUN_WHY];

	if (storm && !storm->record)
		storm->record =
			aligned_alloc(sizeof(*storm->record), BATCH * sizeof(*storm->record));
	if (!storm || !storm->record || vcpu < 0)
		return -ENOMEM;
	storm->record[storm->records++] = (struct record){
		.kernel_in = user ? 0 : from,
		.kernel_out = user ? 0 : to,
		.host_in = user ? from : 0,
		.host_out = user ? to : 0,
		.iteration = storm->exits++,
		.raw_reason = event->reason,
		.vcpu = vcpu,
		.repeat = save->repeats,
	};
	/* A handler's time excludes userspace, off-CPU and halted time: not out minus in. */
	if (event->to &&
	    add_timed(storm, vcpu,
		      user ? to - from : (u64)((double)event->time * save->ticks_per_ns)))
		return -ENOMEM;
	return storm->records == BATCH ? save_write_records(save, storm, why) : 0;
}
