// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prometheus' text format, for node_exporter's textfile collector. Histograms have a bucket per
 * power of two in nanoseconds, because these bounds are also bounds of the kernel's buckets; they
 * are given in seconds.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../analysis/output/replace_file.h"
#include "../../results/why.h"
#include "output.h"

/* Upper bounds: 2^8 ns to 2^34 ns (256 ns to 17 s). */
#define OCTAVE_FIRST 8
#define OCTAVE_LAST  34

/* Escapes backslash and quote; leaves out control characters and bytes that are not UTF-8. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	while (*value) {
		size_t bytes = why_printable(value);

		if (*value == '\\' || *value == '"')
			putc('\\', out);
		fwrite(value, 1, bytes, out);
		value += bytes ? bytes : 1;
	}
	putc('"', out);
}

/* `thread`: a number of the trace's own, which keeps the threads of a VM apart. */
static void put_thread(FILE *out, const struct aggregate *aggregate,
		       const struct traced_thread *thread)
{
	if (aggregate->anonymous) {
		fprintf(out, "vm=\"%u\",thread=\"%zu\",", thread->vm,
			(size_t)(thread - aggregate->thread) + 1);
	} else {
		put_label(out, "process", thread->process);
		fprintf(out, ",pid=\"%u\",vm=\"%u\",tid=\"%u\",", thread->pid, thread->vm,
			thread->tid);
	}
}

static void put_labels(FILE *out, const char *trace, const struct aggregate *aggregate,
		       const struct traced_thread *thread, const struct reason_row *row)
{
	char name[REASON_NAME];

	putc('{', out);
	put_label(out, "trace", trace);
	putc(',', out);
	put_thread(out, aggregate, thread);
	if (thread->vcpu_id >= 0)
		fprintf(out, "vcpu=\"%d\",", thread->vcpu_id);
	put_label(out, "space", reason_space(row->space, row->isa));
	putc(',', out);
	put_label(out, "reason", reason_name(name, row->space, row->isa, row->reason));
}

static void put_histogram(FILE *out, const char *trace, const struct aggregate *aggregate,
			  const struct traced_thread *thread, const struct reason_row *row,
			  const char *metric, const struct times *times)
{
	u64 below = 0;
	u32 bucket = 0;

	for (int octave = OCTAVE_FIRST; octave <= OCTAVE_LAST; octave++) {
		for (; bucket < TRACE_BUCKETS &&
		       histogram_low(bucket, TRACE_SUB_BITS) < 1ULL << octave;
		     bucket++)
			below += times->bucket[bucket];
		fprintf(out, "%s_bucket", metric);
		put_labels(out, trace, aggregate, thread, row);
		fprintf(out, ",le=\"%.12g\"} %llu\n", (1ULL << octave) / 1e9,
			(unsigned long long)below);
	}
	fprintf(out, "%s_bucket", metric);
	put_labels(out, trace, aggregate, thread, row);
	fprintf(out, ",le=\"+Inf\"} %llu\n%s_sum", (unsigned long long)times->count, metric);
	put_labels(out, trace, aggregate, thread, row);
	fprintf(out, "} %.9f\n%s_count", times->sum / 1e9, metric);
	put_labels(out, trace, aggregate, thread, row);
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

static void put_group(FILE *out, const char *trace, const struct aggregate *aggregate,
		      const struct vcpu_group *group, size_t metric)
{
	for (u32 i = 0; i < group->rows; i++) {
		const struct reason_row *row = group->row[i];
		const struct times *times = &row->leg[metrics[metric].leg];

		if ((row->space == TRACE_KVM) == (metrics[metric].space == TRACE_KVM) &&
		    times->count)
			put_histogram(out, trace, aggregate,
				      aggregate_thread(aggregate, group->key), row,
				      metrics[metric].metric, times);
	}
}

static void put_exits(FILE *out, const char *trace, const struct aggregate *aggregate,
		      const struct vcpu_groups *groups)
{
	fputs("# HELP exitstorm_exits_total Exits, also those without a time.\n"
	      "# TYPE exitstorm_exits_total counter\n",
	      out);
	for (u32 i = 0; i < groups->count; i++) {
		const struct vcpu_group *group = &groups->group[i];

		for (u32 j = 0; j < group->rows; j++) {
			fputs("exitstorm_exits_total", out);
			put_labels(out, trace, aggregate, aggregate_thread(aggregate, group->key),
				   group->row[j]);
			fprintf(out, "} %llu\n", (unsigned long long)group->row[j]->exits);
		}
	}
}

static void put_lost(FILE *out, const char *trace, const struct aggregate *aggregate)
{
	struct kvm_trace_lost lost = kvm_trace_lost(aggregate->trace);
	const struct {
		const char *what;
		u64 count;
	} all[] = {{"events", lost.events},
		   {"threads", lost.threads},
		   {"histograms", lost.histograms},
		   {"rips", lost.rips},
		   {"missed", lost.missed}};

	fputs("# HELP exitstorm_lost_total Items not counted: a buffer or table was full, or "
	      "(missed) the "
	      "kernel skipped a hook.\n"
	      "# TYPE exitstorm_lost_total counter\n",
	      out);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		fputs("exitstorm_lost_total{", out);
		put_label(out, "trace", trace);
		fprintf(out, ",what=\"%s\"} %llu\n", all[i].what, (unsigned long long)all[i].count);
	}
}

