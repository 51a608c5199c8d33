// SPDX-License-Identifier: GPL-2.0-or-later
#include "count.h"

#include <stdlib.h>

#include "../../results/memory.h"

/* The groups of a storm at which the guest's own host has a vCPU. */
#define FOR_EACH_GROUP(group, guest, of_storm)                                                    \
	for (struct join_group *group = (guest)->group; group < (guest)->group + (guest)->groups; \
	     group++)                                                                             \
		if (group->storm == (of_storm) && group->of[0])

static struct join_found found_at(const struct join_group *group, size_t level,
				  const struct record *record)
{
	const struct join_vcpu *vcpu = group->of[level];

	return vcpu ? join_find(&vcpu->stream, join_shift(vcpu), record)
		    : (struct join_found){0, 0};
}

/* How many operations have each reason. */
static u64 *operations_with(const struct join_guest *guest, size_t storm,
			    const struct join_host *host, u64 *operations)
{
	u64 *with = memory_new(host->run->storms, sizeof(*with));
	u64 *last = memory_new(host->run->storms, sizeof(*last));

	*operations = 0;
	FOR_EACH_GROUP(group, guest, storm)
	{
		for (size_t i = 0; i < group->records; i++) {
			struct join_found found = found_at(group, 0, &group->record[i]);
			const struct join_exit *exit = group->of[0]->stream.exit + found.first;

			++*operations;
			for (size_t j = 0; j < found.count; j++) {
				with[exit[j].reason] += last[exit[j].reason] != *operations;
				last[exit[j].reason] = *operations;
			}
		}
	}
	free(last);
	return with;
}

static u32 flag_of(const struct join_host *host, u32 reason)
{
	static const u32 flags[] = {[JOIN_EXIT] = RECORD_EXTRA_EXIT,
				    [JOIN_INTERRUPT] = RECORD_EXTRA_EXIT | RECORD_IRQ,
				    [JOIN_NMI] = RECORD_EXTRA_EXIT | RECORD_NMI,
				    [JOIN_SMI] = RECORD_EXTRA_EXIT | RECORD_SMI};

	return flags[join_host_event(host, reason)];
}

/* Stamps and flags of an operation; returns the number of its own exits. */
static u64 complete(const struct join_count *count, const struct join_host *host,
		    const struct join_group *group, struct record *record)
{
	struct join_found found = found_at(group, 0, record);
	s64 shift = join_shift(group->of[0]);
	u64 own = 0;

	/* A run that knows them of whole batches only has them on each record. */
	record->flags &= ~(RECORD_EXTRA_EXIT | RECORD_IRQ);
	for (size_t i = found.first; i < found.first + found.count; i++) {
		const struct join_exit *exit = &group->of[0]->stream.exit[i];

		if (!count->own[exit->reason]) {
			record->flags |= flag_of(host, exit->reason);
			continue;
		}
		if (!own++)
			record->kernel_in = exit->in + shift;
		record->kernel_out = exit->out + shift;
		record->raw_reason = json_integer_value(
			json_object_get(host->run->storm[exit->reason].json, "raw_reason"));
	}
	return own;
}

/* The sum of the exits of one level within an operation. */
static void add_level(const struct join_group *group, size_t level, const struct record *record,
		      struct join_level *sum)
{
	struct join_found found = found_at(group, level, record);

	sum->exits += found.count;
	for (size_t i = found.first; i < found.first + found.count; i++)
		sum->ticks +=
			group->of[level]->stream.exit[i].out - group->of[level]->stream.exit[i].in;
}

/* The time of the level below within the exits of this one, which is not this one's own. */
static u64 below(const struct join_group *group, size_t level, const struct record *record)
{
	struct join_found found = found_at(group, level, record);
	s64 shift = found.count ? join_shift(group->of[level]) : 0;
	struct join_level sum = {0};

	for (size_t i = found.first; i < found.first + found.count; i++) {
		const struct join_exit *exit = &group->of[level]->stream.exit[i];
		struct record within = {.guest_out = exit->in + shift,
					.guest_in = exit->out + shift};

		add_level(group, level + 1, &within, &sum);
	}
	return sum.ticks;
}

static void add_levels(struct join_count *count, const struct join_group *group, size_t hosts,
		       const struct record *record)
{
	count->ticks += record->guest_in - record->guest_out;
	for (size_t level = 0; level < hosts; level++) {
		add_level(group, level, record, &count->level[level]);
		if (level + 1 < hosts)
			count->level[level].ticks -= below(group, level, record);
	}
}

static void find_own(struct join_count *count, const struct join_guest *guest, size_t storm,
		     const struct join_host *host)
{
	u64 *with = operations_with(guest, storm, host, &count->operations);

	count->own = memory_new(host->run->storms, sizeof(*count->own));
	for (size_t i = 0; i < host->run->storms; i++)
		count->own[i] = with[i] && 2 * with[i] >= count->operations;
	free(with);
}

void join_count(struct join_guest *guest, size_t storm, const struct join_host *host, size_t hosts,
		struct join_count *count)
{
	u64 all;

	*count = (struct join_count){0};
	find_own(count, guest, storm, &host[0]);
	FOR_EACH_GROUP(group, guest, storm)
	{
		for (size_t i = 0; i < group->records; i++) {
			count->exits += complete(count, &host[0], group, &group->record[i]);
			add_levels(count, group, hosts, &group->record[i]);
		}
	}
	all = count->level[0].exits;
	count->foreign = all - count->exits;
	if (count->operations)
		count->usual = (count->exits + count->operations / 2) / count->operations;
	FOR_EACH_GROUP(group, guest, storm)
	{
		for (size_t i = 0; i < group->records; i++) {
			struct record *record = &group->record[i], copy = *record;
			u64 own = complete(count, &host[0], group, &copy);

			if (own > count->usual)
				record->flags |= RECORD_EXTRA_EXIT;
			count->incomplete += own < count->usual;
			count->disturbed += (record->flags & RECORD_DISTURBED) != 0;
		}
	}
}

void join_count_free(struct join_count *count)
{
	free(count->own);
	*count = (struct join_count){0};
}
