// SPDX-License-Identifier: GPL-2.0-or-later
#include "notice.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "why.h"

static void (*receive)(const char *line);

void notice_to(void (*receiver)(const char *line))
{
	receive = receiver;
}

void notice(const char *format, ...)
{
	static char last[RUN_WHY];
	char line[RUN_WHY];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (!receive || !strcmp(line, last))
		return;
	memcpy(last, line, sizeof(last));
	receive(line);
}
