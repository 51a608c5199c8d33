// SPDX-License-Identifier: GPL-2.0-or-later
/* A vCPU's counters of exits, by KVM_GET_STATS_FD. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../host.h"
#include "error.h"
#include "kvm.h"

/* Index i is bit i of hv_counts.valid. */
static const char *const stat_name[] = {"exits", "insn_emulation", "irq_exits"};
enum { STATS = sizeof(stat_name) / sizeof(stat_name[0]), NAME_MAX_BYTES = 256 };
_Static_assert(HV_COUNT_EXITS == 1 << 0 && HV_COUNT_EMULATED == 1 << 1 &&
		       HV_COUNT_INTERRUPTS == 1 << 2,
	       "stat_name is in the order of the bits");

static int stats_find(struct kvm_vcpu *vcpu, const struct kvm_stats_header *header, char *why)
{
	union {
		struct kvm_stats_desc head;
		u8 bytes[sizeof(struct kvm_stats_desc) + NAME_MAX_BYTES + 1];
	} entry;
	size_t stride = sizeof(entry.head) + header->name_size;

	if (header->name_size > NAME_MAX_BYTES)
		return 0;
	for (u32 i = 0; i < header->num_desc; i++) {
		memset(&entry, 0, sizeof(entry));
		if (pread(vcpu->stats_fd, &entry, stride, header->desc_offset + i * stride) !=
		    (ssize_t)stride)
			return kvm_failed(why, "reading the statistics of a vCPU");
		for (u32 stat = 0; stat < STATS; stat++) {
			if (strcmp(entry.head.name, stat_name[stat]))
				continue;
			vcpu->stats.offset[stat] = header->data_offset + entry.head.offset;
			vcpu->stats.valid |= 1U << stat;
		}
	}
	return 0;
}

int kvm_stats_open(struct kvm_vcpu *vcpu, char *why)
{
	struct kvm_stats_header header;

	vcpu->stats_fd = ioctl(vcpu->fd, KVM_GET_STATS_FD, 0);
	/* Kernels before 5.14 have no such ioctl. Any other error says nothing about this KVM. */
	if (vcpu->stats_fd < 0)
		return errno == ENOTTY || errno == EINVAL ? 0 : kvm_failed(why, "KVM_GET_STATS_FD");
	if (pread(vcpu->stats_fd, &header, sizeof(header), 0) != sizeof(header))
		return kvm_failed(why, "reading the statistics of a vCPU");
	return stats_find(vcpu, &header, why);
}

int kvm_counts(struct hv_vcpu *hv, struct hv_counts *counts)
{
	const struct kvm_vcpu *vcpu = hv->priv;
	u64 *const value[STATS] = {&counts->exits, &counts->emulated, &counts->interrupts};

	*counts = (struct hv_counts){0};
	for (u32 stat = 0; stat < STATS; stat++) {
		if (!(vcpu->stats.valid & 1U << stat))
			continue;
		if (pread(vcpu->stats_fd, value[stat], sizeof(*value[stat]),
			  vcpu->stats.offset[stat]) != sizeof(*value[stat]))
			return -EIO;
		counts->valid |= 1U << stat;
	}
	return 0;
}
