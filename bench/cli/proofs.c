// SPDX-License-Identifier: GPL-2.0-or-later
#include "proofs.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../results/compose.h"
#include "../../results/memory.h"
#include "../runner/runner.h"

static const struct {
	enum evidence evidence;
	const char *name, *text;
} proofs[] = {
	{EVIDENCE_ARCHITECTURE, "architecture",
	 "sure, a guest of this CPU has no other execution of them"},
	{EVIDENCE_COST, "cost", "sure where it takes longer than any CPU does without an exit"},
	{EVIDENCE_UNKNOWN, "unknown", "shown as operations, never as exits"},
};

static bool has_proof(const struct storm *storm, enum evidence evidence)
{
	return storm->places & IN_USER && !(storm->needs & BASELINE) &&
	       evidence_possible(storm) == evidence;
}

void proofs_print(void (*entry)(const char *subject, const char *text, int width), int width)
{
	puts("\nExits that target guest can prove in a process");
	for (size_t i = 0; i < sizeof(proofs) / sizeof(*proofs); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = memory_stream(&text, &size);

		fputs(proofs[i].text, out);
		for (u32 j = 0, n = 0; j < storm_count; j++)
			if (has_proof(&storms[j], proofs[i].evidence))
				fprintf(out, "%s%s", n++ ? ", " : ": ", storms[j].name);
		memory_end(out, &text);
		entry(proofs[i].name, text, width);
		free(text);
	}
	entry("counted", "all of them, with the host's trace at hand: exitstorm join", width);
}

json_t *proofs_json(void)
{
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(proofs) / sizeof(*proofs); i++) {
		json_t *names = json_array();

		for (u32 j = 0; j < storm_count; j++)
			if (has_proof(&storms[j], proofs[i].evidence))
				compose_add(names, compose_text(storms[j].name));
		compose_set(json, proofs[i].name, names);
	}
	return json;
}
