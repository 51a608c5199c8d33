// SPDX-License-Identifier: GPL-2.0-or-later
#include "label.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../describe/describe.h"

/* Printable ASCII, which all formats take. */
static char *title_of(const struct figure *figure)
{
	char *title = NULL, name[PLOT_TEXT];
	size_t size;
	FILE *out = open_memstream(&title, &size);

	if (!out)
		return NULL;
	fprintf(out, "exitstorm %s:", figure->plot->kind->name);
	for (size_t i = 0; i < figure->runs; i++) {
		describe_name(figure->run[i], name, sizeof(name));
		for (char *c = name; *c; c++)
			if (!isascii((unsigned char)*c) || !isprint((unsigned char)*c))
				*c = '?';
		fprintf(out, "%s %s", i ? "," : "", name);
	}
	if (fclose(out)) {
		free(title);
		return NULL;
	}
	return title;
}

struct bytes {
	char *data;
	size_t size;
};

/* The CRC of PNG's chunks: ISO 3309, PNG specification annex D. */
static u32 crc32(const char *data, size_t size)
{
	u32 crc = ~0U;

	while (size--) {
		crc ^= (unsigned char)*data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Inserts a tEXt chunk after IHDR, which always comes first and has a fixed length. */
static void label_png(const struct bytes *in, const char *title, FILE *out)
{
	const size_t head = 8 + 25;
	char chunk[4 + 6 + 4096];
	u32 number;
	int size;

	if (in->size < head) {
		fwrite(in->data, 1, in->size, out);
		return;
	}
	size = 4 + 6 + snprintf(chunk + 4 + 6, sizeof(chunk) - 4 - 6, "%.4000s", title);
	memcpy(chunk, "tEXtTitle", 4 + 6); /* with its terminating zero */
	fwrite(in->data, 1, head, out);
	number = htonl(size - 4);
	fwrite(&number, 4, 1, out);
	fwrite(chunk, 1, size, out);
	number = htonl(crc32(chunk, size));
	fwrite(&number, 4, 1, out);
	fwrite(in->data + head, 1, in->size - head, out);
}

static void label_svg(const struct bytes *in, const char *title, FILE *out)
{
	const char *begin = strstr(in->data, "<title>"),
		   *end = begin ? strstr(begin, "</title>") : NULL;

	if (!end) {
		fwrite(in->data, 1, in->size, out);
		return;
	}
	begin += strlen("<title>");
	fwrite(in->data, 1, begin - in->data, out);
	for (; *title; title++) {
		if (strchr("<>&", *title))
			fprintf(out, "&#%d;", *title);
		else
			putc(*title, out);
	}
	fwrite(end, 1, in->data + in->size - end, out);
}

/* The object number of a reference in the trailer: 20 of "/Root 20 0 R". */
static unsigned long reference(const char *trailer, const char *key)
{
	const char *at = strstr(trailer, key);

	return at ? strtoul(at + strlen(key), NULL, 10) : 0;
}

static const char *last(const struct bytes *in, const char *word)
{
	const char *found = NULL, *at = in->data;

	/* strstr() would stop at a zero byte within a stream. */
	while ((at = memmem(at, in->size - (at - in->data), word, strlen(word))))
		found = at++;
	return found;
}

/*
 * Adds an incremental update (ISO 32000-1, 7.5.6) with a new information dictionary. A PDF whose
 * cross-references are a stream is left as it is.
 */
static void label_pdf(const struct bytes *in, const char *title, FILE *out)
{
	const char *trailer = last(in, "trailer"), *start = last(in, "startxref");
	unsigned long root = trailer ? reference(trailer, "/Root ") : 0;
	unsigned long info = trailer ? reference(trailer, "/Info ") : 0;
	unsigned long size = trailer ? reference(trailer, "/Size ") : 0;
	long object, table;

	fwrite(in->data, 1, in->size, out);
	if (!root || !info || !size || !start)
		return;
	putc('\n', out);
	object = ftell(out);
	fprintf(out, "%lu 0 obj\n<< /Title (", info);
	for (; *title; title++)
		fprintf(out, strchr("()\\", *title) ? "\\%c" : "%c", *title);
	fprintf(out, ") /Creator (exitstorm) /Producer (gnuplot, cairo) >>\nendobj\n");
	table = ftell(out);
	fprintf(out,
		"xref\n%lu 1\n%010ld 00000 n \ntrailer\n<< /Size %lu /Root %lu 0 R /Info %lu 0 R "
		"/Prev %lu >>\nstartxref\n%ld\n%%%%EOF\n",
		info, object, size, root, info, strtoul(start + strlen("startxref"), NULL, 10),
		table);
}

static void label_tikz(const struct bytes *in, const char *title, FILE *out)
{
	fprintf(out, "%% %s\n", title);
	fwrite(in->data, 1, in->size, out);
}

static int read_all(const char *path, struct bytes *bytes)
{
	FILE *in = fopen(path, "re");
	int error = 0;
	long size;

	if (!in)
		return -errno;
	if (fseek(in, 0, SEEK_END) || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET)) {
		error = -errno;
	} else {
		bytes->data = malloc(size + 1);
		if (bytes->data) {
			bytes->size = fread(bytes->data, 1, size, in);
			bytes->data[bytes->size] = '\0';
			if (ferror(in) || bytes->size != (size_t)size)
				error = -EIO;
		} else {
			error = -ENOMEM;
		}
	}
	fclose(in);
	return error;
}

#define END_BYTES 128 /* gnuplot has a comment after the end of a TikZ picture */

/*
 * gnuplot ends with status 0 when the disk was full: a figure is complete if it ends as its format
 * does (ISO 32000-1, "File trailer"; PNG specification, "IEND").
 */
static bool is_complete(const struct bytes *in, const char *end)
{
	size_t tail = in->size < END_BYTES ? in->size : END_BYTES;

	return tail && memmem(in->data + in->size - tail, tail, end, strlen(end));
}

int plot_label(const struct figure *figure, const char *path, char *why)
{
	static const struct {
		const char *format, *end;
		void (*label)(const struct bytes *in, const char *title, FILE *out);
	} formats[] = {{"pdf", "%%EOF", label_pdf},
		       {"svg", "</svg>", label_svg},
		       {"png", "IEND\xae\x42\x60\x82", label_png},
		       {"tikz", "\\end{tikzpicture}", label_tikz}};
	char *title = title_of(figure);
	struct bytes in = {0};
	FILE *out = NULL;
	size_t kind = 0;
	int error = title ? read_all(path, &in) : -ENOMEM;

	if (error == -ENOENT) { /* nothing was drawn, which the caller reports */
		free(title);
		return 0;
	}
	while (kind < sizeof(formats) / sizeof(*formats) - 1 &&
	       strcmp(formats[kind].format, figure->plot->format->name))
		kind++;
	if (!error && !is_complete(&in, formats[kind].end))
		error = -ENOSPC;
	if (!error && !(out = fopen(path, "we")))
		error = -errno;
	if (!error)
		formats[kind].label(&in, title, out);
	if (out && (ferror(out) | fclose(out)) && !error)
		error = -EIO;
	free(in.data);
	free(title);
	if (error == -ENOSPC)
		return why_say(why, error, "the figure is cut off: no space left for %s", path);
	return error ? why_say(why, error, "the figure cannot be labelled: %s", strerror(-error))
		     : 0;
}
