// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jobs of Kubernetes ("Indexed Job for Parallel Processing with Static Work Assignment"), one for
 * each place. A task that is done ends at once, so that each job has all tasks of its place.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "engine.h"

#define APP	 "exitstorm-campaign"
#define HOSTNAME "kubernetes.io/hostname"
#define RETRIES	 3

/* A DNS label (RFC 1123), which is a job's name: at most 63 bytes. */
static json_t *job_name(const struct campaign *campaign, u32 place)
{
	char *text = memory_format("exitstorm-%.20s-%.20s-%u", campaign->name,
				   campaign->place[place].name, place);
	json_t *name;

	for (char *c = text; *c; c++)
		*c = isalnum((unsigned char)*c) ? tolower((unsigned char)*c) : '-';
	name = compose_text(text);
	free(text);
	return name;
}

static const char *member(const struct campaign *campaign, const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(campaign->json, "kubernetes"), key));
}

/* /dev/kvm by a device plugin, or else that of the host, which needs a privileged container. */
static void add_device(const struct campaign *campaign, json_t *container, json_t *volumes,
		       json_t *mounts)
{
	const char *device = member(campaign, "device");

	if (device) {
		compose_set(container, "resources", compose_pack("{s:{s:i}}", "limits", device, 1));
		return;
	}
	compose_set(container, "securityContext", compose_pack("{s:b}", "privileged", 1));
	compose_add(volumes, compose_pack("{s:s, s:{s:s, s:s}}", "name", "kvm", "hostPath", "path",
					  "/dev/kvm", "type", "CharDevice"));
	compose_add(mounts, compose_pack("{s:s, s:s}", "name", "kvm", "mountPath", "/dev/kvm"));
}

static json_t *container_json(const struct engine_request *request, u32 place, json_t *volumes)
{
	const struct campaign *campaign = request->campaign;
	json_t *mounts = compose_pack("[{s:s, s:s}]", "name", "runs", "mountPath",
				      member(campaign, "mount"));
	json_t *container = compose_pack("{s:s, s:s, s:[s, s, s, s, o]}", "name", "exitstorm",
					 "image", member(campaign, "image"), "command",
					 request->program, "campaign", "run", campaign->file,
					 compose_format("%s:$(TASK)", campaign->place[place].name));

	compose_set(
		container, "env",
		compose_pack("[{s:s, s:{s:{s:s}}}]", "name", "TASK", "valueFrom", "fieldRef",
			     "fieldPath",
			     "metadata.annotations['batch.kubernetes.io/job-completion-index']"));
	add_device(campaign, container, volumes, mounts);
	compose_set(container, "volumeMounts", mounts);
	return container;
}

static json_t *selector_json(const struct campaign_place *place)
{
	json_t *selector = json_object_get(place->set, "selector");

	return place->host ? compose_pack("{s:s}", HOSTNAME, place->name)
	       : selector  ? compose_copy(selector)
			   : json_object();
}

/* No two pods of campaigns on one node at a time. */
static json_t *affinity_json(void)
{
	return compose_pack("{s:{s:[{s:{s:{s:s}}, s:s}]}}", "podAntiAffinity",
			    "requiredDuringSchedulingIgnoredDuringExecution", "labelSelector",
			    "matchLabels", "app", APP, "topologyKey", HOSTNAME);
}

static u32 limit_of(const struct campaign *campaign, u32 place)
{
	u32 limit = 0;

	for (size_t i = 0; i < campaign->tasks; i++)
		if (campaign->task[i].place == place &&
		    campaign_limit(campaign, &campaign->task[i]) > limit)
			limit = campaign_limit(campaign, &campaign->task[i]);
	return limit;
}

static json_t *job_json(const struct engine_request *request, u32 number)
{
	const struct campaign *campaign = request->campaign;
	const struct campaign_place *place = &campaign->place[number];
	json_t *volumes = compose_pack("[{s:s, s:{s:s}}]", "name", "runs", "persistentVolumeClaim",
				       "claimName", member(campaign, "claim"));
	json_t *container = container_json(request, number, volumes), *metadata, *pod;

	metadata = compose_pack("{s:o, s:{s:s}}", "name", job_name(campaign, number), "labels",
				"app", APP);
	if (member(campaign, "namespace"))
		compose_set(metadata, "namespace", compose_text(member(campaign, "namespace")));
	pod = compose_pack("{s:s, s:I, s:o, s:o, s:[o], s:o}", "restartPolicy", "Never",
			   "activeDeadlineSeconds", (json_int_t)60 * limit_of(campaign, number),
			   "nodeSelector", selector_json(place), "affinity", affinity_json(),
			   "containers", container, "volumes", volumes);
	return compose_pack("{s:s, s:s, s:o, s:{s:s, s:I, s:i, s:i, s:i, s:{s:{s:{s:s}}, s:o}}}",
			    "apiVersion", "batch/v1", "kind", "Job", "metadata", metadata, "spec",
			    "completionMode", "Indexed", "completions", (json_int_t)place->tasks,
			    "parallelism", (int)place->slots, "backoffLimitPerIndex", RETRIES,
			    "maxFailedIndexes", (int)place->tasks, "template", "metadata", "labels",
			    "app", APP, "spec", pod);
}

int engine_kubernetes(const struct engine_request *request, char *why)
{
	const struct campaign *campaign = request->campaign;
	json_t *items = json_array(), *list;
	char *text;

	if (!json_object_get(campaign->json, "kubernetes"))
		return why_say(why, -EINVAL,
			       "the plan has no member kubernetes{image, claim, mount}");
	for (u32 i = 0; i < campaign->places; i++)
		if (campaign->place[i].tasks)
			compose_add(items, job_json(request, i));
	list = compose_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "List", "items", items);
	text = compose_print(list, JSON_INDENT(2));
	fprintf(request->out, "%s\n", text);
	free(text);
	json_decref(list);
	return 0;
}
