/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and names of VM exits and VM-instruction errors. Pure. */
#ifndef HV_VMX_NAMES_H
#define HV_VMX_NAMES_H

#include "../../trace/types.h"
#include "../exit.h"

enum vmx_exit_reason {
#define VMX_EXIT(number, NAME, kind, text) VMX_EXIT_##NAME = number,
#include "exits.def"
};
#define VMX_EXIT_ENTRY_FAILURE 0x80000000U /* bit 31 of the exit reason */

enum vmx_error {
#define VMX_ERROR(number, NAME, text) VMX_ERROR_##NAME = number,
#include "errors.def"
};

/* "CPUID"; "reserved" for a reason that the SDM does not define. Bits 31:16 are ignored. */
const char *vmx_exit_name(u32 reason);
enum exit_kind vmx_exit_kind(u32 reason);
/* The first reason of a kind; ~0: VMX has none. */
u32 vmx_exit_reason(enum exit_kind kind);
const char *vmx_error_name(u32 error);
/* A VMCS field as vmcs.def has it; "unknown field" for what is none. */
const char *vmcs_field_name(u32 encoding);

#endif
