// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm selftest: every storm with few exits, as one block to paste into a bug report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/table.h"
#include "../../analysis/output/units.h"
#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "alarms.h"
#include "hardware.h"
#include "options.h"
#include "request.h"

#define SELFTEST_EXITS	200
#define SELFTEST_WARMUP 50
/* Of --aa: storms of one kind each, exits and repeats. */
#define AA_STORMS   "pio_out,mmio_read,cpuid,syscall"
#define AA_IN_PLACE "cpuid,vmcall" /* the same of target guest */
#define AA_EXITS    500
#define AA_REPEATS  8

struct selftest_options {
	struct request request;
	bool aa, json, checks;
	u64 pairs;
};

static const struct cli_option options[] = {
	REQUEST_TARGET, /* struct request is the first member */
	{.name = "json",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct selftest_options, json),
	 .text = "print it as JSON"},
	{.name = "checks",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct selftest_options, checks),
	 .text = "instead, the table of what only hardware shows, as Markdown; nothing is run"},
	{.name = "aa",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct selftest_options, aa),
	 .text = "instead, pairs of equal runs: how often compare calls them different here"},
	{.name = "pairs",
	 .value = "N",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct selftest_options, pairs),
	 .min = 1,
	 .max = 10000,
	 .text = "with --aa: so many pairs " OPTION_DEFAULT(ALARMS_PAIRS)},
	{.letter = 's',
	 .name = "storms",
	 .value = "LIST",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct request, storms),
	 .complete = COMPLETE_STORMS,
	 .text = "with --aa: these storms (default " AA_STORMS "; target guest: " AA_IN_PLACE ")"},
	{},
};

static const char *host_string(const json_t *run, const char *part, const char *key)
{
	const json_t *object = json_object_get(run, "host");
	const char *text;

	if (*part)
		object = json_object_get(object, part);
	text = json_string_value(json_object_get(object, key));
	return text ? text : "unknown";
}

static int host_number(const json_t *run, const char *key)
{
	const json_t *cpu = json_object_get(json_object_get(run, "host"), "cpu");

	return json_integer_value(json_object_get(cpu, key));
}

static void print_head(const json_t *run)
{
	const json_t *tool = json_object_get(run, "tool"), *target = json_object_get(run, "target");

	const char *kind = json_string_value(json_object_get(target, "kvm_kind"));

	printf("exitstorm selftest %s (%s), target %s%s%s%s\n",
	       json_string_value(json_object_get(tool, "version")),
	       json_string_value(json_object_get(tool, "commit")),
	       json_string_value(json_object_get(target, "name")), kind ? " (" : "",
	       kind ? kind : "", kind ? ")" : "");
	if (json_is_true(json_object_get(target, "emulated")))
		printf("clock      EMULATED: %s, not the time of hardware\n",
		       json_string_value(json_object_get(target, "clock")));
	printf("CPU        %s\n", host_string(run, "cpu", "brand"));
	printf("           family %d, model %d, stepping %d, microcode %s\n",
	       host_number(run, "family"), host_number(run, "model"), host_number(run, "stepping"),
	       host_string(run, "cpu", "microcode"));
	printf("kernel     %s\n", host_string(run, "", "kernel"));
	printf("hypervisor %s\n\n", host_string(run, "", "hypervisor"));
}

/* The leg that stands for the storm; NULL: it has none of these. */
static const json_t *storm_leg(const json_t *storm)
{
	static const enum leg order[] = {LEG_ROUND_TRIP, LEG_GUEST_VISIT, LEG_PERIOD};
	const json_t *legs = json_object_get(storm, "legs"), *leg = NULL;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && !leg; i++)
		leg = json_object_get(legs, leg_name[order[i]]);
	return leg;
}

/* "3", "0 i": its CPL, and whether it was interpreted; "-": it has not run. */
static const char *storm_guest(const json_t *storm, char text[8])
{
	const json_t *cpl = json_object_get(storm, "cpl");
	bool interpreted = json_is_false(json_object_get(storm, "native"));

	if (!json_is_integer(cpl) || !storm_leg(storm))
		return "-";
	snprintf(text, 8, "%d%s", (int)json_integer_value(cpl), interpreted ? " i" : "");
	return text;
}

