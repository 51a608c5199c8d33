// SPDX-License-Identifier: GPL-2.0-or-later
#include "export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const enum leg legs[] = {
	LEG_EXIT,      LEG_HANDLER, LEG_RESUME,	   LEG_ROUND_TRIP, LEG_ENTRY_FAIL,
	LEG_TO_KERNEL, LEG_TO_USER, LEG_FROM_USER, LEG_TO_GUEST,   LEG_IN_KERNEL,
};
#define COLUMNS (sizeof(legs) / sizeof(*legs))

struct csv {
	const char *storm;
	FILE *out;
};

/* A missing stamp is an empty field. */
static void put_stamp(FILE *out, u64 ticks)
{
	putc(',', out);
	if (ticks)
		fprintf(out, "%" PRIu64, ticks);
}

static int put_record(void *arg, const struct record *record)
{
	const struct csv *csv = arg;
	const u64 stamps[] = {record->guest_out, record->kernel_in,  record->host_in,
			      record->host_out,	 record->kernel_out, record->guest_in};
	u64 ticks;

	fprintf(csv->out, "%s,%u,%u,%u,%u,%u", csv->storm, record->repeat, record->vcpu,
		record->iteration, record->raw_reason, record->flags);
	for (size_t i = 0; i < sizeof(stamps) / sizeof(*stamps); i++)
		put_stamp(csv->out, stamps[i]);
	for (size_t i = 0; i < COLUMNS; i++) {
		putc(',', csv->out);
		if (record_leg(record, NULL, legs[i], &ticks))
			fprintf(csv->out, "%" PRIu64, ticks);
	}
	fputs("\r\n", csv->out);
	return ferror(csv->out) ? -EIO : 0;
}

int export_check(const struct run *run, char *why)
{
	for (size_t i = 0; i < run->storms; i++)
		if (run->storm[i].samples)
			return 0;
	return why_say(why, -ENODATA, "%s has no samples%s%s (run --samples keeps some)",
		       why_path(run->path), run->storms == 1 ? " of " : "",
		       run->storms == 1 ? run->storm[0].name : "");
}

int export_csv(const struct run *run, FILE *out, char *why)
{
	struct csv csv = {.out = out};
	int error = export_check(run, why);

	if (error)
		return error;
	fputs("storm,repeat,vcpu,iteration,raw_reason,flags,guest_out,kernel_in,host_in,host_out,"
	      "kernel_out,guest_in",
	      out);
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, ",%s", leg_name[legs[i]]);
	fputs("\r\n", out);
	for (size_t i = 0; !error && i < run->storms; i++) {
		if (!run->storm[i].samples)
			continue;
		csv.storm = run->storm[i].name;
		error = run_samples(run, csv.storm, put_record, &csv, why);
		if (error == -EIO && ferror(out))
			return 0; /* the caller checks `out` */
	}
	return error;
}
