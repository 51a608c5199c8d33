/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of exits by instructions with operands, and decoding. */
#ifndef HV_SVM_ACCESS_H
#define HV_SVM_ACCESS_H

#include "svm.h"

int svm_handle_cr(struct svm_frame *frame);
int svm_handle_dr(struct svm_frame *frame);
int svm_handle_invlpg(struct svm_frame *frame);
int svm_handle_io(struct svm_frame *frame);
int svm_handle_npf(struct svm_frame *frame);
/* RIP after the instruction that exited; 0: not known. */
u64 svm_next_rip(const struct svm_vcpu *vcpu);

int svm_handle_pushf(struct svm_frame *frame);
int svm_handle_popf(struct svm_frame *frame);
int svm_handle_iret(struct svm_frame *frame);

#endif
