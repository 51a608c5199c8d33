// SPDX-License-Identifier: GPL-2.0-or-later
#include "why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_SHOWN 240 /* bytes; escaping may need more, and the line is cut at its end */

/*
 * Well-formed UTF-8 by its first byte (the Unicode Standard, table 3-7): the second byte has a
 * range of its own, further ones are 0x80..0xbf. C1 controls are not in the table, because
 * terminals interpret them.
 */
static const struct form {
	unsigned char first, last, second_first, second_last, size;
} forms[] = {
	{0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* U+2028..202E, U+2066..2069: line separators, and controls of the writing direction. */
static bool confuses(const unsigned char *text)
{
	return text[0] == 0xe2 && ((text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) ||
				   (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9));
}

size_t why_printable(const char *at)
{
	const unsigned char *text = (const unsigned char *)at;

	if (text[0] >= 0x20 && text[0] < 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *form = &forms[i];

		if (text[0] < form->first || text[0] > form->last)
			continue;
		if (text[1] < form->second_first || text[1] > form->second_last)
			return 0;
		for (size_t k = 2; k < form->size; k++)
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		return confuses(text) ? 0 : form->size;
	}
	return 0;
}

void why_append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

char *why_clean(char *text)
{
	size_t bytes;

	for (char *at = text; *at; at += bytes) {
		bytes = why_printable(at);
		if (bytes)
			continue;
		bytes = 1;
		*at = '?';
	}
	return text;
}

static void escape(char *to, size_t size, const char *from)
{
	const char *next = from;
	size_t used = 0;

	while (*next) {
		char piece[8];
		size_t bytes = why_printable(next);
		size_t length = bytes;

		if (bytes) {
			memcpy(piece, next, bytes);
		} else {
			bytes = 1;
			if (*next == '\n')
				length = (size_t)snprintf(piece, sizeof(piece), "\\n");
			else if (*next == '\t')
				length = (size_t)snprintf(piece, sizeof(piece), "\\t");
			else
				length = (size_t)snprintf(piece, sizeof(piece), "\\x%02x",
							  (unsigned char)*next);
		}
		if (used + length >= size)
			break;
		memcpy(to + used, piece, length);
		used += length;
		next += bytes;
	}
	to[used] = 0;
}

int why_say(char *why, int error, const char *format, ...)
{
	char text[4 * RUN_WHY];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	escape(why, RUN_WHY, text);
	return error;
}

const char *why_path(const char *path)
{
	size_t length = strlen(path);

	return length > PATH_SHOWN ? path + length - PATH_SHOWN : path;
}

bool why_is_text(const char *text, size_t room)
{
	size_t length = strnlen(text, room);

	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length && length < room;
}
