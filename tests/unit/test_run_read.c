// SPDX-License-Identifier: GPL-2.0-or-later
/* Run folders that are whole, and all the ways in which one may not be. */
#include "folder.h"

#include <errno.h>
#include <math.h>

#include "../../results/run.h"

#define FIXTURE "tests/data/run" /* made up; its arrays were written by NumPy */

static char why[RUN_WHY];

static int try_open(const char *path)
{
	struct run *run;
	int error;

	why[0] = 0;
	alarm(60); /* a FIFO must not block */
	error = run_open(path, &run, why);
	alarm(0);
	if (!error)
		run_close(run);
	else
		assert_true(why[0]);
	return error;
}

static int try_json(const char *text)
{
	write_file(in_folder("run.json"), text, strlen(text));
	return try_open(folder);
}

static json_t *fixture(void)
{
	json_t *json = json_load_file(FIXTURE "/run.json", 0, NULL);

	assert_non_null(json);
	return json;
}

static void save(json_t *json)
{
	assert_int_equal(json_dump_file(json, in_folder("run.json"), JSON_ENCODE_ANY), 0);
	json_decref(json);
}

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

#define HEAD                                                                                     \
	"{\"schema\": \"exitstorm-run/1\", \"target\": {\"name\": \"kvm\", \"clock\": \"tsc\", " \
	"\"emulated\": false}, "
#define STORM(rest)                                                                        \
	HEAD "\"storms\": [{\"name\": \"a\", \"kind\": \"io\", \"status\": \"measured\", " \
	     "\"exits\": 1, \"expected\": 1, \"disturbed\": 0, \"lost\": 0, " rest "}]}"
#define LEG(stats)                                                          \
	STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {" stats \
	      "}, \"clean\": {\"count\": 0}}}")
#define TWICE "{\"name\": \"a\", \"kind\": \"io\", \"status\": \"no_exit\"}"

