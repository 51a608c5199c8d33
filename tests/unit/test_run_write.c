// SPDX-License-Identifier: GPL-2.0-or-later
/* A run that is written is read again; a failed write leaves nothing behind. */
#include "run_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "../../results/run_folder.h"

static int copy_row(void *arg, const struct histogram_row *row)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));
	int error;

	histogram->bucket[row->bucket] = histogram->count = row->count;
	histogram->min = histogram->max = histogram_low(row->bucket, HISTOGRAM_SUB_BITS);
	error = run_add_histogram(arg, "pio_out", row->repeat, row->vcpu, row->leg, row->clean,
				  histogram, why);
	free(histogram);
	return error;
}

static int copy_record(void *arg, const struct record *record)
{
	return run_add_records(arg, "pio_out", record, 1, why);
}

/* The fixture's arrays into a run that is being written. */
static int copy_arrays(struct run_writer *writer)
{
	struct run *run;
	int error;

	assert_int_equal(run_open(FIXTURE, &run, why), 0);
	error = run_histogram(run, "pio_out", copy_row, writer, why);
	if (!error)
		error = run_samples(run, "pio_out", copy_record, writer, why);
	run_close(run);
	return error;
}

static int write_run(const char *path)
{
	struct run_writer *writer;
	int error = run_create(path, &writer, why);

	if (error)
		return error;
	error = copy_arrays(writer);
	if (error) {
		run_abort(writer);
		return error;
	}
	return run_commit(writer, fixture(), NULL, why);
}

struct list {
	struct histogram_row row[1000];
	struct record record[1000];
	size_t rows, records;
};

static int list_row(void *arg, const struct histogram_row *row)
{
	struct list *list = arg;

	list->row[list->rows++] = *row;
	return 0;
}

static int list_record(void *arg, const struct record *record)
{
	struct list *list = arg;

	list->record[list->records++] = *record;
	return 0;
}

static struct list *list_of(const char *path, json_t **json)
{
	struct list *list = calloc(1, sizeof(*list));
	struct run *run;

	assert_int_equal(run_open(path, &run, why), 0);
	assert_int_equal(run_histogram(run, "pio_out", list_row, list, why), 0);
	assert_int_equal(run_samples(run, "pio_out", list_record, list, why), 0);
	*json = json_incref(run->json);
	run_close(run);
	return list;
}

static void assert_same_run(const char *path)
{
	json_t *json, *wanted_json;
	struct list *list = list_of(path, &json), *wanted = list_of(FIXTURE, &wanted_json);

	assert_true(json_equal(json, wanted_json));
	assert_int_equal(list->rows, wanted->rows);
	assert_memory_equal(list->row, wanted->row, sizeof(list->row));
	assert_int_equal(list->records, wanted->records);
	assert_memory_equal(list->record, wanted->record, sizeof(list->record));
	json_decref(json);
	json_decref(wanted_json);
	free(wanted);
	free(list);
}

static void test_what_was_written_is_read(void **state)
{
	const char *path = in_folder("a run\nof mine");

	(void)state;
	assert_int_equal(write_run(path), 0);
	assert_same_run(path);
	assert_int_equal(entries(path), 3);
	assert_int_equal(entries(folder), 1);
}

/* This run also stays for the schema test, which checks all runs that tests left there. */
static void test_folders_above_are_made(void **state)
{
	char path[512];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	(void)state;
	assert_true(length > 0);
	path[length] = 0;
	slash = strrchr(path, '/');
	strcpy(slash, "/../runs/unit/write");
	nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(write_run(path), 0);
	assert_same_run(path);
	assert_int_equal(write_run(in_folder("x//y/z///")), 0);
	assert_same_run(in_folder("x/y/z"));
}

static void test_an_empty_folder_is_taken(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("empty"), 0777), 0);
	assert_int_equal(symlink("empty", in_folder("link")), 0);
	assert_int_equal(write_run(in_folder("link")), 0);
	assert_same_run(in_folder("empty"));
	assert_same_run(in_folder("link"));
}

