/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error messages for batches that ended early. */
#ifndef HV_VMX_EXPLAIN_H
#define HV_VMX_EXPLAIN_H

#include "vmx.h"

/* Fills *unexpected from the current VMCS. Returns -EPROTO. */
int vmx_explain(struct vmx_vcpu *vcpu, int end, struct hv_exit *unexpected);

#endif
