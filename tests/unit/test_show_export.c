// SPDX-License-Identifier: GPL-2.0-or-later
/* A run's summary for programs and for papers. */
#include "show_run.h"

#include <errno.h>

#include "../../analysis/show/export.h"
#include "../../analysis/show/methods.h"
#include "../../analysis/show/net.h"

static void test_csv_has_a_line_a_leg_all_and_clean(void **state)
{
	(void)state;
	load(RUN("both",
		 STORM("pio_out", "io", "3", SPLIT) "," NONE("mov_cr3", "no_exit", "why, so")));
	show(TABLE_CSV, 0);
	has("target,clock,storm,kind,status,exits,expected,disturbed,lost,control,leg,site,records,"
	    "count,min,p50,p90,p99,p999,max,mean,stddev,mad,p50_ci95_low,p50_ci95_high,why,"
	    "cpl,mode,kvm_kind,nesting,exit_proof\r\n");
	has("\nkvm,tsc,pio_out,io,measured,100,100,5,0,52,round_trip,guest,all,100,10000,10000,"
	    "10000,"
	    "10000,10000,10000,10000,0,0,9900,10101,,3,native,,,\r\n");
	has("\nkvm,tsc,pio_out,io,measured,100,100,5,0,52,exit,kvm-ioctl,clean,100,4000,");
	has("\nkvm,tsc,mov_cr3,cr_write,no_exit,,,,,,,,,,,,,,,,,,,,,\"why, so\",3,native,,,\r\n");
}

/* Six repeats whose round trips rise and fall together with their controls: the differences are
 * 100. */
#define REPEAT(number, trip, control)                                                   \
	"{\"repeat\":" number ",\"vcpu\":0,\"p50\":{\"round_trip\":9e6,\"control\":0}," \
	"\"p50_clean\":{\"round_trip\":" trip ",\"control\":" control "}}"

static void test_net_is_the_difference_in_each_repeat(void **state)
{
	size_t size;
	FILE *out;

	(void)state;
	load(RUN("both",
		 STORM("pio_out", "io", "3", PIO "," LEG("control", "guest", "40", "null"))));
	json_object_set_new(
		run->storm[0].json, "repeats",
		json_loads("[" REPEAT("0", "140", "40") "," REPEAT("1", "150", "50") "," REPEAT(
				   "2", "190", "90") "," REPEAT("3", "1040",
								"940") "," REPEAT("4", "142",
										  "40") "]",
			   0, NULL));
	out = open_memstream(&text, &size);
	assert_int_equal(show_net(run, out, 200), 0);
	fclose(out);
	has("kvm target, guest at CPL 3, run natively\n");
	has("storm    guest          p50  control  net      95 %   bracket\n");
	/* Trimmed means: of 142, 150, 190; of 40, 50, 90; of three times 100. */
	has("pio_out  CPL 3, native  161       60  100  100..100  100..161\n");
	unload(NULL);
	load(RUN("both", STORM("pio_out", "io", "3", PIO)));
	out = open_memstream(&text, &size);
	assert_int_equal(show_net(run, out, 200), -ENODATA);
	fclose(out);
	assert_string_equal(text, "");
}

static void test_json_is_a_document_of_the_summaries(void **state)
{
	json_t *document, *storm;
	size_t size;
	FILE *out;

	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT) "," NONE("x", "skipped", "w")));
	out = open_memstream(&text, &size);
	assert_int_equal(show_json(run, out), 0);
	fclose(out);
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "schema")),
			    "exitstorm-show/1");
	assert_int_equal(json_array_size(json_object_get(document, "storms")), 2);
	storm = json_array_get(json_object_get(document, "storms"), 0);
	assert_string_equal(json_string_value(json_object_get(storm, "main_leg")), "round_trip");
	assert_int_equal(json_object_size(json_object_get(storm, "legs")), 4);
	storm = json_array_get(json_object_get(document, "storms"), 1);
	assert_true(json_is_null(json_object_get(storm, "main_leg")));
	assert_string_equal(json_string_value(json_object_get(storm, "why")), "w");
	json_decref(document);
}

static void test_methods_say_how_it_was_done(void **state)
{
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT) "," NONE("x", "no_exit", "w")));
	assert_int_equal(show_methods(run, out, 0), 0);
	fclose(out);
	has("exitstorm 1.2 (commit abc) on A CPU, under Xen, kernel 6.1");
	has("was run 5 times, each time in a fresh VM on fresh memory with 1 vCPU, pinned to host "
	    "CPU 1, "
	    "for 20 operations per vCPU after 3 of warm-up");
	has("TSC at 2.000 GHz");
	has("95 % interval is that of a trimmed mean");
	has("5 % were seen to be disturbed");
	has("Without a figure: 1 storm that made no exit here.");
}

#define TEST(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_csv_has_a_line_a_leg_all_and_clean),
		TEST(test_net_is_the_difference_in_each_repeat),
		TEST(test_json_is_a_document_of_the_summaries),
		TEST(test_methods_say_how_it_was_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
