// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the journal of an interrupted run, to the end: frames with right CRCs and contents that
 * the input chooses are opened as --resume does, collected, saved as a run, read and shown. The
 * first byte's low bit has the rest taken as the bytes of the file instead. With clang:
 * -fsanitize=fuzzer,address, and libFuzzer has main().
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/show/export.h"
#include "../../analysis/show/show.h"
#include "../../analysis/stats/figures.h"
#include "../../bench/plan/settings.h"
#include "../../bench/session/journal_frame.h"
#include "../../bench/session/session_json.h"
#include "../../bench/targets/capture.h"
#include "../../bench/wire/wire.h"
#include "../../results/compose.h"
#include "../../results/temporary.h"

#define REPEATS 3
#define VCPUS	2
#define STORMS	3

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct bytes_left {
	const u8 *at;
	size_t left;
};

/* How many journals were opened, and of these how many had a storm to show. */
static u32 opened, shown;

/* Zeros past the end. */
static void take(struct bytes_left *in, void *to, size_t size)
{
	size_t have = size < in->left ? size : in->left;

	memset(to, 0, size);
	memcpy(to, in->at, have);
	in->at += have;
	in->left -= have;
}

static u8 take_byte(struct bytes_left *in)
{
	u8 byte;

	take(in, &byte, 1);
	return byte;
}

/* Most parts are of the plan, so that what follows is reached. */
static struct journal_part take_part(struct bytes_left *in)
{
	u8 byte = take_byte(in);

	return (struct journal_part){byte % (REPEATS + (byte > 250)), byte / 8 % VCPUS,
				     byte > 240 ? byte / 2 - 120 : byte / 64 % 2};
}

static void put_result(struct bytes_left *in, struct journal_bytes *out, u32 storm)
{
	struct journal_part part = take_part(in);
	struct storm_result result;
	u8 few = take_byte(in);

	take(in, &result, few > 240 ? sizeof(result) : 0);
	if (few <= 240)
		result = (struct storm_result){.asked = few, .seen = few, .operations = few};
	result.size = sizeof(result) - (few == 255);
	result.storm = storm;
	result.repeat = part.repeat;
	result.vcpu = part.vcpu;
	result.status = part.status;
	journal_put(out, JOURNAL_RESULT, storm, &result, sizeof(result), NULL, 0);
}

/* Right but for what some bytes of the input change. */
static void put_histogram(struct bytes_left *in, struct journal_bytes *out, u32 storm)
{
	struct journal_bucket bucket[16] = {{0}};
	struct journal_histogram head = {.part = take_part(in)};
	u32 used = 1 + take_byte(in) % 16, next = take_byte(in);
	u8 wrong = take_byte(in);

	head.leg = take_byte(in) % (LEGS + (wrong > 250));
	head.clean = take_byte(in) % (2 + (wrong > 250));
	head.min = histogram_low(next, HISTOGRAM_SUB_BITS);
	for (u32 i = 0; i < used; i++) {
		bucket[i] = (struct journal_bucket){next, 0, 1 + take_byte(in)};
		head.count += bucket[i].count;
		head.max = histogram_low(next, HISTOGRAM_SUB_BITS);
		head.sum += bucket[i].count * head.max;
		next += 1 + take_byte(in) * 8;
	}
	if (wrong > 240)
		take(in, (u8 *)&head + wrong % sizeof(head), 1);
	if (wrong > 248)
		take(in, &bucket[wrong % used], 8);
	journal_put(out, JOURNAL_HISTOGRAM, storm, &head, sizeof(head), bucket,
		    used * sizeof(bucket[0]));
}

static void put_any(struct bytes_left *in, struct journal_bytes *out, u32 storm, u32 type)
{
	u8 payload[1200];
	size_t size = take_byte(in) * 4;

	take(in, payload, size);
	journal_put(out, type % JOURNAL_TYPES, storm, payload, size, NULL, 0);
}

static void put_frame(struct bytes_left *in, struct journal_bytes *out,
		      const struct storm *const *storm)
{
	u8 kind = take_byte(in);
	u32 index = storm[kind / 16 % STORMS] - storms;
	struct journal_end end = {.repeat = take_byte(in) % REPEATS};

	if (kind > 250)
		index = kind * 3;
	switch (kind % 8) {
	case 0:
	case 1:
		put_result(in, out, index);
		break;
	case 2:
	case 3:
		put_histogram(in, out, index);
		break;
	case 4:
	case 5:
		journal_put(out, JOURNAL_UNIT, index, &end, sizeof(end), NULL, 0);
		break;
	default:
		if (kind > 240)
			put_any(in, out, index, take_byte(in));
	}
}

static void save_and_read(struct session *session, struct variant *variant, const char *folder)
{
	json_t *host = compose_pack("{s:{s:n}}", "cpu", "vendor"), *json;
	static FILE *null;
	char why[RUN_WHY];
	struct run *run;

	if (!null)
		null = fopen("/dev/null", "we");
	json = session_json(session, variant, host, "2026-11-27T00:00:00Z", 1);
	json_decref(host);
	if (run_save(variant->writer, json, why) || figures_open(folder, &run, why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	if (!null || show_print(run, null, TABLE_TEXT, 80) || show_json(run, null))
		abort();
	opened++;
	shown += run->storms > 0;
	run_close(run);
}

static void open_journal(struct session *session, const char *folder, const u8 *bytes, size_t size)
{
	struct variant *variant = &session->variant[0];
	struct journal_options options = {
		.plan = &variant->plan, .storm = session->storm, .storms = session->storms};
	char path[TEMPORARY_PATH + 16], why[RUN_WHY] = "";
	struct journal_time time;
	struct journal *journal;
	struct run_sink sink;
	int fd;

	collect_sink(variant->collect, &sink);
	options.sink = &sink;
	options.writer = variant->writer;
	if (journal_create(folder, &options, &journal, why))
		abort();
	journal_close(journal);
	snprintf(path, sizeof(path), "%s/" JOURNAL_NAME, folder);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd))
		abort();
	if (!journal_open(folder, &options, false, &journal, &time, why)) {
		journal_close(journal);
		save_and_read(session, variant, folder);
	} else if (!why[0] || strchr(why, '\n')) {
		abort();
	}
}

static void open_in_folder(const struct storm *const *storm, const u8 *bytes, size_t size)
{
	const char *top = access("/dev/shm", W_OK) ? temporary_top() : "/dev/shm";
	struct variant variant = {0};
	struct session session = {.target = &target_capture,
				  .storm = (const struct storm **)storm,
				  .storms = STORMS,
				  .variant = &variant,
				  .variants = 1};
	struct temporary temporary;

	plan_defaults(&variant.plan);
	variant.plan.repeats = REPEATS;
	variant.plan.vcpus = VCPUS;
	if (temporary_folder(&temporary, top, "exitstorm-fuzz", 0700))
		abort();
	variant.writer = run_create_in(temporary.path);
	variant.collect = collect_new(session.target, &variant.plan, NULL);
	open_journal(&session, temporary.path, bytes, size);
	run_abort(variant.writer);
	collect_free(variant.collect);
	temporary_remove(&temporary);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct storm *storm[STORMS] = {&storms[0], &storms[1], &storms[storm_count / 2]};
	struct bytes_left in = {data, size};
	struct journal_bytes out = {0};

	if (!size)
		return 0;
	if (take_byte(&in) & 1) {
		open_in_folder(storm, in.at, in.left);
		return 0;
	}
	while (in.left)
		put_frame(&in, &out, storm);
	open_in_folder(storm, out.at ? out.at : data, out.used);
	free(out.at);
	return 0;
}
