/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the assembly of the backends leaves a straight line. Kernels have rules for that (thunks for returns,
 * targets of indirect branches marked or known to be none): a host that has some defines these before,
 * see hv/linux/branch.h.
 */
#ifndef HV_BRANCH_H
#define HV_BRANCH_H

#ifndef RETURN
#define RETURN ret
/* By a pointer to a C function. */
#define JUMP_TO(pointer) jmp *pointer
/* The next instruction's address is taken, and not for an indirect branch: no ENDBR64 is wanted. */
#define NO_BRANCH_TARGET
#endif

#endif
