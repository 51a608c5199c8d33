/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of EPT that hv/slat.c does not know. */
#ifndef HV_VMX_EPT_H
#define HV_VMX_EPT_H

#include "vmx.h"

int vmx_ept_build(struct hv_vm *vm, struct vmx_vm *vmx, char *why);
/*
 * Maps GUEST_APIC to the host's APIC at this physical address; the caller flushes (vmx_flush_ept).
 */
void vmx_ept_apic(struct vmx_vm *vmx, u64 physical);

#endif
