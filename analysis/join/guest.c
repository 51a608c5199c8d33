// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

struct loading {
	struct join_guest *guest;
	size_t storm, first; /* the first group of the storm */
};

static struct join_group *group_of(struct loading *loading, const struct record *record)
{
	struct join_guest *guest = loading->guest;
	struct join_group *group;

	for (size_t i = guest->groups; i-- > loading->first;) {
		group = &guest->group[i];
		if (group->repeat == record->repeat && group->vcpu == record->vcpu)
			return group;
	}
	guest->group = memory_resize(guest->group, guest->groups + 1, sizeof(*group));
	group = &guest->group[guest->groups++];
	*group = (struct join_group){
		.storm = loading->storm, .repeat = record->repeat, .vcpu = record->vcpu};
	return group;
}

static int on_record(void *arg, const struct record *record)
{
	struct join_group *group;

	if (!record->guest_out || record->guest_in < record->guest_out)
		return 0;
	group = group_of(arg, record);
	if (group->records == group->room) {
		group->room = group->room ? 2 * group->room : 256;
		group->record = memory_resize(group->record, group->room, sizeof(*group->record));
	}
	group->record[group->records++] = *record;
	return 0;
}

static int by_time(const void *one, const void *other)
{
	const struct record *a = one, *b = other;

	return (a->guest_out > b->guest_out) - (a->guest_out < b->guest_out);
}

int join_guest_load(const struct run *run, struct join_guest *guest, char *why)
{
	int error = 0;

	*guest = (struct join_guest){.run = run};
	for (size_t i = 0; !error && i < run->storms; i++) {
		struct loading loading = {guest, i, guest->groups};

		if (run->storm[i].samples)
			error = run_samples(run, run->storm[i].name, on_record, &loading, why);
	}
	for (size_t i = 0; !error && i < guest->groups; i++)
		qsort(guest->group[i].record, guest->group[i].records,
		      sizeof(*guest->group[i].record), by_time);
	if (!error && !guest->groups)
		error = why_say(why, -ENODATA,
				"%s: has kept no records with the guest's stamps (run --samples, "
				"with stamps=both or guest)",
				why_path(run->path));
	return error;
}

void join_guest_free(struct join_guest *guest)
{
	for (size_t i = 0; i < guest->groups; i++)
		free(guest->group[i].record);
	free(guest->group);
	*guest = (struct join_guest){0};
}

bool join_guest_exits(const struct join_guest *guest, const struct join_group *group)
{
	const struct run_storm *storm = &guest->run->storm[group->storm];

	return !strcmp(storm->status, "measured") && strcmp(storm->kind, "none");
}
