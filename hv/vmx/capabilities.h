/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMX as this CPU has it. */
#ifndef HV_VMX_CAPABILITIES_H
#define HV_VMX_CAPABILITIES_H

#include "controls.h"

/* Capabilities of the CPU that this runs on; CPL 0 only. */
void vmx_capabilities_read(struct vmx_capabilities *capabilities);

#endif
