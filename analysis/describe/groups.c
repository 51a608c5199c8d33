// SPDX-License-Identifier: GPL-2.0-or-later
#include "groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/memory.h"
#include "describe.h"

enum subject {
	BASELINES,
	INSTRUCTIONS,
	VIRTUALIZATION,
	MSRS,
	DEVICES,
	INTERRUPTS,
	MEMORY,
	ENTRIES,
	OTHERS,
};

static const char *const subject_title[] = {
	[BASELINES] = "Baselines",
	[INSTRUCTIONS] = "Instructions",
	[VIRTUALIZATION] = "Instructions of VMX and SVM",
	[MSRS] = "MSRs",
	[DEVICES] = "Ports and MMIO",
	[INTERRUPTS] = "Interrupts and timers",
	[MEMORY] = "Memory",
	[ENTRIES] = "Failed entries",
	[OTHERS] = "Others",
};

static const struct {
	const char *kind;
	enum subject subject;
} subject_of_kind[] = {
	{"none", BASELINES},
	{"host_call", BASELINES},
	{"cpuid", INSTRUCTIONS},
	{"hlt", INSTRUCTIONS},
	{"invd", INSTRUCTIONS},
	{"wbinvd", INSTRUCTIONS},
	{"invlpg", INSTRUCTIONS},
	{"rdpmc", INSTRUCTIONS},
	{"rdtsc", INSTRUCTIONS},
	{"hypercall", INSTRUCTIONS},
	{"cr_read", INSTRUCTIONS},
	{"cr_write", INSTRUCTIONS},
	{"dr_access", INSTRUCTIONS},
	{"pause", INSTRUCTIONS},
	{"xsetbv", INSTRUCTIONS},
	{"syscall", INSTRUCTIONS},
	{"exception", INSTRUCTIONS},
	{"triple_fault", INSTRUCTIONS},
	{"monitor", INSTRUCTIONS},
	{"mwait", INSTRUCTIONS},
	{"user_wait", INSTRUCTIONS},
	{"descriptor_table", INSTRUCTIONS},
	{"task_switch", INSTRUCTIONS},
	{"flags", INSTRUCTIONS},
	{"iret", INSTRUCTIONS},
	{"software_interrupt", INSTRUCTIONS},
	{"icebp", INSTRUCTIONS},
	{"rsm", INSTRUCTIONS},
	{"getsec", INSTRUCTIONS},
	{"rdrand", INSTRUCTIONS},
	{"rdseed", INSTRUCTIONS},
	{"rdpru", INSTRUCTIONS},
	{"invpcid", INSTRUCTIONS},
	{"tlbsync", INSTRUCTIONS},
	{"mcommit", INSTRUCTIONS},
	{"xsaves", INSTRUCTIONS},
	{"pconfig", INSTRUCTIONS},
	{"enclave", INSTRUCTIONS},
	{"enqcmd", INSTRUCTIONS},
	{"loadiwkey", INSTRUCTIONS},
	{"bus_lock", INSTRUCTIONS},
	{"virtualization_instruction", VIRTUALIZATION},
	{"vmfunc", VIRTUALIZATION},
	{"trust_domain", VIRTUALIZATION},
	{"msr_read", MSRS},
	{"msr_write", MSRS},
	{"io", DEVICES},
	{"mmio", DEVICES},
	{"apic_access", INTERRUPTS},
	{"interrupt_delivery", INTERRUPTS},
	{"timer", INTERRUPTS},
	{"external_interrupt", INTERRUPTS},
	{"nmi", INTERRUPTS},
	{"interrupt_window", INTERRUPTS},
	{"nmi_window", INTERRUPTS},
	{"init", INTERRUPTS},
	{"sipi", INTERRUPTS},
	{"smi", INTERRUPTS},
	{"tpr_threshold", INTERRUPTS},
	{"apic_write", INTERRUPTS},
	{"eoi", INTERRUPTS},
	{"avic", INTERRUPTS},
	{"monitor_trap", INTERRUPTS},
	{"notify", INTERRUPTS},
	{"slat_violation", MEMORY},
	{"page_fault", MEMORY},
	{"slat_misconfiguration", MEMORY},
	{"dirty_log_full", MEMORY},
	{"sub_page", MEMORY},
	{"entry_failed", ENTRIES},
};

/* The meaning of exit and resume by the site of the host's stamps. */
static const struct {
	const char *site;
	const char
		*title; /* replaces the subject's title: all storms with this site share a group */
	const char *text;
} sites[] = {
	{"kvm-ioctl", "Exits to userspace",
	 "exit: until KVM_RUN returns; resume: from the next KVM_RUN"},
	{"kvm-tracepoint", NULL, "exit and resume end at KVM's tracepoints"},
	{"vmx-asm", NULL,
	 "exit and resume are the hardware's: stamps next to VMRESUME and the VM exit"},
	{"svm-asm", NULL, "exit and resume are the hardware's: stamps next to VMRUN"},
};

