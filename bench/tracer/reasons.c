// SPDX-License-Identifier: GPL-2.0-or-later
#include "reasons.h"

#include <ctype.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

struct reason {
	u32 first, count; /* count > 1: the name ends with reason - first */
	u16 kind;
	const char *name;
};

static const struct reason vmx[] = {
#define VMX_EXIT(number, NAME, kind, text) {number, 1, EXIT_##kind, #NAME},
#include "../../hv/vmx/exits.def"
};

static const struct reason svm[] = {
#define SVM_EXIT(code, NAME, kind, text)	  {code, 1, EXIT_##kind, #NAME},
#define SVM_EXITS(first, count, NAME, kind, text) {first, count, EXIT_##kind, #NAME},
#include "../../hv/svm/exits.def"
};

static const struct reason kvm[] = {
#define KVM_REASON(NAME, kind, name) {KVM_EXIT_##NAME, 1, EXIT_##kind, "KVM_EXIT_" #NAME},
#include "../../hv/kvm/exits.def"
	{TRACE_KVM_RESTART, 1, EXIT_HOST_CALL, "EINTR"},
	{TRACE_KVM_ERROR, 1, EXIT_ERROR, "ERROR"},
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static const struct reason *find(enum trace_space space, u32 isa, u32 reason)
{
	const struct reason *row = kvm;
	size_t rows = COUNT(kvm);

	if (space != TRACE_KVM && isa == TRACE_ISA_SVM) {
		row = svm;
		rows = COUNT(svm);
	} else if (space != TRACE_KVM) {
		row = vmx;
		rows = COUNT(vmx);
		reason &= 0xffff; /* basic exit reason; bit 31: VM-entry failure */
	}
	for (; rows--; row++)
		if (reason - row->first < row->count)
			return row;
	return NULL;
}

char *reason_name(char *name, enum trace_space space, u32 isa, u32 reason)
{
	const struct reason *row = find(space, isa, reason);
	const char *l2 = space == TRACE_NESTED ? "L2 " : "";

	if (!row)
		snprintf(name, REASON_NAME, "%sREASON_0x%x", l2, reason);
	else if (row->count > 1)
		snprintf(name, REASON_NAME, "%s%s_%u", l2, row->name, reason - row->first);
	else
		snprintf(name, REASON_NAME, "%s%s", l2, row->name);
	return name;
}

char *reason_storm(char *name, enum trace_space space, u32 isa, u32 reason)
{
	reason_name(name, space, isa, reason);
	for (char *at = name; *at; at++)
		*at = *at == ' ' ? '_' : tolower((unsigned char)*at);
	return name;
}

const char *reason_space(enum trace_space space, u32 isa)
{
	if (space == TRACE_KVM)
		return "kvm";
	return isa == TRACE_ISA_SVM ? "svm" : "vmx";
}

enum exit_kind reason_kind(enum trace_space space, u32 isa, u32 reason)
{
	const struct reason *row = find(space, isa, reason);

	return row ? row->kind : EXIT_OTHER;
}

const char *trace_leg_name(enum trace_space space, enum trace_leg leg)
{
	static const char *const name[TRACE_LEGS][2] = {
		[TRACE_AFTER] = {"user", "handler"},   [TRACE_BEFORE] = {"kernel", "guest"},
		[TRACE_PERIOD] = {"period", "period"}, [TRACE_OFF] = {"off_cpu", "off_cpu"},
		[TRACE_HALTED] = {"halted", "halted"},
	};

	return name[leg][space != TRACE_KVM];
}