static void test_what_is_there_is_not_touched(void **state)
{
	struct run_writer *writer;

	(void)state;
	assert_int_equal(write_run(in_folder("run")), 0);
	assert_int_equal(run_create(in_folder("run"), &writer, why), -EEXIST);
	assert_says(why, "/run: is there already and is not empty");
	assert_same_run(in_folder("run"));
	write_file(in_folder("file"), "x", 1);
	assert_int_equal(run_create(in_folder("file"), &writer, why), -ENOTDIR);
	assert_int_equal(run_create(in_folder("file/run"), &writer, why), -ENOTDIR);
	assert_int_equal(run_create(in_folder("file/a/run"), &writer, why), -ENOTDIR);
	assert_int_equal(symlink("nothing", in_folder("nowhere")), 0);
	assert_int_equal(run_create(in_folder("nowhere"), &writer, why), -EEXIST);
	assert_int_equal(run_create("", &writer, why), -EINVAL);
	assert_int_equal(run_create("/", &writer, why), -EEXIST);
	assert_int_equal(run_create(in_folder("new/."), &writer, why), -ENOENT);
	assert_int_equal(entries(folder), 3);
}

static void test_the_current_folder_is_refused(void **state)
{
	struct run_writer *writer;
	char *here = getcwd(NULL, 0);

	(void)state;
	assert_int_equal(mkdir(in_folder("empty"), 0777), 0);
	assert_int_equal(chdir(in_folder("empty")), 0);
	assert_int_equal(run_create(".", &writer, why), -EBUSY);
	assert_says(why, "current folder");
	assert_int_equal(run_create("relative", &writer, why), 0);
	run_abort(writer);
	assert_int_equal(entries("."), 0);
	assert_int_equal(chdir(here), 0);
	free(here);
}

static void test_an_abort_leaves_nothing(void **state)
{
	struct run_writer *writer;

	(void)state;
	assert_int_equal(run_create(in_folder("a/b/run"), &writer, why), 0);
	assert_int_equal(copy_arrays(writer), 0);
	assert_int_equal(entries(in_folder("a/b")), 1);
	run_abort(writer);
	assert_int_equal(entries(folder), 0);
	run_abort(NULL);
}

static void test_an_abort_leaves_what_others_put_there(void **state)
{
	struct run_writer *writer;

	(void)state;
	assert_int_equal(run_create(in_folder("a/b/run"), &writer, why), 0);
	write_file(in_folder("a/theirs"), "x", 1);
	run_abort(writer);
	assert_int_equal(entries(in_folder("a")), 1);
}

static void test_before_the_commit_there_is_no_run(void **state)
{
	struct run_writer *writer;
	struct run *run;

	(void)state;
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(copy_arrays(writer), 0);
	assert_int_equal(run_open(in_folder("run"), &run, why), -ENOENT);
	assert_int_equal(run_commit(writer, fixture(), NULL, why), 0);
	assert_same_run(in_folder("run"));
}

static void test_what_no_reader_would_take_is_not_written(void **state)
{
	struct run_writer *writer;
	json_t *json = fixture();

	(void)state;
	json_object_del(json, "target");
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(run_commit(writer, json, NULL, why), -EBADMSG);
	assert_says(why, "target is missing");
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(run_commit(writer, NULL, NULL, why), -EINVAL);
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(run_add_records(writer, "../x", NULL, 0, why), -EINVAL);
	assert_says(why, "cannot be the name of a storm");
	run_abort(writer);
	assert_int_equal(entries(folder), 0);
}

static void test_schema_and_samples_are_the_writers(void **state)
{
	struct run_writer *writer;
	json_t *json = fixture();
	size_t size;
	char *text;
	struct run *run;

	(void)state;
	json_object_del(json, "schema");
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(run_commit(writer, json, NULL, why), 0);
	text = read_file(in_folder("run/run.json"), &size);
	assert_int_equal(strncmp(text, "{\n  \"schema\": \"exitstorm-run/1\",\n", 33), 0);
	assert_string_equal(text + size - 3, "\n}\n");
	free(text);
	assert_int_equal(run_open(in_folder("run"), &run, why), 0);
	assert_null(run->storm[0].samples); /* no array of them was written */
	run_close(run);
}

static void test_a_full_disk_leaves_nothing(void **state)
{
	/* File size limits that stop the writing at different points, from the first header on. */
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t bytes = 0; bytes < 8000; bytes += 500) {
		const struct rlimit limit = {bytes, RLIM_INFINITY};
		int error;

		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		error = write_run(in_folder("run"));
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
		assert_int_equal(error, -EFBIG);
		assert_says(why, "cannot be written: ");
		assert_int_equal(entries(folder), 0);
	}
	assert_int_equal(write_run(in_folder("run")), 0);
}

