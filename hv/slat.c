// SPDX-License-Identifier: GPL-2.0-or-later
#include "slat.h"

#include "host.h"

static u64 area_bytes(const struct hv_vm *vm)
{
	/* One table per 2 MiB, and a few for the levels above. */
	return ((vm->memory_bytes + vm->fill_bytes) / PAGING_2M + 16) * PAGING_4K;
}

/* The page size for this piece: the wanted one if physical memory is contiguous and aligned. */
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

/* Bytes from here on that are contiguous in physical memory, too; a multiple of `page`. */
static u64 run_bytes(const u8 *memory, u64 left, u64 page)
{
	u64 physical = host_physical(memory), run = page;

	while (run + page <= left && host_physical(memory + run) == physical + run)
		run += page;
	return run;
}

/*
 * Host memory need not be contiguous in physical memory. *largest: bytes of the largest page used.
 */
static int map_memory(struct paging *tables, u64 guest, u8 *memory, u64 bytes, u64 wanted,
		      u64 *largest)
{
	const u32 rights = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			   PAGING_BIT(PAGING_EXECUTE) | PAGING_BIT(PAGING_CACHED);
	u64 run, page;
	int err = 0;

	for (u64 done = 0; !err && done < bytes; done += run) {
		page = page_for(guest + done, memory + done, bytes - done, wanted);
		/*
		 * While large pages are wanted, only one small page at a time: a large one may fit
		 * after it.
		 */
		run = page == wanted && page == PAGING_4K
			      ? run_bytes(memory + done, bytes - done, page)
			      : page;
		if (page > *largest)
			*largest = page;
		err = paging_map(tables, guest + done, host_physical(memory + done), run, page,
				 rights);
	}
	return err;
}

static int fill_leaves(const struct hv_vm *vm, struct slat *slat)
{
	u64 page_bytes;

	slat->fill_pages = vm->fill_bytes / PAGING_4K;
	slat->fill_leaf = host_alloc(slat->fill_pages * sizeof(*slat->fill_leaf));
	if (!slat->fill_leaf)
		return -ENOMEM;
	for (u64 page = 0; page < slat->fill_pages; page++)
		if (page % (PAGING_4K / sizeof(u64))) /* same table: the next entry */
			slat->fill_leaf[page] = slat->fill_leaf[page - 1] + 1;
		else
			slat->fill_leaf[page] = paging_leaf(
				&slat->tables, GUEST_FILL + page * PAGING_4K, &page_bytes);
	return 0;
}

/* The bits of a leaf of GUEST_FILL that slat_pages may have cleared. */
static u64 all_rights(const struct paging_format *format)
{
	return format->present | format->granted[PAGING_WRITE];
}

int slat_device(struct slat *slat, u64 guest, u64 physical)
{
	const u32 rights = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			   PAGING_BIT(PAGING_EXECUTE); /* execute, because NX is reserved without
							  EFER.NXE of the host */

	return paging_map(&slat->tables, guest, physical, PAGING_4K, PAGING_4K, rights);
}

void slat_pages(struct slat *slat, u32 vcpu, enum hv_pages state)
{
	const struct paging_format *format = slat->tables.format;
	const u64 gone[] = {
		[HV_PAGES_ABSENT] = format->present,
		[HV_PAGES_UNMAPPED] = format->present,
		[HV_PAGES_CLEAN] = format->granted[PAGING_WRITE],
		[HV_PAGES_UNLOGGED] = format->dirty,
		/*
		 * EPT: writable and not readable is a misconfiguration. Other formats have no bit
		 * for it.
		 */
		[HV_PAGES_MISCONFIGURED] = format->granted[PAGING_READ],
		[HV_PAGES_SUB_PAGE] = format->granted[PAGING_WRITE],
	};
	const u64 more = state == HV_PAGES_SUB_PAGE ? format->sub_page : 0;
	u64 **leaf = slat->fill_leaf + vcpu * GUEST_FILL_PAGES;

	for (u64 page = 0; page < GUEST_FILL_PAGES; page++)
		*leaf[page] = ((*leaf[page] | all_rights(format)) & ~gone[state]) | more;
}

bool slat_give(struct slat *slat, u64 guest_physical)
{
	u64 page = (guest_physical - GUEST_FILL) / PAGING_4K;

	if (guest_physical < GUEST_FILL || page >= slat->fill_pages)
		return false;
	*slat->fill_leaf[page] |= all_rights(slat->tables.format);
	return true;
}

static int build(struct hv_vm *vm, struct slat *slat, u64 wanted, u64 *largest)
{
	u64 ignored = 0;
	/*
	 * With large pages more than the guest's memory is mapped: all of it is allocated
	 * (room_bytes).
	 */
	int err = map_memory(&slat->tables, 0, vm->memory, vm->room_bytes, wanted, largest);

	if (!err) /* 4 KiB pages: slat_pages changes single ones */
		err = map_memory(&slat->tables, GUEST_FILL, vm->fill, vm->fill_bytes, PAGING_4K,
				 &ignored);
	return err ? err : fill_leaves(vm, slat);
}

int slat_build(struct hv_vm *vm, struct slat *slat, const struct slat_ability *can, char *why)
{
	u64 bytes = area_bytes(vm);
	u64 wanted = vm->config.slat_page_bytes ? vm->config.slat_page_bytes : PAGING_4K;
	u64 largest = 0;
	u8 *area;
	int err;

	if ((wanted == PAGING_2M && !can->pages_2m) || (wanted == PAGING_1G && !can->pages_1g)) {
		host_format(why, HV_WHY, "this CPU's %s has no pages of %llu MiB", can->name,
			    (unsigned long long)wanted >> 20);
		return -EOPNOTSUPP;
	}
	area = host_pages_alloc(bytes);
	if (!area) {
		host_format(why, HV_WHY, "not enough memory for %s", can->name);
		return -ENOMEM;
	}
	err = paging_init(&slat->tables, can->format, area, host_physical(area), bytes);
	if (!err)
		err = build(vm, slat, wanted, &largest);
	if (err) {
		host_format(why, HV_WHY, "%s does not fit the room made for it", can->name);
		return err;
	}
	if (largest != wanted) {
		host_format(why, HV_WHY,
			    "the guest's memory has no aligned piece of %llu MiB for slat_page",
			    (unsigned long long)wanted >> 20);
		return -EOPNOTSUPP;
	}
	return 0;
}

void slat_free(struct slat *slat)
{
	if (slat->fill_leaf)
		host_free(slat->fill_leaf, slat->fill_pages * sizeof(*slat->fill_leaf));
	if (slat->tables.area)
		host_pages_free(slat->tables.area, slat->tables.area_bytes);
}
