/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit handlers. They return 0, or how the batch ends (enum raw_end). */
#ifndef HV_VMX_EXIT_H
#define HV_VMX_EXIT_H

#include "vmx.h"

int (*vmx_exit_handler(u32 raw_reason))(struct vmx_frame *frame);
bool vmx_handler_is_skip(u32 raw_reason);
int vmx_handle_and_learn(struct vmx_frame *frame);
int vmx_handle_and_vmclear(struct vmx_frame *frame);
int vmx_handle_pause_loop(struct vmx_frame *frame);

#endif
