// SPDX-License-Identifier: GPL-2.0-or-later
/* Complete run folders, and damaged ones of all kinds. */
#include "run_fixture.h"

static int sum_rows(void *arg, const struct histogram_row *row)
{
	u64 *sum = arg;

	if (row->leg == LEG_ROUND_TRIP && !row->clean)
		*sum += row->count;
	return 0;
}

static int sum_records(void *arg, const struct record *record)
{
	u64 *sum = arg, ticks;

	assert_true(record_leg(record, NULL, LEG_ROUND_TRIP, &ticks));
	*sum += 1;
	return 0;
}

static void test_a_whole_run(void **state)
{
	const struct run_storm *storm;
	const struct run_leg *leg;
	struct run *run;
	u64 rows = 0, records = 0;

	(void)state;
	assert_int_equal(run_open(FIXTURE, &run, why), 0);
	assert_string_equal(run->path, FIXTURE);
	assert_int_equal(run->storms, 4);
	storm = run_storm_find(run, "pio_out");
	assert_non_null(storm);
	assert_string_equal(storm->kind, "io");
	assert_string_equal(storm->status, "measured");
	assert_null(storm->why);
	assert_int_equal(storm->exits, 41);
	assert_int_equal(storm->expected, 40);
	assert_int_equal(storm->disturbed, 10);
	leg = &storm->leg[LEG_ROUND_TRIP];
	assert_string_equal(leg->site, "guest");
	assert_int_equal(leg->all.count, 40);
	assert_int_equal(leg->clean.count, 30);
	assert_true(leg->all.min > 0 && leg->all.min <= leg->all.p50);
	assert_true(leg->all.p999 <= leg->all.max);
	assert_true(leg->ci_low < leg->all.p50 && leg->all.p50 < leg->ci_high);
	assert_null(storm->leg[LEG_ENTRY_FAIL].site);
	assert_int_equal(run_histogram(run, "pio_out", sum_rows, &rows, why), 0);
	assert_int_equal(rows, 40);
	assert_int_equal(run_samples(run, "pio_out", sum_records, &records, why), 0);
	assert_int_equal(records, 40);
	storm = run_storm_find(run, "vmcall");
	assert_string_equal(storm->status, "skipped");
	assert_string_equal(storm->why, "the guest did not come back within 1 s");
	assert_null(run_storm_find(run, "nothing"));
	run_close(run);
}

/* The reference runs of Bochs were written when path=fast was called path=lean. */
static void test_settings_of_earlier_versions(void **state)
{
	struct run *run;

	(void)state;
	assert_int_equal(run_open("results/reference/bochs-ryzen", &run, why), 0);
	assert_string_equal(json_string_value(json_object_get(run_get(run, "settings"), "path")),
			    "fast");
	run_close(run);
}

/* check=host_load and its leg were called msr_store. */
static void test_leg_of_earlier_versions(void **state)
{
	json_t *json = json_load_file(FIXTURE "/run.json", 0, NULL), *storm, *leg, *settings;
	const struct run_storm *read;
	struct run *run;

	(void)state;
	storm = json_array_get(json_object_get(json, "storms"), 0);
	leg = json_deep_copy(json_object_get(json_object_get(storm, "legs"), "round_trip"));
	json_object_set_new(json_object_get(storm, "legs"), "msr_store", leg);
	storm = json_array_get(json_object_get(storm, "repeats"), 0);
	json_object_set_new(json_object_get(storm, "p50"), "msr_store", json_integer(7));
	settings = json_object_get(json, "settings");
	json_object_set_new(settings, "check", json_string("msr_store"));
	assert_int_equal(run_parse(json, &run, why), 0);
	assert_string_equal(run_string(run, "settings.check"), "host_load");
	read = &run->storm[0];
	assert_int_equal(read->leg[LEG_HOST_LOAD].all.count, read->leg[LEG_ROUND_TRIP].all.count);
	storm = json_array_get(json_object_get(read->json, "repeats"), 0);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(storm, "p50"), "host_load")), 7);
	run_close(run);
}

static void test_values_by_path(void **state)
{
	struct run *run;

	(void)state;
	assert_int_equal(run_open(FIXTURE, &run, why), 0);
	assert_string_equal(run_string(run, "host.cpu.brand"), "A made-up CPU");
	assert_string_equal(run_string(run, "host.kvm_params.kvm.halt_poll_ns"), "200000");
	assert_string_equal(run_string(run, "host.cpu.codename"), "");
	assert_string_equal(run_string(run, "host.cpu.nothing.at.all"), "");
	assert_string_equal(run_string(run, ""), "");
	assert_null(run_get(run, "."));
	assert_null(run_get(run, "schema.x"));
	assert_int_equal(json_integer_value(run_get(run, "plan.repeats")), 2);
	run_close(run);
}

static int end_at_third(void *arg, const struct histogram_row *row)
{
	(void)row;
	return ++*(int *)arg == 3 ? -ECANCELED : 0;
}

