// SPDX-License-Identifier: GPL-2.0-or-later
/* Replaces kvm_trace.c in builds without eBPF. */
#include "kvm_trace.h"

#include <stddef.h>
#include <stdio.h>

#include "bpf_explain.h"

const char *bpf_library(void)
{
	return NULL;
}

bool kvm_trace_built(void)
{
	return false;
}

int kvm_trace_open(const struct kvm_trace_options *options, struct kvm_trace **trace, char *why)
{
	(void)options;
	*trace = NULL;
	snprintf(why, KVM_TRACE_WHY,
		 "this exitstorm was built without eBPF: clang, bpftool or libbpf was missing");
	return -ENOTSUP;
}

void kvm_trace_stop(struct kvm_trace *trace)
{
	(void)trace;
}

void kvm_trace_close(struct kvm_trace *trace)
{
	(void)trace;
}

enum kvm_way kvm_trace_way(const struct kvm_trace *trace, enum kvm_hook hook)
{
	(void)trace;
	(void)hook;
	return KVM_WAY_NONE;
}

struct kvm_trace_lost kvm_trace_lost(const struct kvm_trace *trace)
{
	(void)trace;
	return (struct kvm_trace_lost){0};
}

u32 kvm_trace_histograms(const struct kvm_trace *trace)
{
	(void)trace;
	return 0;
}

const struct traced_histogram *kvm_trace_histogram(const struct kvm_trace *trace, u32 number)
{
	(void)trace;
	(void)number;
	return NULL;
}

const struct traced_slot *kvm_trace_slot(const struct kvm_trace *trace, u32 number)
{
	(void)trace;
	(void)number;
	return NULL;
}

int kvm_trace_drain(struct kvm_trace *trace, int (*on_event)(void *arg, const struct traced_exit *),
		    void *arg)
{
	(void)trace;
	(void)on_event;
	(void)arg;
	return -ENOTSUP;
}

int kvm_trace_rips(const struct kvm_trace *trace,
		   int (*on_rip)(void *arg, const struct traced_rip *, u64 count), void *arg)
{
	(void)trace;
	(void)on_rip;
	(void)arg;
	return -ENOTSUP;
}
