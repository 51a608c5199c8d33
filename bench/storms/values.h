/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in rows that guest and host both use. */
#ifndef BENCH_STORMS_VALUES_H
#define BENCH_STORMS_VALUES_H

/* Pages that KVM maps on one fault if the host has them (Linux, PTE_PREFETCH_NUM). */
#define PREFETCH_PAGES 8

#endif
