// SPDX-License-Identifier: GPL-2.0-or-later
#include "show_run.h"

static void test_title_says_what_was_measured_where(void **state)
{
	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT)));
	show(TABLE_TEXT, 80);
	has("kvm target, guest at CPL 3, run natively\n");
	has("on A CPU, under Xen\n");
	has("clock: TSC at 2.000 GHz, 1,000 ticks = 500 ns; n = 20 x 5 repeats, 1 vCPU\n");
	has("settings: stamps=both\n");
}

static void test_legs_stand_beside_the_round_trip(void **state)
{
	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT)));
	show(TABLE_TEXT, 80);
	has("Exits to userspace - exit: until KVM_RUN returns; resume: from the next KVM_RUN\n");
	has("storm       p50     time  +-%  p99  p99.9   exit");
	/* sqrt(10101 / 9900) - 1 = 1.0 % */
	has("pio_out  10,000  5.00 us  1.0    -      -  4,000");
	has("4,000       70   5,900       52");
}

static void test_one_column_never_has_two_sites(void **state)
{
	const char *user, *kernel, *head;

	(void)state;
	load(RUN("both", STORM("cpuid", "cpuid", "3", PIO) "," STORM("pio_out", "io", "3", SPLIT)));
	show(TABLE_TEXT, 80);
	user = strstr(text, "Exits to userspace");
	kernel = strstr(text, "Instructions - handled in the kernel: round trip only");
	assert_true(user && kernel && user < kernel);
	/* A second head, without exit, handler and resume. */
	head = strstr(user, "\nstorm");
	assert_true(head && head < kernel && strncmp(strchr(head + 1, '\n') + 1, kernel, 12) == 0);
	assert_null(strstr(head, "resume  "));
	has("Missing legs: exit, handler and resume of exits that KVM handles in the kernel.");
}

/* Storms of one kind, subject and target differ by the site and the leg. */
static void test_groups_differ_by_site_and_by_leg(void **state)
{
	static const char *const title[] = {
		"Exits to userspace - exit: until KVM_RUN returns; resume: from the next KVM_RUN",
		"Ports and MMIO - exit and resume end at KVM's tracepoints",
		"Ports and MMIO - exit and resume are the hardware's: stamps next to VMRUN",
		"Ports and MMIO - handled in the kernel: round trip only",
		"Ports and MMIO - guest_visit: from VM entry (host_out) to the next exit (host_in)",
		"Ports and MMIO - period: a batch's ticks divided by its operations",
	};

	(void)state;
	load(RUN(
		"both",
		STORM("a", "io", "3", SPLIT) "," STORM("b", "io", "3", LEG("exit", "kvm-tracepoint", "40", "null") "," PIO) "," STORM(
			"c", "io", "3",
			LEG("resume", "svm-asm", "40",
			    "null") "," PIO) "," STORM("d", "io", "3",
						       PIO) "," STORM("e", "io", "3",
								      LEG("handler", "kvm-ioctl", "40", "null") "," LEG(
									      "guest_visit",
									      "kvm-ioctl",
									      "50",
									      "null")) "," STORM("f",
												 "i"
												 "o",
												 "3",
												 LEG("period",
												     "guest",
												     "60",
												     "null"))));
	show(TABLE_TEXT, 100);
	for (size_t i = 0; i < sizeof(title) / sizeof(*title); i++) {
		has(title[i]);
		assert_null(strstr(strstr(text, title[i]) + 1, title[i]));
	}
}

#define RAW(name, exits, legs)                                                                    \
	"{\"name\":\"" name "\",\"kind\":\"cr_write\",\"status\":\"measured\",\"why\":null,"      \
	"\"cpl\":0,\"exits\":100,\"expected\":100,\"disturbed\":0,\"lost\":0,"                    \
	"\"exits_per_op\":" exits ",\"control\":{\"round_trip\":52,\"period\":4},\"legs\":{" legs \
	"}}"
