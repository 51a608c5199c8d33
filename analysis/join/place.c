// SPDX-License-Identifier: GPL-2.0-or-later
/* Which vCPU of a trace a group of operations belongs to. */
#include <errno.h>

#include "guest.h"

s64 join_shift(const struct join_vcpu *vcpu)
{
	return vcpu->low + (vcpu->high - vcpu->low) / 2;
}

u64 join_shift_error(const struct join_vcpu *vcpu)
{
	return vcpu->high > vcpu->low ? (vcpu->high - vcpu->low + 1) / 2 : 0;
}

static bool is_known(const struct join_vcpu *vcpu)
{
	return vcpu->low <= vcpu->high;
}

/* Nine of ten operations have an exit: the others may be those that a cheaper way handled. */
static bool is_good(const struct join_fit *fit, const struct join_group *group)
{
	return fit->hits && fit->hits * 10 >= group->records * 9;
}

static bool fits(const struct join_vcpu *vcpu, const struct join_host *host,
		 const struct join_group *group, struct join_fit *fit)
{
	*fit = join_fit(&vcpu->stream, join_shift(vcpu), host->error + join_shift_error(vcpu),
			group->record, group->records);
	return is_good(fit, group);
}

/* A shift that the order of stamps has found, by the stamps of one more group. */
static void narrow(struct join_vcpu *vcpu, const struct join_fit *fit)
{
	s64 low = fit->low > vcpu->low ? fit->low : vcpu->low,
	    high = fit->high < vcpu->high ? fit->high : vcpu->high;

	if (vcpu->low == vcpu->high || low > high)
		return;
	vcpu->low = low;
	vcpu->high = high;
}

static struct join_vcpu *only(struct join_vcpu *found, size_t count)
{
	return count == 1 ? found : NULL;
}

/* Among those whose clock is known. *count: how many fit. */
static struct join_vcpu *by_clock(struct join_host *host, const struct join_group *group,
				  size_t *count)
{
	struct join_vcpu *found = NULL;
	struct join_fit fit;

	*count = 0;
	for (size_t i = 0; i < host->vcpus; i++) {
		if (!is_known(&host->vcpu[i]) || !fits(&host->vcpu[i], host, group, &fit))
			continue;
		found = &host->vcpu[i];
		++*count;
	}
	return only(found, *count);
}

/* By the order of stamps alone, also where a clock is known by which nothing fits. */
static struct join_vcpu *by_order(struct join_host *host, const struct join_group *group,
				  size_t *count)
{
	struct join_vcpu *found = NULL;

	*count = 0;
	for (size_t i = 0; i < host->vcpus; i++) {
		struct join_vcpu *vcpu = &host->vcpu[i];
		struct join_fit fit;
		int error =
			join_order(&vcpu->stream, host->error, group->record, group->records, &fit);

		*count += !error + 2 * (error == -EEXIST);
		if (error)
			continue;
		found = vcpu;
		vcpu->low = fit.low < fit.high ? fit.low : fit.high;
		vcpu->high = fit.low < fit.high ? fit.high : fit.low;
	}
	return only(found, *count);
}

/* The vCPU that the vCPU of this group had in another one. */
static struct join_vcpu *usual(const struct join_guest *guest, size_t level,
			       const struct join_group *group)
{
	for (size_t i = 0; i < guest->groups; i++)
		if (guest->group[i].vcpu == group->vcpu && guest->group[i].of[level])
			return guest->group[i].of[level];
	return NULL;
}

/* The trace had seen the vCPU before, and saw it later. */
static bool spans(const struct join_vcpu *vcpu, const struct join_group *group)
{
	const struct join_stream *stream = &vcpu->stream;
	s64 shift = join_shift(vcpu);

	return is_known(vcpu) && stream->count &&
	       stream->exit[0].in + shift <= group->record[0].guest_out &&
	       stream->exit[stream->count - 1].out + shift >=
		       group->record[group->records - 1].guest_in;
}

/* Of operations that may have no exit: the vCPU that others have shown, if it was there then. */
static struct join_vcpu *by_time(struct join_host *host, const struct join_guest *guest,
				 size_t level, const struct join_group *group)
{
	struct join_vcpu *found = usual(guest, level, group);
	size_t count = 0;

	if (found && spans(found, group))
		return found;
	for (size_t i = 0; i < host->vcpus; i++) {
		if (!spans(&host->vcpu[i], group))
			continue;
		found = &host->vcpu[i];
		count++;
	}
	return only(found, count);
}

static void place(struct join_guest *guest, size_t level, struct join_host *host,
		  struct join_group *group, size_t *several)
{
	struct join_vcpu *vcpu = usual(guest, level, group);
	struct join_fit fit;
	size_t count = 1;

	if (!vcpu || !fits(vcpu, host, group, &fit)) {
		vcpu = by_clock(host, group, &count);
		if (!count)
			vcpu = by_order(host, group, &count);
	}
	*several += count > 1;
	group->of[level] = vcpu;
	if (vcpu && fits(vcpu, host, group, &fit))
		narrow(vcpu, &fit);
}

int join_guest_place(struct join_guest *guest, size_t level, struct join_host *host, char *why)
{
	size_t placed = 0, several = 0;

	for (size_t i = 0; i < guest->groups; i++) {
		struct join_group *group = &guest->group[i];

		if (!join_guest_exits(guest, group))
			continue;
		place(guest, level, host, group, &several);
		placed += group->of[level] != NULL;
	}
	for (size_t i = 0; i < guest->groups; i++)
		if (!guest->group[i].of[level])
			guest->group[i].of[level] = by_time(host, guest, level, &guest->group[i]);
	if (placed)
		return 0;
	if (several)
		return why_say(why, -EEXIST,
			       "%s: several vCPUs, or several offsets of the clock, fit the "
			       "operations equally well: more operations of more storms tell them "
			       "apart",
			       why_path(host->run->path));
	return why_say(why, -ENOENT,
		       "%s: no vCPU of this trace has exits within the operations of the run: it "
		       "is of another time or machine, or no storm of the run exits",
		       why_path(host->run->path));
}
