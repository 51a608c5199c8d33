/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Included before all assembly by Kbuild: the macros of hv/branch.h for this kernel and its
 * objtool. */
#ifndef HV_LINUX_BRANCH_H
#define HV_LINUX_BRANCH_H

#include <asm/nospec-branch.h>
#include <linux/linkage.h>
#include <linux/objtool.h>

#define RETURN RET
/*
 * No retpoline: it would lengthen the exit path, and only our own guest could train the branch.
 * INT3 stops straight-line speculation.
 */
#define JUMP_TO(pointer)         \
	ANNOTATE_RETPOLINE_SAFE; \
	jmp *pointer;            \
	int3
#define NO_BRANCH_TARGET ANNOTATE_NOENDBR

#endif
