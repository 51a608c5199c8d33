/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of results/npy: opens an array by its path. */
#ifndef TESTS_UNIT_NPY_OPEN_PATH_H
#define TESTS_UNIT_NPY_OPEN_PATH_H

#include "folder.h"

#include "../../results/npy.h"

static char why[RUN_WHY];

static inline int open_path(const char *path, const char *descr, size_t item_size, struct npy **npy,
			    u64 *count)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	assert_true(fd >= 0);
	return npy_open(fd, path, descr, item_size, npy, count, why);
}

#endif
