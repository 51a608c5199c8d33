// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../hv/paging.h"

enum { TABLES = 16, TABLE_BYTES = 0x1000, AREA_ADDRESS = 0x20000 };
enum { ALL = (1 << PAGING_RIGHTS) - 1 };

static u8 area[TABLES * TABLE_BYTES] __attribute__((aligned(TABLE_BYTES)));

static struct paging fresh(const struct paging_format *format, u64 bytes)
{
	struct paging paging;

	memset(area, 0xff, sizeof(area)); /* tables are zeroed when they are taken */
	assert_int_equal(paging_init(&paging, format, area, AREA_ADDRESS, bytes), 0);
	return paging;
}

static void test_pages_of_each_size_lead_to_their_address(void **state)
{
	static const u64 size[] = {PAGING_4K, PAGING_2M, PAGING_1G};
	struct paging paging;
	u64 bytes, *leaf;

	(void)state;
	for (u32 i = 0; i < 3; i++) {
		paging = fresh(&paging_guest, sizeof(area));
		assert_int_equal(paging_map(&paging, 3 * PAGING_1G, 5 * PAGING_1G, 2 * size[i],
					    size[i], ALL),
				 0);
		for (u32 page = 0; page < 2; page++) {
			leaf = paging_leaf(&paging, 3 * PAGING_1G + page * size[i] + 0x123, &bytes);
			assert_non_null(leaf);
			assert_int_equal(bytes, size[i]);
			assert_int_equal(*leaf & paging_guest.address,
					 5 * PAGING_1G + page * size[i]);
			assert_int_equal(!!(*leaf & 1 << 7), i > 0); /* PS */
		}
		assert_null(paging_leaf(&paging, 3 * PAGING_1G + 2 * size[i], &bytes));
		assert_null(paging_leaf(&paging, 3 * PAGING_1G - 1, &bytes));
		/* One table a level, shared by both pages. */
		assert_int_equal(paging.used_bytes, (4 - i) * TABLE_BYTES);
	}
}

static void test_bits_of_guest_entries(void **state)
{
	const struct {
		u32 rights;
		u64 bits;
	} row[] = {
		{ALL, 0x7},
		{ALL & ~PAGING_BIT(PAGING_WRITE), 0x5},
		{ALL & ~PAGING_BIT(PAGING_USER), 0x3},
		{ALL & ~PAGING_BIT(PAGING_CACHED), 0x1f},
		{ALL & ~PAGING_BIT(PAGING_EXECUTE), 0x8000000000000007},
	};
	struct paging paging;
	u64 bytes;

	(void)state;
	for (u32 i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		paging = fresh(&paging_guest, sizeof(area));
		assert_int_equal(
			paging_map(&paging, 0x1000, 0x5000, PAGING_4K, PAGING_4K, row[i].rights),
			0);
		assert_int_equal(*paging_leaf(&paging, 0x1000, &bytes), 0x5000 | row[i].bits);
		/* Tables on the way: present, writable, user; the next one in the area. */
		assert_int_equal(*(u64 *)area, (AREA_ADDRESS + TABLE_BYTES) | 0x7);
	}
}

/* EPT's entries (Intel SDM Vol. 3C 29.3.2) go by the same builder: no bit means "present". */
static void test_another_format_is_only_data(void **state)
{
	static const struct paging_format ept = {
		.levels = 4,
		.present = 7,
		.address = 0x000ffffffffff000,
		.table = 7,
		.large = 1 << 7,
		.granted = {[PAGING_READ] = 1,
			    [PAGING_WRITE] = 2,
			    [PAGING_EXECUTE] = 4,
			    [PAGING_CACHED] = 6 << 3},
	};
	struct paging paging = fresh(&ept, sizeof(area));
	u64 bytes;

	(void)state;
	assert_int_equal(paging_map(&paging, 0, 0, PAGING_2M, PAGING_2M,
				    PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_CACHED)),
			 0);
	assert_int_equal(*paging_leaf(&paging, 0, &bytes), 1 | 6 << 3 | 1 << 7);
	assert_int_equal(
		paging_map(&paging, PAGING_2M, 0, PAGING_4K, PAGING_4K, PAGING_BIT(PAGING_EXECUTE)),
		0);
	assert_int_equal(*paging_leaf(&paging, PAGING_2M, &bytes), 4);
}

