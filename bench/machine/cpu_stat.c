// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_stat.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sysfs.h"

#define LINE	 256
#define SIBLINGS 64

static bool has(const unsigned short *cpu, size_t count, unsigned int number)
{
	for (size_t i = 0; i < count; i++)
		if (cpu[i] == number)
			return true;
	return false;
}

bool cpu_stat(const unsigned short *cpu, size_t count, unsigned long long ticks[8])
{
	char path[PATH_MAX], line[LINE];
	FILE *file = fopen(sysfs_path(path, sizeof(path), "/proc/stat"), "re");
	size_t found = 0;

	memset(ticks, 0, 8 * sizeof(*ticks));
	while (file && fgets(line, sizeof(line), file)) {
		unsigned long long one[8];
		unsigned int number;

		if (sscanf(line, "cpu%u %llu %llu %llu %llu %llu %llu %llu %llu", &number, &one[0],
			   &one[1], &one[2], &one[3], &one[4], &one[5], &one[6], &one[7]) != 9 ||
		    !has(cpu, count, number))
			continue;
		for (int i = 0; i < 8; i++)
			ticks[i] += one[i];
		found++;
	}
	if (file)
		fclose(file);
	return found && found == count;
}

size_t cpu_siblings(const unsigned short *cpu, size_t count, unsigned short *all, size_t room)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned short sibling[SIBLINGS] = {cpu[i]};
		size_t siblings = 1;
		char list[LINE];

		if (sysfs_text(list, sizeof(list),
			       "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
			       cpu[i]))
			siblings = sysfs_cpu_list(list, sibling, SIBLINGS);
		for (size_t j = 0; j < siblings && j < SIBLINGS; j++)
			if (!has(all, found, sibling[j]) && found < room)
				all[found++] = sibling[j];
	}
	return found;
}
