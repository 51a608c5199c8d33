// SPDX-License-Identifier: GPL-2.0-or-later
/* The hypervisor below the machine, in the notes of a table and in the paragraph on methods. */
#include "show_run.h"

#include "../../analysis/show/methods.h"

#define BELOW(confidential, features)                                                 \
	"\"below\":{\"by\":\"cpuid\",\"confidential\":" confidential                  \
	",\"confidential_by\":\"X\",\"apic\":\"x2apic\",\"features\":{" features "}," \
	"\"topology\":{\"vcpus\":2,\"cores\":1,\"packages\":1}},\"kernel\""

/* The run with host.below, in place of its member `kernel`. */
static void load_below(const char *json, const char *below)
{
	const char *at = strstr(json, "\"kernel\"");
	char all[8192];

	assert_non_null(at);
	snprintf(all, sizeof(all), "%.*s%s%s", (int)(at - json), json, below,
		 at + strlen("\"kernel\""));
	load(all);
}

static void test_hypervisor_below_is_described(void **state)
{
	(void)state;
	load_below(RUN("both", STORM("pio_out", "io", "3", SPLIT)),
		   BELOW("\"tdx\"", "\"Xen\":{\"tsc_emulated\":1},\"KVM\":{\"a\":1,\"b\":1}"));
	show(TABLE_TEXT, 200);
	has("Below: Xen, found by cpuid; 2 vCPUs on 1 core in 1 package; APIC mode x2apic; "
	    "a confidential VM: tdx (X); it advertises: Xen tsc_emulated; KVM a b.\n");
}

static void test_methods_name_the_hypervisor_below(void **state)
{
	size_t size;
	FILE *out;

	(void)state;
	load_below(RUN("both", STORM("pio_out", "io", "3", SPLIT)),
		   BELOW("\"none\"", "\"KVM\":{\"a\":1}"));
	out = open_memstream(&text, &size);
	assert_non_null(out);
	assert_int_equal(show_methods(run, out, 2000), 0);
	fclose(out);
	has("The hypervisor below, as the machine sees it: Xen, found by cpuid; 2 vCPUs on 1 core "
	    "in 1 package; APIC mode x2apic; not a confidential VM; it advertises: KVM a. ");
}

static void test_hypervisor_below_without_features(void **state)
{
	(void)state;
	load_below(RUN("both", STORM("pio_out", "io", "3", SPLIT)), BELOW("null", ""));
	show(TABLE_TEXT, 200);
	has("; not known whether the VM is confidential; it advertises no feature that changes "
	    "exits.\n");
}

static void test_emulator_does_not_depend_on_the_hypervisor_below(void **state)
{
	(void)state;
	load_below(RUN_ON("instructions", "true", "both", STORM("pio_out", "io", "3", SPLIT)),
		   BELOW("\"none\"", ""));
	show(TABLE_TEXT, 200);
	assert_null(strstr(text, "Below:"));
}

#define TEST(name) cmocka_unit_test_teardown(name, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hypervisor_below_is_described),
		TEST(test_methods_name_the_hypervisor_below),
		TEST(test_hypervisor_below_without_features),
		TEST(test_emulator_does_not_depend_on_the_hypervisor_below),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
