// SPDX-License-Identifier: GPL-2.0-or-later
#include "counter_event.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "range.h"

static const struct {
	const char *name;
	u32 type;
	enum counter_sides sides;
	u64 config;
} table[] = {
#define COUNTER(name, type, config, sides) {name, type, COUNTER_SIDES_##sides, config},
#include "counters.def"
};
#define NAMES (sizeof(table) / sizeof(table[0]))

const char *const counter_side_name[COUNTER_SIDES] = {
	[COUNTER_HOST] = "host", [COUNTER_GUEST] = "guest", [COUNTER_BOTH] = "both"};

const char *counters_name(u32 index)
{
	return index < NAMES ? table[index].name : NULL;
}

int counter_tracefs_open(const char *path)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int context, mount = -1, fd = -1;
	char whole[256];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && fd < 0; i++) {
		snprintf(whole, sizeof(whole), "%s/%s", places[i], path);
		fd = open(whole, O_RDONLY | O_CLOEXEC);
	}
	if (fd >= 0)
		return fd;
	/* Not mounted: a detached mount, which ends with its last descriptor. */
	context = fsopen("tracefs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -errno;
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0)
		fd = openat(mount, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (mount >= 0)
		close(mount);
	close(context);
	return fd;
}

/* Reads the first line of fd and closes it. fd < 0: an error, which is returned. */
static int read_text(int fd, char *text, size_t size)
{
	ssize_t bytes;

	if (fd < 0)
		return fd;
	bytes = read(fd, text, size - 1);
	close(fd);
	if (bytes <= 0)
		return -EIO;
	text[bytes] = 0;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

static int read_sysfs(const char *pmu, const char *file, const char *name, char *text, size_t size)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s%s", pmu, file, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return read_text(fd < 0 ? -errno : fd, text, size);
}

static int tracepoint(struct counter_event *event, const char *system, const char *name, char *why)
{
	char path[256], id[32];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/id", system, name);
	err = read_text(counter_tracefs_open(path), id, sizeof(id));
	if (err) {
		snprintf(why, COUNTERS_WHY,
			 err == -ENOENT ? "this kernel has no such tracepoint"
					: "tracepoints cannot be looked up here: %s",
			 strerror(-err));
		return -ENOENT;
	}
	event->attr.type = PERF_TYPE_TRACEPOINT;
	event->attr.config = strtoull(id, NULL, 10);
	event->sides = COUNTER_SIDES_HOST;
	return 0;
}

/* format: "config:0-7,32" of sysfs' format/, the bits of attr that hold the value. */
static int format_term(struct perf_event_attr *attr, const char *format, u64 value)
{
	const char *at = strchr(format, ':');
	__u64 *word = &attr->config;
	unsigned long from, to;

	if (!at || strncmp(format, "config", 6))
		return -EINVAL;
	if (format[6] == '1')
		word = &attr->config1;
	else if (format[6] == '2')
		word = &attr->config2;
	do {
		at++;
		if (!range_next(&at, &from, &to) || to > 63)
			return -EINVAL;
		for (; from <= to; from++, value >>= 1)
			*word |= (__u64)(value & 1) << from;
	} while (*at == ',');
	return *at ? -EINVAL : 0;
}

/* terms: "event=0x3c,umask=0x1,inv" of sysfs' events/. */
static int pmu_terms(struct counter_event *event, const char *pmu, char *terms)
{
	char format[64], *rest = terms, *term;

	while ((term = strsep(&rest, ","))) {
		char *value = strchr(term, '=');

		if (value)
			*value++ = 0;
		if (read_sysfs(pmu, "format/", term, format, sizeof(format)) ||
		    format_term(&event->attr, format, value ? strtoull(value, NULL, 0) : 1))
			return -EINVAL;
	}
	return 0;
}

