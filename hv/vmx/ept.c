// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's physical memory as EPT maps it. Intel SDM Vol. 3, "The Extended Page Table
 * Mechanism". */
#include "../host.h"
#include "vmx.h"

#define EPT_DIRTY      (1 << 9)
#define CAP_LEVELS_4   (1ULL << 6)
#define CAP_WRITE_BACK (1ULL << 14)
#define CAP_2M	       (1ULL << 16)
#define CAP_1G	       (1ULL << 17)

static u64 area_bytes(const struct hv_vm *vm)
{
	/* A table for each 2 MiB, and what is above those. */
	return ((vm->memory_bytes + vm->fill_bytes) / PAGING_2M + 16) * PAGING_4K;
}

/* The page size that can map this piece: what was asked for, if physical memory is like that. */
static u64 page_for(u64 guest, const u8 *memory, u64 left, u64 wanted)
{
	u64 physical = host_physical(memory);

	if (left < wanted || (guest | physical) & (wanted - 1))
		return PAGING_4K;
	for (u64 at = PAGING_4K; at < wanted; at += PAGING_4K)
		if (host_physical(memory + at) != physical + at)
			return PAGING_4K;
	return wanted;
}

/* What is one piece for us need not be one in physical memory. *largest: bytes of a page. */
static int map_memory(struct paging *ept, u64 guest, u8 *memory, u64 bytes, u64 wanted,
		      u64 *largest)
{
	const u32 rights = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			   PAGING_BIT(PAGING_EXECUTE) | PAGING_BIT(PAGING_CACHED);
	u64 page;
	int err = 0;

	for (u64 done = 0; !err && done < bytes; done += page) {
		page = page_for(guest + done, memory + done, bytes - done, wanted);
		if (page > *largest)
			*largest = page;
		err = paging_map(ept, guest + done, host_physical(memory + done), page, page,
				 rights);
	}
	return err;
}

static int fill_leaves(struct hv_vm *vm, struct vmx_vm *vmx)
{
	u64 page_bytes;

	vmx->fill_pages = vm->fill_bytes / PAGING_4K;
	vmx->fill_leaf = host_alloc(vmx->fill_pages * sizeof(*vmx->fill_leaf));
	if (!vmx->fill_leaf)
		return -ENOMEM;
	for (u64 page = 0; page < vmx->fill_pages; page++)
		vmx->fill_leaf[page] =
			paging_leaf(&vmx->ept, GUEST_FILL + page * PAGING_4K, &page_bytes);
	return 0;
}

void vmx_ept_pages(struct vmx_vm *vmx, u32 vcpu, enum hv_pages state)
{
	u64 gone = paging_ept.present;

	if (state == HV_PAGES_CLEAN)
		gone = paging_ept.granted[PAGING_WRITE];
	if (state == HV_PAGES_UNLOGGED)
		gone = EPT_DIRTY;
	if (state == HV_PAGES_MISCONFIGURED) /* writable and not readable */
		gone = paging_ept.granted[PAGING_READ];

	for (u64 page = 0; page < GUEST_FILL_PAGES; page++) {
		u64 *leaf = vmx->fill_leaf[vcpu * GUEST_FILL_PAGES + page];

		*leaf = (*leaf | paging_ept.present) & ~gone;
	}
}

/* A device's registers: memory type 0, uncacheable. */
void vmx_ept_apic(struct vmx_vm *vmx, u64 physical)
{
	u64 page_bytes;

	*paging_leaf(&vmx->ept, GUEST_APIC, &page_bytes) =
		physical | paging_ept.granted[PAGING_READ] | paging_ept.granted[PAGING_WRITE];
}

bool vmx_ept_give(struct vmx_vm *vmx, u64 guest_physical)
{
	u64 page = (guest_physical - GUEST_FILL) / PAGING_4K;

	if (guest_physical < GUEST_FILL || page >= vmx->fill_pages)
		return false;
	/* Nothing to invalidate: the violation itself did that (SDM Vol. 3, "Operations that
	 * Invalidate Cached Mappings"). */
	*vmx->fill_leaf[page] |= paging_ept.present;
	return true;
}

int vmx_ept_build(struct hv_vm *vm, struct vmx_vm *vmx, char *why)
{
	u64 can = vmx->capabilities.ept_vpid;
	u64 bytes = area_bytes(vm);
	u64 wanted = vm->config.slat_page_bytes ? vm->config.slat_page_bytes : PAGING_4K;
	u64 largest = 0, ignored = 0;
	u8 *area;
	int err;

	if (!(can & CAP_LEVELS_4) || !(can & CAP_WRITE_BACK)) {
		host_format(why, HV_WHY,
			    "this CPU's EPT has no 4-level or no write-back tables "
			    "(IA32_VMX_EPT_VPID_CAP is 0x%llx)",
			    (unsigned long long)can);
		return -EOPNOTSUPP;
	}
	if ((wanted == PAGING_2M && !(can & CAP_2M)) || (wanted == PAGING_1G && !(can & CAP_1G))) {
		host_format(why, HV_WHY, "this CPU's EPT has no pages of %llu MiB",
			    (unsigned long long)wanted >> 20);
		return -EOPNOTSUPP;
	}
	area = host_pages_alloc(bytes);
	if (!area) {
		host_format(why, HV_WHY, "not enough memory for EPT");
		return -ENOMEM;
	}
	err = paging_init(&vmx->ept, &paging_ept, area, host_physical(area), bytes);
	if (!err)
		err = map_memory(&vmx->ept, 0, vm->memory, vm->room_bytes, wanted, &largest);
	if (!err) /* page by page: pages of it are taken away */
		err = map_memory(&vmx->ept, GUEST_FILL, vm->fill, vm->fill_bytes, PAGING_4K,
				 &ignored);
	if (!err) /* an access to it is seen only where APIC virtualisation is on, or violates */
		err = paging_map(&vmx->ept, GUEST_APIC,
				 host_physical(vmx->pages + VMX_PAGE_APIC_ACCESS * PAGING_4K),
				 PAGING_4K, PAGING_4K,
				 PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
					 PAGING_BIT(PAGING_CACHED));
	if (!err && largest != wanted) {
		host_format(why, HV_WHY,
			    "the guest's memory has no aligned piece of %llu MiB for slat_page",
			    (unsigned long long)wanted >> 20);
		return -EOPNOTSUPP;
	}
	if (!err)
		err = fill_leaves(vm, vmx);
	if (err) {
		host_format(why, HV_WHY, "EPT does not fit the room made for it");
		return err;
	}
	vmx->ept_pointer = vmcs_ept_pointer(host_physical(area), can);
	return 0;
}

void vmx_ept_free(struct vmx_vm *vmx)
{
	if (vmx->fill_leaf)
		host_free(vmx->fill_leaf, vmx->fill_pages * sizeof(*vmx->fill_leaf));
	if (vmx->ept.area)
		host_pages_free(vmx->ept.area, vmx->ept.area_bytes);
}
