// SPDX-License-Identifier: GPL-2.0-or-later
#include "hardware.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MSR_SPEC_CTRL	  0x48
#define SPEC_CTRL_OF_TASK 6ULL	/* STIBP and SSBD: Linux sets them for the task that runs */
#define ROUND_TRIP_MAX	  20000 /* ticks; uncached memory costs a hundred per access */
#define CYCLES_MIN	  0.05
#define CYCLES_MAX	  20

typedef void check_function(const json_t *run, const struct hardware_facts *facts,
			    struct hardware_finding *finding);

static void say(struct hardware_finding *finding, enum hardware_verdict verdict, const char *format,
		...) __attribute__((format(printf, 3, 4)));

static void say(struct hardware_finding *finding, enum hardware_verdict verdict, const char *format,
		...)
{
	va_list args;

	finding->verdict = verdict;
	va_start(args, format);
	vsnprintf(finding->detail, sizeof(finding->detail), format, args);
	va_end(args);
}

static const json_t *target_of(const json_t *run)
{
	return json_object_get(run, "target");
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static const json_t *storm_of(const json_t *run, const char *name)
{
	const json_t *list = json_object_get(run, "storms");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(text_of(json_array_get(list, i), "name"), name))
			return json_array_get(list, i);
	return NULL;
}

static check_function check_clock, check_spec_ctrl, check_smi, check_cycles, check_memory,
	check_machine_check;

static const struct row {
	const char *name, *backend, *flag, *storms;
	check_function *check;
	const char *text, *command, *outcome;
} rows[] = {
#define HARDWARE(...) {__VA_ARGS__},
#include "hardware.def"
};

static void check_clock(const json_t *run, const struct hardware_facts *facts,
			struct hardware_finding *finding)
{
	const json_t *target = target_of(run), *check = json_object_get(target, "clock_check");
	const char *found = text_of(check, "found"), *clock = text_of(target, "clock");

	(void)facts;
	if (!json_is_object(check))
		say(finding, HARDWARE_NOT_HERE, "the run has not checked its clock");
	else if (!strcmp(found, "tsc") && !strcmp(clock, "tsc"))
		say(finding, HARDWARE_PASS, "known sequences take times of hardware");
	else if (strcmp(clock, "tsc"))
		say(finding, HARDWARE_NOT_HERE, "known sequences show %s: an emulator", found);
	else
		say(finding, HARDWARE_FAIL, "labelled tsc, but known sequences show %s", found);
}

static void check_spec_ctrl(const json_t *run, const struct hardware_facts *facts,
			    struct hardware_finding *finding)
{
	(void)run;
	for (u32 cpu = 0; cpu < facts->cpus; cpu++)
		if ((facts->before[cpu] ^ facts->after[cpu]) & ~SPEC_CTRL_OF_TASK) {
			say(finding, HARDWARE_FAIL, "CPU %u: 0x%llx before, 0x%llx after", cpu,
			    (unsigned long long)facts->before[cpu],
			    (unsigned long long)facts->after[cpu]);
			return;
		}
	if (facts->cpus)
		say(finding, HARDWARE_PASS, "the same on %u CPUs", facts->cpus);
	else
		say(finding, HARDWARE_NOT_HERE, "the MSR cannot be read (module msr, root)");
}

static void check_smi(const json_t *run, const struct hardware_facts *facts,
		      struct hardware_finding *finding)
{
	const json_t *list = json_object_get(run, "storms");
	json_int_t smis = 0, disturbed = 0;

	(void)facts;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *storm = json_array_get(list, i),
			     *repeats = json_object_get(storm, "repeats");
		json_int_t here = 0;

		for (size_t j = 0; j < json_array_size(repeats); j++)
			here += json_integer_value(
				json_object_get(json_array_get(repeats, j), "smi"));
		smis += here;
		if (here)
			disturbed += json_integer_value(json_object_get(storm, "disturbed"));
	}
	if (!smis)
		say(finding, HARDWARE_NOT_HERE, "no SMI came during the run");
	else if (disturbed)
		say(finding, HARDWARE_PASS, "%lld SMIs, their records are flagged",
		    (long long)smis);
	else
		say(finding, HARDWARE_FAIL, "%lld SMIs, no record is flagged", (long long)smis);
}

static void check_cycles(const json_t *run, const struct hardware_facts *facts,
			 struct hardware_finding *finding)
{
	const json_t *ratio = json_object_get(storm_of(run, "vmcall"), "core_cycles_per_tick");
	double value = json_number_value(ratio);

	(void)facts;
	if (!json_is_number(ratio))
		say(finding, HARDWARE_FAIL, "the CPU has APERF, the run has no core cycles");
	else
		say(finding,
		    value > CYCLES_MIN && value < CYCLES_MAX ? HARDWARE_PASS : HARDWARE_FAIL,
		    "%.3f core cycles per tick", value);
}

static void check_memory(const json_t *run, const struct hardware_facts *facts,
			 struct hardware_finding *finding)
{
	const json_t *legs = json_object_get(storm_of(run, "vmcall"), "legs"),
		     *all = json_object_get(json_object_get(legs, "round_trip"), "all");
	double ticks = json_number_value(json_object_get(all, "p50"));

