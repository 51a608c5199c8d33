// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of exits in 80 columns. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../analysis/output/table.h"
#include "../../results/memory.h"
#include "output.h"

#define NUMBER 16

/* Three significant digits and a unit: 982ns, 9.82us, 1.20ms. */
static char *put_time(char *text, double ns)
{
	static const char *const unit[] = {"ns", "us", "ms", "s"};
	int step = 0;

	if (isnan(ns)) {
		strcpy(text, "-");
		return text;
	}
	for (; ns >= 999.5 && step < 3; step++)
		ns /= 1000;
	snprintf(text, NUMBER, "%.*f%s",
		 step == 0 || ns >= 99.95 ? 0
		 : ns >= 9.995		  ? 1
					  : 2,
		 ns, unit[step]);
	return text;
}

static char *put_count(char *text, double count)
{
	static const char *const unit[] = {"", "k", "M", "G"};
	int step = 0;

	if (count < 999999.5) {
		snprintf(text, NUMBER, "%.0f", count);
		return text;
	}
	for (; count >= 9999.5 && step < 3; step++)
		count /= 1000;
	snprintf(text, NUMBER, "%.*f%s", count >= 999.5 ? 0 : 1, count, unit[step]);
	return text;
}

/* Per cent of the vCPUs' time since each was first seen. */
static double share_of(const struct vcpu_group *group, double ns)
{
	return group->vcpu_seconds > 0 ? ns / 1e7 / group->vcpu_seconds : 0;
}

static void put_row(FILE *out, const struct vcpu_group *group, const struct reason_row *row,
		    double seconds)
{
	char name[REASON_NAME], number[7][NUMBER];
	enum trace_leg leg;
	const struct times *times = reason_row_times(row, &leg);

	fprintf(out, "  %-21.21s %7s %7s %5.1f %6s %6s %6s %6s %6s\n",
		reason_name(name, row->space, row->isa, row->reason),
		put_count(number[0], row->exits), put_count(number[1], row->exits / seconds),
		share_of(group, (double)times->sum),
		put_time(number[2], times->count ? (double)times->min : NAN),
		put_time(number[3], times_quantile(times, 0.5)),
		put_time(number[4], times_quantile(times, 0.99)),
		put_time(number[5], times_quantile(times, 0.999)),
		put_time(number[6], times->count ? (double)times->max : NAN));
}

static void put_head(FILE *out, const struct reason_row *row)
{
	enum trace_leg leg;
	char head[32];

	reason_row_times(row, &leg);
	snprintf(head, sizeof(head), "%s: %s", row->space == TRACE_KVM ? "to userspace" : "exit",
		 trace_leg_name(row->space, leg));
	fprintf(out, "  %-21s %7s %7s %5s %6s %6s %6s %6s %6s\n", head, "count", "/s", "time%",
		"min", "p50", "p99", "p99.9", "max");
}

/* The shares of guest, handler, userspace, off-CPU and halted time in the vCPUs' time. */
static void put_shares(FILE *out, const struct vcpu_group *group)
{
	/* TRACE_KVM's legs lie within those of TRACE_HARDWARE: only "user" is shown beside them. */
	static const struct {
		enum trace_space space;
		enum trace_leg leg;
	} part[] = {{TRACE_HARDWARE, TRACE_BEFORE}, {TRACE_HARDWARE, TRACE_AFTER},
		    {TRACE_KVM, TRACE_BEFORE},	    {TRACE_KVM, TRACE_AFTER},
		    {TRACE_HARDWARE, TRACE_OFF},    {TRACE_HARDWARE, TRACE_HALTED},
		    {TRACE_KVM, TRACE_OFF},	    {TRACE_KVM, TRACE_HALTED}};
	bool hardware = group->rows && group->row[0]->space != TRACE_KVM;
	const char *between = "  of the vCPUs' time: ";
	double share[sizeof(part) / sizeof(*part)] = {0};

	for (u32 i = 0; i < group->rows; i++)
		for (size_t j = 0; j < sizeof(part) / sizeof(*part); j++) {
			const struct reason_row *row = group->row[i];

			if ((row->space == TRACE_KVM) == (part[j].space == TRACE_KVM))
				share[j] += (double)row->leg[part[j].leg].sum;
		}
	for (size_t j = 0; j < sizeof(part) / sizeof(*part); j++) {
		if (!share[j] ||
		    (hardware && part[j].space == TRACE_KVM && part[j].leg != TRACE_AFTER))
			continue;
		fprintf(out, "%s%s %.1f %%", between, trace_leg_name(part[j].space, part[j].leg),
			share_of(group, share[j]));
		between = ", ";
	}
	if (*between == ',')
		putc('\n', out);
}

