// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "engine.h"

const struct engine engines[ENGINES] = {
	{"slurm", engine_slurm},
	{"k8s", engine_kubernetes},
	{"ssh", engine_ssh},
};
const char *const engine_name[ENGINES] = {"slurm", "k8s", "ssh"};