static int pmu_event(struct counter_event *event, const char *pmu, const char *name, char *why)
{
	char type[32], terms[256];

	if (read_sysfs(pmu, "type", "", type, sizeof(type))) {
		snprintf(why, COUNTERS_WHY, "this machine has no PMU called %.64s", pmu);
		return -ENOENT;
	}
	event->attr.type = strtoul(type, NULL, 10);
	event->sides = COUNTER_SIDES_APART;
	event->pmu = true;
	if (!read_sysfs(pmu, "events/", name, terms, sizeof(terms)) &&
	    !pmu_terms(event, pmu, terms))
		return 0;
	snprintf(why, COUNTERS_WHY, "the PMU %.64s has no event %.64s, or one with unknown terms",
		 pmu, name);
	return -ENOENT;
}

static bool parse_name(struct counter_event *event, const char *word)
{
	char *end;
	u64 config;

	for (size_t i = 0; i < NAMES; i++)
		if (!strcmp(table[i].name, word)) {
			event->attr.type = table[i].type;
			event->attr.config = table[i].config;
			event->sides = table[i].sides;
			event->pmu = table[i].sides == COUNTER_SIDES_APART;
			return true;
		}
	if (counter_cache_name(word, &config)) {
		event->attr.type = PERF_TYPE_HW_CACHE;
		event->attr.config = config;
		event->sides = COUNTER_SIDES_APART;
		event->pmu = true;
		return true;
	}
	if (word[0] != 'r' || !isxdigit((unsigned char)word[1]))
		return false;
	event->attr.type = PERF_TYPE_RAW;
	event->attr.config = strtoull(word + 1, &end, 16);
	event->pmu = true;
	return !*end;
}

/* Cuts off perf's modifiers ":u", ":k", ":uk". False: there are none after the last colon. */
static bool cut_modifiers(struct counter_event *event, char *word)
{
	char *colon = strrchr(word, ':');
	size_t length = colon ? strspn(colon + 1, "uk") : 0;

	if (!length || colon[1 + length])
		return false;
	event->attr.exclude_user = !strchr(colon + 1, 'u');
	event->attr.exclude_kernel = !strchr(colon + 1, 'k');
	*colon = 0;
	return true;
}

static int event_parse(char *word, struct counter_event *event, char *why)
{
	char *separator;

	if (parse_name(event, word))
		return 0;
	separator = strchr(word, '/');
	if (separator && separator > word && strlen(separator) > 2 &&
	    word[strlen(word) - 1] == '/') {
		*separator = 0;
		word[strlen(separator + 1) + (separator - word)] = 0;
		return pmu_event(event, word, separator + 1, why);
	}
	if (cut_modifiers(event, word))
		return event_parse(word, event, why);
	separator = strchr(word, ':');
	if (separator && separator > word && separator[1] && !strchr(word, '/')) {
		*separator = 0;
		return tracepoint(event, word, separator + 1, why);
	}
	snprintf(why, COUNTERS_WHY,
		 "no event is called '%.64s' (perf's names, such as cycles, page-faults, "
		 "kvm:kvm_exit, msr/tsc/, r01c2)",
		 event->name);
	return -EINVAL;
}

int counter_event_next(const char **list, struct counter_event *event, char *why)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-:/";
	size_t length = strcspn(*list, ",+");
	char word[COUNTERS_NAME];

	*event = (struct counter_event){0};
	event->attr.size = sizeof(event->attr);
	if (!length || length >= sizeof(word) || strspn(*list, allowed) != length) {
		snprintf(why, COUNTERS_WHY, "'%.*s' is not the name of an event",
			 (int)(length < COUNTERS_NAME ? length : COUNTERS_NAME), *list);
		return -EINVAL;
	}
	memcpy(word, *list, length);
	word[length] = 0;
	memcpy(event->name, word, length + 1);
	*list += length;
	if (**list &&
	    (*list)[1]) /* a separator at the end stays, and is refused by the next call */
		++*list;
	return event_parse(word, event, why);
}

int counters_check(const char *list, char *why)
{
	struct counter_event event;
	u32 events = 0;

	do {
		if (events++ == COUNTERS_MAX) {
			snprintf(why, COUNTERS_WHY, "at most %d events", COUNTERS_MAX);
			return -EINVAL;
		}
		if (counter_event_next(&list, &event, why) == -EINVAL)
			return -EINVAL;
	} while (*list);
	return 0;
}
