/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encodings of the VMCS fields, VMCS_<NAME>. */
#ifndef HV_VMX_VMCS_H
#define HV_VMX_VMCS_H

#include "../../trace/types.h"

enum vmcs_field {
#define VMCS(encoding, NAME, width, type) VMCS_##NAME = encoding,
#include "vmcs.def"
};

/* Intel SDM Vol. 3, "Structure of VMCS Component Encoding": bits 14:13 and 11:10. */
enum vmcs_width { VMCS_WIDTH_16, VMCS_WIDTH_64, VMCS_WIDTH_32, VMCS_WIDTH_NATURAL };
enum vmcs_type { VMCS_TYPE_CONTROL, VMCS_TYPE_READ_ONLY, VMCS_TYPE_GUEST, VMCS_TYPE_HOST };

#define VMCS(encoding, NAME, width, type)                                                     \
	_Static_assert(((encoding) >> 13 & 3) == VMCS_WIDTH_##width &&                        \
			       ((encoding) >> 10 & 3) == VMCS_TYPE_##type && !((encoding)&1), \
		       #NAME);
#include "vmcs.def"

/* WB, WT, UC-, UC, twice: the PAT at reset (SDM Vol. 3, "Programming the PAT"). */
#define VMCS_PAT_AT_RESET 0x0007040600070406ULL

/* EPTP: write-back (6), 4 levels; bit 6: accessed and dirty flags if the CPU has them. */
static inline u64 vmcs_ept_pointer(u64 root, u64 ept_vpid_capabilities)
{
	return root | 6 | (4 - 1) << 3 | (ept_vpid_capabilities >> 21 & 1) << 6;
}

#endif
