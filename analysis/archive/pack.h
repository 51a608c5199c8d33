/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The archive as one file, packed by tar. */
#ifndef ANALYSIS_ARCHIVE_PACK_H
#define ANALYSIS_ARCHIVE_PACK_H

#include <stdbool.h>

/* "x.tar.gz": does the name's ending say how to pack? */
bool archive_name_ok(const char *name);
/* Packs `root`, a folder in `top`, as `out`; `top` also takes the file until it is complete. */
int archive_pack(const char *top, const char *root, const char *out, char *why);

#endif
