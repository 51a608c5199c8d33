// SPDX-License-Identifier: GPL-2.0-or-later
/* run.json that is damaged, hostile, or newer than this reader. */
#include "run_fixture.h"

#include <math.h>

static int try_json(const char *text)
{
	write_file(in_folder("run.json"), text, strlen(text));
	return try_open(folder);
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

static const struct {
	const char *text;
	int error;
	const char *words;
} damaged[] = {
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
	{"{\"schema\": \"exitstorm-run/1\", \"storms\": []}", -EBADMSG, "target is missing"},
	{"{\"schema\": \"exitstorm-run/1\", \"target\": {\"name\": \"kvm\"}}", -EBADMSG,
	 "target.clock"},
	{HEAD "\"x\": 0}", -EBADMSG, "storms is missing"},
	{HEAD "\"storms\": {}}", -EBADMSG, "storms is missing or is not an array"},
	{HEAD "\"storms\": [7]}", -EBADMSG, "storms[0] is not an object"},
	{HEAD "\"storms\": [{}]}", -EBADMSG, "storms[0].name"},
	{HEAD "\"storms\": [{\"name\": \"../x\"}]}", -EBADMSG, "storms[0].name cannot be"},
	{HEAD "\"storms\": [{\"name\": \"\"}]}", -EBADMSG, "storms[0].name cannot be"},
	{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": 1}]}", -EBADMSG, "storm a.kind"},
	{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": \"io\", \"status\": \"fine\"}]}", -EBADMSG,
	 "storm a.status is none of"},
	{HEAD "\"storms\": [" TWICE ", " TWICE "]}", -EBADMSG, "storm.a is there twice"},
	{HEAD "\"storms\": [{\"name\": \"a\", \"kind\": \"io\", \"status\": \"skipped\", "
	      "\"legs\": {\"exit\": {}}}]}",
	 -EBADMSG, "although nothing was measured"},
	{STORM("\"x\": 0"), -EBADMSG, "storm a.legs is missing"},
	{STORM("\"legs\": []"), -EBADMSG, "storm a.legs is missing or is not an object"},
	{STORM("\"legs\": {\"exit\": 1}"), -EBADMSG, "storm a.legs.exit is not an object"},
	{STORM("\"legs\": {\"exit\": {}}"), -EBADMSG, "legs.exit.site"},
	{STORM("\"legs\": {}, \"why\": 1"), -EBADMSG, "storm a.why"},
	{STORM("\"legs\": {}, \"samples\": \"../../etc/passwd\""), -EBADMSG, "out of the run"},
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
	{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}}}"), -EBADMSG,
	 "legs.exit.clean is missing"},
	{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}, "
	       "\"clean\": {\"count\": 0}, \"p50_ci95\": [1]}}"),
	 -EBADMSG, "p50_ci95 is neither"},
	{STORM("\"legs\": {\"exit\": {\"site\": \"guest\", \"all\": {\"count\": 0}, "
	       "\"clean\": {\"count\": 0}, \"p50_ci95\": [2, 1]}}"),
	 -EBADMSG, "wrong way round"},
};

static void test_damaged_json_is_refused_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		assert_int_equal(try_json(damaged[i].text), damaged[i].error);
		assert_says(why, damaged[i].words);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_damaged_json_is_refused_in_words),
		TEST(test_what_is_not_known_is_ignored),
		TEST(test_deep_json_is_refused),
		TEST(test_brackets_in_strings_are_no_depth),
		TEST(test_huge_json_is_refused),
		TEST(test_truncated_everywhere_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
