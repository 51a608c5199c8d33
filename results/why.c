// SPDX-License-Identifier: GPL-2.0-or-later
#include "why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_SHOWN 240 /* bytes; escaped they may need more, and the line is cut at its end */

/* The bytes of the UTF-8 character at `text` if it may be printed as it is; 0: escape a byte. */
static size_t printable(const unsigned char *text)
{
	static const struct {
		unsigned char mask, lead, least_second;
		size_t size;
	} form[] = {
		{0xe0, 0xc0, 0x80, 2},
		{0xf0, 0xe0, 0x80, 3},
		{0xf8, 0xf0, 0x80, 4},
	};

	if (text[0] >= 0x20 && text[0] < 0x7f)
		return 1;
	/* C1 controls, and forms that are longer than they need be. */
	if (text[0] < 0xc2 || (text[0] == 0xc2 && text[1] < 0xa0) ||
	    (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90))
		return 0;
	/* Line and paragraph separators, and what turns the direction of writing. */
	if (text[0] == 0xe2 && text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae)
		return 0;
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		if ((text[0] & form[i].mask) != form[i].lead)
			continue;
		for (size_t k = 1; k < form[i].size; k++)
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		return form[i].size;
	}
	return 0;
}

static void escape(char *to, size_t size, const char *from)
{
	const unsigned char *next = (const unsigned char *)from;
	size_t used = 0;

	while (*next) {
		char piece[8];
		size_t bytes = printable(next);
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
				length = (size_t)snprintf(piece, sizeof(piece), "\\x%02x", *next);
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
