// SPDX-License-Identifier: GPL-2.0-or-later
#include "proof.h"

#include "../describe/proof.h"

const char *show_no_exit(const struct run *run)
{
	return describe_in_place(run) ? "Operations whose exit is not proven, so no figure of one "
					"(in brackets: p50):"
				      : "No exit for each operation, so no figure (in brackets: "
					"the operation's own "
					"p50):";
}

bool show_note_proof(const struct run *run, FILE *out)
{
	if (!describe_in_place(run))
		return false;
	fputs("proof: why the operation is believed to exit, which cannot be counted from inside "
	      "(architecture: it has no other execution in a guest; cost: no CPU takes so long "
	      "without an exit; counted: by the host).",
	      out);
	if (!json_is_object(run_get(run, "target.kernel_stamps")))
		fputs(" Round trips only: the hypervisor below takes no stamps.", out);
	putc('\n', out);
	return true;
}

void show_say_proof(const struct run *run, FILE *out)
{
	static const struct {
		const char *proof, *text;
	} proofs[] = {
		{"architecture",
		 "by the architecture, which has no execution of the instruction in a "
		 "guest without an exit"},
		{"counted", "by the count of the host, whose trace was joined"},
		{"cost",
		 "by its cost: its median is above what it takes without an exit, the median of "
		 "the control loop plus twice the cycles that the slowest CPU needs for the "
		 "instruction, at the rate of core cycles measured just before"},
	};
	const char *before = " ";

	if (!describe_in_place(run))
		return;
	fprintf(out,
		"The loops ran in place, in the machine that was measured, so exits went to the "
		"hypervisor below it and could not be counted. That an operation exits is "
		"inferred");
	for (size_t i = 0; i < sizeof(proofs) / sizeof(*proofs); i++) {
		size_t count = describe_proofs(run, proofs[i].proof);

		if (!count)
			continue;
		fprintf(out, "%sfor %zu storm%s %s", before, count, count == 1 ? "" : "s",
			proofs[i].text);
		before = "; ";
	}
	fprintf(out, "%s. ", before[0] == ' ' ? " for none" : "");
}
