/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a VM exit. An answer: 0, or what the batch ends with. Those of a reason by
 * itself, then those that a feature has instead.
 */
#ifndef HV_VMX_EXIT_H
#define HV_VMX_EXIT_H

#include "vmx.h"

int (*vmx_exit_handler(u32 raw_reason))(struct vmx_frame *frame);
bool vmx_handler_is_skip(u32 raw_reason);
int vmx_handle_and_learn(struct vmx_frame *frame);
int vmx_handle_and_vmclear(struct vmx_frame *frame);

#endif
