/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the raw exit reasons in a trace. */
#ifndef BENCH_TRACER_REASONS_H
#define BENCH_TRACER_REASONS_H

#include "../../hv/exit.h"
#include "../../trace/kvm_shared.h"

#define REASON_NAME 48

/*
 * As in the manuals and the KVM API: EPT_VIOLATION, NPF, KVM_EXIT_IO; "L2 CPUID" for an exit of a
 * nested guest. EINTR, ERROR: KVM_RUN failed, there is no reason. name: REASON_NAME bytes.
 */
char *reason_name(char *name, enum trace_space space, u32 isa, u32 reason);
/* The same in the form of a storm's name: ept_violation, npf, kvm_exit_io, l2_cpuid. */
char *reason_storm(char *name, enum trace_space space, u32 isa, u32 reason);
/* raw_space of run.json: kvm, vmx, svm. */
const char *reason_space(enum trace_space space, u32 isa);
enum exit_kind reason_kind(enum trace_space space, u32 isa, u32 reason);

/* handler, guest, user, kernel, period, off_cpu or halted */
const char *trace_leg_name(enum trace_space space, enum trace_leg leg);

#endif
