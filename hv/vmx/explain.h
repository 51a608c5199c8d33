/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A batch that ended before it was done. */
#ifndef HV_VMX_EXPLAIN_H
#define HV_VMX_EXPLAIN_H

#include "vmx.h"

/* Why, for *unexpected, from the current VMCS. -EPROTO. */
int vmx_explain(struct vmx_vcpu *vcpu, int end, struct hv_exit *unexpected);

#endif
