/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of instructions with operands, loads and stores. */
#ifndef HV_VMX_ACCESS_H
#define HV_VMX_ACCESS_H

#include "vmx.h"

int vmx_handle_io(struct vmx_frame *frame);
int vmx_handle_cr(struct vmx_frame *frame);
int vmx_handle_invlpg(struct vmx_frame *frame);
int vmx_handle_access(struct vmx_frame *frame);
int vmx_handle_ept(struct vmx_frame *frame);

#endif
