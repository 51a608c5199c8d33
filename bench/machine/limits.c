// SPDX-License-Identifier: GPL-2.0-or-later
#include "limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cgroup.h"

const char *limits_task_error(int error, char *text, size_t size)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	int used = snprintf(text, size, "%s", strerror(error));
	long long tasks;
	char file[256];

	if (error != EAGAIN || used < 0 || (size_t)used >= size)
		return text;
	getrlimit(RLIMIT_NPROC, &limit);
	if (cgroup_task_limit(&tasks, file, sizeof(file)))
		used += snprintf(text + used, size - used, ": at most %lld tasks (%.100s)", tasks,
				 file);
	/* It does not bind root. */
	if (geteuid() && limit.rlim_cur != RLIM_INFINITY && (size_t)used < size)
		snprintf(text + used, size - used, ": at most %llu tasks of this user (ulimit -u)",
			 (unsigned long long)limit.rlim_cur);
	return text;
}