static void test_the_callback_ends_the_reading(void **state)
{
	struct run *run;
	int calls = 0;

	(void)state;
	assert_int_equal(run_open(FIXTURE, &run, why), 0);
	assert_int_equal(run_histogram(run, "pio_out", end_at_third, &calls, why), -ECANCELED);
	assert_int_equal(calls, 3);
	run_close(run);
}

static void test_folders_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(try_open(in_folder("none")), -ENOENT);
	assert_says(why, "No such file or directory");
	assert_int_equal(try_open(""), -ENOENT);
	assert_int_equal(try_open(folder), -ENOENT);
	assert_says(why, "has no run.json");
	write_file(in_folder("file"), "", 0);
	assert_int_equal(try_open(in_folder("file")), -ENOTDIR);
	assert_int_equal(mkfifo(in_folder("fifo"), 0666), 0);
	assert_int_equal(try_open(in_folder("fifo")), -ENOTDIR);
	assert_int_equal(symlink("loop", in_folder("loop")), 0);
	assert_int_equal(try_open(in_folder("loop")), -ELOOP);
}

static void test_run_json_that_is_no_file(void **state)
{
	const char *path = in_folder("run.json");

	(void)state;
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(try_open(folder), -EBADMSG);
	assert_says(why, "run.json is a folder");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_int_equal(try_open(folder), -EBADMSG);
	assert_says(why, "run.json is a FIFO");
	unlink(path);
	assert_int_equal(symlink("run.json", path), 0);
	assert_int_equal(try_open(folder), -ELOOP);
	assert_says(why, "is a link");
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(try_open(folder), -ELOOP);
}

static void test_names_that_do_not_print(void **state)
{
	const char *path = in_folder("a b\n\x1b[31m");

	(void)state;
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(try_open(path), -ENOENT);
	assert_says(why, "a b\\n\\x1b[31m: has no run.json");
	save(fixture()); /* into the folder above */
	assert_int_equal(rename(in_folder("run.json"), in_folder("a b\n\x1b[31m/run.json")), 0);
	assert_int_equal(try_open(path), 0);
}

static int count_row(void *arg, const struct histogram_row *row)
{
	(void)row;
	++*(int *)arg;
	return 0;
}

static int count_record(void *arg, const struct record *record)
{
	(void)record;
	++*(int *)arg;
	return 0;
}

static int read_array(const struct run *run, bool samples)
{
	int calls = 0, error;

	why[0] = 0;
	alarm(60);
	error = samples ? run_samples(run, "pio_out", count_record, &calls, why)
			: run_histogram(run, "pio_out", count_row, &calls, why);
	alarm(0);
	if (error)
		assert_true(why[0]);
	return error ? error : calls;
}

/* Reads pio_out's arrays of the run in the folder. */
static int read_arrays(bool samples)
{
	struct run *run;
	int result = run_open(folder, &run, why);

	if (result)
		return result;
	result = read_array(run, samples);
	run_close(run);
	return result;
}

static void test_missing_arrays(void **state)
{
	(void)state;
	save(fixture());
	assert_int_equal(read_arrays(false), -ENOENT);
	assert_says(why, "histograms/pio_out.npy is missing");
	assert_int_equal(read_arrays(true), -ENOENT);
	assert_says(why, "samples/pio_out.npy is missing");
}

/* Makes the array of pio_out in `kind`, checks the run, removes it. */
static int open_with(const char *kind, int (*make)(const char *path))
{
	char path[PATH_MAX], *array;
	int error;

	snprintf(path, sizeof(path), "%s", in_folder(kind));
	mkdir(path, 0777);
	array = path + strlen(path);
	strcpy(array, "/pio_out.npy");
	assert_int_equal(make(path), 0);
	error = try_open(folder);
	assert_int_equal(remove(path), 0);
	*array = 0;
	rmdir(path);
	return error;
}

static int make_fifo(const char *path)
{
	return mkfifo(path, 0666);
}

static int make_link(const char *path)
{
	return symlink("/etc/passwd", path);
}

/* Needs no privilege, as mknod() of a device would. */
static int make_link_to_device(const char *path)
{
	return symlink("/dev/zero", path);
}

static int make_folder(const char *path)
{
	return mkdir(path, 0777);
}

static int make_socket(const char *path)
{
	return mknod(path, S_IFSOCK | 0666, 0);
}