static void test_a_folder_that_cannot_be_written_to(void **state)
{
	struct run_writer *writer;

	(void)state;
	assert_true(run_create("/proc/self/run", &writer, why) < 0);
	assert_says(why, "/proc/self");
	assert_true(run_create("/proc/none/run", &writer, why) < 0);
	assert_says(why, "/proc/none: cannot be made");
	if (geteuid() == 0) { /* root may write anywhere, so act as another user */
		assert_int_equal(seteuid(65534), 0);
		assert_int_equal(run_create(in_folder("run"), &writer, why), -EACCES);
		assert_int_equal(seteuid(0), 0);
	} else {
		assert_int_equal(chmod(folder, 0500), 0);
		assert_int_equal(run_create(in_folder("run"), &writer, why), -EACCES);
		assert_int_equal(chmod(folder, 0700), 0);
	}
	assert_int_equal(entries(folder), 0);
}

/* Two runs that were to have one name: neither is lost. */
static void test_a_name_taken_meanwhile(void **state)
{
	struct run_writer *writer;
	char *path = NULL;

	(void)state;
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(copy_arrays(writer), 0);
	assert_int_equal(mkdir(in_folder("run"), 0777), 0); /* another process created it first */
	write_file(in_folder("run/theirs"), "x", 1);
	assert_int_equal(mkdir(in_folder("run-2"), 0777), 0);
	write_file(in_folder("run-2/theirs"), "x", 1);
	assert_int_equal(run_commit(writer, fixture(), &path, why), 0);
	assert_string_equal(path, in_folder("run-3"));
	assert_same_run(path);
	assert_int_equal(entries(in_folder("run")), 1);
	assert_int_equal(entries(folder), 3);
	free(path);
}

/* One that is shown as run-2.partial takes run-2, or else run-3: not run-2-2. */
static void test_a_name_taken_twice(void **state)
{
	struct run_folder partial;

	(void)state;
	assert_int_equal(mkdir(in_folder("run.partial"), 0777), 0);
	write_file(in_folder("run.partial/theirs"), "x", 1);
	assert_int_equal(run_folder_create(&partial, in_folder("run"), why), 0);
	assert_int_equal(run_folder_show(&partial, why), 0);
	assert_string_equal(partial.path, in_folder("run-2"));
	assert_int_equal(mkdir(in_folder("run-2"), 0777), 0);
	write_file(in_folder("run-2/theirs"), "x", 1);
	assert_int_equal(run_folder_commit(&partial, why), 0);
	assert_string_equal(partial.path, in_folder("run-3"));
	run_folder_free(&partial);
}

static void test_many_arrays_need_few_open_files(void **state)
{
	const struct rlimit few = {16, 16};
	struct rlimit before;
	struct histogram *histogram = calloc(1, sizeof(*histogram));
	struct run_writer *writer;
	char name[16];

	(void)state;
	histogram_reset(histogram);
	histogram_add(histogram, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(run_create(in_folder("run"), &writer, why), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){few.rlim_cur, before.rlim_max}),
			 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(run_add_histogram(writer, name, 0, 0, 0, 0, histogram, why), 0);
	}
	assert_int_equal(run_commit(writer, fixture(), NULL, why), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(entries(in_folder("run/histograms")), 100);
	free(histogram);
}

static void test_numbers_that_json_lacks_are_null(void **state)
{
	struct run_leg leg = {.site = "guest",
			      .all = {.count = 1, .p50 = NAN, .max = INFINITY, .mean = 0.1}};
	json_t *json;
	char *text;

	(void)state;
	leg.ci_low = NAN;
	json = run_leg_json(&leg);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
	assert_non_null(text);
	assert_non_null(strstr(text, "\"p50\":null"));
	assert_non_null(strstr(text, "\"max\":null"));
	assert_non_null(strstr(text, "\"mean\":0.1,"));
	assert_non_null(strstr(text, "\"p50_ci95\":null"));
	free(text);
	json_decref(json);
	leg.ci_low = 1;
	leg.ci_high = 2;
	json = run_leg_json(&leg);
	assert_int_equal(json_array_size(json_object_get(json, "p50_ci95")), 2);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_written_is_read),
		TEST(test_folders_above_are_made),
		TEST(test_an_empty_folder_is_taken),
		TEST(test_what_is_there_is_not_touched),
		TEST(test_the_current_folder_is_refused),
		TEST(test_an_abort_leaves_nothing),
		TEST(test_an_abort_leaves_what_others_put_there),
		TEST(test_before_the_commit_there_is_no_run),
		TEST(test_what_no_reader_would_take_is_not_written),
		TEST(test_schema_and_samples_are_the_writers),
		TEST(test_a_full_disk_leaves_nothing),
		TEST(test_a_folder_that_cannot_be_written_to),
		TEST(test_a_name_taken_meanwhile),
		TEST(test_a_name_taken_twice),
		TEST(test_many_arrays_need_few_open_files),
		TEST(test_numbers_that_json_lacks_are_null),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
