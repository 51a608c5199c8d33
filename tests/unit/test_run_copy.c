// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of run folders, whole ones and damaged ones. */
#include "run_fixture.h"

#include <unistd.h>

/* The fixture's arrays in the folder, with its run.json. */
static void fill(void)
{
	static const char *const kinds[] = {"histograms", "samples"};

	save(fixture());
	for (int i = 0; i < 2; i++) {
		char from[PATH_MAX], to[PATH_MAX];
		size_t size;
		char *bytes;

		snprintf(from, sizeof(from), FIXTURE "/%s/pio_out.npy", kinds[i]);
		assert_int_equal(mkdir(in_folder(kinds[i]), 0777), 0);
		snprintf(to, sizeof(to), "%s/pio_out.npy", in_folder(kinds[i]));
		bytes = read_file(from, &size);
		write_file(to, bytes, size);
		free(bytes);
	}
}

/* Copies the run in the folder into copy/ in it. */
static int copy(void)
{
	struct run *run;
	int error;

	assert_int_equal(run_open(folder, &run, why), 0);
	assert_int_equal(mkdir(in_folder("copy"), 0777), 0);
	assert_int_equal(mkdir(in_folder("copy/histograms"), 0777), 0);
	assert_int_equal(mkdir(in_folder("copy/samples"), 0777), 0);
	why[0] = 0;
	error = run_copy_json(run, in_folder("copy/run.json"), why);
	if (!error)
		error = run_copy_arrays(run, in_folder("copy"), why);
	run_close(run);
	if (error)
		assert_true(why[0]);
	return error;
}

static void same(const char *one, const char *other)
{
	size_t size, other_size;
	char *bytes = read_file(one, &size),
	     *other_bytes = read_file(in_folder(other), &other_size);

	assert_int_equal(size, other_size);
	assert_memory_equal(bytes, other_bytes, size);
	free(bytes);
	free(other_bytes);
}

static void test_a_copy_has_the_same_bytes(void **state)
{
	(void)state;
	fill();
	assert_int_equal(copy(), 0);
	same(FIXTURE "/histograms/pio_out.npy", "copy/histograms/pio_out.npy");
	same(FIXTURE "/samples/pio_out.npy", "copy/samples/pio_out.npy");
	same(strdupa(in_folder("run.json")), "copy/run.json");
	assert_int_equal(try_open(in_folder("copy")), 0);
}

static void test_promised_arrays_are_needed(void **state)
{
	(void)state;
	fill();
	unlink(in_folder("histograms/pio_out.npy"));
	assert_int_equal(copy(), -ENOENT);
	assert_says(why, "histograms/pio_out.npy is missing");
}

static void test_promised_samples_are_needed(void **state)
{
	(void)state;
	fill();
	unlink(in_folder("samples/pio_out.npy"));
	assert_int_equal(copy(), -ENOENT);
	assert_says(why, "samples/pio_out.npy is missing");
}

/* Its arrays are kept for diagnosis, if there are any. */
static void test_a_storm_without_figures_needs_none(void **state)
{
	json_t *json, *storm;
	size_t i;

	(void)state;
	fill();
	json = json_load_file(in_folder("run.json"), 0, NULL);
	json_array_foreach (json_object_get(json, "storms"), i, storm) {
		json_object_set_new(storm, "status", json_string("no_exit"));
		json_object_set(storm, "operation", json_object_get(storm, "legs"));
		json_object_set_new(storm, "legs", json_object());
		json_object_set_new(storm, "samples", json_null());
	}
	save(json);
	unlink(in_folder("histograms/pio_out.npy"));
	assert_int_equal(copy(), 0);
}

static void test_arrays_are_checked_meanwhile(void **state)
{
	struct histogram_row *last;
	size_t size;
	char *bytes;

	(void)state;
	fill();
	bytes = read_file(in_folder("histograms/pio_out.npy"), &size);
	last = (void *)(bytes + size - sizeof(*last));
	last->bucket = HISTOGRAM_BUCKETS;
	write_file(in_folder("histograms/pio_out.npy"), bytes, size);
	free(bytes);
	assert_int_equal(copy(), -EBADMSG);
	assert_says(why, "impossible row");
}

static void test_cut_samples(void **state)
{
	size_t size;
	char *bytes;

	(void)state;
	fill();
	bytes = read_file(in_folder("samples/pio_out.npy"), &size);
	write_file(in_folder("samples/pio_out.npy"), bytes, size - 1);
	free(bytes);
	assert_int_equal(copy(), -EBADMSG);
	assert_says(why, "it is cut off");
}

static void test_run_json_that_changes(void **state)
{
	struct run *run;
	json_t *json = fixture();

	(void)state;
	save(fixture());
	assert_int_equal(run_open(folder, &run, why), 0);
	json_object_set_new(json, "started", json_string("later"));
	save(json);
	assert_int_equal(run_copy_json(run, in_folder("copy.json"), why), -ESTALE);
	assert_says(why, "has changed");
	assert_int_equal(access(in_folder("copy.json"), F_OK), -1);
	unlink(in_folder("run.json"));
	assert_int_equal(symlink("/dev/zero", in_folder("run.json")), 0);
	assert_int_equal(run_copy_json(run, in_folder("copy.json"), why), -ELOOP);
	run_close(run);
}

static void test_nothing_is_overwritten(void **state)
{
	struct run *run;

	(void)state;
	fill();
	assert_int_equal(copy(), 0);
	assert_int_equal(rename(in_folder("copy"), strdupa(in_folder("first"))), 0);
	assert_int_equal(symlink("/etc/hostname", in_folder("target")), 0);
	assert_int_equal(run_open(folder, &run, why), 0);
	assert_int_equal(run_copy_json(run, in_folder("target"), why), -EEXIST);
	assert_int_equal(run_copy_arrays(run, in_folder("first"), why), -EEXIST);
	run_close(run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_copy_has_the_same_bytes),
		TEST(test_promised_arrays_are_needed),
		TEST(test_promised_samples_are_needed),
		TEST(test_a_storm_without_figures_needs_none),
		TEST(test_arrays_are_checked_meanwhile),
		TEST(test_cut_samples),
		TEST(test_run_json_that_changes),
		TEST(test_nothing_is_overwritten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
