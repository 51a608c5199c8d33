/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A histogram without its empty buckets: a run has many at the same time. */
#ifndef TRACE_SPARSE_H
#define TRACE_SPARSE_H

#include "histogram.h"

struct sparse {
	u64 count, min, max, sum;
	u32 used;
	struct sparse_bucket {
		u32 index;
		u64 count;
	} * bucket; /* by index, ascending */
};

/* -ENOMEM; -EOVERFLOW: the sums of both do not fit 64 bits. Then *sparse stays as it was. */
int sparse_add(struct sparse *sparse, const struct histogram *histogram);
void sparse_expand(const struct sparse *sparse, struct histogram *histogram);
void sparse_free(struct sparse *sparse);

#endif
