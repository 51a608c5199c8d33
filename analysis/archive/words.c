// SPDX-License-Identifier: GPL-2.0-or-later
#include "words.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "../../results/why.h"
#include "../output/table.h"

#define LINE	1024
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

void words_name(char *name)
{
	size_t bytes;

	for (char *c = name; *c; c += bytes) {
		bytes = why_printable(c);
		if (bytes > 1)
			continue;
		bytes = 1;
		if (!strchr(LETTERS "_-+=.", *c))
			*c = '_';
	}
	if (*name == '.' || *name == '-')
		*name = '_';
}

void words_shell(const char *word, FILE *file)
{
	bool plain = *word && *word != '~' && !word[strspn(word, LETTERS "_-+=.,:/@%~")];
	size_t bytes;

	if (plain) {
		fputs(word, file);
		return;
	}
	putc('\'', file);
	for (const char *c = word; *c; c += bytes) {
		bytes = why_printable(c);
		if (*c == '\'')
			fputs("'\\''", file);
		else if (bytes)
			fwrite(c, 1, bytes, file);
		else
			putc('?', file);
		bytes += !bytes;
	}
	putc('\'', file);
}

void words_markdown(FILE *file, const char *format, ...)
{
	char text[LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	table_markdown_text(table_clean(text), file);
}