static void test_damaged_json_is_refused_in_words(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *words;
	} rows[] = {
		{"", -EBADMSG, "run.json: line 1"},
		{"\x7f\x45LF", -EBADMSG, "run.json: line 1"},
		{"null", -EBADMSG, "run.json: "},
		{"[]", -EBADMSG, "is not an object"},
		{"{\"a\": 1, \"a\": 2}", -EBADMSG, "duplicate"},
		{"{}", -EBADMSG, "does not say that it is an exitstorm run"},
		{"{\"schema\": 1}", -EBADMSG, "does not say that it is an exitstorm run"},
		{"{\"schema\": \"exitstorm-run/2\"}", -EPROTONOSUPPORT,
		 "format exitstorm-run/2, this exitstorm reads exitstorm-run/1"},
		{"{\"schema\": \"exitstorm-run/\\n\\u001b[2J\"}", -EPROTONOSUPPORT, "\\n\\x1b[2J"},
		{"{\"schema\": \"exitstorm-run/1\", \"storms\": []}", -EBADMSG,
		 "target is missing"},
		{"{\"schema\": \"exitstorm-run/1\", \"target\": {\"name\": \"kvm\"}}", -EBADMSG,
		 "target.clock"},
		{HEAD "\"x\": 0}", -EBADMSG, "storms is missing"},
		{HEAD "\"storms\": {}}", -EBADMSG, "storms is missing or is not an array"},
		{HEAD "\"storms\": [7]}", -EBADMSG, "storms[0] is not an object"},
		{HEAD "\"storms\": [{}]}", -EBADMSG, "storms[0].name"},
		{HEAD "\"storms\": [{\"name\": \"../x\"}]}", -EBADMSG, "storms[0].name cannot be"},
		{HEAD "\"storms\": [{\"name\": \"\"}]}", -EBADMSG, "storms[0].name cannot be"},
		{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": 1}]}", -EBADMSG, "storm a.kind"},
		{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": \"io\", \"status\": \"fine\"}]}",
		 -EBADMSG, "storm a.status is none of"},
		{HEAD "\"storms\": [" TWICE ", " TWICE "]}", -EBADMSG, "storm.a is there twice"},
		{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": \"io\", \"status\": \"skipped\", "
		      "\"legs\": {\"exit\": {}}}]}",
		 -EBADMSG, "although nothing was measured"},
		{STORM("\"x\": 0"), -EBADMSG, "storm a.legs is missing"},
		{STORM("\"legs\": []"), -EBADMSG, "storm a.legs is missing or is not an object"},
		{STORM("\"legs\": {\"exit\": 1}"), -EBADMSG, "storm a.legs.exit is not an object"},
		{STORM("\"legs\": {\"exit\": {}}"), -EBADMSG, "legs.exit.site"},
		{STORM("\"legs\": {}, \"why\": 1"), -EBADMSG, "storm a.why"},
		{STORM("\"legs\": {}, \"samples\": \"../../etc/passwd\""), -EBADMSG,
		 "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"/etc/passwd\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"a/../../b\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"a/..\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"a//b\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"a/\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": \"\""), -EBADMSG, "out of the run"},
		{STORM("\"legs\": {}, \"samples\": 3"), -EBADMSG, "samples is not a string"},
		{LEG("\"min\": 1"), -EBADMSG, "legs.exit.all.count is missing"},
		{LEG("\"count\": -1"), -EBADMSG, "all.count is negative"},
		{LEG("\"count\": 1.5"), -EBADMSG, "all.count is not a count"},
		{LEG("\"count\": \"1\""), -EBADMSG, "all.count is not a count"},
		{LEG("\"count\": 1e300"), -EBADMSG, "all.count is not a count"},
		{LEG("\"count\": 99999999999999999999"), -EBADMSG, "too big integer"},
		{LEG("\"count\": 1, \"p50\": \"5\""), -EBADMSG, "all.p50 is not a number"},
		{LEG("\"count\": 1, \"p50\": -5"), -EBADMSG, "all.p50 is out of range"},
		{LEG("\"count\": 1, \"p50\": 1e30"), -EBADMSG, "all.p50 is out of range"},
		{LEG("\"count\": 1, \"p50\": 1e999"), -EBADMSG, "real number overflow"},
		{LEG("\"count\": 1, \"p50\": NaN"), -EBADMSG, "invalid token"},
		{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}}}"),
		 -EBADMSG, "legs.exit.clean is missing"},
		{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}, "
		       "\"clean\": {\"count\": 0}, \"p50_ci95\": [1]}}"),
		 -EBADMSG, "p50_ci95 is neither"},
		{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}, "
		       "\"clean\": {\"count\": 0}, \"p50_ci95\": [2, 1]}}"),
		 -EBADMSG, "wrong way round"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(try_json(rows[i].text), rows[i].error);
		assert_says(why, rows[i].words);
		assert_says(why, folder);
	}
}

static void test_what_is_not_known_is_ignored(void **state)
{
	struct run *run;

	(void)state;
	assert_int_equal(try_json(LEG("\"count\": 3.0, \"p50\": null, \"p12345\": \"x\"")), 0);
	assert_int_equal(run_open(folder, &run, why), 0);
	assert_int_equal(run->storm[0].leg[LEG_EXIT].all.count, 3);
	assert_true(isnan(run->storm[0].leg[LEG_EXIT].all.p50));
	assert_true(isnan(run->storm[0].leg[LEG_EXIT].ci_low));
	run_close(run);
	assert_int_equal(try_json(STORM("\"new\": {}, \"legs\": {\"warp\": 3}")), 0);
	assert_int_equal(try_json(HEAD "\"future\": [1], \"storms\": []}"), 0);
}

static void test_deep_json_is_refused(void **state)
{
	enum { DEEP = 100000 };
	char *text = malloc(DEEP + 1);

	(void)state;
	memset(text, '[', DEEP);
	text[DEEP] = 0;
	assert_int_equal(try_json(text), -EBADMSG);
	assert_says(why, "nested deeper than 64");
	for (int i = 0; i < DEEP / 4; i++)
		memcpy(text + i * 4, "{\"\":", 4);
	assert_int_equal(try_json(text), -EBADMSG);
	assert_says(why, "nested deeper than 64");
	free(text);
}

