// SPDX-License-Identifier: GPL-2.0-or-later
#include "paging.h"

enum { TABLE_BYTES = 0x1000, INDEX_BITS = 9, PAGE_BITS = 12 };

/* Intel SDM Vol. 3A table 4-15 to 4-20: P, R/W, U/S, PWT and PCD, PS. */
const struct paging_format paging_guest = {
	.levels = 4,
	.present = 1 << 0,
	.address = 0x000ffffffffff000,
	/* Leaves alone restrict rights: entries that lead to a table allow everything. */
	.table = 1 << 0 | 1 << 1 | 1 << 2,
	.leaf = 1 << 0,
	.large = 1 << 7,
	.dirty = 1 << 6,
	.granted = {[PAGING_WRITE] = 1 << 1, [PAGING_USER] = 1 << 2},
	/* NX is bit 63 and needs EFER.NXE. PWT and PCD choose PAT entry 3: uncached at reset. */
	.denied = {[PAGING_EXECUTE] = 1ULL << 63, [PAGING_CACHED] = 1 << 3 | 1 << 4},
};

/*
 * Intel SDM Vol. 3, "EPT Translation Mechanism": R, W, X in every entry; the memory type of a leaf
 * in bits 5:3 (6 is WB, 0 is UC), together with the guest's PAT; bit 7: a large page.
 */
const struct paging_format paging_ept = {
	.levels = 4,
	.present = 7,
	.address = 0x000ffffffffff000,
	.table = 7,
	.large = 1 << 7,
	.sub_page = 1ULL << 61, /* counts while the leaf itself is not writable */
	.dirty = 1 << 9,
	.granted = {[PAGING_READ] = 1 << 0,
		    [PAGING_WRITE] = 1 << 1,
		    [PAGING_EXECUTE] = 1 << 2,
		    [PAGING_CACHED] = 6 << 3},
};

/*
 * AMD APM Vol. 2, "Nested Paging": a host page table in long mode, in which every access of a guest
 * counts as a user's. PWT and PCD 0: PAT entry 0 of the host, WB.
 */
const struct paging_format paging_npt = {
	.levels = 4,
	.present = 1 << 0,
	.address = 0x000ffffffffff000,
	.table = 1 << 0 | 1 << 1 | 1 << 2,
	.leaf = 1 << 0 | 1 << 2,
	.large = 1 << 7,
	.dirty = 1 << 6,
	.granted = {[PAGING_WRITE] = 1 << 1},
	.denied = {[PAGING_EXECUTE] = 1ULL << 63, [PAGING_CACHED] = 1 << 3 | 1 << 4},
};

static u32 level_shift(u32 level)
{
	return PAGE_BITS + level * INDEX_BITS;
}

static u64 *table_at(const struct paging *paging, u64 address)
{
	return (u64 *)(paging->area + (address - paging->area_address));
}

static u64 *entry_at(u64 *table, u64 address, u32 level)
{
	return &table[address >> level_shift(level) & ((1U << INDEX_BITS) - 1)];
}

static bool is_leaf(const struct paging_format *format, u64 entry, u32 level)
{
	return level == 0 || (entry & format->large) == format->large;
}

int paging_init(struct paging *paging, const struct paging_format *format, void *area,
		u64 area_address, u64 area_bytes)
{
	if (((uintptr_t)area | area_address) & (TABLE_BYTES - 1))
		return -EINVAL;
	if (area_bytes < TABLE_BYTES)
		return -ENOMEM;
	*paging = (struct paging){
		.format = format,
		.area = area,
		.area_address = area_address,
		.area_bytes = area_bytes,
		.used_bytes = TABLE_BYTES,
	};
	__builtin_memset(area, 0, TABLE_BYTES);
	return 0;
}

static int table_new(struct paging *paging, u64 *entry)
{
	if (paging->area_bytes - paging->used_bytes < TABLE_BYTES)
		return -ENOMEM;
	__builtin_memset(paging->area + paging->used_bytes, 0, TABLE_BYTES);
	*entry = (paging->area_address + paging->used_bytes) | paging->format->table;
	paging->used_bytes += TABLE_BYTES;
	return 0;
}

static u64 leaf_bits(const struct paging_format *format, u32 level, u32 rights)
{
	u64 bits = format->leaf | (level ? format->large : 0);

	for (u32 right = 0; right < PAGING_RIGHTS; right++)
		bits |= rights & PAGING_BIT(right) ? format->granted[right] : format->denied[right];
	return bits;
}

/* The table whose entries map pages of `leaf_level` at an address; allocated if absent. */
static int table_for(struct paging *paging, u64 address, u32 leaf_level, u64 **table)
{
	const struct paging_format *format = paging->format;
	u64 *entry;
	int err;

	*table = table_at(paging, paging->area_address);
	for (u32 level = format->levels - 1; level > leaf_level; level--) {
		entry = entry_at(*table, address, level);
		if (!(*entry & format->present)) {
			err = table_new(paging, entry);
			if (err)
				return err;
		} else if (is_leaf(format, *entry, level)) {
			return -EEXIST;
		}
		*table = table_at(paging, *entry & format->address);
	}
	return 0;
}

static int page_level(u64 page_bytes, u32 *level)
{
	static const u64 size[] = {PAGING_4K, PAGING_2M, PAGING_1G};

	for (*level = 0; *level < sizeof(size) / sizeof(size[0]); (*level)++)
		if (size[*level] == page_bytes)
			return 0;
	return -EINVAL;
}

int paging_map(struct paging *paging, u64 from, u64 to, u64 bytes, u64 page_bytes, u32 rights)
{
	u64 reach = 1ULL << level_shift(paging->format->levels);
	u64 *table, *entry, leaf;
	u32 level;
	int err = page_level(page_bytes, &level);

	if (err || (from | to | bytes) & (page_bytes - 1))
		return -EINVAL;
	if (from >= reach || bytes > reach - from || to & ~paging->format->address)
		return -ERANGE;
	leaf = to | leaf_bits(paging->format, level, rights);
	for (u64 done = 0; done < bytes;) {
		err = table_for(paging, from + done, level, &table);
		if (err)
			return err;
		entry = entry_at(table, from + done, level);
		do { /* page by page to the table's end */
			if (*entry & paging->format->present)
				return -EEXIST;
			*entry++ = leaf + done;
			done += page_bytes;
		} while (done < bytes && (uintptr_t)entry % TABLE_BYTES);
	}
	return 0;
}

u64 *paging_leaf(const struct paging *paging, u64 address, u64 *page_bytes)
{
	const struct paging_format *format = paging->format;
	u64 *table = table_at(paging, paging->area_address);

	if (address >> level_shift(format->levels))
		return NULL;
	for (u32 level = format->levels; level-- > 0;) {
		u64 *entry = entry_at(table, address, level);

		if (!(*entry & format->present))
			return NULL;
		if (is_leaf(format, *entry, level)) {
			*page_bytes = 1ULL << level_shift(level);
			return entry;
		}
		table = table_at(paging, *entry & format->address);
	}
	return NULL;
}
