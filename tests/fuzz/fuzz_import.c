// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes import end to end: a capture with valid checksums goes through the decoder, the collector,
 * the statistics and the writer of runs, and the run is read again. The input chooses a plan and
 * then frames: most are honest, few have a field that the input changes, so that it gets past
 * all checks but one. Build with clang and -fsanitize=fuzzer,address. With -DFUZZ_MAIN, main() runs
 * each file that is named.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../analysis/show/export.h"
#include "../../analysis/show/show.h"
#include "../../bench/plan/settings.h"
#include "../../bench/runner/legs.h"
#include "../../bench/session/import.h"
#include "../../bench/wire/wire.h"
#include "../../results/run.h"
#include "../../results/temporary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STORMS	3
#define BUCKETS 64

struct input {
	const uint8_t *next, *end;
};

/* The capture that is being made. */
struct capture_file {
	u8 *bytes;
	size_t used, room;
	u32 sequence;
	u16 storm[STORMS];
	struct plan plan;
	u32 repeats, vcpus; /* of the plan; 0: the input chooses */
};

static u8 take(struct input *input)
{
	return input->next < input->end ? *input->next++ : 0;
}

static u64 take_bytes(struct input *input, int count)
{
	u64 value = 0;

	while (count--)
		value = value << 8 | take(input);
	return value;
}

/* Numbers near the true one, and those at which checks may be wrong by one, or overflow. */
static u64 take_number(struct input *input, u64 truth)
{
	u8 small = take(input);

	switch (take(input) % 8) {
	case 0:
		return truth + small;
	case 1:
		return truth - small;
	case 2:
		return truth >> small % 8;
	case 3:
		return truth << small % 8;
	case 4:
		return small;
	case 5:
		return 1ULL << small % 64;
	case 6:
		return (1ULL << small % 64) - 1;
	default:
		return take_bytes(input, 8);
	}
}

static void put(struct capture_file *file, const void *bytes, size_t count)
{
	if (file->used + count > file->room) {
		file->room = 2 * (file->used + count);
		file->bytes = realloc(file->bytes, file->room);
		if (!file->bytes)
			abort();
	}
	memcpy(file->bytes + file->used, bytes, count);
	file->used += count;
}

static void put_frame(struct capture_file *file, u8 type, u16 storm, const void *head,
		      u32 head_bytes, const void *tail, u32 tail_bytes)
{
	struct frame frame = {.type = type, .storm = storm, .sequence = file->sequence++};

	wire_seal(&frame, head, head_bytes, tail, tail_bytes);
	put(file, &frame, sizeof(frame));
	put(file, head, head_bytes);
	put(file, tail, tail_bytes);
}

static void put_head(struct capture_file *file, struct input *input)
{
	static const char *const names[STORMS] = {"null", "cpuid", "ipi"};
	struct wire_plan wire = {
		.size = sizeof(wire), .tables = wire_tables(), .cpus = 1, .storms = STORMS};
	struct wire_hello hello = {.size = sizeof(hello),
				   .tables = wire_tables(),
				   .backend = "vmx",
				   .vendor = "GenuineIntel"};

	plan_defaults(&file->plan);
	file->plan.exits = 1000;
	file->plan.repeats = file->repeats ? file->repeats : 1U + take(input) % 3;
	file->plan.vcpus = file->vcpus ? file->vcpus : 1U + take(input) % 3;
	file->plan.samples = 64;
	file->plan.setting[SETTING_STAMPS] = take(input) % STAMPS_WORDS;
	wire.plan = file->plan;
	wire.repeats = file->plan.repeats;
	for (int i = 0; i < STORMS; i++)
		wire.storm[i] = file->storm[i] = storm_find(names[i]) - storms;
	for (int i = take(input) % 4; i > 0; i--) /* CPUID leaves may hold any bytes */
		((char *)&hello)[offsetof(struct wire_hello, vendor) +
				 take(input) % (offsetof(struct wire_hello, signature) -
						offsetof(struct wire_hello, vendor))] = take(input);
	hello.clock.kind = take(input) % CLOCK_KINDS;
	put_frame(file, WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello), "", 0);
	put_frame(file, WIRE_PLAN, WIRE_NO_STORM, &wire, sizeof(wire), "", 0);
}

