/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the current VMCS. */
#ifndef HV_VMX_SETUP_H
#define HV_VMX_SETUP_H

#include "vmx.h"

/* Guest state and controls, once per vCPU. Host state: vmcs_host_state. */
void vmcs_setup(struct vmx_vcpu *vcpu);
/* Host state, before each batch: it may differ from batch to batch and CPU to CPU. */
void vmcs_host_state(const struct vmx_vcpu *vcpu);
/* The part of it that an interrupt of the host may have changed: CR3 and CR4. */
void vmcs_host_tables(void);
/*
 * With the host's interrupts disabled and external-interrupt exiting on, a pending interrupt would
 * exit right after each entry. Without the control it stays pending while the guest has RFLAGS.IF =
 * 0.
 */
static inline u64 vmx_pin_controls(const struct vmx_vcpu *vcpu)
{
	u64 value = vcpu->vm->controls.value[VMX_PIN];

	if (vcpu->irqs_off && !vcpu->vm->interrupts)
		value &= ~(u64)VMX_PIN_EXTERNAL_INTERRUPT_EXITING;
	return value;
}

/* Execution controls of the VM: undoes changes by arming and by handlers. */
void vmx_controls_write(const struct vmx_vcpu *vcpu);

#endif
