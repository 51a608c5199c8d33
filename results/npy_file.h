/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open array, for npy.c and npy_blocks.c. */
#ifndef RESULTS_NPY_FILE_H
#define RESULTS_NPY_FILE_H

#include <sys/types.h>

#include "../trace/types.h"

struct npy {
	char *path;
	size_t item_size, header_size; /* bytes; header_size: offset of the first item */
	u64 count;		       /* items written, or left to read */
	/* Writing only. */
	char *descr;
	/* Reading only. */
	int fd;
	char *buffer;
	size_t at, filled, room; /* in bytes: next byte, end of data, size of the buffer */
};

/* Writes all at `offset`. 0 or -errno. */
int npy_write_all(int fd, const void *bytes, size_t size, off_t offset);

#endif
