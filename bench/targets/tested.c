// SPDX-License-Identifier: GPL-2.0-or-later
#include "tested.h"

#include <string.h>

static const struct {
	const char *storm, *beds;
} tested[] = {
#define TESTED(storm, beds) {#storm, beds},
#include "../storms/tested.def"
};

const char *storm_tested(const struct storm *storm)
{
	for (size_t i = 0; i < sizeof(tested) / sizeof(tested[0]); i++)
		if (!strcmp(tested[i].storm, storm->name))
			return tested[i].beds;
	return NULL;
}
