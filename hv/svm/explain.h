/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A batch that ended before it was done. */
#ifndef HV_SVM_EXPLAIN_H
#define HV_SVM_EXPLAIN_H

#include "svm.h"

/* Why, for *unexpected, from the VMCB. -EPROTO. */
int svm_explain(struct svm_vcpu *vcpu, struct hv_exit *unexpected);

#endif
