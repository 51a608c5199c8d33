/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a VMCS: what stays for good, what may change from batch to batch. */
#ifndef HV_VMX_SETUP_H
#define HV_VMX_SETUP_H

#include "vmx.h"

/* Guest state, controls and what of the host never changes. The VMCS is current. */
void vmcs_setup(struct vmx_vcpu *vcpu);
/* What of the host may differ from batch to batch and CPU to CPU. */
void vmcs_host_state(const struct vmx_vcpu *vcpu);
/* What of it may have changed when the host had its interrupts. */
void vmcs_host_tables(void);
/*
 * With the host's interrupts off and external-interrupt exiting on, one that waits would end the
 * guest after each entry; without it, it waits as long as the guest has RFLAGS.IF 0.
 */
static inline u64 vmx_pin_controls(const struct vmx_vcpu *vcpu)
{
	u64 value = vcpu->vm->controls.value[VMX_PIN];

	if (vcpu->irqs_off && !vcpu->vm->interrupts)
		value &= ~(u64)VMX_PIN_EXTERNAL_INTERRUPT_EXITING;
	return value;
}

/* The execution controls that an answer or arming has changed are the VM's again. */
void vmx_controls_write(const struct vmx_vcpu *vcpu);

#endif
