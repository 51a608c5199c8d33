// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stamps in the kernel for vCPU threads: after an exit and before an entry. They go into a mapped
 * ring per thread, without a wake-up.
 *
 * Of a tracepoint only arguments are read, in types of this file, which are not relocated: so that
 * the object needs no BTF of the kernel. Hooks that KVM calls with preemption enabled have a
 * program for raw_tp and one for perf's trace event (bpf_programs_preempted).
 */
#include "stamps_ring.h"

#include <bpf/bpf_helpers.h>

#define SYSCALL_IOCTL 16 /* x86-64; in a batch the only ioctl is KVM_RUN */

/* BPF_F_MMAPABLE and BPF_F_CURRENT_CPU: enumerators that older kernels' BTF lacks. */
#define MMAPABLE    (1U << 10)
#define CURRENT_CPU 0xffffffffULL

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, MMAPABLE);
	__uint(max_entries, 1); /* the number of threads: set before loading */
	__type(key, u32);
	__type(value, struct stamps_ring);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} tsc SEC(".maps");

const volatile u32 clock = STAMPS_KTIME; /* enum stamps_clock */
volatile u32 tid[STAMPS_SLOTS];		 /* by slot; 0: free, as are all after it */

#ifdef STAMPS_HAVE_KFUNC
extern u64 bpf_get_cpu_time_counter(void) __ksym __weak; /* rdtsc_ordered() */
#else
#define bpf_get_cpu_time_counter() 0
#endif

/* struct bpf_perf_event_value */
struct event_value {
	u64 counter, enabled, running;
};

struct raw_arguments {
	u64 argument[2];
};

struct event_sys_enter {
	u64 common;
	s64 id;
};

static __always_inline u64 read_clock(void)
{
	struct event_value value;

	if (clock == STAMPS_KFUNC)
		return bpf_get_cpu_time_counter();
	if (clock == STAMPS_KTIME)
		return bpf_ktime_get_ns();
	if (bpf_perf_event_read_value(&tsc, CURRENT_CPU, (void *)&value, sizeof(value)))
		return 0;
	return value.counter;
}

static __always_inline int stamp(enum stamps_kind kind)
{
	u32 self = bpf_get_current_pid_tgid(), slot;
	struct stamps_ring *ring;
	u64 now;

	for (slot = 0; slot < STAMPS_SLOTS; slot++) {
		u32 owner = tid[slot];

		if (!owner)
			return 0;
		if (owner == self)
			break;
	}
	ring = bpf_map_lookup_elem(&rings, &slot);
	if (!ring)
		return 0;
	now = read_clock();
	ring->entry[ring->head & (STAMPS_ENTRIES - 1)] = now << 1 | kind;
	ring->head++;
	return 0;
}

SEC("raw_tp/kvm_exit")
int stamp_exit(void *ctx)
{
	return stamp(STAMP_IN);
}

SEC("raw_tp/kvm_entry")
int stamp_entry(void *ctx)
{
	return stamp(STAMP_OUT);
}

SEC("raw_tp/kvm_userspace_exit")
int stamp_to_user(void *ctx)
{
	return stamp(STAMP_IN);
}

SEC("raw_tp/sys_enter")
int stamp_from_user(struct raw_arguments *ctx)
{
	return ctx->argument[1] == SYSCALL_IOCTL ? stamp(STAMP_OUT) : 0;
}

SEC("tp/kvm/kvm_userspace_exit")
int stamp_to_user_event(void *ctx)
{
	return stamp(STAMP_IN);
}

SEC("tp/raw_syscalls/sys_enter")
int stamp_from_user_event(struct event_sys_enter *ctx)
{
	return ctx->id == SYSCALL_IOCTL ? stamp(STAMP_OUT) : 0;
}

/* Test-run by user space, to compare the program's clock with its own. */
struct stamps_probe probed;

SEC("raw_tp")
int stamp_probe(void *ctx)
{
	probed.tid = bpf_get_current_pid_tgid();
	probed.before_ns = bpf_ktime_get_ns();
	probed.reading = read_clock();
	probed.after_ns = bpf_ktime_get_ns();
	return 0;
}
