// SPDX-License-Identifier: GPL-2.0-or-later
/* Synchronises the runners of one VM: barriers, a common number, the end of all if one ends. */
#include "../../hv/host.h"
#include "legs.h"
#include "measure.h"

void runner_group_init(struct runner_group *group, const struct storm *storm, u32 vcpus)
{
	group->all.members = vcpus;
	group->senders.members = runner_senders(storm, vcpus);
}

void runner_group_break(struct runner_group *group, const char *why)
{
	u32 whole = 0;

	/* 2: `why` is being written; 1: it can be read. */
	if (!__atomic_compare_exchange_n(&group->broken, &whole, 2, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	host_format(group->why, sizeof(group->why), "%s", why);
	__atomic_store_n(&group->broken, 1, __ATOMIC_RELEASE);
}

static int group_left(struct measurement *m)
{
	struct runner_group *group = m->runner->group;

	while (__atomic_load_n(&group->broken, __ATOMIC_ACQUIRE) == 2)
		group->relax();
	host_format(m->result.why, sizeof(m->result.why), "%s", group->why);
	m->result.status = STORM_SKIPPED;
	return RUNNER_ENDED;
}

int group_meet(struct measurement *m, struct runner_barrier *barrier)
{
	struct runner_group *group = m->runner->group;
	u32 round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->members) {
		__atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&barrier->round, round + 1, __ATOMIC_RELEASE);
		return 0;
	}
	while (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round) {
		if (run_stopped(m->runner->monitor))
			return -ECANCELED;
		if (__atomic_load_n(&group->broken, __ATOMIC_ACQUIRE))
			return group_left(m);
		group->relax();
	}
	return 0;
}

int group_agree(struct measurement *m, u64 *value)
{
	struct runner_group *group = m->runner->group;
	int err;

	if (value && m->vcpu == 0)
		group->agreed = *value;
	err = group_meet(m, &group->senders);
	if (err || !value)
		return err;
	*value = group->agreed;
	/* The next number must not be written before all have read this one. */
	return group_meet(m, &group->senders);
}
