// SPDX-License-Identifier: GPL-2.0-or-later
/* The largest free range of a loader's memory map, in both versions of Multiboot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../hv/metal/multiboot.h"

#define MIB   (1ULL << 20)
#define GIB   (1ULL << 30)
#define ROOM  0x10000
#define RAM   1
#define OTHER 2
#define NVS   4

struct row {
	u64 start, end;
	u32 type;
};

/* Information of Multiboot 1 holds 32-bit addresses. */
static u8 *low;
static const struct boot_range image = {MIB, 3 * MIB};
static struct boot_memory memory;

static int map_low(void **state)
{
	(void)state;
	low = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1,
		   0);
	return low == MAP_FAILED;
}

static void put(u8 **at, const void *data, size_t bytes)
{
	memcpy(*at, data, bytes);
	*at += bytes;
}

static void put32(u8 **at, u32 value)
{
	put(at, &value, sizeof(value));
}

static void put_entry(u8 **at, const struct row *row)
{
	u64 length = row->end - row->start;

	put(at, &row->start, 8);
	put(at, &length, 8);
	put32(at, row->type);
}

static const char *read1(const struct row *row, u32 rows, const struct boot_range *module)
{
	u8 *map = low + 0x1000, *at = map, *mods = low + 0x800;
	u32 info[13] = {1 << 6};

	memset(low, 0, ROOM);
	for (u32 i = 0; i < rows; i++) {
		put32(&at, 20 + i % 2 * 4); /* entries may be longer */
		put_entry(&at, &row[i]);
		at += i % 2 * 4;
	}
	info[11] = at - map;
	info[12] = (u32)(uintptr_t)map;
	if (module) {
		info[0] |= 1 << 3;
		info[5] = 1;
		info[6] = (u32)(uintptr_t)mods;
		put32(&mods, module->start);
		put32(&mods, module->end);
	}
	memcpy(low, info, sizeof(info));
	return multiboot_read(MULTIBOOT1_LOADED, low, image, &memory);
}

static const char *read2(const struct row *row, u32 rows, const struct boot_range *module)
{
	u8 *at = low + 8;

	memset(low, 0, ROOM);
	if (module) {
		put32(&at, MULTIBOOT2_INFO_MODULE);
		put32(&at, 17);
		put32(&at, module->start);
		put32(&at, module->end);
		at += 8; /* an empty string, and padding */
	}
	put32(&at, MULTIBOOT2_INFO_RSDP2);
	put32(&at, 8 + 36);
	at += 36 + 4;
	put32(&at, MULTIBOOT2_INFO_MAP);
	put32(&at, 16 + rows * 24);
	put32(&at, 24);
	put32(&at, 0);
	for (u32 i = 0; i < rows; i++) {
		put_entry(&at, &row[i]);
		put32(&at, 0);
	}
	put32(&at, 0);
	put32(&at, 8);
	at = low;
	put32(&at, 0x8000);
	return multiboot_read(MULTIBOOT2_LOADED, low, image, &memory);
}

struct example {
	struct row row[8];
	u32 rows;
	struct boot_range module, free;
	bool page_is_free; /* of 0x8000 to 0x9000 */
};

