// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <stdint.h>
#include <stdio.h>

/* A number of /proc/self/status; 0: not there. */
static unsigned long long status_of(const char *format)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long long value = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, format, &value) == 1)
			break;
	if (status)
		fclose(status);
	return value;
}

bool privilege_has(int capability)
{
	unsigned long long has = status_of("CapEff: %llx");

	return (has >> capability & 1) || (has >> CAP_SYS_ADMIN & 1);
}

bool privilege_in_user_namespace(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned int inside = 0, outside = 0, count = 0;
	bool read = map && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3;

	if (map)
		fclose(map);
	return read && (inside || outside || count != UINT32_MAX);
}

const char *privilege_filter(void)
{
	return status_of("Seccomp: %llu") == 2 ? "a container's seccomp filter or security module"
					       : "a security module";
}
