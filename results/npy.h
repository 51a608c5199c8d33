/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NumPy's .npy format (version 1.0): one-dimensional structured arrays, little-endian, streamed.
 * Source: NumPy's format description, numpy.lib.format.
 */
#ifndef RESULTS_NPY_H
#define RESULTS_NPY_H

#include <stdio.h>

#include "../trace/types.h"

/* descr is the dtype as NumPy writes it: "[('bucket', '<u4'), …]". `why` has RUN_WHY bytes. */
struct npy;
int npy_create(const char *path, const char *descr, size_t item_size, struct npy **npy, char *why);
int npy_append(struct npy *npy, const void *items, size_t count, char *why);
/* Writes the final shape, flushes. Frees in any case. */
int npy_finish(struct npy *npy, char *why);
void npy_abandon(struct npy *npy);

/* Opens for reading and checks descr, order, shape against the file's size. */
int npy_open(const char *path, const char *descr, size_t item_size, struct npy **npy, u64 *count,
	     char *why);
/* 1: an item, 0: the end, -errno. */
int npy_read(struct npy *npy, void *item, char *why);
void npy_close(struct npy *npy);

#endif