#define RUN_RAW(storms)                                                                       \
	"{\"schema\":\"exitstorm-run/1\",\"tool\":{\"version\":\"1.2\",\"commit\":\"abc\"},"  \
	"\"target\":{\"name\":\"bochs\",\"backend\":\"vmx\",\"clock\":\"instructions\","      \
	"\"emulated\":true},\"host\":{\"cpu\":{\"brand\":\"A CPU\"}},\"settings\":{"          \
	"\"stamps\":\"both\"},\"plan\":{\"exits\":20,\"repeats\":5,\"vcpus\":1,\"warmup\":3," \
	"\"cpus\":[1]},\"storms\":[" storms "]}"
#define ASM_LEGS                                \
	LEG("handler", "vmx-asm", "70", "null") \
	"," LEG("resume", "vmx-asm", "59", "null") "," PIO

static void test_raw_lacks_the_legs_of_several_exits_only(void **state)
{
	(void)state;
	load(RUN_RAW(RAW("clts", "2", PIO) "," RAW("nmi", "1", ASM_LEGS)));
	show(TABLE_TEXT, 80);
	has("Missing legs: exit, handler and resume of operations that make several exits,");
	has_not("KVM");
}

static void test_raw_says_nothing_where_no_leg_is_missing(void **state)
{
	(void)state;
	/* An NMI is made by no instruction, so it has no exit leg. */
	load(RUN_RAW(RAW("nmi", "1", ASM_LEGS)));
	show(TABLE_TEXT, 80);
	has_not("Missing legs");
}

static void test_baselines_come_first(void **state)
{
	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT) "," STORM(
				 "null", "none", "3", LEG("round_trip", "guest", "4", "null"))));
	show(TABLE_TEXT, 80);
	assert_true(strstr(text, "null  ") < strstr(text, "pio_out  "));
}

/* Every exit kind of hv has a subject, but for those that no guest causes. */
static void test_every_kind_has_a_subject(void **state)
{
	static const char *const kinds[] = {
#define EXIT(id, name, text) name,
#include "../../hv/exits.def"
	};
	static const char *const without[] = {"shutdown", "error", "ferr_freeze", "other"};
	char json[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		bool others = false;

		for (size_t j = 0; j < sizeof(without) / sizeof(*without); j++)
			others |= !strcmp(kinds[i], without[j]);
		snprintf(json, sizeof(json), RUN("guest", STORM("s", "%s", "3", PIO)), kinds[i]);
		load(json);
		show(TABLE_TEXT, 80);
		if (!strstr(text, "\nOthers - ") != !others)
			fail_msg("\"%s\" is among the others: %d\n%s", kinds[i], !others, text);
		unload(NULL);
	}
}

static void test_more_than_one_mode_is_told(void **state)
{
	const char *const modes[] = {
		"[{\"p50\":49600,\"share\":1}]",
		"[{\"p50\":49600,\"share\":0.712},{\"p50\":59000,\"share\":0.288}]"};

	(void)state;
	for (int two = 0; two < 2; two++) {
		json_t *legs;

		load(RUN("both", STORM("pio_out", "io", "3", PIO)));
		legs = json_object_get(run->storm[0].json, "legs");
		json_object_set_new(json_object_get(legs, "round_trip"), "modes",
				    json_loads(modes[two], 0, NULL));
		show(TABLE_TEXT, 200);
		if (two)
			has("More than one mode: pio_out 49,600 (71 %), 59,000 (29 %). Their p50 "
			    "is of "
			    "all of them.\n");
		else
			has_not("mode:");
		unload(NULL);
	}
}

static void test_first_operations_are_told(void **state)
{
	(void)state;
	load(RUN("both",
		 STORM("cpuid", "cpuid", "3", PIO "," LEG("first", "guest", "10740", "null"))));
	show(TABLE_TEXT, 200);
	has("First of a batch (leg first; in the figures): p50 up to 7.4 % above all, in cpuid, of "
	    "which they are 100.0 %.\n");
	unload(NULL);
	load(RUN("both",
		 STORM("cpuid", "cpuid", "3", PIO "," LEG("first", "guest", "10050", "null"))));
	show(TABLE_TEXT, 200);
	has_not("First of a batch");
}