/* Changes a field of 2, 4 or 8 bytes, of few objects; never once the input is at its end. */
static void lie(struct input *input, void *object, size_t size)
{
	size_t width, at;
	u64 value = 0;

	if (take(input) % 32 != 1)
		return;
	width = take(input) % 2 ? 8 : 2 << take(input) % 2;
	at = take(input) % (size / width) * width;
	memcpy(&value, (u8 *)object + at, width);
	value = take_number(input, value);
	memcpy((u8 *)object + at, &value, width);
}

static void put_histogram(struct capture_file *file, struct input *input, u16 storm,
			  struct wire_part part, u16 leg, u16 clean)
{
	struct wire_histogram head = {.part = part, .leg = leg, .clean = clean, .min = ~0ULL};
	struct wire_bucket bucket[BUCKETS];
	u32 index = 0;

	head.buckets = 1 + take(input) % 8 * (take(input) % 8);
	for (u32 i = 0; i < head.buckets; i++) {
		u64 low;

		index += 1 + take_bytes(input, take(input) % 3) % (HISTOGRAM_BUCKETS / BUCKETS - 1);
		bucket[i] = (struct wire_bucket){index, 1 + take(input)};
		low = histogram_low(index, HISTOGRAM_SUB_BITS);
		head.count += bucket[i].count;
		head.sum += bucket[i].count * low;
		if (head.min > low)
			head.min = low;
		if (head.max < low)
			head.max = low;
	}
	head.more = take(input) % 64 == 1;
	lie(input, &head, sizeof(head));
	lie(input, bucket, sizeof(bucket));
	put_frame(file, WIRE_HISTOGRAM, storm, &head, sizeof(head), bucket,
		  (head.buckets < BUCKETS ? head.buckets : 1) * sizeof(bucket[0]));
}

static void put_result(struct capture_file *file, struct input *input, u16 storm,
		       struct wire_part part)
{
	struct storm_result result = {
		.size = sizeof(result),
		.storm = storm,
		.repeat = part.repeat,
		.vcpu = part.vcpu,
		.status = part.status,
		.asked = 1000,
		.seen = 1000,
		.operations = 1000,
		.exits_per_op = 1,
	};

	for (int i = take(input) % 8; i > 0; i--)
		result.why[take(input) % 16] = take(input);
	lie(input, &result, sizeof(result));
	put_frame(file, WIRE_RESULT, storm, &result, sizeof(result), "", 0);
}

static void put_records(struct capture_file *file, struct input *input, u16 storm,
			struct wire_part part)
{
	struct record record[8] = {};
	u32 count = 1 + take(input) % 8;

	for (u32 i = 0; i < count; i++) {
		record[i].guest_out = 1000 + i;
		record[i].guest_in = 2000 + i;
		record[i].repeat = part.repeat;
		record[i].vcpu = part.vcpu;
		lie(input, &record[i], sizeof(record[i]));
	}
	put_frame(file, WIRE_RECORDS, storm, &part, sizeof(part), record,
		  count * sizeof(record[0]));
}

/* A frame that no honest image sends there. */
static void put_stray(struct capture_file *file, struct input *input, u16 storm)
{
	u8 bytes[64];

	if (take(input) % 32 != 1)
		return;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = take(input);
	put_frame(file, take(input) % (WIRE_CONTROLS + 2),
		  take(input) % 2 ? storm : take_number(input, 0), bytes, take(input) % 64, "", 0);
	file->sequence += take(input) % 4;
}

