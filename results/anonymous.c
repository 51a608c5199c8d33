// SPDX-License-Identifier: GPL-2.0-or-later
#include "anonymous.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "memory.h"
#include "personal.h"

#define DEPTH	8
#define MAX_KEY 100

/*
 * WORD: from closed lists, settings among them; names of the host may be the same as one of these.
 * TEXT: free text that the kernel, the firmware or the hardware gives. MESSAGE: what happened, with
 * paths. HIDDEN: that it is there tells something about the run, but not its value.
 */
enum class { WORD, TEXT, MESSAGE, HIDDEN, NOTHING };

/*
 * Members that stay, by their path from the top: "[]" is an element of an array, "*" any key. Each
 * is a string, a number, true, false or null.
 */
static const struct rule {
	enum class class;
	const char *path;
} rules[] = {
	{WORD, "schema"},
	{WORD, "tool version"},
	{WORD, "tool commit"},
	{WORD, "uuid"},
	{WORD, "started"},
	{WORD, "duration_s"},
	{WORD, "in_turn"},
	{WORD, "ab side"},
	{HIDDEN, "ab command"},
	{HIDDEN, "ab undo"},
	{WORD, "ab equal"},
	{WORD, "ab ended"},
	{WORD, "ab margin"},
	{WORD, "ab steps [] *"},
	{WORD, "ab undone *"},
	{WORD, "interrupted at"},
	{WORD, "interrupted storms"},
	{WORD, "interrupted complete"},
	{WORD, "interrupted repeats"},
	{WORD, "interrupted repeats_done"},
	{WORD, "interrupted arrays *"},
	{WORD, "resumed [] at"},
	{WORD, "resumed [] rebooted"},
	{HIDDEN, "imported"},
	{MESSAGE, "incomplete"},
	{WORD, "meanwhile others"},
	{WORD, "meanwhile stolen"},
	{WORD, "meanwhile measured cpus []"},
	{WORD, "meanwhile measured others"},
	{WORD, "meanwhile measured stolen"},
	{WORD, "settings *"},
	{WORD, "controls * *"},

	{WORD, "target name"},
	{WORD, "target model"},
	{WORD, "target backend"},
	{WORD, "target emulated"},
	{TEXT, "target emulator"},
	{WORD, "target clock"},
	{WORD, "target clock_granularity"},
	{WORD, "target guest_cpl"},
	{WORD, "target guest_native"},
	{WORD, "target kvm_kind"},
	{WORD, "target raw_space"},
	{TEXT, "target nesting"},
	{WORD, "target clock_check claim"},
	{WORD, "target clock_check found"},
	{WORD, "target clock_check error"},
	{WORD, "target clock_check nop"},
	{WORD, "target clock_check add"},
	{WORD, "target clock_check imul"},
	{WORD, "target clock_check step"},
	{WORD, "target clock_check cpus"},
	{WORD, "target kernel_stamps in"},
	{WORD, "target kernel_stamps out"},
	{WORD, "target kernel_stamps clock"},
	{WORD, "target kernel_stamps error"},
	{WORD, "target kernel_stamps missed"},

	{TEXT, "host cpu vendor"},
	{TEXT, "host cpu brand"},
	{WORD, "host cpu family"},
	{WORD, "host cpu model"},
	{WORD, "host cpu stepping"},
	{WORD, "host cpu microcode"},
	{WORD, "host cpu codename"},
	{WORD, "host cpu microarchitecture"},
	{WORD, "host cpu tsc_hz"},
	{WORD, "host cpu tsc_source"},
	{WORD, "host cpu tsc_invariant"},
	{TEXT, "host kernel"},
	{TEXT, "host hypervisor"},
	{WORD, "host below name"},
	{WORD, "host below by"},
	{WORD, "host below monitor"},
	{WORD, "host below hidden"},
	{WORD, "host below signatures [] leaf"},
	{TEXT, "host below signatures [] signature"},
	{WORD, "host below features * *"},
	{WORD, "host below confidential"},
	{WORD, "host below confidential_by"},
	{WORD, "host below paravisor"},
	{WORD, "host below apic"},
	{WORD, "host below nested"},
	{WORD, "host below topology *"},
	{NOTHING, "host cmdline"},
	{NOTHING, "host name"},
	{NOTHING, "host machine_id"},
	{TEXT, "host dmi *"},
	{TEXT, "host instance_type"},
	{NOTHING, "host boot_id"},
	{NOTHING, "host kaslr_offset"},
	{TEXT, "host mitigations *"},
	{TEXT, "host kvm_params *"},
	{WORD, "host governor"},
	{WORD, "host turbo"},
	{WORD, "host smt"},
	{WORD, "host thp"},
	{WORD, "host cstates driver"},
	{WORD, "host cstates governor"},
	{WORD, "host cstates states [] name"},
	{WORD, "host cstates states [] enabled"},
	{WORD, "host cstates states [] latency_us"},
	{WORD, "host numa *"},
	{WORD, "host cpus online"},
	{WORD, "host cpus isolated"},
	{WORD, "host cpus nohz_full"},
	{WORD, "host apic_ids []"},
	{TEXT, "host compiler"},
	{WORD, "host load1"},
	{WORD, "host steal_ticks"},
	{MESSAGE, "host not_known []"},

	{WORD, "plan exits"},
	{WORD, "plan repeats"},
	{WORD, "plan warmup"},
	{WORD, "plan vcpus"},
	{WORD, "plan samples"},
	{WORD, "plan seed"},
	{WORD, "plan cpus []"},

	{WORD, "storms [] name"},
	{WORD, "storms [] kind"},
	{WORD, "storms [] status"},
	{MESSAGE, "storms [] why"},
	{WORD, "storms [] samples"},
	{WORD, "storms [] raw_reason"},
	{WORD, "storms [] exits_per_op"},
	{WORD, "storms [] operations"},
	{WORD, "storms [] exits"},
	{WORD, "storms [] expected"},
	{WORD, "storms [] other"},
	{WORD, "storms [] disturbed"},
	{WORD, "storms [] lost"},
	{WORD, "storms [] cpl"},
	{WORD, "storms [] irqchip"},
	{WORD, "storms [] vcpus"},
	{WORD, "storms [] native"},
	{WORD, "storms [] clocks_differ"},
	{WORD, "storms [] core_cycles_per_tick"},
	{WORD, "storms [] controls * *"},
	{WORD, "storms [] control *"},
	{WORD, "storms [] stamp_overhead *"},
	{WORD, "storms [] exit_proof *"},
	{WORD, "storms [] legs * site"},
	{WORD, "storms [] legs * p50_ci95"},
	{WORD, "storms [] legs * p50_ci95 []"},
	{WORD, "storms [] legs * centre *"},
	{WORD, "storms [] legs * centre * *"},
	{WORD, "storms [] legs * centre * ci95 []"},
	{WORD, "storms [] legs * modes [] *"},
	{WORD, "storms [] legs * all *"},
	{WORD, "storms [] legs * clean *"},
	{WORD, "storms [] operation * site"},
	{WORD, "storms [] operation * p50_ci95"},
	{WORD, "storms [] operation * p50_ci95 []"},
	{WORD, "storms [] operation * centre *"},
	{WORD, "storms [] operation * modes [] *"},
	{WORD, "storms [] operation * all *"},
	{WORD, "storms [] operation * clean *"},
	{MESSAGE, "storms [] counters * * why"},
	{WORD, "storms [] counters * * count"},
	{WORD, "storms [] counters * * per_exit"},
	{WORD, "storms [] counters * * per_op"},
	{WORD, "storms [] counters * * looking_per_op"},
	{WORD, "storms [] counters * * running"},
	{WORD, "storms [] repeats [] repeat"},
	{WORD, "storms [] repeats [] vcpu"},
	{WORD, "storms [] repeats [] batch"},
	{WORD, "storms [] repeats [] operations"},
	{WORD, "storms [] repeats [] exits"},
	{WORD, "storms [] repeats [] other"},
	{WORD, "storms [] repeats [] disturbed"},
	{WORD, "storms [] repeats [] lost"},
	{WORD, "storms [] repeats [] smi"},
	{WORD, "storms [] repeats [] at_s"},
	{WORD, "storms [] repeats [] core_cycles_per_tick"},
	{WORD, "storms [] repeats [] control *"},
	{WORD, "storms [] repeats [] control_loop *"},
	{WORD, "storms [] repeats [] period_loop *"},
	{WORD, "storms [] repeats [] stamp_overhead *"},
	{WORD, "storms [] repeats [] p50 *"},
	{WORD, "storms [] repeats [] p50_clean *"},

	{WORD, "trace bucket_error"},
	{WORD, "trace hooks *"},
	{WORD, "joined guest"},
	{WORD, "joined hosts [] started"},
	{WORD, "joined hosts [] unended"},
	{WORD, "joined hosts [] vcpus [] *"},
	{WORD, "storms [] joined *"},
	{WORD, "storms [] joined reasons []"},
	{WORD, "storms [] joined levels [] *"},
	{WORD, "trace clock_error"},
	{WORD, "trace vcpus [] vm"},
	{WORD, "trace vcpus [] vcpu"},
	{WORD, "trace lost *"},
};

