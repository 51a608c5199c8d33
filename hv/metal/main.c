// SPDX-License-Identifier: GPL-2.0-or-later
/* The first C code on bare metal: reads the Multiboot boot information, then calls metal_main. */
#include "machine_check.h"
#include "metal.h"
#include "port.h"

#define LOADER_MAGIC 0x2badb002
#define INFO_MEMORY  1
#define INFO_MODULES 8

/* Multiboot Specification 0.6.96, "Boot information format": the fields in use. */
struct boot_info {
	u32 flags, mem_lower_kib, mem_upper_kib, boot_device, cmdline, mods_count, mods_addr;
};

struct boot_module {
	u32 start, end, string, reserved;
};

extern const u8 image_end[];

/* Firmware may leave the timer interrupt of the PIC unmasked, at a vector of an exception. */
#define PIC1_MASK 0x21
#define PIC2_MASK 0xa1

static void pic_mask(void)
{
	port_out8(PIC1_MASK, 0xff);
	port_out8(PIC2_MASK, 0xff);
}

void metal_start64(u32 magic, u32 info_address);

void metal_start64(u32 magic, u32 info_address)
{
	const struct boot_info *info = (const void *)(u64)info_address;
	const struct boot_module *module = NULL;
	u64 start = (u64)image_end, end;

	serial_init();
	if (magic != LOADER_MAGIC)
		metal_panic("not started by a Multiboot loader (eax is 0x%x)", magic);
	if (!(info->flags & INFO_MEMORY))
		metal_panic("the boot loader gives no memory size");
	if (info->flags & INFO_MODULES && info->mods_count)
		module = (const void *)(u64)info->mods_addr;
	machine_check_init();
	metal_cpu_init(0);
	pic_mask();

	/* A module may lie anywhere above the image: free memory begins after both. */
	end = (1024 + (u64)info->mem_upper_kib) << 10;
	if (module && module->end > start && module->start < end)
		start = module->end;
	metal_memory_init(start, end);
	metal_main(module ? (const void *)(u64)module->start : NULL,
		   module ? module->end - module->start : 0);
	metal_end();
}
