// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes resume.json of an interrupted run, to the end: what is accepted as --resume does is saved
 * as a run, read and shown. The first byte's low bit has the rest taken as the file itself; else
 * the rest changes the file of a run of two variants, member by member, and with the next bit set
 * all other files are made to fit it. With clang: -fsanitize=fuzzer,address, and libFuzzer has
 * main().
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/show/export.h"
#include "../../analysis/show/methods.h"
#include "../../analysis/show/show.h"
#include "../../analysis/stats/figures.h"
#include "../../bench/machine/sysfs.h"
#include "../../bench/plan/settings.h"
#include "../../bench/session/resume.h"
#include "../../bench/session/resume_file.h"
#include "../../bench/session/same_machine.h"
#include "../../bench/session/session.h"
#include "../../bench/session/session_save.h"
#include "../../bench/targets/registry.h"
#include "../../results/compose.h"
#include "../../results/temporary.h"

#define DEPTH	3 /* of a member that is changed */
#define VALUES	12
#define STORMS	3
#define CHANGES 4

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct bytes_left {
	const u8 *at;
	size_t left;
};

/* How many files were refused, and how many made a run. */
static u32 refused, resumed;

static struct temporary top;
static char path[TEMPORARY_PATH + 16]; /* of the run, without .partial */
static json_t *original;	       /* resume.json as it was written */

/* Zeros past the end. */
static u8 take_byte(struct bytes_left *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static json_t *take_text(struct bytes_left *in)
{
	char text[64];
	size_t length = take_byte(in) % sizeof(text);
	json_t *json;

	for (size_t i = 0; i < length; i++)
		text[i] = take_byte(in);
	json = json_stringn(text, length);
	return json ? json : json_string("h\u00e4lt");
}

static json_t *take_value(struct bytes_left *in)
{
	static const char *const words[] = {
		"",	 "kvm", "null", "cpuid", "../a", "stamps=both", "2026-11-27T00:00:00Z",
		"\u202e"};
	u8 byte = take_byte(in);

	switch (byte % VALUES) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_integer((signed char)take_byte(in));
	case 3:
		return json_integer(INT64_MAX >> take_byte(in) % 64);
	case 4:
		return json_real((signed char)take_byte(in) * 1e306);
	case 5:
		return take_text(in);
	case 6:
		return json_object();
	case 7:
		return json_array();
	case 8:
		return json_pack("[o, o]", take_text(in), json_integer(byte));
	case 9:
		return json_pack("{s:o, s:n}", "at", take_text(in), "rebooted");
	case 10:
		return json_pack("{s:{s:o}}", "cpu", "brand", take_text(in));
	default:
		return json_string(words[take_byte(in) % (sizeof(words) / sizeof(words[0]))]);
	}
}

static const char *key_of(json_t *object, size_t number)
{
	void *member = json_object_iter(object);

	while (number--)
		member = json_object_iter_next(object, member);
	return json_object_iter_key(member);
}

/* Goes down to a member by the input, and changes, removes or repeats it. */
static void change(struct bytes_left *in, json_t *at)
{
	for (int depth = 0;; depth++) {
		size_t count = json_is_array(at) ? json_array_size(at) : json_object_size(at);
		size_t number = count ? take_byte(in) % count : 0;
		bool more = depth < DEPTH && take_byte(in) & 1;
		json_t *inner;
		u8 how = take_byte(in);

		if (!count)
			return;
		inner = json_is_array(at) ? json_array_get(at, number)
					  : json_object_get(at, key_of(at, number));
		if (more && (json_is_array(inner) || json_is_object(inner))) {
			at = inner;
			continue;
		}
		if (json_is_array(at) && how % 4 == 0)
			json_array_remove(at, number);
		else if (json_is_array(at) && how % 4 == 1)
			json_array_append_new(at, json_deep_copy(inner));
		else if (json_is_array(at))
			json_array_set_new(at, number, take_value(in));
		else if (how % 4 == 0)
			json_object_del(at, key_of(at, number));
		else if (how % 4 == 1)
			json_object_set_new(at, "more", take_value(in));
		else
			json_object_set_new(at, key_of(at, number), take_value(in));
		return;
	}
}

static void write_bytes(const void *bytes, size_t size)
{
	char file[sizeof(path) + 32];
	int fd;

	snprintf(file, sizeof(file), "%s" RUN_PARTIAL "/" RESUME_NAME, path);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd))
		abort();
}

static int remove_one(const char *name, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(name);
}