static int put_group(FILE *out, const struct vcpu_group *group, double seconds, int rows)
{
	const struct reason_row *before = NULL;
	int lines = 1;

	if (!group->rows)
		return 0;
	fprintf(out, "%.80s\n", group->title);
	for (u32 i = 0; i < group->rows; i++) {
		const struct reason_row *row = group->row[i];

		bool head = !before || (before->space == TRACE_KVM) != (row->space == TRACE_KVM);

		/* This row, the line "(and N more)" and the line of shares must fit. */
		if (rows && lines + head + 3 > rows) {
			fprintf(out, "  (and %u more)\n", group->rows - i);
			lines++;
			break;
		}
		if (head)
			put_head(out, row);
		lines += head;
		before = row;
		put_row(out, group, row, seconds);
		lines++;
	}
	put_shares(out, group);
	return lines + 1;
}

int output_table(FILE *out, const struct aggregate *aggregate, enum group_by by, bool total,
		 int rows)
{
	double seconds = total ? aggregate->total_seconds : aggregate->seconds;
	struct vcpu_groups groups;
	int error = vcpu_groups_make(&groups, aggregate, by, total), left = rows;
	bool any = false;
	u32 unseen = 0;

	for (u32 i = 0; !error && i < groups.count; i++) {
		if (!groups.group[i].rows)
			continue;
		/* Title, heading, one row, shares, and the line "(and N more VMs)" must fit. */
		if (rows && any && left < 6) {
			unseen++;
			continue;
		}
		if (any)
			putc('\n', out);
		left -= put_group(out, &groups.group[i], seconds, rows ? left - 1 : 0) + any;
		any = true;
	}
	if (unseen)
		fprintf(out, "(and %u more %s)\n", unseen, by == BY_VM ? "VMs" : "vCPUs");
	if (!error && !any)
		fprintf(out, "no exits seen\n");
	vcpu_groups_free(&groups);
	return error;
}

void output_lost(FILE *out, const struct kvm_trace_lost *lost)
{
	const struct {
		u64 count;
		const char *what;
	} losses[] = {
		{lost->events, "events were lost: the ring buffer was full"},
		{lost->threads,
		 "exits were not counted: there are more vCPUs than the trace holds"},
		{lost->histograms, "times were not counted: no histogram was left for them"},
		{lost->missed,
		 "calls of hooks were skipped by the kernel: up to that many exits or times are "
		 "missing"},
		{lost->rips, "exits' RIPs were not counted: there are too many different ones"},
	};

	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++)
		if (losses[i].count)
			fprintf(out, "%llu %s\n", (unsigned long long)losses[i].count,
				losses[i].what);
}

void output_note(FILE *out, const struct aggregate *aggregate)
{
	bool hardware = false, userspace = false;

	for (u32 i = 0; i < aggregate->count; i++) {
		hardware |= aggregate->series[i]->space != TRACE_KVM;
		userspace |= aggregate->series[i]->space == TRACE_KVM;
	}
	if (userspace && !hardware && aggregate->wants_exits)
		fprintf(out,
			"\nkvm_exit never fires on this KVM (it is neither kvm_intel nor kvm_amd): "
			"exits "
			"to\nuserspace are shown, by KVM's exit reason, and none that the kernel "
			"handles.\n");
}

void output_head(FILE *out, const struct aggregate *aggregate)
{
	enum kvm_way way, last = KVM_WAY_NONE;
	char line[512];
	int used = snprintf(line, sizeof(line), "%.1f s in all; hooks:", aggregate->total_seconds);

	for (int hook = 0; hook < KVM_HOOK_COUNT; hook++) {
		way = kvm_trace_way(aggregate->trace, hook);
		if (way && last && way != last)
			used += snprintf(line + used, sizeof(line) - used, " (%s)",
					 kvm_way_name[last]);
		if (way) {
			used += snprintf(line + used, sizeof(line) - used, " %s",
					 kvm_hook_name[hook]);
			last = way;
		}
	}
	snprintf(line + used, sizeof(line) - used, " (%s)", kvm_way_name[last]);
	table_wrap(out, line, 80, 2);
}

