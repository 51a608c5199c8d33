// SPDX-License-Identifier: GPL-2.0-or-later
#include "ab.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../analysis/output/table.h"
#include "../../analysis/output/units.h"
#include "../../analysis/stats/power.h"
#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../machine/clock.h"
#include "../session/decided.h"

static const char *const end_name[AB_ENDS] = {
	[AB_DECIDED] = "decided",
	[AB_ROUNDS] = "max_rounds",
	[AB_TIME] = "max_time",
	[AB_NOTHING] = "nothing",
};

static const char side_letter[2][2] = {"a", "b"};

static int side_of(const struct ab *ab, u32 variant)
{
	return ab->equal ? 0 : (int)variant;
}

static int begin(void *arg, u32 variant, u32 repeat, char *why)
{
	struct ab *ab = arg;
	int side = side_of(ab, variant);
	const char *command = ab->command[side];
	double at = clock_seconds() - ab->began;
	struct guardian_step step;
	int err = guardian_run(&ab->guardian, command, &step);

	if (err == -ECANCELED)
		return err;
	if (err)
		return why_say(why, err, "the process that runs the commands is gone: %s",
			       strerror(-err));
	compose_add(ab->steps[variant],
		    compose_pack("{s:i, s:f, s:f, s:i}", "round", (int)repeat, "at_s", at,
				 "seconds", step.seconds, "status", step.status));
	if (!step.status)
		return 0;
	return why_say(why, -ECHILD, "--%s: '%.100s' has failed, status %d%s%s", side_letter[side],
		       command, step.status, *step.output ? ": " : "", step.output);
}

static bool enough(void *arg, const struct session *session, u32 rounds)
{
	struct ab *ab = arg;
	double passed = clock_seconds() - ab->began;
	u32 measured = 1, open = 1;

	ab->rounds = rounds;
	/* The sides take turns in being first, so that the order within a round has no effect. */
	if (rounds % 2 == 0 && rounds >= DECIDED_REPEATS)
		open = decided_open(session, ab->margin, &measured);
	ab->end = !measured ? AB_NOTHING : !open && !ab->equal ? AB_DECIDED : AB_ROUNDS;
	if (ab->end != AB_ROUNDS)
		return true;
	if (ab->max_time > 0 && passed + passed / rounds > ab->max_time && rounds < ab->max_rounds)
		ab->end = AB_TIME;
	return ab->end == AB_TIME;
}

static void make_variants(struct ab *ab, struct session *session, const char *const name[2])
{
	session->variant = memory_resize(session->variant, 2, sizeof(*session->variant));
	session->variant[1] = (struct variant){.plan = session->variant[0].plan};
	session->variants = 2;
	for (int i = 0; i < 2; i++) {
		session->variant[i].plan.repeats = ab->max_rounds;
		session->variant[i].name = memory_text(name[i]);
		json_decref(ab->steps[i]);
		ab->steps[i] = compose_pack("[]");
	}
	ab->hooks = (struct session_rounds){.begin = begin, .enough = enough, .arg = ab};
	session->rounds = &ab->hooks;
}

int ab_measure(struct ab *ab, struct session *session, const char *const name[2], bool *stopped)
{
	char why[RUN_WHY];
	int err;

	*stopped = false;
	make_variants(ab, session, name);
	err = session_open(session, why);
	ab->began = clock_seconds();
	if (!err)
		err = session_measure(session, why);
	*stopped = err == -ECANCELED;
	if (*stopped)
		return cli_fail("interrupted: no run was written");
	return err ? cli_fail("%s", why) : STATUS_OK;
}

static json_t *undone_json(const struct guardian_step *undone)
{
	return undone ? compose_pack("{s:i, s:f}", "status", undone->status, "seconds",
				     undone->seconds)
		      : json_null();
}

int ab_record(struct ab *ab, struct session *session, const struct guardian_step *undone)
{
	for (u32 i = 0; i < 2; i++) {
		int side = side_of(ab, i);
		json_t *json = session->variant[i].json;

		compose_set(json, "ab",
			    compose_pack("{s:s, s:o, s:o, s:b, s:s, s:f, s:O, s:o}", "side",
					 side_letter[side], "command",
					 compose_text(ab->command[side]), "undo",
					 compose_text_or_null(ab->undo), "equal", ab->equal,
					 "ended", end_name[ab->end], "margin", ab->margin, "steps",
					 ab->steps[i], "undone", undone_json(undone)));
		if (session->anonymous && anonymous_strip(json, NULL))
			return cli_fail("no memory");
	}
	return STATUS_OK;
}

/* "0.35 %", "-": not known. */
static void add_percent(struct table *table, double log)
{
	char text[32];

	if (isfinite(log))
		table_cell(table, "%s %%", units_half(text, sizeof(text), expm1(log) * 100));
	else
		table_cell(table, "-");
}

static void add_storm(struct table *table, const struct ab *ab, const struct storm *storm,
		      const struct shift *shift, double p)
{
	table_row(table);
	table_cell(table, "%s", storm->name);
	table_cell(table, "%.3f", exp(shift->log));
	if (isnan(shift->low))
		table_cell(table, "-");
	else
		table_cell(table, "%.3f..%.3f", exp(shift->low), exp(shift->high));
	table_cell(table, "%s", verdict_name[shift_verdict(shift, p, ab->margin)]);
	add_percent(table, shift_detectable(shift, DECIDED_REPEATS, DECIDED_ALPHA));
	add_percent(table, shift_detectable(shift, ab->max_rounds, INFERENCE_ALPHA));
}

int ab_print_equal(const struct ab *ab, const struct session *session)
{
	struct table *table = table_new(NULL);
	char few[32], many[32];
	u32 apart = 0;

	snprintf(few, sizeof(few), "in %d rounds", DECIDED_REPEATS);
	snprintf(many, sizeof(many), "in %u rounds", ab->max_rounds);
	table_column(table, "A/A", false);
	table_column(table, "ratio", true);
	table_column(table, "95 %", true);
	table_column(table, "verdict", false);
	table_column(table, few, true);
	table_column(table, many, true);
	for (u32 i = 0; i < session->storms; i++) {
		const struct storm *storm = session->storm[i];
		struct shift shift;

		if (collect_status(session->variant[0].collect, storm) != STORM_MEASURED)
			continue;
		decided_shift(session, storm, &shift);
		add_storm(table, ab, storm, &shift, shift.p);
		apart += shift_verdict(&shift, shift.p, ab->margin) > VERDICT_SAME;
	}
	printf("A against A, %u rounds. Differences above the last two columns are found in 4 of 5 "
	       "tries.\n\n",
	       ab->rounds);
	table_print(table, stdout, TABLE_TEXT, cli_width());
	table_free(table);
	putchar('\n');
	if (apart)
		cli_warn("A differs from itself in %u storm%s: so may A from B by chance", apart,
			 apart == 1 ? "" : "s");
	return cli_finish(STATUS_OK);
}

void ab_tell_end(const struct ab *ab)
{
	static const char *const why[AB_ENDS] = {
		[AB_DECIDED] = "every storm is decided",
		[AB_ROUNDS] = "the limit, --max-rounds",
		[AB_TIME] = "the limit, --max-time",
		[AB_NOTHING] = "no storm has figures",
	};

	fprintf(stderr, "%u rounds: %s\n", ab->rounds, why[ab->end]);
}

void ab_free(struct ab *ab)
{
	for (int i = 0; i < 2; i++)
		json_decref(ab->steps[i]);
}
