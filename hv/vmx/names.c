// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

static const struct {
	u16 reason, kind;
	const char *name;
} exits[] = {
#define VMX_EXIT(number, NAME, kind, text) {number, EXIT_##kind, text},
#include "exits.def"
};

static const struct {
	u32 error;
	const char *name;
} errors[] = {
#define VMX_ERROR(number, NAME, text) {number, text},
#include "errors.def"
};

static const struct {
	u32 encoding;
	const char *name;
} fields[] = {
#define VMCS(encoding, NAME, width, type) {encoding, #NAME},
#include "vmcs.def"
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

const char *vmx_exit_name(u32 reason)
{
	for (u32 i = 0; i < COUNT(exits); i++)
		if (exits[i].reason == (reason & 0xffff))
			return exits[i].name;
	return "reserved";
}

enum exit_kind vmx_exit_kind(u32 reason)
{
	for (u32 i = 0; i < COUNT(exits); i++)
		if (exits[i].reason == (reason & 0xffff))
			return exits[i].kind;
	return EXIT_OTHER;
}

u32 vmx_exit_reason(enum exit_kind kind)
{
	switch (kind) {
	case EXIT_CR_READ: /* the same reason as MOV to CR */
		return VMX_EXIT_CR_ACCESS;
	case EXIT_MMIO: /* an address that EPT does not map */
		return VMX_EXIT_EPT_VIOLATION;
	case EXIT_NMI:
	case EXIT_PAGE_FAULT:
		return VMX_EXIT_EXCEPTION_NMI;
	case EXIT_OTHER:
		return ~0U;
	default:
		break;
	}
	for (u32 i = 0; i < COUNT(exits); i++)
		if (exits[i].kind == kind)
			return exits[i].reason;
	return ~0U;
}

const char *vmx_error_name(u32 error)
{
	for (u32 i = 0; i < COUNT(errors); i++)
		if (errors[i].error == error)
			return errors[i].name;
	return "an error that the manual does not define";
}

const char *vmcs_field_name(u32 encoding)
{
	for (u32 i = 0; i < COUNT(fields); i++)
		if (fields[i].encoding == encoding)
			return fields[i].name;
	return "unknown field";
}
