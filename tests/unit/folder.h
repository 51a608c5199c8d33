/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests that need files: a folder of their own, cut and changed files in it. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64]; /* of the test that runs */

static inline int folder_make(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/exitstorm-unit-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_remove_one(const char *path, const struct stat *stat, int type,
				    struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int folder_remove(void **state)
{
	(void)state;
	return nftw(folder, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* folder/name; good until the fourth call after it. */
static inline const char *in_folder(const char *name)
{
	static char path[4][512];
	static unsigned next;
	char *made = path[next++ % 4];

	snprintf(made, sizeof(path[0]), "%s/%s", folder, name);
	return made;
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* The whole file, a NUL after it; the caller frees. */
static inline char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(1 << 20);

	assert_non_null(file);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (1 << 20) - 1, file);
	bytes[*size] = 0;
	fclose(file);
	return bytes;
}

/* How many names a folder has, hidden ones too. */
static inline int entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = -2; /* . and .. */

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* One line that says `words`. */
static inline void assert_says(const char *why, const char *words)
{
	if (!strstr(why, words))
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	assert_null(strchr(why, '\n'));
}

#endif
