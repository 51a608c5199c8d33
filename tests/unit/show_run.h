/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of analysis/show: made-up runs, and what is shown of them. */
#ifndef TESTS_UNIT_SHOW_RUN_H
#define TESTS_UNIT_SHOW_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../analysis/show/show.h"

/* run.json with the members that show reads; the figures are made up. */
#define STATS(p50)                                                                    \
	"{\"count\":100,\"min\":" p50 ",\"p50\":" p50 ",\"p90\":" p50 ",\"p99\":" p50 \
	",\"p999\":" p50 ",\"max\":" p50 ",\"mean\":" p50 ",\"stddev\":0,\"mad\":0}"
#define LEG(name, site, p50, ci)         \
	"\"" name "\":{\"site\":\"" site \
	"\",\"all\":" STATS(p50) ",\"clean\":" STATS(p50) ",\"p50_ci95\":" ci "}"
#define STORM(name, kind, cpl, legs)                                                         \
	"{\"name\":\"" name "\",\"kind\":\"" kind "\",\"status\":\"measured\",\"why\":null," \
	"\"cpl\":" cpl ",\"exits\":100,\"expected\":100,\"disturbed\":5,\"lost\":0,"         \
	"\"control\":{\"round_trip\":52,\"period\":4},\"legs\":{" legs "}}"
#define NONE(name, status, why)                                                                 \
	"{\"name\":\"" name "\",\"kind\":\"cr_write\",\"status\":\"" status "\",\"why\":\"" why \
	"\",\"legs\":{}}"
#define RUN_ON(clock, emulated, stamps, storms)                                              \
	"{\"schema\":\"exitstorm-run/1\",\"tool\":{\"version\":\"1.2\",\"commit\":\"abc\"}," \
	"\"target\":{\"name\":\"kvm\",\"backend\":\"kvm\",\"clock\":\"" clock "\","          \
	"\"emulated\":" emulated ",\"guest_cpl\":3,\"guest_native\":true},"                  \
	"\"host\":{\"cpu\":{\"brand\":\"A CPU\",\"tsc_hz\":2e9},\"hypervisor\":\"Xen\","     \
	"\"kernel\":\"6.1\"},\"settings\":{\"cpl\":\"auto\",\"stamps\":\"" stamps "\"},"     \
	"\"plan\":{\"exits\":20,\"repeats\":5,\"vcpus\":1,\"warmup\":3,\"cpus\":[1]},"       \
	"\"storms\":[" storms "]}"
#define RUN(stamps, storms) RUN_ON("tsc", "false", stamps, storms)

#define CI  "[9900,10101]"
#define PIO LEG("round_trip", "guest", "10000", CI)
#define SPLIT                                                                                \
	LEG("exit", "kvm-ioctl", "4000", "null")                                             \
	"," LEG("handler", "kvm-ioctl", "70", "null") "," LEG("resume", "kvm-ioctl", "5900", \
							      "null") "," PIO

#define GUEST(name, status, cpl, native, more)                                                   \
	"{\"name\":\"" name "\",\"kind\":\"io\",\"status\":\"" status "\",\"cpl\":" cpl          \
	",\"native\":" native ",\"exits\":100,\"expected\":100,\"disturbed\":0,\"lost\":0," more \
	"}"
#define FIGURE "\"why\":null,\"legs\":{" PIO "}"

static struct run *run;
static char *text;

static inline void load(const char *json)
{
	char why[RUN_WHY];

	if (run_parse_text(json, strlen(json), &run, why))
		fail_msg("%s", why);
}

static inline int unload(void **state)
{
	(void)state;
	run_close(run);
	free(text);
	run = NULL;
	text = NULL;
	return 0;
}

static inline void show(enum table_form form, int width)
{
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(show_print(run, out, form, width), 0);
	fclose(out);
}

static inline void has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("there is no \"%s\" in\n%s", part, text);
}

static inline void has_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("there is a \"%s\" in\n%s", part, text);
}

#endif
