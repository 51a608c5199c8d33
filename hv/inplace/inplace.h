/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backends without a VM: the guest's loops run at CPL 0, in the kernel or image that this code is
 * part of, and what exits does so to the hypervisor that the machine runs on.
 */
#ifndef HV_INPLACE_INPLACE_H
#define HV_INPLACE_INPLACE_H

#include "../backend.h"

/* One VM of both at a time: an exception is known by the address of the loops. */
extern const struct hv_backend hv_kernel; /* HV_PLACE_KERNEL */
extern const struct hv_backend hv_image;  /* HV_PLACE_IMAGE */

/* hv_run of both. Global for tests, which look at the CPU's state at its begin. */
int inplace_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);

#endif
