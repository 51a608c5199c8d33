/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit handlers. They return 0, or how the batch ends (enum raw_end). */
#ifndef HV_SVM_EXIT_H
#define HV_SVM_EXIT_H

#include "svm.h"

int (*svm_exit_handler(u32 code))(struct svm_frame *frame);
bool svm_handler_is_skip(u32 code);
int svm_handle_and_learn(struct svm_frame *frame);

#endif
