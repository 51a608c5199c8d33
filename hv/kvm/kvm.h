/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kvm backend. Source: Documentation/virt/kvm/api.rst of Linux. */
#ifndef HV_KVM_KVM_H
#define HV_KVM_KVM_H

#include <linux/kvm.h>

#include "../backend.h"

#define KVM_MAX_DEVICES 16

/* Memory slots. One per vCPU for GUEST_FILL: dirty logging is switched per slot. */
enum { SLOT_LOW, SLOT_RING, SLOT_FILL };

struct kvm_vm {
	int fd;
	struct kvm_cpuid2 *cpuid; /* KVM_GET_SUPPORTED_CPUID */
	size_t cpuid_bytes;
	int eventfd[KVM_MAX_DEVICES];
	u32 eventfds;
	struct kvm_coalesced_mmio_ring
		*coalesced; /* in the first vCPU's mapping, the VM's only one */
	bool coalescing;
};

struct kvm_vcpu {
	/* The timed loop uses these: one cache line. */
	struct kvm_run *run;
	struct guest_shared *shared;
	struct record *ring;
	struct record *record; /* of the last expected exit of this batch; NULL: none yet */
	struct record *open;   /* the same, until its host_out is stored */
	int fd;
	u32 seen; /* expected exits of this batch */
	int kicked;

	struct hv_vcpu *hv;
	int stats_fd; /* KVM_GET_STATS_FD; -1: not supported (before 5.14) */
	struct {
		u32 valid;
		u64 offset[3]; /* by the bit's place in HV_COUNT_* */
	} stats;
	size_t run_bytes;
	bool one_clock; /* KVM accepted a TSC offset of 0 */
	bool logged;	/* the slot of its GUEST_FILL has KVM_MEM_LOG_DIRTY_PAGES */
};

/* Opens /dev/kvm and checks its version: a descriptor, or -errno and why. */
int kvm_open(char *why);

int kvm_cpuid_get(struct kvm_vm *vm, int kvm_fd, char *why);
int kvm_state_set(struct kvm_vcpu *vcpu, char *why);

/* The TSC offset of a vCPU with one_clock: not 0 if KVM has changed it since. */
u64 kvm_tsc_moved(const struct kvm_vcpu *vcpu);

int kvm_slot_set(const struct hv_vm *vm, u32 slot, bool logged, char *why);
int kvm_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);
int kvm_enable(struct hv_vm *vm, enum hv_feature feature, char *why);
int kvm_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);

/* 0, also where this KVM has none. */
int kvm_stats_open(struct kvm_vcpu *vcpu, char *why);
int kvm_counts(struct hv_vcpu *vcpu, struct hv_counts *counts);

int kvm_run_batch(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
void kvm_kick(struct hv_vcpu *vcpu);

u32 kvm_raw_reason(enum exit_kind kind);
const char *kvm_raw_name(u32 raw_reason);
/* The guest's RIP, by KVM_GET_REGS. False: it failed. Not for timed code. */
bool kvm_rip(const struct kvm_vcpu *vcpu, u64 *rip);
/* Fills in *unexpected from error, -errno of KVM_RUN, or if that is 0 from struct kvm_run: -EPROTO.
 */
int kvm_explain(struct kvm_vcpu *vcpu, int error, struct hv_exit *unexpected);

#endif