/* A collector keeps the values of a trace that has ended: these tell how old they are. */
static void put_state(FILE *out, const char *trace, bool running)
{
	fputs("# HELP exitstorm_trace_running 1 while the trace runs, 0 after it has ended.\n"
	      "# TYPE exitstorm_trace_running gauge\nexitstorm_trace_running{",
	      out);
	put_label(out, "trace", trace);
	fprintf(out, "} %d\n", running);
	fputs("# HELP exitstorm_trace_updated_seconds Unix time of these values.\n"
	      "# TYPE exitstorm_trace_updated_seconds gauge\nexitstorm_trace_updated_seconds{",
	      out);
	put_label(out, "trace", trace);
	fprintf(out, "} %lld\n", (long long)time(NULL));
}

static void put_all(FILE *out, const char *trace, const struct aggregate *aggregate,
		    const struct vcpu_groups *groups, bool running)
{
	put_exits(out, trace, aggregate, groups);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		fprintf(out, "# HELP %s %s\n# TYPE %s histogram\n", metrics[i].metric,
			metrics[i].help, metrics[i].metric);
		for (u32 j = 0; j < groups->count; j++)
			put_group(out, trace, aggregate, &groups->group[j], i);
	}
	put_lost(out, trace, aggregate);
	put_state(out, trace, running);
}

/* The file's name without its folder and extension: two traces never have a series in common. */
static void name_trace(char *name, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dot;

	snprintf(name, size, "%s", slash ? slash + 1 : path);
	dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
}

static const char *explain(int error)
{
	if (error == -ENXIO)
		return "is a FIFO that no process reads";
	return error == -EAGAIN ? "is a FIFO that is not read" : strerror(-error);
}

int output_metrics(const char *path, const struct aggregate *aggregate, bool running, char *why)
{
	char trace[NAME_MAX + 1];
	struct vcpu_groups groups;
	int error = vcpu_groups_make(&groups, aggregate, BY_VCPU, true), fd;
	FILE *out;

	if (error)
		return why_say(why, -ENOMEM, "no memory");
	/* In memory, so that a full disk cannot cut off a line. */
	fd = memfd_create("metrics", MFD_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(fd, "w+");
	if (out) {
		name_trace(trace, sizeof(trace), path);
		put_all(out, trace, aggregate, &groups, running);
		error = fflush(out) || ferror(out) || lseek(fd, 0, SEEK_SET)
				? -EIO
				: replace_file_at_once(fd, path);
		fclose(out);
	} else {
		error = -errno;
		if (fd >= 0)
			close(fd);
	}
	vcpu_groups_free(&groups);
	return error ? why_say(why, error, "%s: %s", why_path(path), explain(error)) : 0;
}
