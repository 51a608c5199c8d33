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
 * Writing. The file is open only during a call, so that a run may write any number of arrays at
 * once. npy_finish writes the final shape; npy_finish and npy_abandon free.
 */
int npy_create(const char *path, const char *descr, size_t item_size, struct npy **npy, char *why);
int npy_append(struct npy *npy, const void *items, size_t count, char *why);
/* Writes a shape of `count` items and has all on the disk, for readers of an unfinished array. */
int npy_save(const struct npy *npy, u64 count, char *why);
int npy_finish(struct npy *npy, char *why);
u64 npy_items(const struct npy *npy); /* written so far */
/* The file has been moved to `path`. */
void npy_moved(struct npy *npy, const char *path);
/*
 * Goes on with an array of npy_create() that another process has left, after its first `count`
 * items; later ones are cut off. -EBADMSG: it has fewer.
 */
int npy_continue(const char *path, const char *descr, size_t item_size, u64 count, struct npy **npy,
		 char *why);
void npy_abandon(struct npy *npy); /* NULL is fine; the file stays */

/*
 * Reading. Checks descr, order and shape against the file's size before it allocates anything.
 * Takes `fd` over in any case; `path` is for messages.
 */
int npy_open(int fd, const char *path, const char *descr, size_t item_size, struct npy **npy,
	     u64 *count, char *why);
/*
 * The same for an array whose writer has not finished it: its first `count` items, whatever shape
 * its header says and whatever follows them.
 */
int npy_open_part(int fd, const char *path, const char *descr, size_t item_size, u64 count,
		  struct npy **npy, char *why);
/* 1: an item was read; 0: the end; -errno. */
int npy_read(struct npy *npy, void *item, char *why);
/*
 * Calls back for all remaining items, in blocks of at most NPY_BLOCK bytes, aligned to 64 bytes as
 * NumPy has written files since 1.14. A result of `block` that is not 0 ends the loop and is
 * returned. Several times as fast as npy_read, because it maps the file, window by window. Not
 * thread-safe.
 */
#define NPY_BLOCK (64 << 10)
int npy_each(struct npy *npy, int (*block)(void *arg, const void *items, size_t count), void *arg,
	     char *why);
/*
 * Copies the file, byte for byte, to the new file `to`, and calls back for its items as npy_each()
 * does, before anything of a block is written. For an array of which nothing was read yet. Of
 * npy_open_part() the copy has the part, with a header that says so.
 */
int npy_copy(struct npy *npy, const char *to,
	     int (*block)(void *arg, const void *items, size_t count), void *arg, char *why);
void npy_close(struct npy *npy); /* NULL is fine */

/* Parses the first `size` bytes of a file: the number of items, and the offset of the first. */
#define NPY_MAX_HEADER (10 + 65535)
int npy_parse_header(const void *bytes, size_t size, const char *descr, u64 *count, size_t *offset,
		     char *why);

#endif
