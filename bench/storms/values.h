/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in rows that guest and host both need. */
#ifndef BENCH_STORMS_VALUES_H
#define BENCH_STORMS_VALUES_H

/* Pages that KVM maps by one fault where the host has them: PTE_PREFETCH_NUM of Linux's KVM. */
#define PREFETCH_PAGES 8

#endif
