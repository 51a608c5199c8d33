// SPDX-License-Identifier: GPL-2.0-or-later
#include "join.h"

#include <errno.h>

#include "../../results/compose.h"
#include "../stats/figures.h"
#include "storm.h"

struct joining {
	struct join_guest guest;
	struct join_host host[JOIN_HOSTS];
	size_t hosts;
};

/* The vCPU of a host's trace that a vCPU of the guest's run was; NULL: none of its groups has one.
 */
static struct join_vcpu *vcpu_of(const struct join_guest *guest, size_t level, u16 vcpu)
{
	for (size_t i = 0; i < guest->groups; i++)
		if (guest->group[i].vcpu == vcpu && guest->group[i].of[level])
			return guest->group[i].of[level];
	return NULL;
}

/* join_guest_place() has found at least one. vCPUs of a machine have one clock. */
static struct join_vcpu *first_placed(const struct join_guest *guest, size_t level)
{
	size_t i = 0;

	while (!guest->group[i].of[level])
		i++;
	return guest->group[i].of[level];
}

static bool is_by_offset(const struct join_vcpu *vcpu)
{
	return !vcpu->low && !vcpu->high;
}

/* Ticks by which a stamp of the host may be wrong on the guest's clock, at most. */
static u64 error_of(const struct join_host *host, const struct join_vcpu *vcpu)
{
	return host->error + join_shift_error(vcpu);
}

/* An element of joined.hosts[]. */
static json_t *host_json(const struct joining *joining, size_t level)
{
	const struct join_host *host = &joining->host[level];
	json_t *vcpus = json_array();

	for (u32 i = 0; i <= UINT16_MAX; i++) {
		const struct join_vcpu *vcpu = vcpu_of(&joining->guest, level, i);

		if (!vcpu)
			break;
		compose_add(vcpus,
			    compose_pack("{s:i, s:O?, s:O?, s:s, s:o, s:I}", "vcpu", (int)i, "vm",
					 json_object_get(vcpu->json, "vm"), "host_vcpu",
					 json_object_get(vcpu->json, "vcpu"), "clock",
					 is_by_offset(vcpu) ? "tsc_offset" : "order", "scaling",
					 is_by_offset(vcpu) ? json_real(vcpu->clock.scaling)
							    : json_null(),
					 "error", (json_int_t)error_of(host, vcpu)));
	}
	return compose_pack("{s:O, s:I, s:o}", "started",
			    json_object_get(host->run->json, "started"), "unended",
			    (json_int_t)host->unended, "vcpus", vcpus);
}

/* target.kernel_stamps: of the worst vCPU of the guest's own host. */
static json_t *stamps_json(const struct joining *joining)
{
	const char *clock = "tsc_offset";
	u64 error = 0;

	for (size_t i = 0; i < joining->guest.groups; i++) {
		const struct join_vcpu *vcpu = joining->guest.group[i].of[0];

		if (!vcpu)
			continue;
		if (!is_by_offset(vcpu))
			clock = "order";
		if (error_of(&joining->host[0], vcpu) > error)
			error = error_of(&joining->host[0], vcpu);
	}
	return compose_pack("{s:s, s:s, s:s, s:I}", "in", "kvm_exit", "out", "kvm_entry", "clock",
			    clock, "error", (json_int_t)error);
}

static int write_storms(struct joining *joining, struct run_writer *writer, json_t *storms,
			char *why)
{
	int error = 0;

	for (size_t i = 0; !error && i < joining->guest.run->storms; i++) {
		json_t *storm;

		error = join_storm_write(&joining->guest, i, joining->host, joining->hosts, writer,
					 &storm, why);
		compose_add(storms, storm);
	}
	return error;
}

static json_t *run_json(const struct joining *joining, json_t *uuid, json_t *storms)
{
	json_t *json = compose_copy(joining->guest.run->json), *hosts = json_array();
	json_t *guest = json_object_get(json, "uuid");

	for (size_t i = 0; i < joining->hosts; i++)
		compose_add(hosts, host_json(joining, i));
	compose_set(json, "joined",
		    compose_pack("{s:o, s:o}", "guest", guest ? json_incref(guest) : json_null(),
				 "hosts", hosts));
	compose_set(json, "uuid", json_incref(uuid));
	compose_set(json_object_get(json, "target"), "kernel_stamps", stamps_json(joining));
	compose_set(json, "storms", storms);
	json_object_del(json, "schema");
	return json;
}

static int load(const struct join_request *request, struct joining *joining, char *why)
{
	int error;

	if (run_interrupted(request->guest))
		return why_say(why, -EINVAL, "%s: is not finished", why_path(request->guest->path));
	error = join_guest_load(request->guest, &joining->guest, why);
	for (size_t i = 0; !error && i < JOIN_HOSTS && request->host[i]; i++) {
		struct join_host *host = &joining->host[joining->hosts++];

		error = join_host_load(request->host[i], host, why);
		if (!error && i) {
			join_host_convert(host, &first_placed(&joining->guest, i - 1)->clock);
		}
		if (!error)
			error = join_guest_place(&joining->guest, i, host, why);
	}
	return error;
}

int join_write(const struct join_request *request, char **path, char *why)
{
	struct joining joining = {.hosts = 0};
	struct run_writer *writer = NULL;
	json_t *storms = json_array();
	int error = load(request, &joining, why);

	if (!error)
		error = run_create(*path, &writer, why);
	if (!error)
		error = write_storms(&joining, writer, storms, why);
	if (!error) {
		run_complete_by(writer, figures_complete);
		error = run_commit(writer, run_json(&joining, request->uuid, storms), path, why);
	} else {
		json_decref(storms);
		run_abort(writer);
	}
	json_decref(request->uuid);
	join_guest_free(&joining.guest);
	for (size_t i = 0; i < joining.hosts; i++)
		join_host_free(&joining.host[i]);
	return error;
}
