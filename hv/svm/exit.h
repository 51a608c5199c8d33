/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with a #VMEXIT. */
#ifndef HV_SVM_EXIT_H
#define HV_SVM_EXIT_H

#include "svm.h"

int (*svm_answer(u32 code))(struct svm_frame *frame);
bool svm_answer_is_skip(u32 code);
int svm_answer_and_learn(struct svm_frame *frame);

#endif
