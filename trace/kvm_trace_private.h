/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kvm_trace.c must know of the kernel that it loads into (kvm_kernel.c). */
#ifndef TRACE_KVM_TRACE_PRIVATE_H
#define TRACE_KVM_TRACE_PRIVATE_H

#include "kvm_trace.h"

struct kernel {
	bool btf;	    /* its BTF names KVM's tracepoints */
	int exit_arguments; /* of kvm_exit: 2 (vcpu, isa), 3 (reason, vcpu, isa); 0: not known */
	bool vmx, svm;	    /* the vendor's module is there */
	u32 hooks;	    /* those that can fire here */
	bool vendor_types;  /* and BTF of its vCPU */
	bool put_time;	    /* a vCPU has the TSC of when it was put down, and programs can look */
};

/* hooks: what is asked for. -ENOENT: there is no KVM to trace, or none of them can fire. */
int kernel_look(struct kernel *kernel, u32 hooks, char *why);
/* Why the kernel refused, and what would help. hook: NULL: loading failed. Returns the error. */
int kernel_why(int error, const char *hook, enum kvm_way way, char *why);

#endif
