/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of exceptions, interrupts, NMIs, INIT and SIPI, and event injection. */
#ifndef HV_VMX_EVENT_H
#define HV_VMX_EVENT_H

#include "vmx.h"

int vmx_handle_exception(struct vmx_frame *frame);
int vmx_handle_nmi(struct vmx_frame *frame);
int vmx_handle_interrupt(struct vmx_frame *frame);
int vmx_handle_signal(struct vmx_frame *frame);
/*
 * Injects an event at the next entry; `info` as in an exit's interruption-information field (SDM
 * Vol. 3, "Event Injection").
 */
void vmx_inject(u32 info, u32 error_code_field);

/*
 * If the exit happened during the delivery of an event: injects the event again, which would be
 * lost otherwise (SDM Vol. 3, "Information for VM Exits That Occur During Event Delivery").
 */
static inline int vmx_deliver_again(void)
{
	u32 info = vmcs_read(VMCS_IDT_VECTORING_INFO);

	if (__builtin_expect(info >> 31, 0)) /* valid */
		vmx_inject(info, VMCS_IDT_VECTORING_ERROR_CODE);
	return 0;
}

#endif
