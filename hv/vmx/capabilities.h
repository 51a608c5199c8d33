/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMX capabilities of this CPU. */
#ifndef HV_VMX_CAPABILITIES_H
#define HV_VMX_CAPABILITIES_H

#include "controls.h"

/* Reads the IA32_VMX_* MSRs; CPL 0 only. */
void vmx_capabilities_read(struct vmx_capabilities *capabilities);

#endif
