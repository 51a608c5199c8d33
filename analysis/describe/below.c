// SPDX-License-Identifier: GPL-2.0-or-later
#include "below.h"

#include <stdio.h>
#include <string.h>

#include "../../results/why.h"
#include "../output/table.h"
#include "describe.h"

static void append_topology(const struct run *run, char *text, size_t size)
{
	static const struct {
		const char *path, *before, *one;
	} part[] = {
		{"host.below.topology.vcpus", "; ", "vCPU"},
		{"host.below.topology.cores", " on ", "core"},
		{"host.below.topology.packages", " in ", "package"},
	};

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		double number = describe_number(run, part[i].path);

		if (!(number > 0))
			return;
		why_append(text, size, "%s%.0f %s%s", part[i].before, number, part[i].one,
			   number == 1 ? "" : "s");
	}
}

static void append_confidential(const struct run *run, char *text, size_t size)
{
	const char *kind = run_string(run, "host.below.confidential");
	const char *by = run_string(run, "host.below.confidential_by");

	if (!*kind)
		why_append(text, size, "; not known whether the VM is confidential");
	else if (!strcmp(kind, "none"))
		why_append(text, size, "; not a confidential VM");
	else
		why_append(text, size, "; a confidential VM: %s%s (%s)", kind,
			   json_is_true(run_get(run, "host.below.paravisor")) ? ", with a paravisor"
									      : "",
			   by);
}

static void append_features(const struct run *run, char *text, size_t size)
{
	const json_t *features = run_get(run, "host.below.features");
	const char *interface, *name;
	json_t *group, *value;
	bool any = false;

	json_object_foreach ((json_t *)features, interface, group) {
		why_append(text, size, "%s%s", any ? "; " : "; it advertises: ", interface);
		any = true;
		json_object_foreach (group, name, value)
			why_append(text, size, " %s", name);
	}
	if (!any)
		why_append(text, size, "; it advertises no feature that changes exits");
}

char *describe_below(const struct run *run, char *text, size_t size)
{
	const char *apic = run_string(run, "host.below.apic");
	const char *by = run_string(run, "host.below.by");

	*text = '\0';
	if (!json_is_object(run_get(run, "host.below")) || describe_emulated(run))
		return text;
	why_append(text, size, "%s, found by %s", run_string(run, "host.hypervisor"), by);
	append_topology(run, text, size);
	if (*apic)
		why_append(text, size, "; APIC mode %s", apic);
	append_confidential(run, text, size);
	append_features(run, text, size);
	return table_clean(text);
}
