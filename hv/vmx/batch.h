/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HV_VMX_BATCH_H
#define HV_VMX_BATCH_H

#include "vmx.h"

/* Runs one batch, as hv_run. */
int vmx_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);

#endif
