// SPDX-License-Identifier: GPL-2.0-or-later
#include "variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../plan/settings.h"
#include "cli.h"

/* name: of the folder in that of the session, or NULL. */
static void variant_add(struct session *session, const struct plan *plan, char *name)
{
	session->variant =
		memory_resize(session->variant, session->variants + 1, sizeof(*session->variant));
	session->variant[session->variants++] = (struct variant){.plan = *plan, .name = name};
}

/*
 * "KEY=VALUE" of a variant's folder, with the value as the plan has it, so that 10k is 10000. In
 * names of events a "/" becomes a "_" (msr/tsc/), and the comma between them is a "+", as given.
 */
static char *variant_name(const struct plan *plan, const char *assignment, size_t key)
{
	enum setting setting = setting_find(assignment, key);
	char word[SETTING_WORD], *name;

	name = memory_format("%s=%s", setting_name(setting),
			     setting_value(plan, setting, word, sizeof(word)));
	for (char *at = name; *at; at++) {
		if (*at == '/')
			*at = '_';
		else if (*at == ',')
			*at = '+';
	}
	return name;
}

/* "KEY=V1,V2": one run per value, each in a folder of its own. */
static int vary(const char *text, const struct plan *plan, struct session *session)
{
	size_t key = strcspn(text, "=");
	char *values, *rest, *value;
	int status = STATUS_OK;

	if (!text[key])
		return cli_usage("--vary: '%s' is not KEY=VALUE,VALUE,...", text);
	rest = values = memory_text(text + key + 1);
	while (status == STATUS_OK && (value = strsep(&rest, ","))) {
		char assignment[SETTING_ASSIGNMENT], why[HV_WHY], *name;
		struct plan with = *plan;

		snprintf(assignment, sizeof(assignment), "%.*s=%s", (int)key, text, value);
		if (plan_set(&with, session->target->bit, assignment, why)) {
			status = cli_usage("--vary: %s", why);
			break;
		}
		name = variant_name(&with, assignment, key);
		for (u32 i = 0; i < session->variants; i++)
			if (!strcmp(session->variant[i].name, name))
				status = cli_usage("--vary: %s is given twice", name);
		if (status == STATUS_OK)
			variant_add(session, &with, name);
		else
			free(name);
	}
	free(values);
	return status;
}

int variants_add(const char *values, const struct plan *plan, struct session *session)
{
	if (values)
		return vary(values, plan, session);
	variant_add(session, plan, NULL);
	return STATUS_OK;
}
