/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kvm_kernel.c: properties of the running kernel. */
#ifndef TRACE_KVM_TRACE_PRIVATE_H
#define TRACE_KVM_TRACE_PRIVATE_H

#include "kvm_trace.h"

struct kernel {
	bool btf;	    /* its BTF names KVM's tracepoints */
	int exit_arguments; /* of kvm_exit: 2 (vcpu, isa), 3 (reason, vcpu, isa); 0: unknown */
	bool vmx, svm;	    /* kvm_intel, kvm_amd is loaded */
	u32 hooks;	    /* bits of the hooks that can fire */
	bool vendor_types;  /* BTF has vcpu_vmx or vcpu_svm */
	bool preempted;	    /* raw_tp and tp_btf programs run with preemption enabled */
	bool put_time; /* programs can read kvm_vcpu_arch.last_host_tsc, and the clock is the TSC */
};

/* hooks: the requested ones. -ENOENT: no KVM, or no requested exit hook can fire. */
int kernel_detect(struct kernel *kernel, u32 hooks, char *why);
/* Explains a failure to attach a hook (NULL: to load), with a remedy. Returns the error. */
int kernel_explain(int error, const char *hook, enum kvm_way way, char *why);

#endif
