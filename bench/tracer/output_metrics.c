// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prometheus' text format, for node_exporter's textfile collector. Histograms have a bucket per
 * power of two in nanoseconds, because these bounds are also bounds of the kernel's buckets; they
 * are given in seconds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

/* Upper bounds: 2^8 ns to 2^34 ns (256 ns to 17 s). */
#define OCTAVE_FIRST 8
#define OCTAVE_LAST  34

/* Escapes backslash and quote; leaves out control characters and non-ASCII bytes. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putc('\\', out);
		if (*value >= ' ' && *value < 127)
			putc(*value, out);
	}
	putc('"', out);
}

static void put_labels(FILE *out, const struct traced_thread *thread, const struct reason_row *row)
{
	char name[REASON_NAME];

	fputs("{", out);
	put_label(out, "process", thread->process);
	fprintf(out, ",pid=\"%u\",vm=\"%u\",tid=\"%u\",", thread->pid, thread->vm, thread->tid);
	if (thread->vcpu_id >= 0)
		fprintf(out, "vcpu=\"%d\",", thread->vcpu_id);
	put_label(out, "space", reason_space(row->space, row->isa));
	putc(',', out);
	put_label(out, "reason", reason_name(name, row->space, row->isa, row->reason));
}

static void put_histogram(FILE *out, const struct traced_thread *thread,
			  const struct reason_row *row, const char *metric,
			  const struct times *times)
{
	u64 below = 0;
	u32 bucket = 0;

	for (int octave = OCTAVE_FIRST; octave <= OCTAVE_LAST; octave++) {
		for (; bucket < TRACE_BUCKETS &&
		       histogram_low(bucket, TRACE_SUB_BITS) < 1ULL << octave;
		     bucket++)
			below += times->bucket[bucket];
		fprintf(out, "%s_bucket", metric);
		put_labels(out, thread, row);
		fprintf(out, ",le=\"%.9g\"} %llu\n", (1ULL << octave) / 1e9,
			(unsigned long long)below);
	}
	fprintf(out, "%s_bucket", metric);
	put_labels(out, thread, row);
	fprintf(out, ",le=\"+Inf\"} %llu\n%s_sum", (unsigned long long)times->count, metric);
	put_labels(out, thread, row);
	fprintf(out, "} %.9f\n%s_count", times->sum / 1e9, metric);
	put_labels(out, thread, row);
	fprintf(out, "} %llu\n", (unsigned long long)times->count);
}

static const struct {
	enum trace_space space; /* TRACE_HARDWARE stands for TRACE_NESTED too */
	enum trace_leg leg;
	const char *metric, *help;
} metrics[] = {
	{TRACE_HARDWARE, TRACE_AFTER, "exitstorm_handler_seconds",
	 "From kvm_exit to kvm_entry, without time in userspace, off the CPU or halted."},
	{TRACE_HARDWARE, TRACE_BEFORE, "exitstorm_guest_seconds",
	 "From kvm_entry to kvm_exit: in the guest, by the reason that ended it."},
	{TRACE_KVM, TRACE_AFTER, "exitstorm_user_seconds",
	 "From an exit to userspace to the next KVM_RUN, by KVM's exit reason."},
	{TRACE_KVM, TRACE_BEFORE, "exitstorm_kernel_seconds",
	 "From KVM_RUN to the exit to userspace: guest and kernel."},
};

static void put_group(FILE *out, const struct aggregate *aggregate, const struct vcpu_group *group,
		      size_t metric)
{
	for (u32 i = 0; i < group->rows; i++) {
		const struct reason_row *row = group->row[i];
		const struct times *times = &row->leg[metrics[metric].leg];

		if ((row->space == TRACE_KVM) == (metrics[metric].space == TRACE_KVM) &&
		    times->count)
			put_histogram(out, aggregate_thread(aggregate, group->key), row,
				      metrics[metric].metric, times);
	}
}

static void put_exits(FILE *out, const struct aggregate *aggregate,
		      const struct vcpu_groups *groups)
{
	fputs("# HELP exitstorm_exits_total Exits, also those without a time.\n"
	      "# TYPE exitstorm_exits_total counter\n",
	      out);
	for (u32 i = 0; i < groups->count; i++) {
		const struct vcpu_group *group = &groups->group[i];

		for (u32 j = 0; j < group->rows; j++) {
			fputs("exitstorm_exits_total", out);
			put_labels(out, aggregate_thread(aggregate, group->key), group->row[j]);
			fprintf(out, "} %llu\n", (unsigned long long)group->row[j]->exits);
		}
	}
}

static void put_all(FILE *out, const struct aggregate *aggregate, const struct vcpu_groups *groups)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);

	put_exits(out, aggregate, groups);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		fprintf(out, "# HELP %s %s\n# TYPE %s histogram\n", metrics[i].metric,
			metrics[i].help, metrics[i].metric);
		for (u32 j = 0; j < groups->count; j++)
			put_group(out, aggregate, &groups->group[j], i);
	}
	fprintf(out,
		"# HELP exitstorm_lost_total Items not counted because a buffer or table was "
		"full.\n"
		"# TYPE exitstorm_lost_total counter\n"
		"exitstorm_lost_total{what=\"events\"} %llu\n"
		"exitstorm_lost_total{what=\"threads\"} %llu\n"
		"exitstorm_lost_total{what=\"histograms\"} %llu\n"
		"exitstorm_lost_total{what=\"rips\"} %llu\n",
		(unsigned long long)lost.events, (unsigned long long)lost.threads,
		(unsigned long long)lost.histograms, (unsigned long long)lost.rips);
}

int output_metrics(const char *path, const struct aggregate *aggregate, char *why)
{
	struct vcpu_groups groups;
	char *temporary = NULL;
	FILE *out = NULL;
	int error = vcpu_groups_make(&groups, aggregate, BY_VCPU, true);

	if (error || asprintf(&temporary, "%s.%d", path, (int)getpid()) < 0) {
		error = why_say(why, -ENOMEM, "no memory");
		goto out;
	}
	out = fopen(temporary, "w");
	if (!out) {
		error = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
		goto out;
	}
	put_all(out, aggregate, &groups);
	/* rename(), because a collector may read the file at any time. */
	if ((fflush(out) || ferror(out) || rename(temporary, path))) {
		error = why_say(why, errno ? -errno : -EIO, "%s: %s", why_path(path),
				strerror(errno));
		unlink(temporary);
	}
out:
	if (out)
		fclose(out);
	free(temporary);
	vcpu_groups_free(&groups);
	return error;
}