struct walk {
	const struct personal *personal;
	const char *part[DEPTH];
	size_t depth;
	int error;
};

struct match {
	const struct rule *rule; /* of the member itself; NULL: none */
	bool above;		 /* there are rules for what it may hold */
	bool any;		 /* its key is one of "*" */
};

static bool fits(const struct walk *walk, const char *path, size_t part, size_t length)
{
	const char *name = walk->part[part];

	if (length == 1 && *path == '*')
		return strcmp(name, "[]");
	return strlen(name) == length && !strncmp(path, name, length);
}

static struct match find_rule(const struct walk *walk)
{
	struct match match = {0};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *path = rules[i].path, *last = path;
		size_t part = 0, length = strcspn(path, " ");

		while (part < walk->depth && *path && fits(walk, path, part, length)) {
			last = path;
			path += length + (path[length] == ' ');
			length = strcspn(path, " ");
			part++;
		}
		if (part < walk->depth)
			continue;
		match.any |= *last == '*';
		if (*path)
			match.above = true;
		else
			match.rule = &rules[i];
	}
	return match;
}

/* A key that the list does not name, of a kernel's parameter or an event, is no path. */
static bool is_path(const char *key)
{
	return *key == '/' || strstr(key, " /") || strlen(key) > MAX_KEY;
}