static void test_brackets_in_strings_are_no_depth(void **state)
{
	static const char start[] = HEAD "\"x\": \"\\\"", end[] = "\", \"storms\": []}";
	char text[sizeof(start) + 1000 + sizeof(end)];

	(void)state;
	memcpy(text, start, sizeof(start) - 1);
	memset(text + sizeof(start) - 1, '[', 1000);
	memcpy(text + sizeof(start) - 1 + 1000, end, sizeof(end));
	assert_int_equal(try_json(text), 0);
}

static void test_huge_json_is_refused(void **state)
{
	enum { MANY = 10 << 20 };
	char *text = malloc(MANY + 1);

	(void)state;
	for (int i = 0; i < MANY; i += 2)
		memcpy(text + i, "0,", 2);
	text[0] = '[';
	text[1] = '0';
	text[MANY] = 0;
	assert_int_equal(try_json(text), -EFBIG);
	assert_says(why, "more than 4194304 values");
	free(text);
	assert_int_equal(truncate(in_folder("run.json"), (64 << 20) + 1), 0);
	assert_int_equal(try_open(folder), -EFBIG);
	assert_says(why, "larger than 64 MiB");
}

static void test_truncated_everywhere_is_refused(void **state)
{
	size_t size;
	char *text = read_file(FIXTURE "/run.json", &size);

	(void)state;
	for (size_t cut = 0; cut < size - 2; cut += 1 + cut / 100) {
		write_file(in_folder("run.json"), text, cut);
		assert_int_equal(try_open(folder), -EBADMSG);
	}
	free(text);
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
	assert_says(why, "run.json: is not a file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_int_equal(try_open(folder), -EBADMSG);
	assert_says(why, "run.json: is not a file");
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

/* Reads pio_out's arrays of the run in the folder. */
static int read_arrays(bool samples)
{
	struct run *run;
	int calls = 0, error;

	assert_int_equal(run_open(folder, &run, why), 0);
	why[0] = 0;
	alarm(60);
	error = samples ? run_samples(run, "pio_out", count_record, &calls, why)
			: run_histogram(run, "pio_out", count_row, &calls, why);
	alarm(0);
	run_close(run);
	if (error)
		assert_true(why[0]);
	return error ? error : calls;
}

static void test_arrays_that_are_missing_or_lead_away(void **state)
{
	(void)state;
	save(fixture());
	assert_int_equal(read_arrays(false), -ENOENT);
	assert_says(why, "histograms/pio_out.npy is missing");
	assert_int_equal(symlink("/etc", in_folder("samples")), 0);
	assert_int_equal(read_arrays(true), -ENOTDIR);
	unlink(in_folder("samples"));
	assert_int_equal(mkdir(in_folder("samples"), 0777), 0);
	assert_int_equal(symlink("/etc/passwd", in_folder("samples/pio_out.npy")), 0);
	assert_int_equal(read_arrays(true), -ELOOP);
	unlink(in_folder("samples/pio_out.npy"));
	assert_int_equal(mkfifo(in_folder("samples/pio_out.npy"), 0666), 0);
	assert_int_equal(read_arrays(true), -EBADMSG);
	assert_says(why, "not a file");
}

/* Cut to what a file system takes it would be the name of another file. */
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
		TEST(test_a_whole_run),
		TEST(test_values_by_path),
		TEST(test_the_callback_ends_the_reading),
		TEST(test_damaged_json_is_refused_in_words),
		TEST(test_what_is_not_known_is_ignored),
		TEST(test_deep_json_is_refused),
		TEST(test_brackets_in_strings_are_no_depth),
		TEST(test_huge_json_is_refused),
		TEST(test_truncated_everywhere_is_refused),
		TEST(test_folders_that_are_none),
		TEST(test_run_json_that_is_no_file),
		TEST(test_names_that_do_not_print),
		TEST(test_arrays_that_are_missing_or_lead_away),
		TEST(test_a_name_too_long_is_not_cut),
		TEST(test_arrays_of_the_wrong_kind),
		TEST(test_rows_are_checked),
		TEST(test_storms_that_are_not_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
