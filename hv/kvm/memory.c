// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory slots, and the state of GUEST_FILL before a batch. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../host.h"
#include "error.h"
#include "kvm.h"

enum { PAGE = 0x1000 };

static u8 *fill_of(const struct hv_vm *vm, u32 vcpu)
{
	return vm->fill + (u64)vcpu * GUEST_FILL_SIZE;
}

int kvm_slot_set(const struct hv_vm *vm, u32 slot, bool logged, char *why)
{
	const struct kvm_vm *kvm = vm->priv;
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = logged ? KVM_MEM_LOG_DIRTY_PAGES : 0,
	};

	switch (slot) {
	case SLOT_LOW:
		region.memory_size = GUEST_RING;
		region.userspace_addr = (uintptr_t)vm->memory;
		break;
	case SLOT_RING:
		region.guest_phys_addr = GUEST_RING;
		region.memory_size = vm->memory_bytes - GUEST_RING;
		region.userspace_addr = (uintptr_t)vm->memory + GUEST_RING;
		break;
	default:
		region.guest_phys_addr = GUEST_FILL + (u64)(slot - SLOT_FILL) * GUEST_FILL_SIZE;
		region.memory_size = GUEST_FILL_SIZE;
		region.userspace_addr = (uintptr_t)fill_of(vm, slot - SLOT_FILL);
	}
	if (ioctl(kvm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		return kvm_failed(why, "KVM_SET_USER_MEMORY_REGION");
	return 0;
}

static int pages_drop(u8 *fill, char *why)
{
	return madvise(fill, GUEST_FILL_SIZE, MADV_DONTNEED)
		       ? kvm_failed(why, "madvise(MADV_DONTNEED) of guest memory")
		       : 0;
}

/*
 * mprotect makes KVM drop its mappings (MMU notifier), while the pages stay in the process' page
 * tables. The write maps them writable again, so that the guest's fault finds them so.
 */
static int pages_unmap(u8 *fill, char *why)
{
	if (mprotect(fill, GUEST_FILL_SIZE, PROT_READ) ||
	    mprotect(fill, GUEST_FILL_SIZE, PROT_READ | PROT_WRITE))
		return kvm_failed(why, "mprotect of guest memory");
	for (u32 page = 0; page < GUEST_FILL_PAGES; page++) {
		volatile u8 *byte = fill + (u64)page * PAGE;

		*byte = *byte;
	}
	return 0;
}

/* KVM_GET_DIRTY_LOG write-protects the pages that were dirty. */
static int pages_clean(struct hv_vcpu *hv, char *why)
{
	const struct kvm_vm *kvm = hv->vm->priv;
	struct kvm_vcpu *vcpu = hv->priv;
	u64 bitmap[GUEST_FILL_PAGES / 64] = {0};
	struct kvm_dirty_log log = {.slot = SLOT_FILL + hv->index, .dirty_bitmap = bitmap};
	int err;

	if (!vcpu->logged) {
		err = kvm_slot_set(hv->vm, SLOT_FILL + hv->index, true, why);
		if (err)
			return err;
		vcpu->logged = true;
	}
	return ioctl(kvm->fd, KVM_GET_DIRTY_LOG, &log) ? kvm_failed(why, "KVM_GET_DIRTY_LOG") : 0;
}

int kvm_pages(struct hv_vcpu *hv, enum hv_pages state, char *why)
{
	switch (state) {
	case HV_PAGES_ABSENT:
		return pages_drop(fill_of(hv->vm, hv->index), why);
	case HV_PAGES_UNMAPPED:
		return pages_unmap(fill_of(hv->vm, hv->index), why);
	case HV_PAGES_CLEAN:
		return pages_clean(hv, why);
	case HV_PAGES_UNLOGGED:
	case HV_PAGES_MISCONFIGURED:
	case HV_PAGES_SUB_PAGE:
		host_format(why, HV_WHY, "KVM does not let a process change its page tables");
		return -EOPNOTSUPP;
	}
	host_format(why, HV_WHY, "unknown state of pages: %d", state);
	return -EINVAL;
}
