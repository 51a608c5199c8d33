// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of storms, of the host's part of each row. */
#include "prepare.h"
#include "values.h"

const struct storm storms[] = {
#define STORM(id, exit, leg, exits, body, words, ...) \
	{.name = #id,                                 \
	 .text = words,                               \
	 .kind = EXIT_##exit,                         \
	 .legs = LEGS_##leg,                          \
	 .exits_per_op = exits,                       \
	 __VA_ARGS__},
#define STORM32(id, exit, leg, exits, words, ...) \
	STORM(id, exit, leg, exits, , words, .mode = HV_MODE_32, __VA_ARGS__)
#define GATE(id, number, handler)
#define PARTNER(id, function)
#include "storms.def"
};

const u32 storm_count = sizeof(storms) / sizeof(storms[0]);

const struct storm *storm_find(const char *name)
{
	for (u32 i = 0; i < storm_count; i++)
		if (!__builtin_strcmp(storms[i].name, name))
			return &storms[i];
	return NULL;
}
