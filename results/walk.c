// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/types.h>

int walk_names(int folder, int (*call)(void *arg, int folder, const char *name), void *arg)
{
	char entries[4096] __attribute__((aligned(__alignof__(struct dirent64))));
	int result = 0;
	ssize_t size;

	while (!result && (size = getdents64(folder, entries, sizeof(entries))) != 0) {
		if (size < 0)
			return -errno;
		for (ssize_t at = 0; at < size && !result;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				result = call(arg, folder, entry->d_name);
		}
	}
	return result;
}
