// SPDX-License-Identifier: GPL-2.0-or-later
#include "proof.h"

#include <string.h>

#include "describe.h"
#include "guest.h"

const char *describe_proof(const struct run_storm *storm)
{
	static const char *const words[] = {"architecture", "counted", "cost", "unknown"};
	const json_t *proof = json_object_get(storm->json, "exit_proof");
	const char *word = json_string_value(json_object_get(proof, "evidence"));

	for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			return words[i];
	return "";
}

size_t describe_proofs(const struct run *run, const char *proof)
{
	size_t count = 0;

	for (size_t i = 0; i < run->storms; i++)
		count += describe_measured(&run->storm[i]) && strcmp(run->storm[i].kind, "none") &&
			 !strcmp(describe_proof(&run->storm[i]), proof);
	return count;
}

bool describe_in_place(const struct run *run)
{
	for (size_t i = 0; i < run->storms; i++)
		if (*describe_proof(&run->storm[i]))
			return true;
	return false;
}
