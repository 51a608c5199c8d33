// SPDX-License-Identifier: GPL-2.0-or-later
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"

struct loading {
	struct join_host *host;
	u32 reason;
};

static int on_record(void *arg, const struct record *record)
{
	struct loading *loading = arg;
	struct join_host *host = loading->host;
	struct join_vcpu *vcpu;

	if (record->vcpu >= host->vcpus)
		return -EBADMSG;
	if (!record->kernel_in || record->kernel_out < record->kernel_in) {
		host->unended++;
		return 0;
	}
	vcpu = &host->vcpu[record->vcpu];
	if (vcpu->stream.count == vcpu->room) {
		vcpu->room = vcpu->room ? 2 * vcpu->room : 1024;
		vcpu->stream.exit =
			memory_resize(vcpu->stream.exit, vcpu->room, sizeof(*vcpu->stream.exit));
	}
	vcpu->stream.exit[vcpu->stream.count++] =
		(struct join_exit){record->kernel_in, record->kernel_out, loading->reason};
	return 0;
}

static int by_time(const void *one, const void *other)
{
	const struct join_exit *a = one, *b = other;

	return (a->in > b->in) - (a->in < b->in);
}

static const char *space_of(const struct join_host *host, u32 reason)
{
	const char *space =
		json_string_value(json_object_get(host->run->storm[reason].json, "raw_space"));

	return space ? space : "";
}

static int load_exits(struct join_host *host, char *why)
{
	const struct run *run = host->run;
	int error = 0;

	for (size_t i = 0; !error && i < run->storms; i++) {
		struct loading loading = {host, i};

		/* Exits to userspace lie within those of the hardware. */
		if (!run->storm[i].samples || !strcmp(space_of(host, i), "kvm"))
			continue;
		error = run_samples(run, run->storm[i].name, on_record, &loading, why);
		if (error == -EBADMSG && !*why)
			why_say(why, error, "%s: a record of %s is of no vCPU of the trace",
				why_path(run->path), run->storm[i].name);
	}
	return error;
}

static int refuse(const struct run *run, char *why)
{
	if (strcmp(run_string(run, "target.name"), "trace") ||
	    strcmp(run_string(run, "settings.events"), "on"))
		return why_say(why, -EINVAL,
			       "%s: has no single exits: it must be of 'exitstorm trace --record'",
			       why_path(run->path));
	if (run_get(run, "incomplete"))
		return why_say(why, -EINVAL,
			       "%s: has lost some exits (%s), so it cannot count them: record it "
			       "with a larger --buffer",
			       why_path(run->path), run_string(run, "incomplete"));
	return 0;
}

static void convert(struct join_stream *stream, const struct join_clock *clock)
{
	for (size_t i = 0; i < stream->count; i++) {
		stream->exit[i].in = join_clock_guest(clock, stream->exit[i].in);
		stream->exit[i].out = join_clock_guest(clock, stream->exit[i].out);
	}
}

int join_host_load(const struct run *run, struct join_host *host, char *why)
{
	const json_t *vcpus = run_get(run, "trace.vcpus");
	size_t exits = 0;
	int error;

	*why = '\0';
	*host = (struct join_host){.run = run,
				   .error = json_integer_value(run_get(run, "trace.clock_error"))};
	error = refuse(run, why);
	if (error)
		return error;
	host->vcpus = json_array_size(vcpus);
	host->vcpu = memory_new(host->vcpus, sizeof(*host->vcpu));
	for (size_t i = 0; i < host->vcpus; i++) {
		host->vcpu[i].json = json_array_get(vcpus, i);
		host->vcpu[i].clock = join_clock_of(host->vcpu[i].json);
		host->vcpu[i].low = host->vcpu[i].clock.known ? 0 : 1;
	}
	error = load_exits(host, why);
	for (size_t i = 0; !error && i < host->vcpus; i++) {
		struct join_stream *stream = &host->vcpu[i].stream;

		if (stream->count)
			qsort(stream->exit, stream->count, sizeof(*stream->exit), by_time);
		convert(stream, &host->vcpu[i].clock);
		exits += stream->count;
	}
	if (!error && !exits)
		error = why_say(why, -ENODATA,
				"%s: has no exit from kvm_exit to kvm_entry (a KVM without these "
				"tracepoints, as kvm-pvm, cannot be joined)",
				why_path(run->path));
	return error;
}

void join_host_convert(struct join_host *host, const struct join_clock *clock)
{
	for (size_t i = 0; i < host->vcpus; i++) {
		convert(&host->vcpu[i].stream, clock);
		if (!clock->known)
			host->vcpu[i].low = 1;
	}
}

void join_host_free(struct join_host *host)
{
	for (size_t i = 0; i < host->vcpus; i++)
		free(host->vcpu[i].stream.exit);
	free(host->vcpu);
	*host = (struct join_host){0};
}

/* Intel SDM Vol. 3D, appendix C: 0 is an NMI or an exception. AMD APM Vol. 2, appendix C. */
enum join_event join_host_event(const struct join_host *host, u32 reason)
{
	static const struct {
		const char *space;
		u32 raw;
		enum join_event event;
	} events[] = {
		{"vmx", 1, JOIN_INTERRUPT},    {"vmx", 0, JOIN_NMI},	{"vmx", 6, JOIN_SMI},
		{"svm", 0x60, JOIN_INTERRUPT}, {"svm", 0x61, JOIN_NMI}, {"svm", 0x62, JOIN_SMI},
	};
	const struct run_storm *storm = &host->run->storm[reason];
	u32 raw = json_integer_value(json_object_get(storm->json, "raw_reason"));

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].raw == raw && !strcmp(events[i].space, space_of(host, reason)))
			return events[i].event;
	return JOIN_EXIT;
}
