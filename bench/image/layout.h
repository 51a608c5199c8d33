/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical addresses when the boot ROM starts the image, and the constants of Multiboot (Multiboot
 * Specification version 0.6.96) that both use. Assembly includes it.
 *
 * 0x70000 to 0x90000 is conventional memory on every PC; the EBDA is above it.
 */
#ifndef BENCH_IMAGE_LAYOUT_H
#define BENCH_IMAGE_LAYOUT_H

#define LAYOUT_BOOT_INFO      0x70000
#define LAYOUT_BOOT_INFO_SIZE 0x1000
#define LAYOUT_PLAN	      0x80000 /* a frame (wire.h) with the plan; first word 0: no plan */
#define LAYOUT_PLAN_SIZE      0x4000
#define LAYOUT_IMAGE	      0x100000

/* A ROM that ends at 4 GiB: the image, the plan at _PLAN, rom.S at _BOOT (offsets). */
#define LAYOUT_ROM	0xfff00000
#define LAYOUT_ROM_SIZE 0x100000
#define LAYOUT_ROM_PLAN 0xec000
#define LAYOUT_ROM_BOOT 0xf0000

#define MULTIBOOT_HEADER_MAGIC 0x1badb002
#define MULTIBOOT_LOADER_MAGIC 0x2badb002
#define MULTIBOOT_HEADER_FLAGS \
	0x00010003 /* address fields are valid, modules page-aligned, memory size requested */

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