/* Each command opens the run, and none gets further. */
static void test_arrays_that_are_no_files(void **state)
{
	static const char *const kinds[] = {"histograms", "samples"};

	(void)state;
	save(fixture());
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_with(kinds[i], make_fifo), -EBADMSG);
		assert_says(why, "/pio_out.npy is a FIFO");
		assert_int_equal(open_with(kinds[i], make_folder), -EBADMSG);
		assert_says(why, "/pio_out.npy is a folder");
		assert_int_equal(open_with(kinds[i], make_socket), -EBADMSG);
		assert_says(why, "/pio_out.npy is a socket");
		assert_int_equal(open_with(kinds[i], make_link), -ELOOP);
		assert_says(why, "/pio_out.npy is a link");
		assert_int_equal(open_with(kinds[i], make_link_to_device), -ELOOP);
		assert_int_equal(symlink("/etc", in_folder(kinds[i])), 0);
		assert_int_equal(try_open(folder), -ENOTDIR);
		assert_says(why, "/pio_out.npy is not in a folder of the run's own");
		unlink(in_folder(kinds[i]));
	}
}

static void test_an_array_replaced_after_the_run_was_opened(void **state)
{
	struct run *run;

	(void)state;
	save(fixture());
	assert_int_equal(mkdir(in_folder("samples"), 0777), 0);
	assert_int_equal(run_open(folder, &run, why), 0);
	assert_int_equal(mkfifo(in_folder("samples/pio_out.npy"), 0666), 0);
	assert_int_equal(read_array(run, true), -EBADMSG);
	unlink(in_folder("samples/pio_out.npy"));
	assert_int_equal(symlink("/etc/passwd", in_folder("samples/pio_out.npy")), 0);
	assert_int_equal(read_array(run, true), -ELOOP);
	run_close(run);
}

/* Truncated to the file system's maximum it would name another file. */
static void test_a_name_too_long_is_not_cut(void **state)
{
	json_t *json = fixture(), *storm;
	char name[300 + 1];
	size_t i;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	json_array_foreach (json_object_get(json, "storms"), i, storm)
		json_object_set_new(storm, "samples", json_string(name));
	save(json);
	name[255] = 0;
	write_file(in_folder(name), "", 0);
	assert_int_equal(read_arrays(true), -ENAMETOOLONG);
}

static void test_arrays_of_the_wrong_kind(void **state)
{
	size_t size;
	char *bytes = read_file(FIXTURE "/histograms/pio_out.npy", &size);

	(void)state;
	save(fixture());
	assert_int_equal(mkdir(in_folder("samples"), 0777), 0);
	write_file(in_folder("samples/pio_out.npy"), bytes, size);
	assert_int_equal(read_arrays(true), -EBADMSG);
	assert_says(why, "samples/pio_out.npy: its dtype is not");
	free(bytes);
}

static void test_rows_are_checked(void **state)
{
	size_t size;
	char *bytes = read_file(FIXTURE "/histograms/pio_out.npy", &size);
	struct histogram_row *last = (void *)(bytes + size - sizeof(*last));
	struct histogram_row good;
	int rows;

	(void)state;
	memcpy(&good, last, sizeof(good));
	save(fixture());
	assert_int_equal(mkdir(in_folder("histograms"), 0777), 0);
#define CHANGED(change)                                                       \
	({                                                                    \
		struct histogram_row row = good;                              \
		change;                                                       \
		memcpy(last, &row, sizeof(row));                              \
		write_file(in_folder("histograms/pio_out.npy"), bytes, size); \
		read_arrays(false);                                           \
	})
	rows = CHANGED();
	assert_true(rows > 100);
	assert_int_equal(CHANGED(row.leg = LEGS), rows - 1);
	assert_int_equal(CHANGED(row.bucket = HISTOGRAM_BUCKETS), -EBADMSG);
	assert_says(why, "impossible row");
	assert_int_equal(CHANGED(row.clean = 2), -EBADMSG);
	assert_int_equal(CHANGED(row.count = ~0ULL), -EBADMSG);
	free(bytes);
}

static void test_storms_that_are_not_there(void **state)
{
	struct run *run;

	(void)state;
	assert_int_equal(run_open(FIXTURE, &run, why), 0);
	assert_int_equal(run_histogram(run, "x\n", count_row, NULL, why), -ENOENT);
	assert_says(why, "has no storm x\\n");
	assert_int_equal(run_samples(run, "x", count_record, NULL, why), -ENOENT);
	assert_int_equal(run_samples(run, "vmcall", count_record, NULL, why), -ENOENT);
	assert_says(why, "kept no samples of vmcall");
	run_close(run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_settings_of_earlier_versions),
		TEST(test_leg_of_earlier_versions),
		TEST(test_a_whole_run),
		TEST(test_values_by_path),
		TEST(test_the_callback_ends_the_reading),
		TEST(test_folders_that_are_none),
		TEST(test_run_json_that_is_no_file),
		TEST(test_names_that_do_not_print),
		TEST(test_missing_arrays),
		TEST(test_arrays_that_are_no_files),
		TEST(test_an_array_replaced_after_the_run_was_opened),
		TEST(test_a_name_too_long_is_not_cut),
		TEST(test_arrays_of_the_wrong_kind),
		TEST(test_rows_are_checked),
		TEST(test_storms_that_are_not_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
