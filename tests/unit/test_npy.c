// SPDX-License-Identifier: GPL-2.0-or-later
#include "npy_open_path.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#define DTYPE "[('a', '<u4'), ('b', '<u8')]"

struct item {
	u32 a;
	u64 b;
} __attribute__((packed));

static void make(const char *path, u32 items)
{
	struct npy *npy;

	assert_int_equal(npy_create(path, DTYPE, sizeof(struct item), &npy, why), 0);
	for (u32 i = 0; i < items; i++) {
		struct item item = {i, i * 10000000000ULL};

		assert_int_equal(npy_append(npy, &item, 1, why), 0);
	}
	assert_int_equal(npy_finish(npy, why), 0);
}

static int try_open(const char *path)
{
	struct npy *npy;
	u64 count;
	int error;

	why[0] = 0;
	error = open_path(path, DTYPE, sizeof(struct item), &npy, &count);
	if (!error)
		npy_close(npy);
	return error;
}

static void test_what_was_written_is_read(void **state)
{
	const char *path = in_folder("a.npy");
	struct npy *npy;
	struct item item;
	u64 count;

	(void)state;
	make(path, 1000);
	assert_int_equal(open_path(path, DTYPE, sizeof(item), &npy, &count), 0);
	assert_int_equal(count, 1000);
	for (u32 i = 0; i < 1000; i++) {
		assert_int_equal(npy_read(npy, &item, why), 1);
		assert_int_equal(item.a, i);
		assert_int_equal(item.b, i * 10000000000ULL);
	}
	assert_int_equal(npy_read(npy, &item, why), 0);
	npy_close(npy);
}

static void test_items_that_straddle_the_buffer(void **state)
{
	const char *path = in_folder("a.npy");
	enum {
		ITEMS = 100000
	}; /* 12 bytes each, over several buffers whose size is no multiple of 12 */
	struct item *items = calloc(ITEMS, sizeof(*items)), item;
	struct npy *npy;
	u64 count;

	(void)state;
	for (u32 i = 0; i < ITEMS; i++)
		items[i].a = i;
	assert_int_equal(npy_create(path, DTYPE, sizeof(*items), &npy, why), 0);
	assert_int_equal(npy_append(npy, items, ITEMS / 3, why), 0);
	assert_int_equal(npy_append(npy, items + ITEMS / 3, ITEMS - ITEMS / 3, why), 0);
	assert_int_equal(npy_finish(npy, why), 0);
	assert_int_equal(open_path(path, DTYPE, sizeof(*items), &npy, &count), 0);
	assert_int_equal(count, ITEMS);
	for (u32 i = 0; i < ITEMS; i++) {
		assert_int_equal(npy_read(npy, &item, why), 1);
		assert_int_equal(item.a, i);
	}
	assert_int_equal(npy_read(npy, &item, why), 0);
	npy_close(npy);
	free(items);
}

static void test_an_empty_array_is_one(void **state)
{
	(void)state;
	make(in_folder("a.npy"), 0);
	assert_int_equal(try_open(in_folder("a.npy")), 0);
}

static void test_data_begin_at_a_multiple_of_64(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	make(in_folder("a.npy"), 3);
	bytes = read_file(in_folder("a.npy"), &size);
	assert_int_equal((size - 3 * sizeof(struct item)) % 64, 0);
	assert_int_equal(bytes[size - 3 * sizeof(struct item) - 1], '\n');
	free(bytes);
}

static void test_numpy_spacing_and_lack_of_room_are_read(void **state)
{
	static const char text[] = "{'descr': [('a','<u4'),('b','<u8')], 'fortran_order': False, "
				   "'shape': (7,)}";
	char bytes[10 + sizeof(text)] = "\x93NUMPY\x01";
	size_t offset;
	u64 count;

	(void)state;
	bytes[8] = sizeof(text) - 1;
	memcpy(bytes + 10, text, sizeof(text) - 1);
	assert_int_equal(npy_parse_header(bytes, sizeof(bytes) - 1, DTYPE, &count, &offset, why),
			 0);
	assert_int_equal(count, 7);
	assert_int_equal(offset, sizeof(bytes) - 1);
}

