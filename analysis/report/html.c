// SPDX-License-Identifier: GPL-2.0-or-later
#include "html.h"

#include <math.h>

#include "../../results/why.h"

void report_text(FILE *out, const char *text)
{
	static const char *const escaped[128] = {['<'] = "&lt;",
						 ['>'] = "&gt;",
						 ['&'] = "&amp;",
						 ['"'] = "&quot;",
						 ['\''] = "&#39;"};

	while (*text) {
		size_t bytes = why_printable(text);
		unsigned char c = *text;

		if (c == '\n' || (bytes == 1 && c < 128 && !escaped[c]))
			putc(c, out);
		else if (c < 128 && escaped[c])
			fputs(escaped[c], out);
		else if (bytes)
			fwrite(text, 1, bytes, out);
		else
			putc('?', out);
		text += bytes ? bytes : 1;
	}
}

void report_number(FILE *out, double value, const char *text)
{
	if (isfinite(value))
		fprintf(out, "<td data-v=\"%.17g\">%s</td>", value, text);
	else
		fputs("<td>-</td>", out);
}
