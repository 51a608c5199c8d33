/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kvm backend share. Sources: the kernel's Documentation/virt/kvm/api.rst. */
#ifndef HV_KVM_KVM_H
#define HV_KVM_KVM_H

#include <linux/kvm.h>

#include "../backend.h"

#define KVM_MAX_DEVICES 16

/* Memory slots. Each vCPU's GUEST_FILL has its own, so that logging one disturbs no other. */
enum { SLOT_LOW, SLOT_RING, SLOT_FILL };

struct kvm_vm {
	int fd;
	struct kvm_cpuid2 *cpuid; /* what KVM can give a guest */
	size_t cpuid_bytes;
	int eventfd[KVM_MAX_DEVICES];
	u32 eventfds;
	struct kvm_coalesced_mmio_ring
		*coalesced; /* in the first vCPU's mapping, the VM's only one */
	bool coalescing;
};

struct kvm_vcpu {
	/* What the timed loop touches comes first, within one cache line. */
	struct kvm_run *run;
	struct guest_shared *shared;
	struct record *ring;
	struct record *record; /* of the last expected exit of this batch; NULL: none yet */
	struct record *open;   /* the same, while its host_out is still to come */
	int fd;
	u32 seen; /* expected exits of this batch */
	int kicked;

	struct hv_vcpu *hv;
	int stats_fd; /* -1: this kernel has none */
	struct {
		u32 valid;
		u64 offset[3]; /* by the bit's place in HV_COUNT_* */
	} stats;
	size_t run_bytes;
	bool one_clock; /* the guest's TSC was made the host's */
	bool logged;	/* this vCPU's GUEST_FILL has its writes logged */
};

int kvm_open(char *why); /* /dev/kvm and its version checked: a descriptor */

int kvm_cpuid_get(struct kvm_vm *vm, int kvm_fd, char *why);
int kvm_state_set(struct kvm_vcpu *vcpu, char *why);

/* By how much KVM has moved a guest's TSC that was the host's. */
u64 kvm_tsc_moved(const struct kvm_vcpu *vcpu);

int kvm_slot_set(const struct hv_vm *vm, u32 slot, bool logged, char *why);
int kvm_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why);
int kvm_enable(struct hv_vm *vm, enum hv_feature feature, char *why);
int kvm_device_add(struct hv_vm *vm, const struct hv_device *device, char *why);

void kvm_stats_open(struct kvm_vcpu *vcpu);
int kvm_counts(struct hv_vcpu *vcpu, struct hv_counts *counts);

int kvm_run_batch(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected);
void kvm_kick(struct hv_vcpu *vcpu);

u32 kvm_raw_reason(enum exit_kind kind);
const char *kvm_raw_name(u32 raw_reason);
/* Where the guest stands; false: KVM does not say. Not for timed code. */
bool kvm_rip(const struct kvm_vcpu *vcpu, u64 *rip);
/* Puts into *unexpected why the guest was left. error: -errno of KVM_RUN. Returns -EPROTO. */
int kvm_explain(struct kvm_vcpu *vcpu, int error, struct hv_exit *unexpected);

#endif
