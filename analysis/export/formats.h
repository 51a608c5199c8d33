/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats of other tools: trackers of benchmarks, CI systems, readers of histograms. */
#ifndef ANALYSIS_EXPORT_FORMATS_H
#define ANALYSIS_EXPORT_FORMATS_H

#include <stdio.h>

#include "format.h"

/*
 * F(name, text): a row per format. format_NAME() writes it; its words in --format are the names.
 */
#define FORMATS(F)                                                        \
	F(gbench, "Google Benchmark's JSON, an entry per repeat")         \
	F(bmf, "Bencher Metric Format, with lower and upper value")       \
	F(gobench, "Go's benchmark lines, one per repeat, for benchstat") \
	F(junit, "JUnit XML, a test case per storm")                      \
	F(tap, "TAP 13, a test per storm")                                \
	F(summary, "a short Markdown summary for a pull request")         \
	F(hgrm, "HdrHistogram's percentiles, of one storm")

/* For --help: a line for each. */
#define FORMAT_TEXT(name, text) "\n" #name ": " text
#define FORMATS_TEXT		FORMATS(FORMAT_TEXT)

#define FORMAT_ENUM(name, text) FORMAT_##name,
enum { FORMATS(FORMAT_ENUM) FORMAT_COUNT };
#undef FORMAT_ENUM

struct format {
	const char *name, *text;
	/* 0, or -errno and why (RUN_WHY bytes). The caller checks `out` for write errors. */
	int (*write)(const struct format_data *data, FILE *out, char *why);
};

extern const struct format formats[FORMAT_COUNT];
extern const char *const format_words[FORMAT_COUNT];

#define FORMAT_DECLARE(name, text) \
	int format_##name(const struct format_data *data, FILE *out, char *why);
FORMATS(FORMAT_DECLARE)
#undef FORMAT_DECLARE

#endif
