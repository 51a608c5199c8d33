/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error messages for batches that ended early. */
#ifndef HV_SVM_EXPLAIN_H
#define HV_SVM_EXPLAIN_H

#include "svm.h"

/* Fills *unexpected from the VMCB. Returns -EPROTO. */
int svm_explain(struct svm_vcpu *vcpu, struct hv_exit *unexpected);

#endif