static void test_storms_without_a_figure_give_their_reason(void **state)
{
	(void)state;
	load(RUN("both", NONE("mov_cr3", "no_exit", "no exits") "," NONE(
				 "vmcall", "skipped",
				 "hangs") "," NONE("invlpg", "no_exit",
						   "no exits") "," NONE("ud2", "failed",
									"20 exits, 21 were "
									"expected\\u001b")));
	show(TABLE_TEXT, 80);
	has("No exit for each operation, so no figure (in");
	has_not("\nstorm"); /* no table */
	has("  mov_cr3, invlpg: no exits\n");
	has("Skipped:\n  vmcall: hangs\n");
	has("FAILED:\n  ud2: 20 exits, 21 were expected?\n");
	has_not("p50, p99");
}

static void test_an_emulated_clock_is_said_and_is_no_time(void **state)
{
	(void)state;
	load(RUN_ON("instructions", "true", "both", STORM("pio_out", "io", "3", SPLIT)));
	show(TABLE_TEXT, 80);
	has("clock: EMULATED: one tick is one instruction, not time; n = 20");
	has_not(".00 us");
	has_not("GHz");
	unload(NULL);
	load(RUN_ON("instructions", "true", "both", STORM("pio_out", "io", "3", SPLIT)));
	show(TABLE_LATEX, 0);
	has("EMULATED");
}

static void test_without_stamps_the_period_is_shown_as_such(void **state)
{
	(void)state;
	load(RUN("off", STORM("pio_out", "io", "3", LEG("period", "guest", "21000", CI))));
	show(TABLE_TEXT, 80);
	has("period: a batch's ticks divided by its operations\n");
	has("21,000");
	has("stamps=off: the mean of each batch only. --set stamps=both gives the legs.");
	/* The control's period, not its round trip. */
	has("      4  100\n");
}

static void test_one_repeat_has_no_interval(void **state)
{
	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", LEG("round_trip", "guest", "10000", "null"))));
	show(TABLE_TEXT, 80);
	has("5.00 us    -    -");
	has("interval.");
	has("p99 is - where most repeats have fewer than 1,000 records");
	has_not("+-%: half");
}

static void test_no_line_is_longer_than_the_width(void **state)
{
	(void)state;
	load(RUN("both", STORM("x2apic_self_ipi_tpr_sti_hlt", "io", "3", SPLIT) "," STORM(
				 "x2apic_self_ipi_tpr_sti_nop", "timer", "0",
				 PIO) "," NONE("mov_cr3", "no_exit",
					       "a reason that is long enough to be wrapped at "
					       "every width that is tried here")));
	for (int width = 64; width < 140; width++) {
		show(TABLE_TEXT, width);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			if (strlen(line) > (size_t)width)
				fail_msg("longer than %d: %s", width, line);
		free(text);
		text = NULL;
	}
}

static void test_an_empty_run(void **state)
{
	(void)state;
	load(RUN("both", ""));
	for (int form = TABLE_TEXT; form <= TABLE_LATEX; form++) {
		show(form, 80);
		free(text);
		text = NULL;
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_title_says_what_was_measured_where),
		TEST(test_legs_stand_beside_the_round_trip),
		TEST(test_one_column_never_has_two_sites),
		TEST(test_groups_differ_by_site_and_by_leg),
		TEST(test_raw_lacks_the_legs_of_several_exits_only),
		TEST(test_raw_says_nothing_where_no_leg_is_missing),
		TEST(test_baselines_come_first),
		TEST(test_every_kind_has_a_subject),
		TEST(test_more_than_one_mode_is_told),
		TEST(test_first_operations_are_told),
		TEST(test_storms_without_a_figure_give_their_reason),
		TEST(test_an_emulated_clock_is_said_and_is_no_time),
		TEST(test_without_stamps_the_period_is_shown_as_such),
		TEST(test_one_repeat_has_no_interval),
		TEST(test_no_line_is_longer_than_the_width),
		TEST(test_an_empty_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
