/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What npy.c and npy_blocks.c share. */
#ifndef RESULTS_NPY_PRIVATE_H
#define RESULTS_NPY_PRIVATE_H

#include "npy.h"

struct npy {
	char *path;
	size_t item_size, header_size; /* bytes; header_size: up to the first item */
	u64 count;		       /* written; or left to read */
	/* Writing only. */
	char *descr;
	/* Reading only. */
	int fd;
	char *buffer;
	size_t at, filled, room; /* bytes in the buffer */
};

#endif
