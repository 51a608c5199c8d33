/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second-level tables (EPT or NPT) of the guest's physical memory; for backends. */
#ifndef HV_SLAT_H
#define HV_SLAT_H

#include "backend.h"
#include "paging.h"

struct slat {
	struct paging tables;
	u64 **fill_leaf; /* the leaf of each page of GUEST_FILL */
	u64 fill_pages;
};

/* The CPU's second-level paging, and its name in messages. */
struct slat_ability {
	const struct paging_format *format;
	const char *name;
	bool pages_2m, pages_1g;
};

/*
 * GUEST_FILL in pages of 4 KiB, the rest in pages of config.slat_page_bytes. 0, or -errno and why.
 */
int slat_build(struct hv_vm *vm, struct slat *slat, const struct slat_ability *can, char *why);
void slat_free(struct slat *slat);
/* Maps one page of a device at a guest address that is not mapped yet. 0, -EEXIST, -ENOMEM. */
int slat_device(struct slat *slat, u64 guest, u64 physical);
/* Puts the vCPU's part of GUEST_FILL into a state. The caller flushes afterwards. */
void slat_pages(struct slat *slat, u32 vcpu, enum hv_pages state);
/*
 * After a violation: gives a page of GUEST_FILL all rights again. False: the address is not in
 * GUEST_FILL. No flush is needed: rights only grow, and the violation drops cached translations.
 */
bool slat_give(struct slat *slat, u64 guest_physical);

#endif
