/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Included by Kbuild before all assembly: hv/branch.h as this kernel wants it, and its objtool checks. */
#ifndef HV_LINUX_BRANCH_H
#define HV_LINUX_BRANCH_H

#include <asm/nospec-branch.h>
#include <linux/linkage.h>
#include <linux/objtool.h>

#define RETURN RET
/*
 * Not by a retpoline: it would add instructions to those that `delay` is to waste, and who could train the
 * branch is our own guest only. INT3: what is speculated behind it ends there.
 */
#define JUMP_TO(pointer)        \
	ANNOTATE_RETPOLINE_SAFE; \
	jmp *pointer;           \
	int3
#define NO_BRANCH_TARGET ANNOTATE_NOENDBR

#endif
