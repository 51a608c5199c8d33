// SPDX-License-Identifier: GPL-2.0-or-later
#include "findings_list.h"

#include <stdarg.h>
#include <stdio.h>

struct finding *finding_add(struct findings *findings, enum finding_level level,
			    const char *subject, const char *format, ...)
{
	static struct finding spare;
	struct finding *finding = &spare;
	va_list arguments;

	if (findings->count < findings->room)
		finding = &findings->finding[findings->count++];
	*finding = (struct finding){.level = level, .subject = subject};
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
	return finding;
}

void finding_help(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->help, sizeof(finding->help), format, arguments);
	va_end(arguments);
}

void finding_undo(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->undo, sizeof(finding->undo), format, arguments);
	va_end(arguments);
}
