// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

static const struct {
	u32 code;
	u16 count, kind;
	const char *name;
} exits[] = {
#define SVM_EXIT(code, NAME, kind, text)	  {code, 1, EXIT_##kind, text},
#define SVM_EXITS(first, count, NAME, kind, text) {first, count, EXIT_##kind, text},
#include "exits.def"
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))
#define NONE	     COUNT(exits)

static u32 row_of(u32 code)
{
	for (u32 i = 0; i < COUNT(exits); i++)
		if (code - exits[i].code < exits[i].count)
			return i;
	return NONE;
}

const char *svm_exit_name(u32 code)
{
	u32 row = row_of(code);

	return row == NONE ? "reserved" : exits[row].name;
}

enum exit_kind svm_exit_kind(u32 code)
{
	u32 row = row_of(code);

	return row == NONE ? EXIT_OTHER : exits[row].kind;
}

u32 svm_exit_code(enum exit_kind kind)
{
	switch (kind) {
	case EXIT_MSR_WRITE: /* the same code as RDMSR */
		return SVM_EXIT_MSR;
	case EXIT_MMIO: /* an address that nested paging does not map */
		return SVM_EXIT_NPF;
	case EXIT_PAGE_FAULT:
		return SVM_EXIT_EXCEPTION + 14;
	case EXIT_ENTRY_FAILED:
	case EXIT_OTHER:
		return ~0U;
	default:
		break;
	}
	for (u32 i = 0; i < COUNT(exits); i++)
		if (exits[i].kind == kind)
			return exits[i].code;
	return ~0U;
}
