/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vCPUs and CPUs that a storm needs under a plan, and the legs that it has. Computed from the
 * row and the plan alone, before any VM exists. Freestanding.
 */
#ifndef BENCH_RUNNER_LEGS_H
#define BENCH_RUNNER_LEGS_H

#include "../../trace/record.h"
#include "../plan/plan.h"
#include "../storms/storm.h"

/* vCPUs of the storm's VM when the plan asks for plan->vcpus. */
u32 runner_vcpus(const struct storm *storm, const struct plan *plan);
/* CPUs that the machine below it must have. */
u32 runner_cpus(const struct storm *storm, const struct plan *plan);
/* How many of the vCPUs run the storm and report a result: all but the partners of pairs. */
u32 runner_senders(const struct storm *storm, u32 vcpus);
/* The odd vCPU of a pair: it runs the partner's loop and reports no result. */
bool runner_is_partner(const struct storm *storm, u32 vcpu);
/*
 * Whether the host stamps the storm's exits. every_exit: the backend handles each exit itself; then
 * a synchronous storm is stamped only if its operation makes one exit, because the legs of several
 * cannot be told apart. Otherwise only exits that reach user space are stamped.
 */
bool runner_host_stamps(const struct storm *storm, const struct plan *plan, bool every_exit);
/* Whether a record of the storm can have the leg, with the plan's stamps. */
bool runner_has_leg(const struct storm *storm, const struct plan *plan, bool every_exit,
		    enum leg leg);
/* The guest's privilege level, 0 or 3, of a backend that runs both natively. */
u8 runner_cpl(const struct storm *storm, const struct plan *plan);
/* 0, or -EOPNOTSUPP and the reason in why[HV_WHY]: the storm cannot run at this level. */
int runner_needs_cpl(const struct storm *storm, u8 cpl, char *why);
/* 0, or -EOPNOTSUPP and the reason in why[HV_WHY]: the storm needs another backend. */
int runner_needs(const struct storm *storm, enum hv_vendor vendor, char *why);

/* The same of a storm in place, where that is possible. */
int runner_needs_place(const struct storm *storm, enum hv_place place, char *why);

#endif
