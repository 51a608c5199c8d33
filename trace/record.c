// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

const char *const leg_name[LEGS] = {
#define LEG(ID, name, from, to, text) [LEG_##ID] = name,
#include "legs.def"
};

const char *const leg_text[LEGS] = {
#define LEG(ID, name, from, to, text) [LEG_##ID] = text,
#include "legs.def"
};

const struct record_ends record_ends[LEGS] = {
#define LEG(ID, name, from, to, text)                          \
	[LEG_##ID] = {__builtin_offsetof(struct record, from), \
		      __builtin_offsetof(struct record, to)},
#include "legs.def"
};

static u64 stamp_at(const struct record *record, u8 offset)
{
	return *(const u64 *)((const u8 *)record + offset);
}

u64 record_leg_from(const struct record *record, enum leg leg)
{
	return stamp_at(record, record_ends[leg].from);
}

bool record_leg(const struct record *record, const struct record *next, enum leg leg, u64 *ticks)
{
	const struct record *last = leg == LEG_GUEST_VISIT ? next : record;
	u64 from, to;

	if (leg == LEG_PERIOD || leg == LEG_CONTROL || !last)
		return false;
	if (leg == LEG_FIRST && !(record->flags & RECORD_COLD))
		return false;
	if (leg == LEG_IN_KERNEL && (record->host_in || record->host_out))
		return false;
	from = stamp_at(record, record_ends[leg].from);
	to = stamp_at(last, record_ends[leg].to);
	if (!from || !to || to < from)
		return false;
	*ticks = to - from;
	return true;
}
