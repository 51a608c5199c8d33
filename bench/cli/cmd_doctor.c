// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm doctor: usable targets, what prevents the others, what disturbs timing here. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../hv/hv.h"
#include "../../results/compose.h"
#include "../machine/cpu.h"
#include "../machine/environment.h"
#include "../machine/findings.h"
#include "../machine/hypervisor.h"
#include "../machine/sysfs.h"
#include "../targets/registry.h"
#include "options.h"
#include "proofs.h"

#define FINDINGS_MAX  64
#define TARGETS_MAX   8
#define SUBJECT_WIDTH 16 /* of the left column */

struct diagnosis {
	struct finding finding[FINDINGS_MAX];
	size_t findings;
	char why[TARGETS_MAX][HV_WHY]; /* by target; "": it can be used */
	size_t targets, usable;
};

static void diagnose(struct diagnosis *diagnosis)
{
	size_t i;

	diagnosis->findings = findings_machine(diagnosis->finding, FINDINGS_MAX);
	diagnosis->findings += findings_tracing(diagnosis->finding + diagnosis->findings,
						FINDINGS_MAX - diagnosis->findings);
	for (i = 0; i < TARGETS_MAX && targets[i]; i++) {
		if (targets[i]->probe(diagnosis->why[i]) == 0) {
			*diagnosis->why[i] = '\0';
			diagnosis->usable++;
		} else if (!*diagnosis->why[i]) {
			snprintf(diagnosis->why[i], HV_WHY, "it cannot be used here");
		}
	}
	diagnosis->targets = i;
}

static void entry(const char *subject, const char *text, int width)
{
	printf("  %-*s", SUBJECT_WIDTH - 2, subject);
	cli_wrap(text, SUBJECT_WIDTH, width, "");
}

/* A backslash ends each line that is broken, so that the lines can be pasted into a shell. */
static void command(const char *label, const char *text, int width)
{
	if (!*text)
		return;
	printf("%*s%-6s", SUBJECT_WIDTH - 10, "", label);
	cli_wrap(text, SUBJECT_WIDTH - 4, width, " \\");
}

static void print_findings(const struct diagnosis *diagnosis, enum finding_level level,
			   const char *head, int width)
{
	const struct finding *finding;
	bool headed = false;
	size_t i;

	for (i = 0; i < diagnosis->findings; i++) {
		finding = &diagnosis->finding[i];
		if (finding->level != level)
			continue;
		if (!headed)
			printf("\n%s\n", head);
		headed = true;
		entry(finding->subject, finding->text, width);
		command("help", finding->help, width);
		command("undo", finding->undo, width);
	}
}

static void print_machine(int width)
{
	const char *microarchitecture, *codename;
	char release[128] = "?", text[320];
	struct hypervisor hypervisor;
	const struct hypervisor_topology *topology = &hypervisor.topology;
	struct cpu cpu;

	cpu_read(&cpu);
	cpu_generation(cpu.vendor, cpu.family, cpu.model, cpu.stepping, &microarchitecture,
		       &codename);
	sysfs_text(release, sizeof(release), "/proc/sys/kernel/osrelease");
	printf("Machine\n");
	snprintf(text, sizeof(text), "%s, family %u model %u stepping %u",
		 *cpu.brand ? cpu.brand : cpu.vendor, cpu.family, cpu.model, cpu.stepping);
	entry("cpu", text, width);
	if (!codename)
		codename = "code name unknown";
	if (microarchitecture)
		snprintf(text, sizeof(text), "%s (%s cores)", codename, microarchitecture);
	else
		snprintf(text, sizeof(text), "%s", codename);
	entry("generation", text, width);
	snprintf(text, sizeof(text), "Linux %s", release);
	entry("kernel", text, width);
	if (!hypervisor_read(&hypervisor)) {
		entry("hypervisor", "none below", width);
		return;
	}
	hypervisor_text(&hypervisor, text, sizeof(text));
	entry("hypervisor", text, width);
	if (!topology->vcpus)
		return;
	snprintf(text, sizeof(text), "%u on %u core%s in %u package%s, as the hypervisor says",
		 topology->vcpus, topology->cores, topology->cores == 1 ? "" : "s",
		 topology->packages, topology->packages == 1 ? "" : "s");
	entry("vCPUs", text, width);
}