static void test_truncated_everywhere_is_refused(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	make(in_folder("a.npy"), 5);
	bytes = read_file(in_folder("a.npy"), &size);
	for (size_t cut = 0; cut < size; cut++) {
		write_file(in_folder("cut.npy"), bytes, cut);
		assert_int_equal(try_open(in_folder("cut.npy")), -EBADMSG);
		assert_says(why, "cut.npy: it ");
	}
	free(bytes);
}

static void test_bytes_after_the_items_are_refused(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	make(in_folder("a.npy"), 5);
	bytes = read_file(in_folder("a.npy"), &size);
	write_file(in_folder("a.npy"), bytes, size + 1);
	assert_int_equal(try_open(in_folder("a.npy")), -EBADMSG);
	assert_says(why, "has bytes after its 5 items");
	free(bytes);
}

/* Headers with one change each, at the same file size. */
static void test_damaged_headers_are_refused_in_words(void **state)
{
	static const struct {
		const char *from, *to;
		int error;
		const char *words;
	} rows[] = {
		{"NUMPY", "NUMPi", -EBADMSG, "not a .npy file"},
		{"NUMPY\x01", "NUMPY\x02", -EPROTONOSUPPORT, "version 2.0"},
		{"'<u4'", "'>u4'", -EBADMSG, "its dtype is not"},
		{"'<u8'", "'<f8'", -EBADMSG, "its dtype is not"},
		{"('b'", "('c'", -EBADMSG, "its dtype is not"},
		{"False", "True ", -EBADMSG, "C order"},
		{"'descr'", "'desk' ", -EBADMSG, "not one of NumPy's"},
		{"(5,), }", "(-5,),}", -EBADMSG, "shape is not one number"},
		{"(5,), }", "(5,1) }", -EBADMSG, "shape is not one number"},
		{"(5,), }", "(),   }", -EBADMSG, "shape is not one number"},
		{"(5,), }", "(5.0,)}", -EBADMSG, "shape is not one number"},
		{"(5,), }                      ", "(1152921504606846976,), }    ", -EBADMSG,
		 "impossible"},
		{"(5,), }                      ", "(1844674407370955161,), }    ", -EBADMSG,
		 "impossible"},
		{"(5,), }                      ", "(99999999999999999999,)}     ", -EBADMSG,
		 "shape is not one number"},
		{"(5,), }", "(5,), ]", -EBADMSG, "does not end"},
		{"(5,), }  ", "(5,), } x", -EBADMSG, "has text after"},
		{"(5,)", "(6,)", -EBADMSG, "cut off"},
		{"(5,)", "(4,)", -EBADMSG, "has bytes after"},
	};
	size_t size;
	char *bytes;

	(void)state;
	make(in_folder("a.npy"), 5);
	bytes = read_file(in_folder("a.npy"), &size);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *copy = malloc(size);
		char *at;

		memcpy(copy, bytes, size);
		at = memmem(copy, size, rows[i].from, strlen(rows[i].from));
		assert_non_null(at);
		memcpy(at, rows[i].to, strlen(rows[i].to));
		write_file(in_folder("b.npy"), copy, size);
		assert_int_equal(try_open(in_folder("b.npy")), rows[i].error);
		assert_says(why, rows[i].words);
		free(copy);
	}
	free(bytes);
}

static void test_a_header_length_that_lies_is_refused(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	make(in_folder("a.npy"), 5);
	bytes = read_file(in_folder("a.npy"), &size);
	for (int length = 0; length < 65536; length += 51) {
		bytes[8] = (char)(length & 0xff);
		bytes[9] = (char)(length >> 8);
		write_file(in_folder("b.npy"), bytes, size);
		assert_int_equal(try_open(in_folder("b.npy")), -EBADMSG);
	}
	free(bytes);
}

