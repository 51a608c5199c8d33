/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and names of #VMEXIT codes. Pure. */
#ifndef HV_SVM_NAMES_H
#define HV_SVM_NAMES_H

#include "../../trace/types.h"
#include "../exit.h"

/*
 * The lower half of EXITCODE. A row of codes has the name of its first: SVM_EXIT_WRITE_CR + 3 is
 * CR3's.
 */
enum svm_exit_code {
#define SVM_EXIT(code, NAME, kind, text)	  SVM_EXIT_##NAME = (int)(code),
#define SVM_EXITS(first, count, NAME, kind, text) SVM_EXIT_##NAME = (first),
#include "exits.def"
};

/* "CPUID", "write of CR"; "reserved" for a code that the APM does not define. */
const char *svm_exit_name(u32 code);
enum exit_kind svm_exit_kind(u32 code);
/* The first code of a kind; ~0: SVM has none. */
u32 svm_exit_code(enum exit_kind kind);

#endif