	(void)facts;
	say(finding, ticks > 0 && ticks < ROUND_TRIP_MAX ? HARDWARE_PASS : HARDWARE_FAIL,
	    "vmcall: %.0f ticks", ticks);
}

static void check_machine_check(const json_t *run, const struct hardware_facts *facts,
				struct hardware_finding *finding)
{
	const json_t *list = json_object_get(run, "storms");

	(void)facts;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strstr(text_of(json_array_get(list, i), "why"), "a machine check (#MC) hit")) {
			say(finding, HARDWARE_PASS, "one came in %s, and ended the run in order",
			    text_of(json_array_get(list, i), "name"));
			return;
		}
	say(finding, HARDWARE_NOT_HERE, "no machine check came during the run");
}

static bool is_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

/* False, and the reason: this run cannot show it. */
static bool applies(const struct row *row, const json_t *run, const struct hardware_facts *facts,
		    struct hardware_finding *finding)
{
	const json_t *target = target_of(run);
	const char *backend = text_of(target, "backend"),
		   *below = text_of(json_object_get(run, "host"), "hypervisor");
	bool raw = !strcmp(backend, "vmx") || !strcmp(backend, "svm");

	finding->verdict = HARDWARE_NOT_HERE;
	if (row->check == check_clock)
		return true;
	if (json_is_true(json_object_get(target, "emulated")))
		say(finding, HARDWARE_NOT_HERE, "target %s is an emulator",
		    text_of(target, "name"));
	else if (!strcmp(row->backend, "raw") ? !raw : strcmp(row->backend, backend))
		say(finding, HARDWARE_NOT_HERE, "target %s does not run raw %s",
		    text_of(target, "name"),
		    !strcmp(row->backend, "raw") ? "VMX or SVM" : row->backend);
	else if (*below)
		say(finding, HARDWARE_NOT_HERE, "this machine is a VM under %s", below);
	else if (*row->flag && !is_word(facts->flags, row->flag))
		say(finding, HARDWARE_NOT_HERE, "this CPU or kernel lacks it (flag %s)", row->flag);
	else
		return true;
	return false;
}

/* True: at least one of the row's storms was measured, and none has failed. */
static bool storms_pass(const struct row *row, const json_t *run, struct hardware_finding *finding)
{
	char names[256], *rest = NULL;
	u32 measured = 0;

	snprintf(names, sizeof(names), "%s", row->storms);
	say(finding, HARDWARE_NOT_HERE, "none of its storms ran");
	for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		const json_t *storm = storm_of(run, name);
		const char *status = text_of(storm, "status");

		if (!strcmp(status, "failed")) {
			say(finding, HARDWARE_FAIL, "%s: %.200s", name, text_of(storm, "why"));
			return false;
		}
		if (!strcmp(status, "measured"))
			measured++;
		else if (storm && !measured)
			say(finding, HARDWARE_NOT_HERE, "%s: %.200s", name, text_of(storm, "why"));
	}
	if (measured)
		say(finding, HARDWARE_PASS, "%u of %s measured", measured, row->storms);
	return measured;
}

void hardware_check(u32 check, const json_t *run, const struct hardware_facts *facts,
		    struct hardware_finding *finding)
{
	const struct row *row = &rows[check];

	if (!applies(row, run, facts, finding))
		return;
	if (*row->storms && !storms_pass(row, run, finding))
		return;
	if (row->check)
		row->check(run, facts, finding);
}

u32 hardware_checks(void)
{
	return sizeof(rows) / sizeof(rows[0]);
}

const char *hardware_name(u32 check)
{
	return rows[check].name;
}

const char *hardware_word(enum hardware_verdict verdict)
{
	static const char *const words[] = {"pass", "fail", "not here"};

	return words[verdict];
}

void hardware_print_table(FILE *out)
{
	fputs("| check | what only hardware shows | run | must come out |\n|---|---|---|---|\n",
	      out);
	for (u32 i = 0; i < hardware_checks(); i++)
		fprintf(out, "| `%s` | %s | `%s` | %s |\n", rows[i].name, rows[i].text,
			rows[i].command, rows[i].outcome);
}

static void read_flags(char *flags, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t room = 0;

	*flags = '\0';
	while (file && getline(&line, &room, file) > 0)
		if (!strncmp(line, "flags", 5) && strchr(line, ':')) {
			snprintf(flags, size, "%.*s", (int)strcspn(strchr(line, ':') + 1, "\n"),
				 strchr(line, ':') + 1);
			break;
		}
	free(line);
	if (file)
		fclose(file);
}

/* Of CPU 0, 1, ...: up to the first that cannot be read. */
static u32 read_spec_ctrl(u64 *value)
{
	u32 cpu = 0;

	for (; cpu < HARDWARE_CPUS; cpu++) {
		char path[64];
		bool whole;
		int fd;

		snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		whole = pread(fd, &value[cpu], sizeof(*value), MSR_SPEC_CTRL) == sizeof(*value);
		close(fd);
		if (!whole)
			break;
	}
	return cpu;
}

void hardware_before(struct hardware_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	read_flags(facts->flags, sizeof(facts->flags));
	facts->cpus = read_spec_ctrl(facts->before);
}

void hardware_after(struct hardware_facts *facts)
{
	u32 cpus = read_spec_ctrl(facts->after);

	if (cpus < facts->cpus)
		facts->cpus = cpus;
}