static void test_what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("folder.npy"), 0777), 0);
	assert_int_equal(try_open(in_folder("folder.npy")), -EBADMSG);
	assert_int_equal(mkfifo(in_folder("fifo.npy"), 0666), 0);
	alarm(60); /* a blocking open would hang for good */
	assert_int_equal(try_open(in_folder("fifo.npy")), -EBADMSG);
	alarm(0);
	assert_says(why, "not a file");
}

static void test_a_file_that_shrinks_meanwhile_is_an_error(void **state)
{
	const char *path = in_folder("a.npy");
	struct npy *npy;
	struct item item;
	u64 count;
	int got;

	(void)state;
	assert_int_equal(npy_create(path, DTYPE, sizeof(item), &npy, why), 0);
	for (int i = 0; i < 100; i++) {
		static const struct item zero[1000];

		assert_int_equal(npy_append(npy, zero, 1000, why), 0);
	}
	assert_int_equal(npy_finish(npy, why), 0);
	assert_int_equal(open_path(path, DTYPE, sizeof(item), &npy, &count), 0);
	assert_int_equal(truncate(path, 200), 0);
	while ((got = npy_read(npy, &item, why)) > 0)
		;
	assert_int_equal(got, -EBADMSG);
	assert_says(why, "shorter");
	npy_close(npy);
}

static void test_an_existing_file_is_not_overwritten(void **state)
{
	struct npy *npy;

	(void)state;
	make(in_folder("a.npy"), 1);
	assert_int_equal(npy_create(in_folder("a.npy"), DTYPE, 12, &npy, why), -EEXIST);
	assert_int_equal(try_open(in_folder("a.npy")), 0);
}

static void test_a_full_disk_is_said(void **state)
{
	const struct rlimit small = {4096, RLIM_INFINITY};
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	static const struct item items[1000];
	struct npy *npy;
	int error;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(npy_create(in_folder("a.npy"), DTYPE, sizeof(items[0]), &npy, why), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	error = npy_append(npy, items, 1000, why);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(error, -EFBIG);
	assert_says(why, "a.npy: cannot be written: ");
	npy_abandon(npy);
}

static void test_what_does_not_print_is_escaped(void **state)
{
	(void)state;
	assert_int_equal(
		why_say(why, -EINVAL, "%s", "a\nb\t\x1b[31m\x7f\xff \xc3\xa9 \xe2\x80\xae"),
		-EINVAL);
	assert_string_equal(why, "a\\nb\\t\\x1b[31m\\x7f\\xff \xc3\xa9 \\xe2\\x80\\xae");
}

static void test_a_long_line_is_cut_not_overrun(void **state)
{
	char text[4000];

	(void)state;
	memset(text, '\n', sizeof(text));
	text[sizeof(text) - 1] = 0;
	why_say(why, 0, "%s", text);
	assert_int_equal(strlen(why), RUN_WHY - 2);
	assert_int_equal(strlen(why_path(text)), 240);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_written_is_read),
		TEST(test_items_that_straddle_the_buffer),
		TEST(test_an_empty_array_is_one),
		TEST(test_data_begin_at_a_multiple_of_64),
		TEST(test_numpy_spacing_and_lack_of_room_are_read),
		TEST(test_truncated_everywhere_is_refused),
		TEST(test_bytes_after_the_items_are_refused),
		TEST(test_damaged_headers_are_refused_in_words),
		TEST(test_a_header_length_that_lies_is_refused),
		TEST(test_what_is_no_file_is_refused),
		TEST(test_a_file_that_shrinks_meanwhile_is_an_error),
		TEST(test_an_existing_file_is_not_overwritten),
		TEST(test_a_full_disk_is_said),
		TEST(test_what_does_not_print_is_escaped),
		TEST(test_a_long_line_is_cut_not_overrun),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