static void test_bad_requests_are_refused(void **state)
{
	const struct {
		u64 from, to, bytes, page_bytes;
		int err;
	} bad[] = {
		{0x800, 0, PAGING_4K, PAGING_4K, -EINVAL},
		{0, 0x800, PAGING_4K, PAGING_4K, -EINVAL},
		{0, 0, 0x1800, PAGING_4K, -EINVAL},
		{0, PAGING_4K, PAGING_2M, PAGING_2M, -EINVAL},
		{0, 0, PAGING_4K, 0x4000, -EINVAL},
		{0, 0, PAGING_4K, 0, -EINVAL},
		{1ULL << 48, 0, PAGING_4K, PAGING_4K, -ERANGE},
		{(1ULL << 48) - PAGING_4K, 0, 2 * PAGING_4K, PAGING_4K, -ERANGE},
		{0, 1ULL << 52, PAGING_4K, PAGING_4K, -ERANGE},
	};
	struct paging paging = fresh(&paging_guest, sizeof(area));

	(void)state;
	for (u32 i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(paging_map(&paging, bad[i].from, bad[i].to, bad[i].bytes,
					    bad[i].page_bytes, ALL),
				 bad[i].err);
		assert_int_equal(paging.used_bytes, TABLE_BYTES);
	}
	assert_int_equal(paging_init(&paging, &paging_guest, area + 8, 0, sizeof(area)), -EINVAL);
	assert_int_equal(paging_init(&paging, &paging_guest, area, 0x123, sizeof(area)), -EINVAL);
	assert_int_equal(paging_init(&paging, &paging_guest, area, 0, TABLE_BYTES - 1), -ENOMEM);
}

static void test_nothing_is_mapped_twice(void **state)
{
	struct paging paging = fresh(&paging_guest, sizeof(area));

	(void)state;
	assert_int_equal(paging_map(&paging, 0, 0, PAGING_2M, PAGING_2M, ALL), 0);
	assert_int_equal(paging_map(&paging, 0, 0, PAGING_2M, PAGING_2M, ALL), -EEXIST);
	assert_int_equal(paging_map(&paging, 0x1000, 0, PAGING_4K, PAGING_4K, ALL), -EEXIST);
	assert_int_equal(paging_map(&paging, 0, 0, PAGING_1G, PAGING_1G, ALL), -EEXIST);
	assert_int_equal(paging_map(&paging, PAGING_2M, 0, PAGING_4K, PAGING_4K, ALL), 0);
	assert_int_equal(paging_map(&paging, PAGING_2M, 0, PAGING_2M, PAGING_2M, ALL), -EEXIST);
}

static void test_area_is_never_overrun(void **state)
{
	struct paging paging;
	u64 bytes;

	(void)state;
	for (u64 tables = 1; tables <= 4; tables++) {
		paging = fresh(&paging_guest, tables * TABLE_BYTES);
		assert_int_equal(paging_map(&paging, 0, 0, PAGING_4K, PAGING_4K, ALL),
				 tables < 4 ? -ENOMEM : 0);
		for (u64 byte = tables * TABLE_BYTES; byte < sizeof(area); byte++)
			assert_int_equal(area[byte], 0xff);
	}
	/* Mappings made before the area was full stay. */
	assert_int_equal(
		paging_map(&paging, PAGING_2M - PAGING_4K, 0, 2 * PAGING_4K, PAGING_4K, ALL),
		-ENOMEM);
	assert_non_null(paging_leaf(&paging, PAGING_2M - PAGING_4K, &bytes));
	assert_null(paging_leaf(&paging, PAGING_2M, &bytes));
	assert_null(paging_leaf(&paging, 1ULL << 48, &bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_of_each_size_lead_to_their_address),
		cmocka_unit_test(test_bits_of_guest_entries),
		cmocka_unit_test(test_another_format_is_only_data),
		cmocka_unit_test(test_bad_requests_are_refused),
		cmocka_unit_test(test_nothing_is_mapped_twice),
		cmocka_unit_test(test_area_is_never_overrun),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
