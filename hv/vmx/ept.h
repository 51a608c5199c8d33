/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EPT beyond the tables that hv/slat.c makes. */
#ifndef HV_VMX_EPT_H
#define HV_VMX_EPT_H

#include "vmx.h"

int vmx_ept_build(struct hv_vm *vm, struct vmx_vm *vmx, char *why);
/* GUEST_APIC is the host's own APIC, at this physical address; then vmx_flush_ept. */
void vmx_ept_apic(struct vmx_vm *vmx, u64 physical);

#endif