static void remove_other(void)
{
	char folder[TEMPORARY_PATH + 32];

	snprintf(folder, sizeof(folder), "%s/other" RUN_PARTIAL, top.path);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void end(void)
{
	json_decref(original);
	temporary_remove(&top);
}

/* A folder that can be continued, of a session that has its plans and its host. */
static void make_folder(struct session *session)
{
	char why[RUN_WHY] = "";
	int err;

	session->path = strdup(path);
	err = session_save_open(session, why);
	if (!err)
		err = session_save_now(session, why);
	if (!err && !original)
		err = resume_file_read(session->folder.temporary.path, &original, why);
	if (err)
		fprintf(stderr, "%s\n", why);
	if (err)
		abort();
	session_close(session);
}

/* A run of two variants, interrupted before its first unit, on a machine without any files. */
static void make_original(void)
{
	static char folder[TEMPORARY_PATH + 16];
	struct session session = {.target = target_find("kvm"), .storms = STORMS, .variants = 2};
	char why[RUN_WHY] = "";

	if (temporary_folder(&top, access("/dev/shm", W_OK) ? temporary_top() : "/dev/shm",
			     "exitstorm-fuzz", 0700))
		abort();
	atexit(end);
	snprintf(folder, sizeof(folder), "%s/none", top.path);
	sysfs_set_root(folder);
	snprintf(path, sizeof(path), "%s/run", top.path);
	session.storm = calloc(STORMS, sizeof(*session.storm));
	session.variant = calloc(2, sizeof(*session.variant));
	for (u32 i = 0; i < STORMS; i++)
		session.storm[i] = &storms[i * 3];
	for (u32 i = 0; i < 2; i++) {
		plan_defaults(&session.variant[i].plan);
		session.variant[i].plan.repeats = 2;
		session.variant[i].name = strdup(i ? "stamps=guest" : "stamps=both");
		if (plan_set(&session.variant[i].plan, TARGET_KVM, session.variant[i].name, why))
			abort();
	}
	strcpy(session.started, "2026-11-27T00:00:00Z");
	identity_random(session.id);
	session.labels = json_pack("{s:s}", "rack", "7");
	session.host = machine_host(false);
	session.in_turn = json_string("0123456789abcdef");
	session.resumed = json_array();
	make_folder(&session);
}

/* The parts that came from the file, as a session writes them. */
static void save_and_read(struct session *session)
{
	char folder[PATH_MAX], why[RUN_WHY] = "";
	static FILE *null;
	struct run *run;

	if (!null)
		null = fopen("/dev/null", "we");
	if (session_save_now(session, why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	for (u32 i = 0; i < session->variants; i++) {
		if (!session_save_path(session, &session->variant[i], folder) ||
		    figures_open(folder, &run, why)) {
			fprintf(stderr, "%s\n", why);
			abort();
		}
		if (!null || show_print(run, null, TABLE_TEXT, 80) || show_json(run, null) ||
		    show_methods(run, null, 80))
			abort();
		if (session->variant[i].plan.repeats != session->variant[0].plan.repeats)
			abort(); /* they are measured in turn */
		run_close(run);
	}
}

static void resume(void)
{
	char said[RUN_WHY], why[RUN_WHY] = "";
	struct session session = {0};

	if (resume_open(&session, path, said, why)) {
		if (!why[0] || strchr(why, '\n') || strlen(why) >= RUN_WHY)
			abort();
		refused++;
	} else {
		resumed++;
		save_and_read(&session);
	}
	session_close(&session);
}

/* An interrupted run of that file, all of whose parts fit. False: the file is refused. */
static bool make_other(const json_t *json)
{
	struct session session = {0};
	char why[RUN_WHY] = "";

	if (resume_file_apply(&session, json, why)) {
		if (!why[0] || strchr(why, '\n'))
			abort();
		session_close(&session);
		return false;
	}
	make_folder(&session);
	return true;
}

static void fuzz_member(struct bytes_left *in, bool all)
{
	json_t *json = json_deep_copy(original);
	char *text;

	for (int i = 0; i < CHANGES && in->left; i++)
		change(in, json);
	text = json_dumps(json, 0);
	if (text && (!all || make_other(json))) {
		write_bytes(text, strlen(text));
		resume();
	}
	free(text);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct bytes_left in = {data, size};
	u8 how;

	if (!size)
		return 0;
	if (!original)
		make_original();
	how = take_byte(&in);
	snprintf(path, sizeof(path), "%s/%s", top.path, (how & 3) == 2 ? "other" : "run");
	if (how & 1) {
		write_bytes(in.at, in.left);
		resume();
	} else {
		fuzz_member(&in, how & 2);
	}
	remove_other();
	return 0;
}
