// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_set.h"

#include <errno.h>

#define MAX_CPUS (1 << 20) /* a kernel that wants larger sets refuses for another reason */

/* The kernel refuses (EINVAL) a set that is smaller than its own. */
cpu_set_t *cpu_set_allowed(size_t *bytes)
{
	for (size_t cpus = CPU_SETSIZE; cpus <= MAX_CPUS; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC(cpus);

		if (!set)
			return NULL;
		*bytes = CPU_ALLOC_SIZE(cpus);
		CPU_ZERO_S(*bytes, set);
		if (!sched_getaffinity(0, *bytes, set))
			return set;
		CPU_FREE(set);
		if (errno != EINVAL)
			return NULL;
	}
	return NULL;
}

/* Of the size of the kernel's sets, or larger if the CPU is past their end: then it does not exist.
 */
cpu_set_t *cpu_set_of(unsigned int cpu, size_t *bytes)
{
	cpu_set_t *set = cpu_set_allowed(bytes);

	if (set && cpu >= 8 * *bytes) {
		CPU_FREE(set);
		*bytes = CPU_ALLOC_SIZE(cpu + 1);
		set = CPU_ALLOC(cpu + 1);
	}
	if (!set)
		return NULL;
	CPU_ZERO_S(*bytes, set);
	CPU_SET_S(cpu, *bytes, set);
	return set;
}
