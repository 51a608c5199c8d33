// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor_json.h"

#include "../../results/compose.h"
#include "hypervisor.h"

static json_t *signatures(const struct hypervisor *hypervisor)
{
	json_t *all = json_array();

	for (size_t i = 0; i < hypervisor->signatures; i++)
		compose_add(all,
			    compose_pack("{so so}", "leaf",
					 compose_format("0x%x", hypervisor->signature[i].leaf),
					 "signature", compose_text(hypervisor->signature[i].text)));
	return all;
}

/* {"KVM": {"pv_eoi": 1}}: as controls{}, only what is there. */
static json_t *features(const struct hypervisor *hypervisor)
{
	json_t *all = json_object(), *group;

	for (size_t i = 0; i < hypervisor->features; i++) {
		group = json_object_get(all, hypervisor->feature[i].interface);
		if (!group) {
			group = json_object();
			compose_set(all, hypervisor->feature[i].interface, group);
		}
		compose_set(group, hypervisor->feature[i].name, json_integer(1));
	}
	return all;
}

static json_t *number_or_null(u32 number)
{
	return number ? json_integer(number) : json_null();
}

json_t *hypervisor_json(void)
{
	struct hypervisor hypervisor;
	const struct hypervisor_topology *topology = &hypervisor.topology;

	if (!hypervisor_read(&hypervisor))
		return json_null();
	return compose_pack(
		"{so so so sb so so so so so sb so s{so so so}}", "name",
		compose_text(hypervisor.name), "by", compose_text(hypervisor.by), "monitor",
		compose_text(hypervisor.monitor), "hidden", (int)hypervisor.hidden, "signatures",
		signatures(&hypervisor), "features", features(&hypervisor), "confidential",
		compose_text(hypervisor_confidential(hypervisor.confidential)), "confidential_by",
		compose_text(hypervisor.confidential_by), "apic", compose_text(hypervisor.apic),
		"paravisor", (int)hypervisor.paravisor, "nested", compose_text(hypervisor.nested),
		"topology", "vcpus", number_or_null(topology->vcpus), "cores",
		number_or_null(topology->cores), "packages", number_or_null(topology->packages));
}
