// SPDX-License-Identifier: GPL-2.0-or-later
#include "tried.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "notice.h"
#include "why.h"

static const struct newest {
	const char *program;
	unsigned major, minor;
	const char *relies;
} newest[] = {
#define TRIED(program, major, minor, relies) {program, major, minor, relies},
#include "tried.def"
#undef TRIED
};

static const struct newest *find(const char *program)
{
	for (size_t i = 0; i < sizeof(newest) / sizeof(*newest); i++)
		if (!strcmp(newest[i].program, program))
			return &newest[i];
	return NULL;
}

bool tried_newer(const char *program, const char *version, char *line, size_t size)
{
	const struct newest *known = find(program);
	unsigned major, minor = 0;

	if (!known || !version)
		return false;
	version += strcspn(version, "0123456789");
	if (sscanf(version, "%u.%u", &major, &minor) < 1 || major < known->major ||
	    (major == known->major && minor <= known->minor))
		return false;
	snprintf(line, size, "%s %u.%u is newer than all that were tried (up to %u.%u): %s",
		 program, major, minor, known->major, known->minor, known->relies);
	return true;
}

void tried_notice(const char *program, const char *version)
{
	char line[RUN_WHY];

	if (tried_newer(program, version, line, sizeof(line)))
		notice("%s", line);
}

void tried_notice_kernel(void)
{
	struct utsname name;

	if (!uname(&name))
		tried_notice("Linux", name.release);
}
