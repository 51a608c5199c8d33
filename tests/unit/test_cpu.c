// SPDX-License-Identifier: GPL-2.0-or-later
/* CPU generations by signature, names of hypervisors, the rate of the TSC. */
#include "machine_folder.h"

#include "../../bench/machine/cpu.h"
#include "../../bench/machine/environment.h"

static void assert_generation(const char *vendor, unsigned int eax, const char *microarchitecture,
			      const char *codename)
{
	const char *got_microarchitecture, *got_codename;
	unsigned int family, model, stepping;

	cpu_signature(eax, &family, &model, &stepping);
	assert_true(cpu_generation(vendor, family, model, stepping, &got_microarchitecture,
				   &got_codename));
	assert_string_equal(got_microarchitecture, microarchitecture);
	if (codename)
		assert_string_equal(got_codename, codename);
	else
		assert_null(got_codename);
}

/* CPUID.1:EAX of machines that were seen. */
static void test_generation_of_known_signatures(void **state)
{
	(void)state;
	assert_generation("GenuineIntel", 0x106a5, "Nehalem", "Nehalem-EP");
	assert_generation("GenuineIntel", 0x206a7, "Sandy Bridge", "Sandy Bridge");
	assert_generation("GenuineIntel", 0x50654, "Skylake", "Skylake-SP");
	assert_generation("GenuineIntel", 0x50657, "Skylake", "Cascade Lake");
	assert_generation("GenuineIntel", 0x5065b, "Skylake", "Cooper Lake");
	assert_generation("GenuineIntel", 0x606a6, "Sunny Cove", "Ice Lake-SP");
	assert_generation("GenuineIntel", 0x806f8, "Golden Cove", "Sapphire Rapids");
	assert_generation("GenuineIntel", 0xc06f2, "Raptor Cove", "Emerald Rapids");
	assert_generation("AuthenticAMD", 0x800f12, "Zen", "Naples / Summit Ridge");
	assert_generation("AuthenticAMD", 0x830f10, "Zen 2", "Rome / Castle Peak");
	assert_generation("AuthenticAMD", 0xa00f11, "Zen 3", "Milan");
	assert_generation("AuthenticAMD", 0xa10f11, "Zen 4", "Genoa");
	assert_generation("AuthenticAMD", 0xb00f21, "Zen 5", "Turin");
	assert_generation("AuthenticAMD", 0xb40f40, "Zen 5", "Granite Ridge");
}

static void test_extended_family_is_added(void **state)
{
	unsigned int family, model, stepping;

	(void)state;
	cpu_signature(0x400f10, &family, &model, &stepping); /* Intel's families above 15 */
	assert_int_equal(family, 19);
	assert_int_equal(model, 1);
	cpu_signature(0x00a20f12, &family, &model, &stepping);
	assert_int_equal(family, 25);
	assert_int_equal(model, 33);
	assert_int_equal(stepping, 2);
}

static void test_range_without_name_still_has_its_generation(void **state)
{
	(void)state;
	assert_generation("GenuineIntel", 0x50655, "Skylake", NULL);
	assert_generation("AuthenticAMD", 0xa30f00, "Zen 3", NULL);
}

static void test_unknown_cpu_has_no_name(void **state)
{
	const char *microarchitecture = "", *codename = "";

	(void)state;
	assert_false(cpu_generation("GenuineIntel", 6, 0xff, 0, &microarchitecture, &codename));
	assert_null(microarchitecture);
	assert_null(codename);
	assert_false(cpu_generation("AuthenticAMD", 6, 0xcf, 2, &microarchitecture, &codename));
	assert_false(cpu_generation("", 0, 0, 0, &microarchitecture, &codename));
}

static void test_hypervisor_names(void **state)
{
	(void)state;
	assert_string_equal(cpu_hypervisor_name("KVMKVMKVM"), "KVM");
	assert_string_equal(cpu_hypervisor_name("Microsoft Hv"), "Hyper-V");
	assert_string_equal(cpu_hypervisor_name("bhyve bhyve "), "bhyve");
	assert_null(cpu_hypervisor_name("KVM"));
	assert_null(cpu_hypervisor_name(""));
}

static void test_tsc_rate_agrees_with_the_clock(void **state)
{
	const char *source;
	double hz = cpu_tsc_hz(&source);

	(void)state;
	assert_true(hz > 1e8 && hz < 1e10);
	assert_non_null(source);
	assert_true(environment_tsc_hz() == hz);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generation_of_known_signatures),
		cmocka_unit_test(test_extended_family_is_added),
		cmocka_unit_test(test_range_without_name_still_has_its_generation),
		cmocka_unit_test(test_unknown_cpu_has_no_name),
		cmocka_unit_test(test_hypervisor_names),
		cmocka_unit_test(test_tsc_rate_agrees_with_the_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
