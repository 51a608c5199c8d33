/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares CPU state before and after each batch of exitstorm.ko, by kprobes. */
#ifndef TESTS_BEDS_LINUX_STATE_BATCHES_H
#define TESTS_BEDS_LINUX_STATE_BATCHES_H

#include <linux/proc_fs.h>

/* A write starts the comparison; a read reports and stops it. */
extern const struct proc_ops batches_operations;
void batches_check_stop(void);

#endif
