// SPDX-License-Identifier: GPL-2.0-or-later
/* ACPI tables as the bare-metal host reads them, made up in memory below 4 GiB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../hv/metal/acpi.h"

#define ROOM 0x10000

static u8 *low;

static int map_low(void **state)
{
	(void)state;
	low = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1,
		   0);
	return low == MAP_FAILED;
}

static void seal(u8 *table, u32 bytes, u32 checksum_at)
{
	u8 sum = 0;

	table[checksum_at] = 0;
	for (u32 i = 0; i < bytes; i++)
		sum += table[i];
	table[checksum_at] = -sum;
}

static u8 *table_begin(u32 at, const char *signature, u32 bytes)
{
	memcpy(low + at, signature, 4);
	memcpy(low + at + 4, &bytes, 4);
	return low + at;
}

static void put32(u8 *at, u32 value)
{
	memcpy(at, &value, 4);
}

/*
 * A MADT of five CPUs: APIC IDs 0 and 4, 6 disabled, x2APIC ID 300 and 301 disabled; a FADT with a
 * timer at port 0x608. Root tables of both kinds.
 */
static void write_tables(u8 revision)
{
	u8 *madt = table_begin(0x1000, "APIC", 44 + 8 * 3 + 12 + 16 * 2), *at = madt + 44;
	u8 *fadt = table_begin(0x2000, "FACP", 116);
	u8 *rsdt = table_begin(0x3000, "RSDT", 36 + 8),
	   *xsdt = table_begin(0x4000, "XSDT", 36 + 16);
	u64 addresses[] = {(u64)(uintptr_t)fadt, (u64)(uintptr_t)madt};

	for (u32 i = 0; i < 3; i++, at += 8) {
		static const u8 ids[] = {0, 4, 6};

		memcpy(at, (u8[]){0, 8, i, ids[i], i < 2, 0, 0, 0}, 8);
	}
	memcpy(at, (u8[]){1, 12}, 2); /* an I/O APIC */
	at += 12;
	for (u32 i = 0; i < 2; i++, at += 16) {
		memcpy(at, (u8[]){9, 16}, 2);
		put32(at + 4, 300 + i);
		put32(at + 8, !i);
	}
	seal(madt, 44 + 8 * 3 + 12 + 16 * 2, 9);
	put32(fadt + 76, 0x608);
	seal(fadt, 116, 9);
	for (u32 i = 0; i < 2; i++)
		put32(rsdt + 36 + 4 * i, addresses[i]);
	seal(rsdt, 36 + 8, 9);
	memcpy(xsdt + 36, addresses, 16);
	seal(xsdt, 36 + 16, 9);
	memcpy(low, "RSD PTR ", 8);
	low[15] = revision;
	put32(low + 16, (u32)(uintptr_t)rsdt);
	put32(low + 24, (u32)(uintptr_t)xsdt);
	seal(low, 20, 8);
}

static void is_whole(void)
{
	u32 id[8] = {0};

	acpi_init(low);
	assert_int_equal(acpi_apic_ids(id, 8), 3);
	assert_int_equal(id[0], 0);
	assert_int_equal(id[1], 4);
	assert_int_equal(id[2], 300);
	assert_int_equal(acpi_apic_ids(id, 2), 2);
	assert_int_equal(acpi_pm_port(), 0x608);
}

static void test_tables(void **state)
{
	(void)state;
	write_tables(0);
	is_whole();
	write_tables(2);
	memset(low + 0x3000, 0, 0x100); /* no RSDT */
	is_whole();
	write_tables(2);
	low[0x4000 + 40]++; /* a damaged XSDT: the RSDT is used */
	is_whole();
}

static void test_damaged(void **state)
{
	u32 id[8];

	(void)state;
	write_tables(2);
	low[10]++; /* RSDP */
	acpi_init(low);
	assert_int_equal(acpi_apic_ids(id, 8), 0);
	assert_int_equal(acpi_pm_port(), 0);
	write_tables(2);
	low[0x1000 + 47]++; /* MADT */
	acpi_init(low);
	assert_int_equal(acpi_apic_ids(id, 8), 0);
	assert_int_equal(acpi_pm_port(), 0x608);
	write_tables(2);
	low[0x1000 + 45] = 0; /* an entry without a length */
	seal(low + 0x1000, 44 + 8 * 3 + 12 + 16 * 2, 9);
	acpi_init(low);
	assert_int_equal(acpi_apic_ids(id, 8), 0);
	write_tables(2);
	put32(low + 0x4000 + 4, 0xffffffff); /* the XSDT's length */
	memset(low + 0x3000, 0, 0x100);
	acpi_init(low);
	assert_int_equal(acpi_apic_ids(id, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_damaged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, map_low, NULL);
}
