/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Returns and indirect jumps of the backends' assembly. Kernels require thunks for returns, and
 * annotations for indirect branches and their targets: hv/linux/branch.h defines these before this
 * file.
 */
#ifndef HV_BRANCH_H
#define HV_BRANCH_H

#ifndef RETURN
#define RETURN ret
/* A tail call by a pointer to a C function. */
#define JUMP_TO(pointer) jmp *pointer
/* The next label's address is taken, but never by an indirect branch: it needs no ENDBR64. */
#define NO_BRANCH_TARGET
#endif

#endif
