// SPDX-License-Identifier: GPL-2.0-or-later
#include "same_machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/anonymous.h"
#include "../../results/compose.h"
#include "../../results/run.h"
#include "../machine/environment.h"

#define SHOWN 80 /* bytes of a value in a message */

/* Values that decide a figure. The TSC's rate is calibrated anew at each boot, and not among it. */
static const struct member {
	const char *object, *name; /* name NULL: of host{} itself */
	bool said;		   /* a difference is told and no reason to refuse */
} members[] = {
	{"cpu", "vendor", false},    {"cpu", "family", false},	  {"cpu", "model", false},
	{"cpu", "stepping", false},  {"cpu", "brand", false},	  {"cpu", "microcode", false},
	{"kernel", NULL, false},     {"hypervisor", NULL, false}, {"mitigations", NULL, false},
	{"kvm_params", NULL, false}, {"smt", NULL, false},	  {"governor", NULL, true},
	{"turbo", NULL, true},	     {"thp", NULL, true},	  {"cstates", NULL, true},
	{"cpus", NULL, true},	     {"numa", NULL, true},
};

static json_t *value_of(const json_t *host, const struct member *member)
{
	json_t *object = json_object_get(host, member->object);

	return member->name ? json_object_get(object, member->name) : object;
}

static void show(const json_t *value, char text[SHOWN])
{
	char *dump = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	snprintf(text, SHOWN, "%s", dump ? dump : "not known");
	why_clean(text);
	free(dump);
}

static int refuse(const struct member *member, const json_t *then, const json_t *now, char *why)
{
	char was[SHOWN], is[SHOWN];

	show(then, was);
	show(now, is);
	return why_say(
		why, -EXDEV,
		"this machine is not the one that was interrupted: host.%s%s%s was %s, is %s",
		member->object, member->name ? "." : "", member->name ? member->name : "", was, is);
}

json_t *machine_host(bool anonymous)
{
	json_t *host = environment_host(anonymous), *run = compose_pack("{s:O}", "host", host);

	if (anonymous && anonymous_strip(run, NULL)) {
		json_decref(host);
		host = NULL;
	}
	json_decref(run);
	return host;
}

int same_machine(const json_t *host, bool anonymous, char *said, char *why)
{
	json_t *machine = machine_host(anonymous);
	int err = machine ? 0 : why_say(why, -ENOMEM, "no memory");

	*said = '\0';
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !err; i++) {
		const struct member *member = &members[i];
		json_t *then = value_of(host, member), *now = value_of(machine, member);
		size_t used = strlen(said);

		if (then == now || json_equal(then, now))
			continue;
		if (member->said)
			snprintf(said + used, RUN_WHY - used, "%s%s has changed", used ? "; " : "",
				 member->object);
		else
			err = refuse(member, then, now, why);
	}
	json_decref(machine);
	return err;
}
