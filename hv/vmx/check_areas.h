/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The areas of the SDM's checks, one file each. True: a rule is broken, *check says which. */
#ifndef HV_VMX_CHECK_AREAS_H
#define HV_VMX_CHECK_AREAS_H

#include "../../trace/types.h"

struct vmx_check;

bool vmx_check_controls(struct vmx_check *check);
bool vmx_check_host(struct vmx_check *check);
bool vmx_check_guest(struct vmx_check *check);

#endif