static void put_part(struct capture_file *file, struct input *input, u16 storm,
		     struct wire_part part)
{
	part.status = take(input) % 32 == 1 ? take(input) % 4 : STORM_MEASURED;
	for (int leg = 0; leg < LEGS; leg++) {
		if (!runner_has_leg(&storms[storm], &file->plan, true, leg))
			continue;
		lie(input, &part, sizeof(part));
		put_histogram(file, input, storm, part, leg, 0);
		put_histogram(file, input, storm, part, leg, 1);
	}
	put_records(file, input, storm, part);
	put_stray(file, input, storm);
	put_result(file, input, storm, part);
}

static void put_storm(struct capture_file *file, struct input *input, u16 storm)
{
	u32 vcpus = runner_vcpus(&storms[storm], &file->plan);

	for (u16 repeat = 0; repeat < file->plan.repeats; repeat++) {
		struct wire_part part = {.repeat = repeat};

		lie(input, &part, sizeof(part));
		put_frame(file, WIRE_BEGIN, storm, &part, sizeof(part), "", 0);
		for (u16 vcpu = 0; vcpu < vcpus; vcpu++)
			if (!runner_is_partner(&storms[storm], vcpu))
				put_part(file, input, storm, (struct wire_part){repeat, vcpu, 0});
	}
}

static int count_row(void *arg, const struct histogram_row *row)
{
	u64 *counts = arg;

	counts[2 * row->leg + row->clean] += row->count;
	return 0;
}

static int count_record(void *arg, const struct record *record)
{
	(void)record;
	++*(u64 *)arg;
	return 0;
}

/* Whatever import writes can be read, and its arrays agree with its figures. */
static void check_storm(const struct run *run, const struct run_storm *storm)
{
	u64 counts[2 * LEGS] = {}, records = 0;
	char why[RUN_WHY];
	int err = run_histogram(run, storm->name, count_row, counts, why);

	if (err && err != -ENOENT)
		abort();
	for (int leg = 0; leg < LEGS && !strcmp(storm->status, "measured"); leg++)
		if (storm->leg[leg].site && (storm->leg[leg].all.count != counts[2 * leg] ||
					     storm->leg[leg].clean.count != counts[2 * leg + 1]))
			abort();
	if (storm->samples && run_samples(run, storm->name, count_record, &records, why))
		abort();
}

static void check_run(const char *folder)
{
	static FILE *null;
	char why[RUN_WHY];
	struct run *run;

	if (!null)
		null = fopen("/dev/null", "we");
	if (!null || run_open(folder, &run, why))
		abort();
	for (size_t i = 0; i < run->storms; i++)
		check_storm(run, &run->storm[i]);
	if (show_print(run, null, TABLE_TEXT, 80) || show_json(run, null))
		abort();
	run_close(run);
}

/* In memory where that is possible: each run is synced. */
static void import_file(int fd)
{
	const char *top = access("/dev/shm", W_OK) ? temporary_top() : "/dev/shm";
	char file[64], why[RUN_WHY] = "", incomplete[RUN_WHY], *folder = NULL;
	struct temporary temporary;

	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (temporary_folder(&temporary, top, "exitstorm-fuzz", 0700) ||
	    asprintf(&folder, "%s/run", temporary.path) < 0)
		abort();
	if (!import_capture(file, &folder, incomplete, why))
		check_run(folder);
	else if (!why[0] || strchr(why, '\n'))
		abort();
	free(folder);
	temporary_remove(&temporary);
}

/* Ends the capture, imports and frees it. */
static void import_made(struct capture_file *file)
{
	struct wire_end end = {.frames = file->sequence + 1};
	int fd = memfd_create("capture", MFD_CLOEXEC);

	put_frame(file, WIRE_END, WIRE_NO_STORM, &end, sizeof(end), "", 0);
	if (fd < 0 || write(fd, file->bytes, file->used) != (ssize_t)file->used)
		abort();
	import_file(fd);
	close(fd);
	free(file->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	struct capture_file file = {0};

	put_head(&file, &input);
	for (int i = 0; i < STORMS; i++)
		put_storm(&file, &input, file.storm[i]);
	import_made(&file);
	return 0;
}

#ifdef FUZZ_MAIN
#include "main.h"
#endif
