/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's physical memory as second-level tables map it, EPT or NPT; for backends. */
#ifndef HV_SLAT_H
#define HV_SLAT_H

#include "backend.h"
#include "paging.h"

struct slat {
	struct paging tables;
	u64 **fill_leaf; /* the entry of each page of GUEST_FILL */
	u64 fill_pages;
};

/* What the CPU's tables can do, and what they are called in messages. */
struct slat_ability {
	const struct paging_format *format;
	const char *name;
	bool pages_2m, pages_1g;
};

/* GUEST_FILL in pages of 4 KiB, the rest as config.slat_page_bytes wants it. */
int slat_build(struct hv_vm *vm, struct slat *slat, const struct slat_ability *can, char *why);
void slat_free(struct slat *slat);
/* Maps a page of a device, or of what stands for one: nothing else is there. */
int slat_device(struct slat *slat, u64 guest, u64 physical);
/* Makes all of GUEST_FILL that a vCPU has what `state` says; the caller then flushes. */
void slat_pages(struct slat *slat, u32 vcpu, enum hv_pages state);
/*
 * The violation at a page of GUEST_FILL is answered by giving it back. False: not of it. Nothing is
 * to be flushed: rights only grow, and the violation itself drops what was cached.
 */
bool slat_give(struct slat *slat, u64 guest_physical);

#endif
