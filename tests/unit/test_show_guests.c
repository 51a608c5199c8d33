// SPDX-License-Identifier: GPL-2.0-or-later
/* The guests of storms, in the title or in columns. */
#include "show_run.h"

static void test_cpl_only_where_it_differs(void **state)
{
	(void)state;
	load(RUN("both", STORM("a", "io", "3", SPLIT) "," STORM("b", "io", "3", SPLIT)));
	show(TABLE_TEXT, 80);
	has_not("cpl ");
	unload(NULL);
	load(RUN("both", STORM("a", "io", "3", SPLIT) "," STORM("b", "io", "0", SPLIT)));
	show(TABLE_TEXT, 80);
	has("storm  cpl");
	has("a        3");
	has("b        0");
}

/* The guests that were measured, not the one that target{} has planned (CPL 3, native). */
static void test_title_and_columns_have_the_storms_guests(void **state)
{
	(void)state;
	load(RUN("both", GUEST("hlt", "measured", "0", "false", FIGURE)));
	show(TABLE_TEXT, 80);
	has("kvm target, guest at CPL 0, interpreted\n");
	has_not("CPL 3");
	has_not("mode");
	unload(NULL);
	load(RUN("both", GUEST("a", "measured", "3", "true", FIGURE) "," GUEST(
				 "b", "measured", "3", "true",
				 FIGURE) "," GUEST("hlt", "measured", "0", "false", FIGURE)));
	show(TABLE_TEXT, 80);
	has("kvm target, guest at CPL 3, run natively; hlt at CPL 0, interpreted\n");
	has("storm  cpl  mode");
	has("a        3  native");
	has("hlt      0  interpreted");
	unload(NULL);
	/* The same level, natively and interpreted; narrow pages keep both columns. */
	load(RUN("both", GUEST("a", "measured", "0", "true",
			       FIGURE) "," GUEST("hlt", "measured", "0", "false", FIGURE)));
	show(TABLE_TEXT, 40);
	has("a      native");
	has("hlt    interpreted");
	unload(NULL);
	/* Operations without an exit have costs, too. */
	load(RUN("both",
		 GUEST("a", "measured", "3", "true", FIGURE) "," GUEST(
			 "b", "no_exit", "0", "false", "\"why\":\"no exits\",\"legs\":{}")));
	show(TABLE_TEXT, 80);
	has("  b, at CPL 0, interpreted: no exits\n");
	unload(NULL);
	load(RUN("both", GUEST("b", "no_exit", "0", "false", "\"why\":\"no exits\",\"legs\":{}")));
	show(TABLE_TEXT, 80);
	has("guest at CPL 0, interpreted\n");
}

static void test_many_other_guests_are_counted(void **state)
{
	char json[8192];
	size_t used = 0;

	(void)state;
	json[0] = 0;
	for (int i = 0; i < 9; i++)
		used += snprintf(json + used, sizeof(json) - used,
				 "%s" GUEST("s%d", "measured", "%d", "true", FIGURE), i ? "," : "",
				 i, i < 5 ? 3 : 0);
	used = strlen(json);
	{
		char run_json[12288];

		snprintf(run_json, sizeof(run_json), RUN("both", "%s"), json);
		load(run_json);
	}
	show(TABLE_TEXT, 80);
	has("guest at CPL 3, run natively; 4 storms at CPL 0, run natively\n");
}

static void test_the_kind_of_kvm_is_in_the_title(void **state)
{
	(void)state;
	load(RUN("both", STORM("pio_out", "io", "3", SPLIT)));
	json_object_set_new(json_object_get(run->json, "target"), "kvm_kind",
			    json_string("kvm-pvm"));
	json_object_set_new(json_object_get(run->json, "target"), "nesting",
			    json_string("guest at L2"));
	for (int form = TABLE_TEXT; form <= TABLE_LATEX; form++) {
		if (form == TABLE_CSV)
			continue;
		show(form, 80);
		has("kvm target (kvm-pvm), guest at CPL 3, run natively, NESTED: guest at L2");
		free(text);
		text = NULL;
	}
	show(TABLE_CSV, 0);
	has(",cpl,mode,kvm_kind,nesting,exit_proof\r\n");
	has(",3,native,kvm-pvm,guest at L2,\r\n");
}

#define TEST(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cpl_only_where_it_differs),
		TEST(test_title_and_columns_have_the_storms_guests),
		TEST(test_many_other_guests_are_counted),
		TEST(test_the_kind_of_kvm_is_in_the_title),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
