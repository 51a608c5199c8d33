/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds runs to a store, each once. */
#ifndef ANALYSIS_STORE_ADD_H
#define ANALYSIS_STORE_ADD_H

#include "writer.h"

enum store_added { STORE_ADDED, STORE_REPLACED, STORE_THERE };

/*
 * Adds the run in the folder `path`. A run that is there with the same run.json is left as it is,
 * one of the same UUID whose run.json is another (it was resumed) is replaced. -EBADMSG and others
 * of run_open(): the run cannot be read, the store is as before. -ECANCELED: the store cannot be
 * written. Transactions are the caller's.
 */
int store_add(struct store_writer *writer, const char *path, enum store_added *added, char *why);

#endif
