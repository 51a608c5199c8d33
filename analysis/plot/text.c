// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../../results/why.h"
#include "../output/table.h"

/*
 * Within single quotes only the quote itself is special, and is doubled if it stands alone: gnuplot
 * 5.4 misreads two doubled quotes in a row, and one at the beginning.
 */
void plot_quote(FILE *file, const char *text)
{
	char *copy = memory_text(text);
	bool alone = false;

	putc('\'', file);
	why_clean(table_clean(copy)); /* fonts and XML reject what is not UTF-8 */
	for (const char *c = copy; *c; c++) {
		if (!strncmp(c, "]>", 2)) /* XML forbids "]]>", and gnuplot does not escape '>' */
			fputs("] ", file);
		else if (*c != '\'')
			putc(*c, file);
		else
			fputs(alone ? "''" : "'.\"'\".'", file);
		alone = *c != '\'';
	}
	putc('\'', file);
	free(copy);
}

/* Escapes the characters that TeX interprets. Others are UTF-8, LaTeX's default encoding since
 * 2018. */
static char *escape_tex(const char *text)
{
	static const char *const escaped[128] = {
		['#'] = "\\#", ['$'] = "\\$",	['%'] = "\\%",
		['&'] = "\\&", ['_'] = "\\_",	['{'] = "\\{",
		['}'] = "\\}", ['~'] = "\\~{}", ['^'] = "\\^{}",
		['<'] = "$<$", ['>'] = "$>$",	['|'] = "$|$",
		['"'] = "''",  ['`'] = "\\`{}", ['\\'] = "$\\backslash$",
	};
	char *copy = NULL;
	size_t size;
	FILE *out = memory_stream(&copy, &size);

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x80 && escaped[*c])
			fputs(escaped[*c], out);
		else
			putc(*c, out);
	}
	memory_end(out, &copy);
	return copy;
}

void plot_text(const struct figure *figure, FILE *file, const char *text, bool tic)
{
	char *clean = memory_text(text), *escaped, *doubled = NULL;
	size_t size;
	FILE *out = memory_stream(&doubled, &size);

	escaped = figure->plot->format->tex ? escape_tex(why_clean(table_clean(clean)))
					    : memory_text(clean);
	for (const char *c = escaped; *c; c++) {
		if (tic && *c == '%')
			putc('%', out);
		putc(*c, out);
	}
	memory_end(out, &doubled);
	plot_quote(file, doubled);
	free(doubled);
	free(escaped);
	free(clean);
}

void plot_words(const struct figure *figure, FILE *file, const char *text)
{
	plot_text(figure, file, text, false);
}

void plot_assign(const struct figure *figure, FILE *file, const char *name, const char *format, ...)
{
	char text[2 * PLOT_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(file, "%s = ", name);
	plot_words(figure, file, text);
	putc('\n', file);
}
