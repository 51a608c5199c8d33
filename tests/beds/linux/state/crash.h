/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.ko, crash=1: the CPU that panics prints whether VMX or SVM is still on there. */
#ifndef TESTS_STATE_CRASH_H
#define TESTS_STATE_CRASH_H

int crash_watch(void);
void crash_watch_end(void);

#endif
