/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds x86 radix tables. The meaning of an entry's bits is data: a struct paging_format each for
 * guest page tables, EPT and NPT. Freestanding; tables are taken from an area that the caller
 * provides.
 */
#ifndef HV_PAGING_H
#define HV_PAGING_H

#include "../trace/types.h"

#define PAGING_4K 0x1000ULL
#define PAGING_2M 0x200000ULL
#define PAGING_1G 0x40000000ULL

/* Rights of a mapping; also the index of the format's granted[] and denied[]. */
enum paging_right {
	PAGING_READ,
	PAGING_WRITE,
	PAGING_EXECUTE,
	PAGING_USER,
	PAGING_CACHED,
	PAGING_RIGHTS
};
#define PAGING_BIT(right) (1U << (right))

struct paging_format {
	u32 levels;   /* 4: 48-bit addresses */
	u64 present;  /* an entry with none of these bits maps nothing */
	u64 address;  /* the bits of an entry that hold a physical address */
	u64 table;    /* set in an entry that leads to a table */
	u64 leaf;     /* set in every entry that maps a page */
	u64 large;    /* and in those that map 2 MiB or 1 GiB */
	u64 sub_page; /* in a leaf: the sub-page permission table decides about writes */
	u64 dirty;    /* set by the CPU in a leaf that was written through */
	u64 granted[PAGING_RIGHTS]; /* set in a leaf that has the right */
	u64 denied[PAGING_RIGHTS];  /* set in a leaf that does not have the right */
};

extern const struct paging_format paging_ept;	/* Intel SDM Vol. 3, "Extended Page Tables" */
extern const struct paging_format paging_npt;	/* AMD APM Vol. 2, "Nested Paging" */
extern const struct paging_format paging_guest; /* IA-32e, Intel SDM Vol. 3A 4.5 */

/* Tables under construction. */
struct paging {
	const struct paging_format *format;
	u8 *area;	  /* 4 KiB tables are taken from its start, and zeroed then */
	u64 area_address; /* its physical address, as entries hold it */
	u64 area_bytes, used_bytes;
};

/* The root is the area's first table. -EINVAL: not aligned; -ENOMEM: no room for the root. */
int paging_init(struct paging *paging, const struct paging_format *format, void *area,
		u64 area_address, u64 area_bytes);
/*
 * Maps bytes at `from` to `to` in pages of `page_bytes`. `rights` are PAGING_BITs. -EINVAL: not
 * aligned, or no such page size; -ERANGE: past what the levels reach; -EEXIST: something is mapped
 * there; -ENOMEM: the area is used up. Mappings made before an error stay.
 */
int paging_map(struct paging *paging, u64 from, u64 to, u64 bytes, u64 page_bytes, u32 rights);
/* The entry that maps an address, and how many bytes it maps; NULL: none does. */
u64 *paging_leaf(const struct paging *paging, u64 address, u64 *page_bytes);

#endif
