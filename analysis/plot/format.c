// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

#include <string.h>

static const struct plot_format formats[] = {
	{"pdf", "pdfcairo", "cm", 1, 13.5, 1.6, 0.6, false},
	{"svg", "svg dynamic rounded", "", 37.8, 10.5, 1.2, 0.6, false},
	{"png", "pngcairo", "", 75, 18, 2.2, 1.3, false},
	{"tikz", "tikz", "cm", 1, 7, 1, 0.9, true},
};

const char *plot_format_name(size_t index)
{
	return index < sizeof(formats) / sizeof(*formats) ? formats[index].name : NULL;
}

const struct plot_format *plot_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(name, formats[i].name))
			return &formats[i];
	return NULL;
}

bool plot_font_ok(const char *name)
{
	size_t length = strlen(name);

	return length && length < 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -") ==
		       length;
}