static void set_text(struct walk *walk, json_t *value, char *text)
{
	if (!text || json_string_set(value, text))
		walk->error = -ENOMEM;
	free(text);
}

static void strip_string(struct walk *walk, json_t *value, enum class class)
{
	const char *text = json_string_value(value);

	if (class == HIDDEN) {
		set_text(walk, value, memory_text(PERSONAL_LEFT_OUT));
		return;
	}
	/* "usercopy/swapgs barriers" is none; a path of the file system begins with a slash. */
	if (class == MESSAGE || *text == '/' || strstr(text, " /"))
		set_text(walk, value, personal_without_paths(text));
	if (!walk->error && class != WORD)
		set_text(walk, value,
			 personal_without_names(walk->personal, json_string_value(value)));
}

static bool strip(struct walk *walk, json_t *value);

static bool strip_member(struct walk *walk, json_t *object, const char *key, json_t *member)
{
	struct match match;
	bool keep;

	if (walk->depth == DEPTH)
		return false;
	walk->part[walk->depth++] = key;
	match = find_rule(walk);
	keep = !(match.any && is_path(key));
	if (keep && match.rule && match.rule->class == NOTHING) {
		compose_set(object, key, json_null());
	} else if (keep) {
		keep = strip(walk, member);
	}
	walk->depth--;
	return keep;
}

static void strip_object(struct walk *walk, json_t *object)
{
	const char *key;
	json_t *member;
	void *next;

	json_object_foreach_safe(object, next, key,
				 member) if (!strip_member(walk, object, key, member))
		json_object_del(object, key);
}

static void strip_array(struct walk *walk, json_t *array)
{
	bool deeper = walk->depth < DEPTH;

	if (deeper)
		walk->part[walk->depth++] = "[]";
	for (size_t i = json_array_size(array); i-- > 0;)
		if (!deeper || !strip(walk, json_array_get(array, i)))
			json_array_remove(array, i);
	walk->depth -= deeper;
}

/* False: the value must go. */
static bool strip(struct walk *walk, json_t *value)
{
	struct match match = find_rule(walk);

	if (json_is_object(value) || json_is_array(value)) {
		if (json_is_object(value) && match.above)
			strip_object(walk, value);
		else if (match.above)
			strip_array(walk, value);
		return match.above;
	}
	if (match.rule && json_is_string(value))
		strip_string(walk, value, match.rule->class);
	return match.rule || (match.above && json_is_null(value));
}

int anonymous_strip(json_t *json, const char *path)
{
	const char *target =
		json_string_value(json_object_get(json_object_get(json, "target"), "name"));
	struct personal personal = {0};
	struct walk walk = {.personal = &personal};

	if (path && target)
		personal_add_folder(&personal, path, target);
	personal_add_machine(&personal);
	strip_object(&walk, json);
	return walk.error;
}
