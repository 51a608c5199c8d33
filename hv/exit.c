// SPDX-License-Identifier: GPL-2.0-or-later
#include "exit.h"

static const char *const names[EXIT_KINDS] = {
#define EXIT(ID, name, text) [EXIT_##ID] = name,
#include "exits.def"
};

static const char *const exceptions[32] = {
	[0] = "#DE, divide error",
	[1] = "#DB, debug exception",
	[2] = "NMI",
	[3] = "#BP, breakpoint",
	[4] = "#OF, overflow",
	[5] = "#BR, BOUND range exceeded",
	[6] = "#UD, invalid opcode",
	[7] = "#NM, device not available",
	[8] = "#DF, double fault",
	[10] = "#TS, invalid TSS",
	[11] = "#NP, segment not present",
	[12] = "#SS, stack-segment fault",
	[13] = "#GP, general protection",
	[14] = "#PF, page fault",
	[16] = "#MF, x87 floating-point error",
	[17] = "#AC, alignment check",
	[18] = "#MC, machine check",
	[19] = "#XM, SIMD floating-point exception",
	[20] = "#VE, virtualization exception",
	[21] = "#CP, control protection exception",
	[28] = "#HV, hypervisor injection exception",
	[29] = "#VC, VMM communication exception",
	[30] = "#SX, security exception",
};

const char *exit_kind_name(enum exit_kind kind)
{
	return names[(unsigned int)kind < EXIT_KINDS ? kind : EXIT_OTHER];
}

const char *exception_name(unsigned int vector)
{
	if (vector >= sizeof(exceptions) / sizeof(exceptions[0]))
		return "an interrupt";
	return exceptions[vector] ? exceptions[vector] : "a reserved exception";
}
