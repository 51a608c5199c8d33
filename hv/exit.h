/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vendor-neutral exit kinds and their names. */
#ifndef HV_EXIT_H
#define HV_EXIT_H

enum exit_kind {
#define EXIT(ID, name, text) EXIT_##ID,
#include "exits.def"
	EXIT_KINDS
};

/* The name in tables and run.json; "other" for an unknown number. */
const char *exit_kind_name(enum exit_kind kind);

/*
 * "#UD, invalid opcode"; "an interrupt" from vector 32 on. Intel SDM Vol. 3, "Exception and
 * Interrupt Vectors".
 */
const char *exception_name(unsigned int vector);

#endif
