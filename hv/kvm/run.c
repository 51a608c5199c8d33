// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The loop around KVM_RUN. Between stamp_out and stamp_in: the system call and the moves that set
 * up its registers. Between stamp_in and the next stamp_out: the check that the exit is the
 * expected one, and the stores of the stamps. Everything else is out of line and happens once per
 * batch.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "../../trace/stamp.h"
#include "../host.h"
#include "kvm.h"

#define likely(condition) __builtin_expect(!!(condition), 1)

/* GUEST_PORT_DONE and GUEST_PORT_FAULT differ in bit 0. */
#define OWN_PORT(port) (((port) & ~1) == GUEST_PORT_DONE)
_Static_assert(OWN_PORT(GUEST_PORT_FAULT), "one comparison finds both ports");

enum { GO_ON = 1 };

/* KVM_RUN without libc's wrapper. Returns 0 or -errno. */
static inline __attribute__((always_inline)) long kvm_enter(int fd)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_ioctl), "D"((long)fd), "S"((long)KVM_RUN), "d"(0L)
			 : "rcx", "r11", "memory");
	return result;
}

static inline bool expected(const struct kvm_run *run, u32 raw_reason)
{
	return run->exit_reason == raw_reason &&
	       (raw_reason != KVM_EXIT_IO || !OWN_PORT(run->io.port));
}

/* raw_reason 0 means that no exit is expected, but it is also KVM_EXIT_UNKNOWN. */
static u32 reason_of(const struct hv_loop *loop)
{
	return loop->raw_reason == KVM_EXIT_UNKNOWN ? ~0U : loop->raw_reason;
}

/* The record of the guest's current operation. `index` is guest memory: it may be out of range. */
static inline struct record *record_now(const struct kvm_vcpu *vcpu)
{
	return &vcpu->ring[vcpu->shared->index % GUEST_RING_RECORDS];
}

/*
 * An operation may exit more than once (string I/O): it keeps its first host_in and its last
 * host_out. host_out of an entry is stored after the exit that follows it.
 */
static inline __attribute__((always_inline)) void record_exit(struct kvm_vcpu *vcpu, u64 out,
							      u64 in)
{
	struct record *record = record_now(vcpu);

	if (likely(vcpu->open))
		vcpu->open->host_out = out;
	if (likely(record != vcpu->record))
		record->host_in = in;
	vcpu->record = record;
	vcpu->open = record;
}

/* -EINTR. Without immediate_exit it was a signal of the process, which delayed the operation. */
static int interrupted(struct kvm_vcpu *vcpu, bool stamped, u64 out, struct hv_exit *unexpected)
{
	if (stamped) {
		if (vcpu->open)
			vcpu->open->host_out = out;
		vcpu->open = NULL;
		record_now(vcpu)->flags |= RECORD_EXTRA_EXIT;
	}
	if (!vcpu->run->immediate_exit)
		return GO_ON;
	vcpu->run->immediate_exit = 0;
	unexpected->raw_reason = KVM_EXIT_INTR;
	unexpected->kind = EXIT_EXTERNAL_INTERRUPT;
	kvm_rip(vcpu, &unexpected->rip);
	host_format(unexpected->why, HV_WHY, "the guest was stopped from outside at operation %u",
		    vcpu->shared->index);
	return -EINTR;
}

static int batch_done(struct kvm_vcpu *vcpu, const struct hv_loop *loop, u64 out,
		      struct hv_exit *unexpected)
{
	u32 seen = vcpu->seen;
	u64 moved;

	if (vcpu->open)
		vcpu->open->host_out = out;
	vcpu->open = NULL;
	vcpu->record = NULL;
	vcpu->seen = 0;
	moved = loop->stamped ? kvm_tsc_moved(vcpu) : 0;
	if (seen == loop->count && !moved)
		return 0;
	unexpected->raw_reason = loop->raw_reason;
	if (moved) {
		host_format(
			unexpected->why, HV_WHY,
			"KVM moved the guest's TSC by %lld ticks: the kernel holds this machine's "
			"TSC for unstable (doctor: clocksource), so guest and host have no clock "
			"in common",
			(long long)moved);
		return -EBADE;
	}
	unexpected->qualification = seen;
	host_format(unexpected->why, HV_WHY,
		    "the batch made %u exits of reason %u (%s) to userspace, not %u", seen,
		    loop->raw_reason, kvm_raw_name(loop->raw_reason), loop->count);
	return -EBADE;
}

/* Any exit but the expected one. Returns GO_ON, or hv_run's result. */
static __attribute__((noinline, cold)) int other_exit(struct kvm_vcpu *vcpu,
						      const struct hv_loop *loop, long error,
						      u64 out, struct hv_exit *unexpected)
{
	const struct kvm_run *run = vcpu->run;
	bool port_out = run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT;

	if (error == -EINTR)
		return interrupted(vcpu, loop->stamped, out, unexpected);
	if (!error && port_out && run->io.port == GUEST_PORT_DONE)
		return batch_done(vcpu, loop, out, unexpected);
	if (!error && port_out && run->io.port == GUEST_PORT_FAULT) {
		unexpected->raw_reason = run->exit_reason;
		return hv_guest_fault(vcpu->hv, unexpected);
	}
	return kvm_explain(vcpu, error, unexpected);
}

