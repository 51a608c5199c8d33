// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include "../hv.h"
#include "../host.h"
#include "cpu.h"

#define LEAF_EXTENDED	  0x80000000
#define LEAF_ENCRYPTION	  0x8000001f
#define ENCRYPTION_SME	  (1U << 0)
#define ENCRYPTION_SNP	  (1U << 4)
#define ENCRYPTION_IN_USE (1U << 30) /* HvInUseWrAllowed */
#define ENCRYPTION_BIT	  0x3f	     /* EBX: the C-bit's position in a page-table entry */
#define PAGE		  0x1000
#define LARGE		  0x200000
#define TRIES		  8

static bool encryption_leaf(u32 leaf[4])
{
	cpu_cpuid(LEAF_EXTENDED, 0, leaf);
	if (leaf[0] < LEAF_ENCRYPTION)
		return false;
	cpu_cpuid(LEAF_ENCRYPTION, 0, leaf);
	return true;
}

/*
 * VMRUN takes addresses with the C-bit as they are, and host_physical gives none: VMCB and nested
 * tables would be read as ciphertext. A kernel that encrypts its memory has the C-bit in CR3.
 */
int svm_memory_check(char *why)
{
	u32 leaf[4];

	if (!encryption_leaf(leaf) || !(leaf[0] & ENCRYPTION_SME) ||
	    !(cpu_read_cr3() >> (leaf[1] & ENCRYPTION_BIT) & 1))
		return 0;
	host_format(why, HV_WHY,
		    "the kernel encrypts its memory (SME), for which exitstorm gives VMRUN no "
		    "addresses: boot with mem_encrypt=off");
	return -EOPNOTSUPP;
}

bool svm_memory_forbids_avic(void)
{
	u32 leaf[4];

	return encryption_leaf(leaf) && leaf[0] & ENCRYPTION_SNP &&
	       !(leaf[0] & ENCRYPTION_IN_USE) && cpu_rdmsr(MSR_SYSCFG) & SYSCFG_SNP;
}

static bool large_page_begins(const u8 *pages, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PAGE)
		if (!(host_physical(pages + at) % LARGE))
			return true;
	return false;
}

/* Pages that do not fit are kept until others are found. */
void *svm_pages_alloc(size_t bytes)
{
	void *tried[TRIES], *found = NULL;
	u32 tries = 0;

	while (!found && tries < TRIES) {
		void *pages = host_pages_alloc(bytes);

		if (!pages)
			break;
		if (large_page_begins(pages, bytes))
			tried[tries++] = pages;
		else
			found = pages;
	}
	while (tries > 0)
		host_pages_free(tried[--tries], bytes);
	return found;
}
