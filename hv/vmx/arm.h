/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCS fields and pages of features. vmx_load_X: once per vCPU, with its VMCS current. vmx_arm_X:
 * after each VMCALL of the guest, before the next entry; sets up one VM exit that no guest
 * instruction causes.
 */
#ifndef HV_VMX_ARM_H
#define HV_VMX_ARM_H

#include "vmx.h"

void vmx_arm_interrupt_window(struct vmx_vcpu *vcpu);
void vmx_arm_nmi_window(struct vmx_vcpu *vcpu);
void vmx_arm_monitor_trap(struct vmx_vcpu *vcpu);
void vmx_arm_timer(struct vmx_vcpu *vcpu);
void vmx_arm_interrupt(struct vmx_vcpu *vcpu);
void vmx_arm_bad_state(struct vmx_vcpu *vcpu);
void vmx_arm_bad_msr(struct vmx_vcpu *vcpu);
void vmx_arm_tpr(struct vmx_vcpu *vcpu);
void vmx_arm_eoi(struct vmx_vcpu *vcpu);
void vmx_arm_pml(struct vmx_vcpu *vcpu);
void vmx_arm_init(struct vmx_vcpu *vcpu);
void vmx_arm_sipi(struct vmx_vcpu *vcpu);
void vmx_load_virtual_apic(struct vmx_vcpu *vcpu);
void vmx_load_eoi(struct vmx_vcpu *vcpu);
void vmx_load_pml(struct vmx_vcpu *vcpu);
void vmx_load_ple(struct vmx_vcpu *vcpu);
void vmx_load_eptp_list(struct vmx_vcpu *vcpu);
void vmx_load_shadow(struct vmx_vcpu *vcpu);
void vmx_load_bad_msr(struct vmx_vcpu *vcpu);
void vmx_load_sub_page(struct vmx_vcpu *vcpu);
void vmx_load_encls(struct vmx_vcpu *vcpu);
void vmx_load_xss(struct vmx_vcpu *vcpu);
void vmx_load_notify(struct vmx_vcpu *vcpu);

#endif