struct key {
	enum subject subject;
	enum leg main;
	const char *site; /* of the host's stamps; NULL: the storm has none */
	const struct run_storm *storm;
	size_t order;
};

static enum subject subject_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(subject_of_kind) / sizeof(*subject_of_kind); i++)
		if (!strcmp(kind, subject_of_kind[i].kind))
			return subject_of_kind[i].subject;
	return OTHERS;
}

/* Index into sites[]; the number of entries for a site that has no text. */
static size_t site_index(const char *site)
{
	size_t i = 0;

	while (i < sizeof(sites) / sizeof(*sites) && strcmp(site, sites[i].site))
		i++;
	return i;
}

static const char *site_title(const char *site)
{
	size_t i = site ? site_index(site) : sizeof(sites) / sizeof(*sites);

	return i < sizeof(sites) / sizeof(*sites) ? sites[i].title : NULL;
}

static struct key key_of(const struct run_storm *storm, size_t order)
{
	static const enum leg split[] = {LEG_EXIT, LEG_HANDLER, LEG_RESUME};
	struct key key = {
		.subject = subject_of(storm->kind),
		.main = describe_main_leg(storm),
		.storm = storm,
		.order = order,
	};

	for (size_t i = 0; !key.site && i < sizeof(split) / sizeof(*split); i++)
		if (describe_has(storm, split[i]))
			key.site = storm->leg[split[i]].site;
	if (key.main != LEG_ROUND_TRIP)
		key.site = NULL;
	if (key.subject != BASELINES && site_title(key.site))
		key.subject = INSTRUCTIONS; /* one group for all exit kinds */
	return key;
}

/*
 * Order of groups: baselines, then storms with legs, then the rest, each by subject. 0: same group.
 */
static int compare_groups(const struct key *a, const struct key *b)
{
	int order = (a->subject != BASELINES) - (b->subject != BASELINES);

	if (!order)
		order = !a->site - !b->site;
	if (!order && a->site)
		order = strcmp(a->site, b->site);
	if (!order)
		order = (int)a->subject - (int)b->subject;
	if (!order)
		order = (int)a->main - (int)b->main;
	return order;
}

static int compare_keys(const void *one, const void *other)
{
	const struct key *a = one, *b = other;
	int order = compare_groups(a, b);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void set_title(struct group *group, const struct key *key, const struct run *run)
{
	const char *title = site_title(key->site), *text = "";
	bool split = !strcmp(run_string(run, "settings.stamps"), "both");

	if (!title || key->subject == BASELINES)
		title = subject_title[key->subject];
	if (key->site)
		text = site_index(key->site) < sizeof(sites) / sizeof(*sites)
			       ? sites[site_index(key->site)].text
			       : key->site;
	else if (key->main == LEG_PERIOD)
		text = "period: a batch's ticks divided by its operations";
	else if (key->main == LEG_GUEST_VISIT)
		text = "guest_visit: from VM entry (host_out) to the next exit (host_in)";
	else if (key->main == LEG_HANDLER)
		text = "handler: from kvm_exit to kvm_entry; of kvm_exit_*: in userspace, to "
		       "KVM_RUN";
	else if (key->main == LEG_ENTRY_FAIL)
		text = "entry_fail: from the host's last stamp to the failed entry's exit entry "
		       "point";
	else if (key->subject != BASELINES && split &&
		 !strcmp(run_string(run, "target.name"), "kvm"))
		text = "handled in the kernel: round trip only";
	else
		text = "round trip only, stamped in the guest";
	snprintf(group->title, sizeof(group->title), "%s - %s", title, text);
}

struct group *groups_new(const struct run *run, size_t *count)
{
	struct key *keys = memory_new(run->storms + 1, sizeof(*keys));
	struct group *groups = memory_new(run->storms + 1, sizeof(*groups)), *group = NULL;
	size_t n = 0;

	*count = 0;
	for (size_t i = 0; i < run->storms; i++)
		if (describe_measured(&run->storm[i]))
			keys[n++] = key_of(&run->storm[i], i);
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i++) {
		if (!group || compare_groups(&keys[i - 1], &keys[i])) {
			group = &groups[(*count)++];
			group->storm = memory_new(n, sizeof(struct run_storm *));
			group->legs = keys[i].site;
			set_title(group, &keys[i], run);
		}
		group->storm[group->storms++] = keys[i].storm;
	}
	free(keys);
	return groups;
}

void groups_free(struct group *groups, size_t count)
{
	for (size_t i = 0; groups && i < count; i++)
		free(groups[i].storm);
	free(groups);
}
