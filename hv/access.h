/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lengths of the guest's loads and stores, for exits by EPT violations, APIC accesses and nested
 * page faults: the hypervisor skips the instruction, and the CPU does not report its length there.
 * An instruction is decoded once per VM, which is enough because the image never changes.
 */
#ifndef HV_ACCESS_H
#define HV_ACCESS_H

#include "backend.h"

struct access {
	const struct hv_vm *vm;
	u8 *length; /* by offset in the image: bytes; 0: not decoded yet */
	u64 bytes;  /* of the image */
};

/* 0, or -ENOMEM and why. */
int access_init(struct access *access, const struct hv_vm *vm, char *why);
void access_free(struct access *access); /* also of one that is zeroed */

/* Decodes, and keeps the length. 0: no load or store that is known. */
u32 access_decode(struct access *access, u64 at);

/* Bytes of the load or store at this linear address (equal to the physical one); 0: not known. */
static inline u32 access_length(struct access *access, u64 rip)
{
	u64 at = rip - GUEST_IMAGE;

	if (at >= access->bytes)
		return 0;
	return access->length[at] ? access->length[at] : access_decode(access, at);
}

#endif
