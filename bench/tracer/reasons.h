/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for the raw reasons that trace deals in. */
#ifndef BENCH_TRACER_REASONS_H
#define BENCH_TRACER_REASONS_H

#include "../../hv/exit.h"
#include "../../trace/kvm_shared.h"

#define REASON_NAME 48

/*
 * As the manuals and the KVM API spell it: EPT_VIOLATION, NPF, KVM_EXIT_IO; "L2 CPUID" for an exit
 * of a nested guest. What KVM_RUN returned instead of a reason is EINTR, or ERROR.
 */
char *reason_name(char *name, enum trace_space space, u32 isa, u32 reason);
/* The same as the name of a storm in a run: ept_violation, npf, kvm_exit_io, l2_cpuid. */
char *reason_storm(char *name, enum trace_space space, u32 isa, u32 reason);
/* Whose number it is, as runs name it: kvm, vmx, svm. */
const char *reason_space(enum trace_space space, u32 isa);
enum exit_kind reason_kind(enum trace_space space, u32 isa, u32 reason);

/* handler, guest, user, kernel, period, off_cpu, halted */
const char *trace_leg_name(enum trace_space space, enum trace_leg leg);

#endif