static const struct example examples[] = {
	/* A PC with BIOS. */
	{{{0, 0x9fc00, RAM}, {0x9fc00, 0xa0000, OTHER}, {MIB, 64 * MIB, RAM}},
	 3,
	 {0},
	 {3 * MIB, 64 * MIB},
	 true},
	/* UEFI: the first hole is near, the largest range comes later; in no order. */
	{{{9 * MIB, 500 * MIB, RAM},
	  {MIB, 8 * MIB, RAM},
	  {8 * MIB, 9 * MIB, NVS},
	  {0x1000, 0xa0000, RAM},
	  {4 * GIB, 9 * GIB, RAM}},
	 5,
	 {0},
	 {9 * MIB, 500 * MIB},
	 true},
	/* Reserved memory within RAM, from overlapping entries. */
	{{{MIB, GIB, RAM}, {100 * MIB, 101 * MIB, OTHER}, {0x8800, 0x8900, OTHER}, {0, MIB, RAM}},
	 4,
	 {0},
	 {101 * MIB, GIB},
	 false},
	/* A module in the middle; ranges that continue each other. */
	{{{MIB, 200 * MIB, RAM}, {200 * MIB, 400 * MIB, RAM}, {400 * MIB, 401 * MIB, 3}},
	 3,
	 {180 * MIB, 181 * MIB},
	 {181 * MIB, 400 * MIB},
	 false},
	/* RAM that ends above 4 GiB; only the part below is mapped. */
	{{{0, 16 * GIB, RAM}}, 1, {0}, {3 * MIB, 4 * GIB}, true},
	/* The image fills all of it. */
	{{{MIB, 3 * MIB, RAM}}, 1, {0}, {0, 0}, false},
	/* Reserved memory without an end. */
	{{{MIB, 32 * MIB, RAM}, {16 * MIB, 8 * MIB, OTHER}}, 2, {0}, {3 * MIB, 16 * MIB}, false},
};

static void test_free_range(void **state)
{
	(void)state;
	for (u32 i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		const struct boot_range *module = e->module.end ? &e->module : NULL;

		for (u32 version = 1; version <= 2; version++) {
			const char *fault;

			memory.page = (struct boot_range){0x8000, 0x9000};
			fault = version == 1 ? read1(e->row, e->rows, module)
					     : read2(e->row, e->rows, module);
			assert_null(fault);
			assert_int_equal(memory.free.start, e->free.start);
			assert_int_equal(memory.free.end, e->free.end);
			assert_int_equal(memory.module.start, e->module.start);
			assert_int_equal(memory.module.end, e->module.end);
			assert_int_equal(memory.page_is_free, e->page_is_free);
			assert_true(version == 1 ? !memory.rsdp : memory.rsdp != NULL);
		}
	}
}

/* mem_upper only, as the boot ROM of the tests gives it. */
static void test_without_a_map(void **state)
{
	u32 info[13] = {1, 640, 63 * 1024};

	(void)state;
	memory.page = (struct boot_range){0x8000, 0x9000};
	memcpy(low, info, sizeof(info));
	assert_null(multiboot_read(MULTIBOOT1_LOADED, low, image, &memory));
	assert_int_equal(memory.free.start, 3 * MIB);
	assert_int_equal(memory.free.end, 64 * MIB);
	assert_true(memory.page_is_free);
}

static void test_bad_information(void **state)
{
	static const u32 lengths[] = {0, 1, 19, 0xffffffff};
	u32 info[13] = {0};

	(void)state;
	assert_non_null(multiboot_read(0x12345678, low, image, &memory));
	memcpy(low, info, sizeof(info));
	assert_non_null(multiboot_read(MULTIBOOT1_LOADED, low, image, &memory));
	/* No map, one whose entries have no or a wrong length, a tag that leads past the end. */
	assert_null(read2(examples[0].row, 0, NULL));
	assert_int_equal(memory.free.end, 0);
	for (u32 i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		read2(examples[0].row, 3, NULL);
		memcpy(low + 8 + 48 + 8, &lengths[i], 4); /* the map's stride */
		multiboot_read(MULTIBOOT2_LOADED, low, image, &memory);
		assert_int_equal(memory.free.end, 0);
		read2(examples[0].row, 3, NULL);
		memcpy(low + 8 + 4, &lengths[i], 4); /* a tag's size */
		assert_non_null(multiboot_read(MULTIBOOT2_LOADED, low, image, &memory));
		read1(examples[0].row, 3, NULL);
		memcpy(low + 0x1000, &lengths[i], 4); /* an entry's size */
		assert_null(multiboot_read(MULTIBOOT1_LOADED, low, image, &memory));
		assert_int_equal(memory.free.end, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_free_range),
		cmocka_unit_test(test_without_a_map),
		cmocka_unit_test(test_bad_information),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, map_low, NULL);
}
