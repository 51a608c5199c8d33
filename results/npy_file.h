/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open array, for npy.c, npy_write.c and npy_blocks.c. */
#ifndef RESULTS_NPY_FILE_H
#define RESULTS_NPY_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "../trace/types.h"

struct npy {
	char *path;
	size_t item_size, header_size; /* bytes; header_size: offset of the first item */
	u64 count;		       /* items written, or left to read */
	char *descr;
	bool part; /* reading: the header's shape does not count */
	/* Reading only. */
	int fd;
	char *buffer;
	size_t at, filled, room; /* in bytes: next byte, end of data, size of the buffer */
};

#define NPY_MAGIC  "\x93NUMPY\x01" /* and a zero: version 1.0 */
#define NPY_PREFIX 10		   /* magic, version, u16 length of the header */

struct npy *npy_new(const char *path, const char *descr, size_t item_size);
/* Writes all at `offset`. 0 or -errno. */
int npy_write_all(int fd, const void *bytes, size_t size, off_t offset);

#endif
