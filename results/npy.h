/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NumPy's .npy format (version 1.0): one-dimensional structured arrays, little-endian, streamed.
 * Source: NumPy's format description, numpy.lib.format.
 *
 * descr is the dtype as NumPy writes it: "[('bucket', '<u4'), …]". Functions return 0 or -errno
 * and put one line into `why` (RUN_WHY bytes).
 */
#ifndef RESULTS_NPY_H
#define RESULTS_NPY_H

#include "../trace/types.h"
#include "why.h"

struct npy;

/*
 * Writing. The file is open only within a call, so that a run can have any number of arrays under
 * way. npy_finish writes the final shape; it and npy_abandon free.
 */
int npy_create(const char *path, const char *descr, size_t item_size, struct npy **npy, char *why);
int npy_append(struct npy *npy, const void *items, size_t count, char *why);
int npy_finish(struct npy *npy, char *why);
void npy_abandon(struct npy *npy); /* NULL is fine; the file stays */

/*
 * Reading. Checks descr, order and shape against the file's size before it allocates anything.
 * Takes `fd` over in any case; `path` is for messages.
 */
int npy_open(int fd, const char *path, const char *descr, size_t item_size, struct npy **npy,
	     u64 *count, char *why);
/* 1: an item, 0: the end, -errno. */
int npy_read(struct npy *npy, void *item, char *why);
/*
 * All items that are left, in blocks of at most NPY_BLOCK bytes, aligned as the file has them (to
 * 64 bytes in what NumPy writes since 1.14) or better. Not 0 from `block` ends it and is returned.
 * Several times as fast as npy_read: the file is mapped, window by window. Not for two threads at
 * once.
 */
#define NPY_BLOCK (64 << 10)
int npy_each(struct npy *npy, int (*block)(void *arg, const void *items, size_t count), void *arg,
	     char *why);
void npy_close(struct npy *npy); /* NULL is fine */

/* The first bytes of a file: how many items, and where they begin. Never reads past `size`. */
#define NPY_MAX_HEADER (10 + 65535)
int npy_parse_header(const void *bytes, size_t size, const char *descr, u64 *count, size_t *offset,
		     char *why);

#endif