/* Exits from one RIP of a VM for one reason. */
struct hot {
	struct traced_rip rip;
	u32 vm;
	u64 count;
};

struct hottest {
	const struct aggregate *aggregate;
	struct hot *hot;
	size_t count;
	u64 total;
};

static int add_rip(void *arg, const struct traced_rip *rip, u64 count)
{
	struct hottest *list = arg;
	const struct traced_thread *thread = aggregate_thread(list->aggregate, rip->slot);
	struct hot *hot = memory_resize(list->hot, list->count + 1, sizeof(*hot));

	list->hot = hot;
	hot[list->count++] = (struct hot){*rip, thread ? thread->vm : 0, count};
	list->total += count;
	return 0;
}

static int compare_count(const void *one, const void *other)
{
	const struct hot *a = one, *b = other;

	return a->count < b->count ? 1 : a->count > b->count ? -1 : 0;
}

/* By VM, RIP and reason. */
static int compare_rips(const void *one, const void *other)
{
	const struct hot *a = one, *b = other;

	if (a->vm != b->vm)
		return a->vm < b->vm ? -1 : 1;
	if (a->rip.rip != b->rip.rip)
		return a->rip.rip < b->rip.rip ? -1 : 1;
	if (a->rip.space != b->rip.space)
		return (int)a->rip.space - (int)b->rip.space;
	return a->rip.reason < b->rip.reason ? -1 : a->rip.reason > b->rip.reason;
}

/* The vCPUs of a VM run the same code, so their counts are added. */
static void merge_vcpus(struct hottest *list)
{
	size_t used = 0;

	qsort(list->hot, list->count, sizeof(*list->hot), compare_rips);
	for (size_t i = 1; i < list->count; i++)
		if (compare_rips(&list->hot[used], &list->hot[i]) == 0)
			list->hot[used].count += list->hot[i].count;
		else
			list->hot[++used] = list->hot[i];
	list->count = used + 1;
	qsort(list->hot, list->count, sizeof(*list->hot), compare_count);
}

int output_rips(FILE *out, const struct aggregate *aggregate)
{
	struct hottest list = {.aggregate = aggregate};
	int error = kvm_trace_rips(aggregate->trace, add_rip, &list);
	char name[REASON_NAME], number[NUMBER];

	if (!error && list.count) {
		merge_vcpus(&list);
		fprintf(out, "\n  %-18s %7s %5s  exit\n", "guest RIP", "count", "%");
		for (size_t i = 0; i < list.count && i < OUTPUT_RIPS; i++) {
			const struct hot *hot = &list.hot[i];

			fprintf(out, "  0x%016llx %7s %5.1f  %s, VM %u\n",
				(unsigned long long)hot->rip.rip, put_count(number, hot->count),
				100.0 * hot->count / list.total,
				reason_name(name, hot->rip.space, hot->rip.isa, hot->rip.reason),
				hot->vm);
		}
	}
	free(list.hot);
	return error;
}

void output_slow(FILE *out, const struct aggregate *aggregate, const struct traced_exit *event,
		 double at)
{
	const struct traced_slot *slot = kvm_trace_slot(aggregate->trace, event->slot);
	char name[REASON_NAME], time[NUMBER];

	fprintf(out, "slow: %10.6f s  %7s %-8s%-20s", at, put_time(time, event->time),
		trace_leg_name(event->space, TRACE_AFTER),
		reason_name(name, event->space, event->isa, event->reason));
	if (event->rip)
		fprintf(out, " rip 0x%llx", (unsigned long long)event->rip);
	if (!aggregate->anonymous)
		fprintf(out, " pid %u", (u32)(slot->here >> 32));
	if (event->vcpu_id >= 0)
		fprintf(out, " vCPU %d", event->vcpu_id);
	else if (!aggregate->anonymous)
		fprintf(out, " tid %u", (u32)(slot->here ? slot->here : slot->id));
	putc('\n', out);
}
