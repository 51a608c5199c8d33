// SPDX-License-Identifier: GPL-2.0-or-later
#include "label.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "../describe/describe.h"

/* Printable UTF-8. */
static char *title_of(const struct figure *figure)
{
	char *title = NULL, name[PLOT_TEXT];
	size_t size;
	FILE *out = memory_stream(&title, &size);

	fprintf(out, "exitstorm %s:", figure->plot->kind->name);
	for (size_t i = 0; i < figure->runs; i++) {
		describe_name(figure->run[i], name, sizeof(name));
		why_clean(name);
		fprintf(out, "%s %s", i ? "," : "", name);
	}
	memory_end(out, &title);
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

static bool is_ascii(const char *text)
{
	while (*text > 0)
		text++;
	return !*text;
}

/* Inserts a text chunk after IHDR, which always comes first and has a fixed length. */
static void label_png(const struct bytes *in, const char *title, FILE *out)
{
	const size_t head = 8 + 25;
	/* tEXt is Latin-1; iTXt is UTF-8: not compressed, no language, no translated keyword. */
	const char *key = is_ascii(title) ? "tEXtTitle\0" : "iTXtTitle\0\0\0\0\0";
	const int key_size = is_ascii(title) ? 10 : 14;
	char chunk[14 + 4096];
	u32 number;
	int size;

	if (in->size < head) {
		fwrite(in->data, 1, in->size, out);
		return;
	}
	size = key_size + snprintf(chunk + key_size, sizeof(chunk) - key_size, "%.4000s", title);
	memcpy(chunk, key, key_size);
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

/* A text string (ISO 32000-1, 7.9.2.2): ASCII as it is, other text in UTF-16BE with a mark. */
static void put_pdf_text(const char *title, FILE *out)
{
	if (is_ascii(title)) {
		putc('(', out);
		for (; *title; title++)
			fprintf(out, strchr("()\\", *title) ? "\\%c" : "%c", *title);
		putc(')', out);
		return;
	}
	fputs("<FEFF", out);
	while (*title) {
		size_t bytes = why_printable(title); /* not 0: the title is clean */
		u32 code = (unsigned char)*title;

		if (bytes > 1)
			code &= 0x7f >> bytes;
		for (size_t i = 1; i < bytes; i++)
			code = code << 6 | (title[i] & 0x3f);
		if (code < 0x10000)
			fprintf(out, "%04X", code);
		else
			fprintf(out, "%04X%04X", 0xd800 + ((code - 0x10000) >> 10),
				0xdc00 + ((code - 0x10000) & 0x3ff));
		title += bytes ? bytes : 1;
	}
	putc('>', out);
}

/* A PDF's last cross-references, and the dictionary that belongs to them. */
struct references {
	unsigned long at, root, info, size;
	bool is_stream; /* ISO 32000-1, 7.5.8: since cairo 1.18; else a table and a trailer, 7.5.4
			 */
};

static bool find_references(const struct bytes *in, struct references *references)
{
	const char *start = last(in, "startxref"), *dictionary = NULL;

	references->at = start ? strtoul(start + strlen("startxref"), NULL, 10) : in->size;
	if (references->at >= in->size)
		return false;
	references->is_stream = strncmp(in->data + references->at, "xref", 4);
	if (!references->is_stream)
		dictionary = last(in, "trailer");
	else if (strstr(in->data + references->at, "/XRef"))
		dictionary = in->data + references->at;
	if (!dictionary)
		return false;
	references->root = reference(dictionary, "/Root ");
	references->info = reference(dictionary, "/Info ");
	references->size = reference(dictionary, "/Size ");
	return references->root && references->info && references->size;
}

/* Those of an update, of the same kind. The stream is itself an object, with the next number. */
static void put_references(const struct references *old, unsigned long info, FILE *out)
{
	unsigned long here = ftell(out);

	if (old->is_stream)
		fprintf(out,
			"%lu 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%lu 1 %lu 1]\n/Filter "
			"/ASCIIHexDecode /Length 25\n",
			old->size, old->info, old->size);
	else
		fprintf(out, "xref\n%lu 1\n%010lu 00000 n \ntrailer\n<< ", old->info, info);
	fprintf(out, "/Size %lu /Root %lu 0 R /Info %lu 0 R /Prev %lu >>\n",
		old->size + old->is_stream, old->root, old->info, old->at);
	if (old->is_stream)
		fprintf(out, "stream\n01%08lX0001%08lX00>\nendstream\nendobj\n", info, here);
	fprintf(out, "startxref\n%lu\n%%%%EOF\n", here);
}

/* Adds an incremental update (ISO 32000-1, 7.5.6) with a new information dictionary. */
static void label_pdf(const struct bytes *in, const char *title, FILE *out)
{
	struct references old;
	unsigned long info;

	fwrite(in->data, 1, in->size, out);
	if (!find_references(in, &old))
		return;
	putc('\n', out);
	info = ftell(out);
	fprintf(out, "%lu 0 obj\n<< /Title ", old.info);
	put_pdf_text(title, out);
	fprintf(out, " /Creator (exitstorm) /Producer (gnuplot, cairo) >>\nendobj\n");
	put_references(&old, info, out);
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
		bytes->data = memory_get(size + 1);
		bytes->size = fread(bytes->data, 1, size, in);
		bytes->data[bytes->size] = '\0';
		if (ferror(in) || bytes->size != (size_t)size)
			error = -EIO;
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
	int error = read_all(path, &in);

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