static void add_storm(struct table *table, const json_t *storm, const char *unit)
{
	const json_t *leg = storm_leg(storm);
	const char *why = json_string_value(json_object_get(storm, "why"));
	double p50 = json_number_value(json_object_get(json_object_get(leg, "all"), "p50"));
	char ticks[32], guest[8];

	table_row(table);
	table_cell(table, "%s", json_string_value(json_object_get(storm, "status")));
	table_cell(table, "%s", json_string_value(json_object_get(storm, "name")));
	table_cell(table, "%s", storm_guest(storm, guest));
	if (leg)
		table_cell(table, "%s %s", units_ticks(ticks, sizeof(ticks), p50), unit);
	else
		table_cell(table, "%s", why ? why : "");
}

static void add_check(struct table *table, u32 check, const struct hardware_finding *finding)
{
	table_row(table);
	table_cell(table, "%s", hardware_word(finding->verdict));
	table_cell(table, "%s", hardware_name(check));
	table_cell(table, "%s", finding->detail);
}

/* The number of checks that fail; -ENOMEM. */
static int print_hardware(const json_t *run, const struct hardware_facts *facts)
{
	struct table *table = table_new(NULL);
	int fails = 0;

	if (!table)
		return -ENOMEM;
	table_column(table, "hardware", false);
	table_column(table, "check", false);
	table_column(table, "finding", false);
	for (u32 i = 0; i < hardware_checks(); i++) {
		struct hardware_finding finding;

		hardware_check(i, run, facts, &finding);
		add_check(table, i, &finding);
		fails += finding.verdict == HARDWARE_FAIL;
	}
	putchar('\n');
	table_print(table, stdout, TABLE_TEXT, 80);
	table_free(table);
	return fails;
}

static json_t *storms_json(const json_t *run)
{
	json_t *list = compose_pack("[]"), *storm;
	size_t index;

	json_array_foreach (json_object_get(run, "storms"), index, storm) {
		const json_t *all = json_object_get(storm_leg(storm), "all");

		compose_add(list,
			    compose_pack("{s:o, s:o, s:o, s:o}", "name",
					 compose_copy(json_object_get(storm, "name")), "status",
					 compose_copy(json_object_get(storm, "status")), "p50",
					 compose_copy(json_object_get(all, "p50")), "why",
					 compose_copy(json_object_get(storm, "why"))));
	}
	return list;
}

/* The number of checks that fail. */
static int print_json(const json_t *run, const struct hardware_facts *facts)
{
	json_t *checks = compose_pack("[]"), *all;
	int fails = 0;
	char *text;

	for (u32 i = 0; i < hardware_checks(); i++) {
		struct hardware_finding finding;

		hardware_check(i, run, facts, &finding);
		fails += finding.verdict == HARDWARE_FAIL;
		compose_add(checks, compose_pack("{s:s, s:s, s:o}", "check", hardware_name(i),
						 "verdict", hardware_word(finding.verdict),
						 "finding", compose_text(finding.detail)));
	}
	all = compose_pack("{s:o, s:o, s:o, s:o, s:o}", "tool",
			   compose_copy(json_object_get(run, "tool")), "target",
			   compose_copy(json_object_get(run, "target")), "host",
			   compose_copy(json_object_get(run, "host")), "storms", storms_json(run),
			   "hardware", checks);
	text = compose_print(all, JSON_INDENT(2));
	puts(text);
	free(text);
	json_decref(all);
	return fails;
}

