/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot information: Multiboot Specification 0.6.96, "Boot information format", and Multiboot2
 * Specification 2.0, the same. Assembly includes it.
 */
#ifndef HV_METAL_MULTIBOOT_H
#define HV_METAL_MULTIBOOT_H

#define MULTIBOOT1_LOADED 0x2badb002 /* EAX from the loader */
#define MULTIBOOT2_LOADED 0x36d76289

#define MULTIBOOT1_MAGIC 0x1badb002 /* header */
#define MULTIBOOT1_FLAGS 0x00010003 /* addresses are given; align modules, give memory */
#define MULTIBOOT2_MAGIC 0xe85250d6

/* Tags of the header of Multiboot 2. */
#define MULTIBOOT2_TAG_END     0
#define MULTIBOOT2_TAG_REQUEST 1
#define MULTIBOOT2_TAG_ADDRESS 2
#define MULTIBOOT2_TAG_ENTRY   3
#define MULTIBOOT2_TAG_ALIGN   6
#define MULTIBOOT2_OPTIONAL    1

/* Tags of the information of Multiboot 2. */
#define MULTIBOOT2_INFO_MODULE 3
#define MULTIBOOT2_INFO_MEMORY 4
#define MULTIBOOT2_INFO_MAP    6
#define MULTIBOOT2_INFO_RSDP1  14
#define MULTIBOOT2_INFO_RSDP2  15

#ifndef __ASSEMBLER__
#include "../../trace/types.h"

struct boot_range {
	u64 start, end; /* end: the first byte after it */
};

struct boot_memory {
	struct boot_range free;	  /* the largest range of RAM that nothing else uses */
	struct boot_range module; /* the first one; 0, 0: none */
	const void *rsdp;	  /* the loader's copy; NULL: none */
	struct boot_range page;	  /* asked for: */
	bool page_is_free;	  /* all of it is RAM, and no module */
};

/*
 * Free memory is between 1 MiB and 4 GiB, without the image, the modules and all that the map does
 * not call available. A map may overlap itself, in any order. NULL, or what is wrong.
 */
const char *multiboot_read(u32 magic, const void *info, struct boot_range image,
			   struct boot_memory *memory);
#endif

#endif
