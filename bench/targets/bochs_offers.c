// SPDX-License-Identifier: GPL-2.0-or-later
#include "bochs_offers.h"

#include <stdio.h>
#include <string.h>

#include "boot.h"

static struct {
	bool asked, answers, debugger;
	char version[32];
	char models[8192]; /* each between two newlines; "": they are not listed */
} offers;

static void read_help(void)
{
	static const char *const command[] = {"bochs", "--help", NULL};
	static const char banner[] = "Bochs x86 Emulator ";
	static char text[16384];
	const char *version;

	boot_output(command, text, sizeof(text));
	version = strstr(text, banner);
	if (version)
		snprintf(offers.version, sizeof(offers.version), "Bochs %.*s",
			 (int)strcspn(version + strlen(banner), " \r\n"), version + strlen(banner));
	offers.debugger = strstr(text, "\n  -debugger ");
	offers.answers = *text;
}

/* The models follow a heading, one a line. */
static void read_models(void)
{
	static const char *const command[] = {"bochs", "--help", "cpu", NULL};
	static char text[16384];
	const char *list;

	boot_output(command, text, sizeof(text));
	list = strstr(text, "Supported CPU models:");
	if (list)
		snprintf(offers.models, sizeof(offers.models), "%s", list);
}

static void ask(void)
{
	if (offers.asked)
		return;
	offers.asked = true;
	snprintf(offers.version, sizeof(offers.version), "Bochs");
	read_help();
	if (offers.answers)
		read_models();
}

const char *bochs_version(void)
{
	ask();
	return offers.version;
}

bool bochs_has_debugger_option(void)
{
	ask();
	return offers.debugger;
}

bool bochs_has_model(const char *model)
{
	char line[64];

	ask();
	snprintf(line, sizeof(line), "\n%s\n", model);
	return !*offers.models || strstr(offers.models, line);
}
