// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/describe/describe.h"
#include "../../results/memory.h"
#include "../machine/cpu_set.h"
#include "../machine/environment.h"
#include "../session/clock_check.h"
#include "../session/resume.h"
#include "../session/run_path.h"
#include "../plan/plan_json.h"
#include "../plan/settings.h"
#include "../targets/registry.h"
#include "choose.h"
#include "variants.h"

static int unknown_target(const char *name)
{
	char names[256];
	size_t used = 0;

	names[0] = 0;
	for (int i = 0; targets[i] && used < sizeof(names); i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
				 targets[i]->name);
	return cli_usage("unknown target '%s'; there are %s", name, names);
}

const struct target *request_target(const char *name, int *status)
{
	const struct target *target = name ? target_find(name) : NULL;
	char why[HV_WHY];

	if (name && !target) {
		*status = unknown_target(name);
		return NULL;
	}
	if (!name) {
		target = target_default(why);
		if (!target)
			*status = cli_fail("%s", why);
	} else if (target->probe(why)) {
		*status = cli_fail("target %s: %s", name, why);
		target = NULL;
	}
	return target;
}

static int mark_list(const char *list, bool *marked)
{
	for (u32 i = 0; i < storm_count; i++)
		marked[i] = choose_wants((void *)list, storms[i].name);
	return choose_check_storms(list);
}

static int mark_like(const struct run *like, bool *marked)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < like->storms && status == STATUS_OK; i++) {
		const char *name = like->storm[i].name;

		status = choose_check_storms(name);
		for (u32 j = 0; j < storm_count; j++)
			marked[j] |= !strcmp(storms[j].name, name);
	}
	return status;
}

/* Each storm once, in the order of the table, whatever the order of the list; no list: all. */
static int choose_storms(const struct request *request, const struct run *like,
			 struct session *session)
{
	bool *marked = memory_new(storm_count, sizeof(*marked));
	int status = STATUS_OK;

	session->storm = memory_new(storm_count, sizeof(*session->storm));
	if (request->storms)
		status = mark_list(request->storms, marked);
	else if (like)
		status = mark_like(like, marked);
	else
		memset(marked, true, storm_count * sizeof(*marked));
	for (u32 i = 0; i < storm_count && status == STATUS_OK; i++)
		if (marked[i])
			session->storm[session->storms++] = &storms[i];
	free(marked);
	return status;
}

/* Without a list of storms the target's own are meant. */
static void keep_offered(const struct target *target, const struct plan *plan,
			 struct session *session)
{
	u32 kept = 0;

	for (u32 i = 0; i < session->storms; i++)
		if (target_offers(target, plan, session->storm[i]))
			session->storm[kept++] = session->storm[i];
	session->storms = kept;
}

static void set_numbers(const struct request *request, struct plan *plan)
{
	if (request->exits != REQUEST_UNSET)
		plan->exits = request->exits;
	if (request->until > 0)
		plan->repeats = REQUEST_UNTIL_REPEATS;
	if (request->repeats != REQUEST_UNSET)
		plan->repeats = request->repeats;
	if (request->warmup != REQUEST_UNSET)
		plan->warmup = request->warmup;
	if (request->vcpus != REQUEST_UNSET)
		plan->vcpus = request->vcpus;
	if (request->samples != REQUEST_UNSET)
		plan->samples = request->samples;
	if (request->seed != REQUEST_UNSET)
		plan->seed = request->seed;
}

static int check_cpus(const struct plan *plan)
{
	cpu_set_t *usable;
	size_t bytes;
	u32 i;

	usable = cpu_set_allowed(&bytes);
	if (!usable)
		return cli_fail("the CPUs that this process may run on: %s", strerror(errno));
	for (i = 0; i < plan->cpu_count && cpu_set_has(plan->cpu[i], bytes, usable); i++)
		;
	CPU_FREE(usable);
	if (i == plan->cpu_count)
		return STATUS_OK;
	return cli_fail(
		"CPU %u does not exist or this process may not run on it; choose others with "
		"--cpu",
		plan->cpu[i]);
}

/* The CPUs of the request, of the plan or the default ones; this process may run on all. */
static int set_cpus(const struct request *request, struct plan *plan)
{
	char why[HV_WHY];

	if (request->cpus && plan_cpus(plan, request->cpus, why))
		return cli_usage("--cpu: %s", why);
	if (!plan->cpu_count)
		plan->cpu_count = environment_cpus(plan->cpu, PLAN_MAX_CPUS);
	if (!plan->cpu_count)
		return cli_fail("no CPU that this process may run on was found");
	if (plan->vcpus > plan->cpu_count)
		cli_warn("%u vCPUs share %u CPU%s: each waits while another one runs", plan->vcpus,
			 plan->cpu_count, plan->cpu_count == 1 ? "" : "s");
	return check_cpus(plan);
}

static int set_settings(const struct request *request, const struct target *target,
			struct plan *plan)
{
	char why[HV_WHY];

