// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays read block by block, from a file that is mapped. */
#include "npy_open_path.h"

#include <errno.h>

struct number {
	u64 value, zero;
};
#define NUMBERS "[('value', '<u8'), ('zero', '<u8')]"

struct seen {
	u64 items, blocks, next;
	size_t align;
	const char *shrink; /* a file to truncate in the second block */
};

static int see_block(void *arg, const void *items, size_t count)
{
	const struct number *number = items;
	struct seen *seen = arg;

	assert_true(count > 0 && count * sizeof(*number) <= NPY_BLOCK);
	assert_int_equal((uintptr_t)items % seen->align, 0);
	if (seen->blocks++ == 1 && seen->shrink)
		assert_int_equal(truncate(seen->shrink, 4096), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(number[i].value, seen->next++);
	seen->items += count;
	return seen->items > 2000000 ? 7 : 0;
}

static void write_numbers(const char *path, u64 count)
{
	static struct number block[1000];
	struct npy *npy;

	assert_int_equal(npy_create(path, NUMBERS, sizeof(*block), &npy, why), 0);
	for (u64 i = 0; i < count; i++) {
		block[i % 1000].value = i;
		if (i % 1000 == 999 || i + 1 == count)
			assert_int_equal(npy_append(npy, block, i % 1000 + 1, why), 0);
	}
	assert_int_equal(npy_finish(npy, why), 0);
}

static int see_file(const char *path, struct seen *seen, u64 skip)
{
	struct number number;
	struct npy *npy;
	int error;
	u64 count;

	assert_int_equal(open_path(path, NUMBERS, sizeof(number), &npy, &count), 0);
	for (u64 i = 0; i < skip; i++)
		assert_int_equal(npy_read(npy, &number, why), 1);
	seen->next = skip;
	error = npy_each(npy, see_block, seen, why);
	npy_close(npy);
	return error;
}

/* Sizes close to a block's and to a mapped window's. */
static void test_blocks_have_every_item_once(void **state)
{
	static const u64 counts[] = {0, 1, 4095, 4096, 4097, 524287, 524288, 524289, 1200000};
	const char *path = in_folder("blocks.npy");

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct seen seen = {.align = 16};

		write_numbers(path, counts[i]);
		assert_int_equal(see_file(path, &seen, 0), 0);
		assert_int_equal(seen.items, counts[i]);
		if (counts[i] > 3) {
			seen = (struct seen){.align = 1};
			assert_int_equal(see_file(path, &seen, 3), 0);
			assert_int_equal(seen.items, counts[i] - 3);
		}
		unlink(path);
	}
	write_numbers(path, 2500000);
	assert_int_equal(see_file(path, &(struct seen){.align = 16}, 0), 7);
	unlink(path);
}

/* NumPy before 1.14 ended headers at 16 bytes. */
static void test_items_that_are_not_aligned_are_copied(void **state)
{
	const char *path = in_folder("old.npy"), *new = in_folder("new.npy");
	struct seen seen = {.align = 64};
	char block[65536];
	FILE *in, *out;
	u16 length;
	size_t got;

	(void)state;
	write_numbers(path, 20000);
	in = fopen(path, "r");
	out = fopen(new, "w");
	assert_int_equal(fread(block, 1, 10, in), 10);
	memcpy(&length, block + 8, 2);
	assert_int_equal(fread(block + 10, 1, length, in), length);
	block[10 + length - 1] = ' ';
	memset(block + 10 + length, ' ', 16);
	block[10 + length + 15] = '\n';
	length += 16;
	memcpy(block + 8, &length, 2);
	fwrite(block, 1, 10 + length, out);
	while ((got = fread(block, 1, sizeof(block), in)))
		fwrite(block, 1, got, out);
	fclose(in);
	fclose(out);
	assert_int_equal(see_file(new, &seen, 0), 0);
	assert_int_equal(seen.items, 20000);
	assert_int_equal(unlink(path) | unlink(new), 0);
}

static void test_a_mapped_file_that_shrinks_is_an_error(void **state)
{
	const char *path = in_folder("shrinks.npy");
	struct seen seen = {.align = 16, .shrink = path};

	(void)state;
	write_numbers(path, 100000);
	assert_int_equal(see_file(path, &seen, 0), -EBADMSG);
	assert_says(why, "shorter");
	assert_true(seen.items < 100000);
	unlink(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blocks_have_every_item_once),
		TEST(test_items_that_are_not_aligned_are_copied),
		TEST(test_a_mapped_file_that_shrinks_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
