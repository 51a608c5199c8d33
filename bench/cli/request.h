/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `run`, `selftest` and `image`, and the session made from them. */
#ifndef BENCH_CLI_REQUEST_H
#define BENCH_CLI_REQUEST_H

#include "../session/session.h"
#include "cli.h"

#define REQUEST_UNSET	      UINT64_MAX /* a number that is not given */
#define REQUEST_UNTIL_REPEATS 100	 /* the limit of --until */

/* Texts as given; NULL: not given. */
struct request {
	const char *target, *storms, *cpus, *like, *vary, *folder, *resume;
	u64 exits, repeats, warmup, vcpus, samples, seed;
	double until;		  /* percent; 0: not given */
	double time;		  /* seconds; 0: not given */
	const struct target *own; /* a target that need not be usable here; NULL: by name */
	struct option_list set, label;
	bool anonymous, quiet;
};

#define REQUEST_NONE                                                                       \
	{                                                                                  \
		.exits = REQUEST_UNSET, .repeats = REQUEST_UNSET, .warmup = REQUEST_UNSET, \
		.vcpus = REQUEST_UNSET, .samples = REQUEST_UNSET, .seed = REQUEST_UNSET    \
	}

/* Rows of option tables whose values are a struct request. */
#define REQUEST_TARGET                                                                   \
	{                                                                                \
		.letter = 't', .name = "target", .value = "TARGET", .kind = OPTION_TEXT, \
		.at = offsetof(struct request, target), .complete = COMPLETE_TARGETS,    \
		.text = "where to run; default: the best one that this machine has"      \
	}

#define REQUEST_COUNT(field, low, high)                                                            \
	.name = #field, .value = "N", .kind = OPTION_COUNT, .at = offsetof(struct request, field), \
	.min = (low), .max = (high)

#define REQUEST_PLAN(default_samples)                                                            \
	{.letter = 's',                                                                          \
	 .name = "storms",                                                                       \
	 .value = "LIST",                                                                        \
	 .kind = OPTION_TEXT,                                                                    \
	 .at = offsetof(struct request, storms),                                                 \
	 .complete = COMPLETE_STORMS,                                                            \
	 .text = "the storms to run, by name or pattern (pio_*,cpuid); default: all, see "       \
		 "'exitstorm list'"},                                                            \
		{.letter = 'n',                                                                  \
		 REQUEST_COUNT(exits, 1, PLAN_MAX_EXITS),                                        \
		 .text = "operations per storm, repeat and vCPU " OPTION_DEFAULT(                \
			 PLAN_EXITS) "; also as 10k, 1M, 2e6"},                                  \
		{.letter = 'r',                                                                  \
		 REQUEST_COUNT(repeats, 1, PLAN_MAX_REPEATS),                                    \
		 .text = "repeats per storm, each in a fresh VM " OPTION_DEFAULT(PLAN_REPEATS)}, \
		{REQUEST_COUNT(vcpus, 1, GUEST_MAX_VCPUS),                                       \
		 .text = "vCPUs of the VM; each runs the storm " OPTION_DEFAULT(PLAN_VCPUS)},    \
		{REQUEST_COUNT(samples, 0, PLAN_MAX_SAMPLES),                                    \
		 .text = "records to keep per storm (default " default_samples                   \
			 "); statistics cover all records anyway"},                              \
		{REQUEST_COUNT(warmup, 0, PLAN_MAX_EXITS),                                       \
		 .text = "operations before the counted ones " OPTION_DEFAULT(PLAN_WARMUP)},     \
		{REQUEST_COUNT(seed, 0, INT64_MAX),                                              \
		 .text = "seed of the random choice of records to keep " OPTION_DEFAULT(         \
			 PLAN_SEED)},                                                            \
	{                                                                                        \
		.name = "set", .value = "KEY=VALUE", .kind = OPTION_LIST,                        \
		.at = offsetof(struct request, set), .complete = COMPLETE_SETTING,               \
		.text = "a setting, may be repeated; 'exitstorm list --settings' names them"     \
	}

/*
 * Checks the request and fills the session. Returns STATUS_OK, or the status after a message.
 * `like` receives the run to repeat, which the caller closes; NULL: none.
 */
int request_session(const struct request *request, struct session *session, struct run **like);
/* The same for --resume. */
int request_resume(const struct request *request, struct session *session);

/* After session_measure: a line on stderr if the clock is not what the target should have. */
void request_warn_of_clock(const struct variant *variant);

/* The target by name; NULL: this machine's default. Returns NULL after a message, and *status. */
const struct target *request_target(const char *name, int *status);

#endif
