/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up machine: a folder with its files of /proc, /sys and /dev, which sysfs.c reads. */
#ifndef TESTS_UNIT_MACHINE_FOLDER_H
#define TESTS_UNIT_MACHINE_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../bench/machine/sysfs.h"

static char machine[64];

static inline void put(const char *path, const char *text)
{
	char name[PATH_MAX], *slash;
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", machine, path);
	for (slash = name + strlen(machine) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	assert_int_equal(fclose(file), 0);
}

static inline int make_machine(void **state)
{
	(void)state;
	strcpy(machine, "/tmp/exitstorm-machine.XXXXXX");
	if (!mkdtemp(machine))
		return -1;
	sysfs_set_root(machine);
	return 0;
}

static inline int unlink_entry(const char *path, const struct stat *status, int type,
			       struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static inline int remove_machine(void **state)
{
	(void)state;
	sysfs_set_root(NULL);
	return nftw(machine, unlink_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define on_a_machine(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

#endif
