/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HV_SVM_BATCH_H
#define HV_SVM_BATCH_H

#include "svm.h"

/* Runs one batch, as hv_run. */
int svm_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);

#endif