	for (int i = 0; i < request->set.count; i++)
		if (plan_set(plan, target->bit, request->set.item[i], why))
			return cli_usage("--set: %s", why);
	return STATUS_OK;
}

static int plan_from_like(const struct run *like, const struct target *target, struct plan *plan)
{
	char why[HV_WHY];

	if (plan_from_json(plan, target->bit, json_object_get(like->json, "plan"),
			   json_object_get(like->json, "settings"), why))
		return cli_fail("%s: %s", like->path, why);
	return STATUS_OK;
}

static int make_plan(const struct request *request, const struct target *target,
		     const struct run *like, struct plan *plan)
{
	int status = STATUS_OK;

	plan_defaults(plan);
	plan->samples = target->samples;
	if (like)
		status = plan_from_like(like, target, plan);
	set_numbers(request, plan);
	if (status == STATUS_OK)
		status = set_settings(request, target, plan);
	if (status == STATUS_OK)
		status = set_cpus(request, plan);
	return status;
}

/* A key that is given by the option has that value, whatever the environment says. */
static int read_labels(const struct request *request, struct session *session)
{
	const char *environment = getenv("EXITSTORM_LABELS"), *wrong = NULL;

	session->labels = json_object();
	if (environment)
		wrong = identity_add_labels(session->labels, environment);
	if (wrong)
		return cli_usage("EXITSTORM_LABELS: '%s' %s", environment, wrong);
	for (int i = 0; i < request->label.count; i++) {
		wrong = identity_add_labels(session->labels, request->label.item[i]);
		if (wrong)
			return cli_usage("--label: '%s' %s", request->label.item[i], wrong);
	}
	return STATUS_OK;
}

static int open_like(const struct request *request, struct run **like)
{
	char why[RUN_WHY];

	*like = NULL;
	if (request->like && run_open(request->like, like, why))
		return cli_fail("--like: %s", why);
	if (*like && *describe_incomplete(*like, why, sizeof(why)))
		cli_warn("--like: %s", why);
	return STATUS_OK;
}

int request_session(const struct request *request, struct session *session, struct run **like)
{
	const char *target = request->target;
	struct plan plan;
	int status = open_like(request, like);

	if (status != STATUS_OK)
		return status;
	if (!target && *like)
		target = run_string(*like, "target.name");
	*session = (struct session){.anonymous = request->anonymous, .until = request->until};
	/* Bad usage is found before the target is probed: it is bad on any machine. */
	status = read_labels(request, session);
	if (status == STATUS_OK)
		status = choose_storms(request, *like, session);
	if (status == STATUS_OK)
		session->target = request->own ? request->own : request_target(target, &status);
	if (session->target && (request->until > 0 || request->time > 0) &&
	    session->target->run_all)
		status = cli_usage("--%s: target %s measures all repeats together",
				   request->until > 0 ? "until" : "time", session->target->name);
	if (session->target && status == STATUS_OK)
		status = make_plan(request, session->target, *like, &plan);
	if (session->target && status == STATUS_OK && !request->storms && !*like)
		keep_offered(session->target, &plan, session);
	if (session->target && status == STATUS_OK) {
		session->path = request->folder
					? memory_text(request->folder)
					: run_path(session->target->name, request->anonymous);
		status = variants_add(request->vary, &plan, session);
	}
	return status;
}

/* The plan is that of the interrupted run: nothing of it can be given anew. */
static int check_alone(const struct request *request)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{request->target, "target"},
		{request->storms, "storms"},
		{request->cpus, "cpu"},
		{request->like, "like"},
		{request->vary, "vary"},
		{request->folder, "output"},
		{request->exits != REQUEST_UNSET, "exits"},
		{request->repeats != REQUEST_UNSET, "repeats"},
		{request->warmup != REQUEST_UNSET, "warmup"},
		{request->vcpus != REQUEST_UNSET, "vcpus"},
		{request->samples != REQUEST_UNSET, "samples"},
		{request->seed != REQUEST_UNSET, "seed"},
		{request->until > 0, "until"},
		{request->time > 0, "time"},
		{request->set.count, "set"},
		{request->anonymous, "anonymous"},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given)
			return cli_usage("--resume continues with the plan of the interrupted run: "
					 "--%s cannot be given with it",
					 options[i].name);
	return STATUS_OK;
}

int request_resume(const struct request *request, struct session *session)
{
	char said[RUN_WHY], why[RUN_WHY];
	int status = check_alone(request);

	if (status != STATUS_OK)
		return status;
	if (resume_open(session, request->resume, said, why))
		return cli_fail("%s", why);
	if (*said)
		cli_warn("since the run was interrupted: %s", said);
	if (session->target->probe(why))
		return cli_fail("target %s: %s", session->target->name, why);
	for (u32 i = 0; i < session->variants && status == STATUS_OK; i++)
		status = check_cpus(&session->variant[i].plan);
	return status;
}

void request_warn_of_clock(const struct variant *variant)
{
	char text[512];

	if (*clock_check_warning(json_object_get(variant->json, "target"), text, sizeof(text)))
		cli_warn("%s", text);
}
