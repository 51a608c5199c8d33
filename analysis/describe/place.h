/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a run was made, in words: the machine's name and type, and the labels of the run. */
#ifndef ANALYSIS_DESCRIBE_PLACE_H
#define ANALYSIS_DESCRIBE_PLACE_H

#include "../../results/run.h"

/*
 * "vm1, Amazon EC2 m5.metal; labels: rack=7 pool=a"; "": the run says nothing of it (an anonymous
 * or an older one). Writes at most `size` bytes, returns `text`.
 */
char *describe_place(const struct run *run, char *text, size_t size);

#endif