static void print_targets(const struct diagnosis *diagnosis, int width)
{
	char text[HV_WHY + 128];
	size_t i;

	printf("\nTargets\n");
	for (i = 0; i < diagnosis->targets; i++) {
		if (*diagnosis->why[i])
			snprintf(text, sizeof(text), "no: %s", diagnosis->why[i]);
		else
			snprintf(text, sizeof(text), "yes: %s", targets[i]->text);
		entry(targets[i]->name, text, width);
	}
}

/* Is target guest usable? */
static bool can_prove(const struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->targets; i++)
		if (targets[i] == &target_guest)
			return !*diagnosis->why[i];
	return false;
}

/* The findings may be wrong about these. */
static void print_unread(void)
{
	json_t *unread = sysfs_unread(), *line;
	size_t i;

	if (unread)
		printf("\nCannot be read:\n");
	json_array_foreach (unread, i, line)
		printf("  %s\n", json_string_value(line));
	json_decref(unread);
}

static void print(const struct diagnosis *diagnosis)
{
	int width = cli_width() < 100 ? cli_width() : 100;

	print_machine(width);
	print_targets(diagnosis, width);
	if (can_prove(diagnosis))
		proofs_print(entry, width);
	print_findings(diagnosis, FINDING_BLOCKER, "In the way", width);
	print_findings(diagnosis, FINDING_WARNING, "Disturbs timing here", width);
	print_findings(diagnosis, FINDING_NOTE, "To know", width);
	print_findings(diagnosis, FINDING_GOOD, "Fine", width);
	print_unread();
	if (diagnosis->usable)
		printf("\nexitstorm can run here.\n");
	else
		printf("\nexitstorm cannot run here: no target can be used.\n");
}

static int print_json(const struct diagnosis *diagnosis, bool anonymous)
{
	static const char *const levels[] = {"good", "note", "warning", "blocker"};
	json_t *target = json_array(), *finding = json_array(), *host, *all;
	const struct finding *f;
	char *text;
	size_t i;

	for (i = 0; i < diagnosis->targets; i++)
		compose_add(target, compose_pack("{ss ss sb so}", "name", targets[i]->name, "text",
						 targets[i]->text, "usable", !*diagnosis->why[i],
						 "why", compose_text_or_null(diagnosis->why[i])));
	for (i = 0; i < diagnosis->findings; i++) {
		f = &diagnosis->finding[i];
		compose_add(finding,
			    compose_pack("{ss ss so so so}", "level", levels[f->level], "subject",
					 f->subject, "text", compose_text_or_null(f->text), "help",
					 compose_text_or_null(f->help), "undo",
					 compose_text_or_null(f->undo)));
	}
	host = environment_host(anonymous);
	environment_add_unread(host);
	all = compose_pack("{sb so so so so}", "usable", diagnosis->usable > 0, "host", host,
			   "targets", target, "proofs",
			   can_prove(diagnosis) ? proofs_json() : json_null(), "findings", finding);
	text = compose_print(all, JSON_INDENT(2));
	puts(text);
	free(text);
	json_decref(all);
	return STATUS_OK;
}

struct doctor_options {
	bool json, anonymous;
};

static const struct cli_option options[] = {
	{.name = "json",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct doctor_options, json),
	 .text = "print it as JSON, with the host{} of run.json"},
	{.name = "anonymous",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct doctor_options, anonymous),
	 .text = "with --json: leave out the kernel command line"},
	{},
};

static int run(int argc, char **argv)
{
	static struct diagnosis diagnosis;
	struct doctor_options chosen = {0};
	int status = options_parse(&cmd_doctor, argc, argv, &chosen);

	if (status != OPTIONS_PARSED)
		return status;
	diagnose(&diagnosis);
	status = STATUS_OK;
	if (chosen.json)
		status = print_json(&diagnosis, chosen.anonymous);
	else
		print(&diagnosis);
	if (status == STATUS_OK && !diagnosis.usable)
		status = STATUS_FAILED;
	return status;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "[OPTION...]",
	.text = "report which targets work here and what disturbs timing",
	.options = options,
	.notes = "Prints the command that fixes each finding and the one that reverts the fix;\n"
		 "changes nothing itself.\n"
		 "\n"
		 "Exit status: 0 if at least one target can be used, else 1.\n",
	.run = run,
};