/*
 * The delay setting is in TSC ticks, not in instructions: their duration depends on the core's
 * frequency, on its sibling thread and on outstanding memory accesses.
 */
static inline __attribute__((always_inline)) void waste(u32 ticks)
{
	u64 began = stamp_out();

	while (stamp_in() - began < ticks)
		;
}

/*
 * Specialised before the batch, so that no form tests for a feature that it does not have. Forms
 * are not inlined, so that the code of one does not move another's.
 */
static inline __attribute__((always_inline)) int run_loop(struct kvm_vcpu *vcpu,
							  const struct hv_loop *loop,
							  struct hv_exit *unexpected,
							  const bool stamped, const bool delayed)
{
	const u32 raw_reason = reason_of(loop), delay = loop->delay;
	u64 out = 0, in = 0;
	long error;
	int next;

	for (;;) {
		if (stamped)
			out = stamp_out();
		error = kvm_enter(vcpu->fd);
		if (stamped)
			in = stamp_in();
		if (likely(!error && expected(vcpu->run, raw_reason))) {
			if (stamped)
				record_exit(vcpu, out, in);
			vcpu->seen++;
			if (delayed)
				waste(delay);
			continue;
		}
		next = other_exit(vcpu, loop, error, out, unexpected);
		if (next != GO_ON)
			return next;
	}
}

static __attribute__((noinline)) int run_stamped(struct kvm_vcpu *vcpu, const struct hv_loop *loop,
						 struct hv_exit *unexpected)
{
	return run_loop(vcpu, loop, unexpected, true, false);
}

static __attribute__((noinline)) int run_plain(struct kvm_vcpu *vcpu, const struct hv_loop *loop,
					       struct hv_exit *unexpected)
{
	return run_loop(vcpu, loop, unexpected, false, false);
}

static __attribute__((noinline)) int run_delayed(struct kvm_vcpu *vcpu, const struct hv_loop *loop,
						 struct hv_exit *unexpected)
{
	return loop->stamped ? run_loop(vcpu, loop, unexpected, true, true)
			     : run_loop(vcpu, loop, unexpected, false, true);
}

/*
 * hv_kick sets immediate_exit, too: `kicked` tells whether it did during the batch. It runs in a
 * signal handler of this thread, so compiler barriers are enough.
 */
static int run_immediate(struct kvm_vcpu *vcpu, const struct hv_loop *loop,
			 struct hv_exit *unexpected)
{
	const u32 count = loop->count;
	struct record *record = vcpu->ring;
	long error = -EINTR;

	if (count > GUEST_RING_RECORDS) {
		host_format(unexpected->why, HV_WHY, "a batch has at most %u records, not %u",
			    GUEST_RING_RECORDS, count);
		return -EINVAL;
	}
	__atomic_store_n(&vcpu->kicked, 0, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (vcpu->run->immediate_exit)
		return interrupted(vcpu, false, 0, unexpected);
	vcpu->run->immediate_exit = 1;
	if (loop->stamped) {
		for (u32 i = 0; i < count && likely(error == -EINTR); i++, record++) {
			error = kvm_enter(vcpu->fd);
			record->host_in = stamp_in();
			record->host_out = stamp_out();
		}
	} else {
		for (u32 i = 0; i < count && likely(error == -EINTR); i++)
			error = kvm_enter(vcpu->fd);
	}
	vcpu->run->immediate_exit = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&vcpu->kicked, 0, __ATOMIC_RELAXED))
		vcpu->run->immediate_exit = 1;
	return error == -EINTR ? 0 : kvm_explain(vcpu, error, unexpected);
}

/*
 * Discards the entries of the coalesced ring, so that the next batch has room. vCPUs share the
 * ring: if another one has advanced `first` in the meantime, that must not be undone.
 */
static void coalesced_drain(struct kvm_vm *kvm)
{
	u32 first, last;

	if (!kvm->coalescing)
		return;
	first = __atomic_load_n(&kvm->coalesced->first, __ATOMIC_ACQUIRE);
	last = __atomic_load_n(&kvm->coalesced->last, __ATOMIC_ACQUIRE);
	__atomic_compare_exchange_n(&kvm->coalesced->first, &first, last, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
}

int kvm_run_batch(struct hv_vcpu *hv, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct kvm_vcpu *vcpu = hv->priv;
	int result;

	*unexpected = (struct hv_exit){.kind = EXIT_NONE};
	if (loop->path != HV_PATH_FULL) {
		host_format(unexpected->why, HV_WHY, "KVM has no fast path");
		return -EOPNOTSUPP;
	}
	/* The hypercall's return value. KVM does not change it, so it is not set between stamps. */
	if (loop->raw_reason == KVM_EXIT_HYPERCALL)
		vcpu->run->hypercall.ret = 0;
	if (loop->action == HV_ACTION_IMMEDIATE)
		result = run_immediate(vcpu, loop, unexpected);
	else if (loop->delay)
		result = run_delayed(vcpu, loop, unexpected);
	else if (loop->stamped)
		result = run_stamped(vcpu, loop, unexpected);
	else
		result = run_plain(vcpu, loop, unexpected);
	coalesced_drain(hv->vm->priv);
	return result;
}

void kvm_kick(struct hv_vcpu *hv)
{
	struct kvm_vcpu *vcpu = hv->priv;

	__atomic_store_n(&vcpu->kicked, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_RELAXED);
}