static int print_storms(const struct session *session)
{
	static const char *const word[] = {"measured", "no exit", "skipped", "failed"};
	const struct variant *variant = &session->variant[0];
	json_t *list = json_object_get(variant->json, "storms"), *storm;
	struct table *table = table_new(NULL);
	const char *clock = json_string_value(
		json_object_get(json_object_get(variant->json, "target"), "clock"));
	const char *unit = clock && !strcmp(clock, "instructions") ? clock : "ticks";
	int count[4] = {0};
	size_t index;

	if (!table)
		return -ENOMEM;
	table_column(table, "status", false);
	table_column(table, "storm", false);
	table_column(table, "CPL", false);
	table_column(table, "median, or why there is none", false);
	request_warn_of_clock(variant);
	print_head(variant->json);
	json_array_foreach (list, index, storm)
		add_storm(table, storm, unit);
	table_print(table, stdout, TABLE_TEXT, 80);
	table_free(table);
	for (u32 i = 0; i < session->storms; i++)
		count[collect_status(variant->collect, session->storm[i])]++;
	putchar('\n');
	for (int i = 0; i < 4; i++)
		printf("%s%d %s", i ? ", " : "", count[i], word[i]);
	printf(" of %u storms\n", session->storms);
	return 0;
}

/* Without what tells whose machine it is: the block is for others to read. */
static int print_block(const struct session *session, const struct hardware_facts *facts, bool json)
{
	const struct variant *variant = &session->variant[0];
	bool failed = false;
	int fails = 0, err;

	err = anonymous_strip(variant->json, NULL);
	if (!err && json)
		fails = print_json(variant->json, facts);
	else if (!err)
		err = print_storms(session);
	if (!err && !json)
		fails = print_hardware(variant->json, facts);
	if (err || fails < 0)
		return cli_fail("no memory");
	for (u32 i = 0; i < session->storms; i++)
		failed |= collect_status(variant->collect, session->storm[i]) == STORM_FAILED;
	return failed || fails ? STATUS_FAILED : STATUS_OK;
}

static int measure(struct session *session, bool json)
{
	static struct hardware_facts facts;
	char why[RUN_WHY];
	int err;

	/* No run folder: so few exits are a test, not a measurement. */
	free(session->path);
	session->path = NULL;
	session->progress = isatty(STDERR_FILENO);
	hardware_before(&facts);
	err = session_open(session, why);
	if (!err)
		err = session_measure(session, why);
	hardware_after(&facts);
	if (err == -ECANCELED)
		return cli_fail("stopped");
	return err ? cli_fail("%s", why) : print_block(session, &facts, json);
}

static int equal_runs(struct request *request, u64 pairs)
{
	if (!request->storms)
		request->storms = request->target && !strcmp(request->target, "guest") ? AA_IN_PLACE
										       : AA_STORMS;
	request->exits = AA_EXITS;
	request->repeats = AA_REPEATS;
	request->samples = 0;
	return alarms(request, pairs);
}

static int selftest(int argc, char **argv)
{
	struct selftest_options chosen = {.request = REQUEST_NONE};
	struct session session = {0};
	struct run *like;
	int status = options_parse(&cmd_selftest, argc, argv, &chosen);
	struct request request = chosen.request;

	if (status != OPTIONS_PARSED)
		return status;
	if (chosen.checks) {
		hardware_print_table(stdout);
		return STATUS_OK;
	}
	if (chosen.aa)
		return equal_runs(&request, chosen.pairs ? chosen.pairs : ALARMS_PAIRS);
	if (chosen.pairs || request.storms)
		return cli_usage("%s needs --aa", chosen.pairs ? "--pairs" : "--storms");
	request.exits = SELFTEST_EXITS;
	request.warmup = SELFTEST_WARMUP;
	request.repeats = 1;
	request.samples = 0;
	status = request_session(&request, &session, &like);
	if (status == STATUS_OK)
		status = measure(&session, chosen.json);
	session_close(&session);
	return status;
}

const struct command cmd_selftest = {
	.name = "selftest",
	.usage = "[OPTION...]",
	.text = "try every storm and print a summary for a bug report",
	.options = options,
	.notes =
		"Exits 1 if a storm or a check fails; skipped storms and those without an exit do\n"
		"not count. With --aa it exits 1 if equal runs differ more often than the\n"
		"intervals promise. CPL 0 i: the hypervisor interpreted the guest's "
		"instructions.\n",
	.run = selftest,
};
