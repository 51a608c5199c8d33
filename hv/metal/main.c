// SPDX-License-Identifier: GPL-2.0-or-later
/* The first C code on bare metal: reads the boot information, then calls metal_main. */
#include "../host.h"

#include "acpi.h"
#include "machine_check.h"
#include "metal.h"
#include "multiboot.h"
#include "port.h"
#include "smp.h"

extern const u8 image_start[], image_end[];

/* Firmware may leave the timer interrupt of the PIC unmasked, at a vector of an exception. */
#define PIC1_MASK 0x21
#define PIC2_MASK 0xa1

static void pic_mask(void)
{
	port_out8(PIC1_MASK, 0xff);
	port_out8(PIC2_MASK, 0xff);
}

/* A copy of the module, which may lie at address 0, as GRUB places it under UEFI. NULL: none. */
static const void *copy_of(struct boot_range module)
{
	u64 from = module.start, bytes = module.end - module.start;
	void *copy = bytes ? host_pages_alloc(bytes) : NULL, *to = copy;

	if (copy)
		__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return copy;
}

void metal_start64(u32 magic, u32 info);

void metal_start64(u32 magic, u32 info)
{
	struct boot_range image = {(u64)image_start, (u64)image_end};
	struct boot_memory memory = {.page = {SMP_TRAMPOLINE, SMP_TRAMPOLINE + 0x1000}};
	const char *fault = multiboot_read(magic, (const void *)(u64)info, image, &memory);

	serial_init();
	if (fault)
		metal_panic("%s (eax is 0x%x)", fault, magic);
	acpi_init(memory.rsdp);
	smp_trampoline_is_free = memory.page_is_free;
	machine_check_init();
	metal_cpu_init(0);
	pic_mask();
	metal_counters_init();
	park_init();
	metal_memory_init(memory.free.start, memory.free.end);
	metal_main(copy_of(memory.module), memory.module.end - memory.module.start);
	metal_end();
}
