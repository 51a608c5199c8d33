/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie when the image is started by the boot ROM, and what of Multiboot (Multiboot
 * Specification version 0.6.96) the ROM and the image use. Assembly includes it.
 *
 * 0x70000 and up is free memory on every PC until 0x80000; the EBDA is above 0x90000.
 */
#ifndef BENCH_IMAGE_LAYOUT_H
#define BENCH_IMAGE_LAYOUT_H

#define LAYOUT_BOOT_INFO      0x70000
#define LAYOUT_BOOT_INFO_SIZE 0x1000
#define LAYOUT_PLAN	      0x80000 /* a frame (wire.h) that holds the plan; 0: no plan */
#define LAYOUT_PLAN_SIZE      0x4000
#define LAYOUT_IMAGE	      0x100000

#define MULTIBOOT_HEADER_MAGIC 0x1badb002
#define MULTIBOOT_LOADER_MAGIC 0x2badb002
#define MULTIBOOT_HEADER_FLAGS \
	0x00010003 /* addresses are given, pages aligned, memory sizes wanted */

/* Offsets in the header. */
#define MULTIBOOT_LOAD_END 20
#define MULTIBOOT_BSS_END  24
#define MULTIBOOT_ENTRY	   28

/* Offsets in the boot information, and bits of its flags. */
#define MULTIBOOT_FLAGS	       0
#define MULTIBOOT_MEM_LOWER    4
#define MULTIBOOT_MEM_UPPER    8
#define MULTIBOOT_MODS_COUNT   20
#define MULTIBOOT_MODS_ADDR    24
#define MULTIBOOT_INFO_SIZE    116
#define MULTIBOOT_INFO_MEMORY  1
#define MULTIBOOT_INFO_MODULES 8

#endif
