// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpuid.h"

#include <cpuid.h>

static const struct cpuid_answer *pretended;
static size_t pretended_count;

void cpuid_pretend(const struct cpuid_answer *answer, size_t count)
{
	pretended = answer;
	pretended_count = count;
}

struct cpuid_leaf cpuid_read(u32 leaf, u32 subleaf)
{
	struct cpuid_leaf got = {0};

	if (!pretended) {
		__cpuid_count(leaf, subleaf, got.eax, got.ebx, got.ecx, got.edx);
		return got;
	}
	for (size_t i = 0; i < pretended_count; i++) {
		if (pretended[i].leaf == leaf && pretended[i].subleaf == subleaf)
			return pretended[i].registers;
	}
	return got;
}
