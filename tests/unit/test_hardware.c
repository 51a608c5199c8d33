// SPDX-License-Identifier: GPL-2.0-or-later
/* The verdicts of selftest about hardware, on runs and machines that are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/cli/hardware.h"

static struct hardware_facts facts;
static struct hardware_finding finding;

/* A run of raw VMX on a CPU, with one storm more. */
static json_t *run_with(const char *storm, const char *status, const char *why)
{
	json_t *run =
		json_pack("{s:{s:s, s:s, s:b, s:s, s:{s:s}}, s:{s:n}, s:[{s:s, s:s, s:f, s:i, "
			  "s:{s:{s:{s:f}}}, s:[{s:i}]}, {s:s, s:s, s:s}]}",
			  "target", "name", "module", "backend", "vmx", "emulated", 0, "clock",
			  "tsc", "clock_check", "found", "tsc", "host", "hypervisor", "storms",
			  "name", "vmcall", "status", "measured", "core_cycles_per_tick", 1.25,
			  "disturbed", 3, "legs", "round_trip", "all", "p50", 1500.0, "repeats",
			  "smi", 2, "name", storm, "status", status, "why", why);

	assert_non_null(run);
	return run;
}

static enum hardware_verdict verdict_of(const char *name, json_t *run)
{
	for (u32 i = 0; i < hardware_checks(); i++)
		if (!strcmp(hardware_name(i), name)) {
			finding.detail[0] = 0;
			hardware_check(i, run, &facts, &finding);
			json_decref(run);
			assert_true(finding.detail[0]); /* never without a reason */
			return finding.verdict;
		}
	fail();
	return HARDWARE_FAIL;
}

static json_t *run_set(const char *part, const char *key, json_t *value)
{
	json_t *run = run_with("cpuid", "measured", "");

	json_object_set_new(json_object_get(run, part), key, value);
	return run;
}

static json_t *vmcall_set(const char *key, json_t *value)
{
	json_t *run = run_with("cpuid", "measured", "");

	json_object_set_new(json_array_get(json_object_get(run, "storms"), 0), key, value);
	return run;
}

static int setup(void **state)
{
	(void)state;
	memset(&facts, 0, sizeof(facts));
	strcpy(facts.flags, " fpu vmx xsaves aperfmperf waitpkg_not ");
	return 0;
}

static void test_storms(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("vmx", run_with("cpuid", "measured", "")), HARDWARE_PASS);
	assert_int_equal(verdict_of("vmx", run_with("cpuid", "failed", "no")), HARDWARE_FAIL);
	assert_string_equal(finding.detail, "cpuid: no");
	assert_int_equal(verdict_of("pause_loop", run_with("pause_loop", "measured", "")),
			 HARDWARE_PASS);
	assert_int_equal(verdict_of("pause_loop", run_with("pause_loop", "failed", "6")),
			 HARDWARE_FAIL);
	assert_int_equal(verdict_of("bus_lock", run_with("bus_lock", "skipped", "#AC")),
			 HARDWARE_NOT_HERE);
	assert_string_equal(finding.detail, "bus_lock: #AC");
	assert_int_equal(verdict_of("tlb", run_with("cpuid", "measured", "")), HARDWARE_NOT_HERE);
}

/* A machine on which the check shows nothing. */
static void test_not_here(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("svm", run_with("cpuid", "measured", "")), HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("fred", run_with("nmi", "measured", "")), HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("user_wait", run_with("umwait", "measured", "")),
			 HARDWARE_NOT_HERE); /* a flag is a whole word */
	assert_int_equal(verdict_of("vmx", run_set("target", "emulated", json_true())),
			 HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("vmx", run_set("target", "backend", json_string("kvm"))),
			 HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("vmx", run_set("host", "hypervisor", json_string("Xen"))),
			 HARDWARE_NOT_HERE);
	assert_string_equal(finding.detail, "this machine is a VM under Xen");
}

static void test_clock(void **state)
{
	json_t *wrong = json_pack("{s:s}", "found", "instructions");

	(void)state;
	assert_int_equal(verdict_of("clock", run_with("cpuid", "measured", "")), HARDWARE_PASS);
	assert_int_equal(verdict_of("clock", run_set("target", "clock_check", wrong)),
			 HARDWARE_FAIL);
	assert_int_equal(
		verdict_of("clock", run_set("target", "clock", json_string("instructions"))),
		HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("clock", run_set("target", "clock_check", json_null())),
			 HARDWARE_NOT_HERE);
}

static void test_counters(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("pmu", run_with("cpuid", "measured", "")), HARDWARE_PASS);
	assert_int_equal(verdict_of("pmu", vmcall_set("core_cycles_per_tick", json_real(0.0))),
			 HARDWARE_FAIL);
	assert_int_equal(verdict_of("pmu", vmcall_set("core_cycles_per_tick", json_null())),
			 HARDWARE_FAIL);
	assert_int_equal(verdict_of("smi", run_with("cpuid", "measured", "")), HARDWARE_PASS);
	assert_int_equal(verdict_of("smi", vmcall_set("disturbed", json_integer(0))),
			 HARDWARE_FAIL);
	assert_int_equal(verdict_of("smi", vmcall_set("repeats", json_array())), HARDWARE_NOT_HERE);
	assert_int_equal(verdict_of("memory_types", run_with("cpuid", "measured", "")),
			 HARDWARE_PASS);
	assert_int_equal(verdict_of("memory_types",
				    vmcall_set("legs", json_pack("{s:{s:{s:f}}}", "round_trip",
								 "all", "p50", 90000.0))),
			 HARDWARE_FAIL);
}

static void test_spec_ctrl(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("spec_ctrl", run_with("cpuid", "measured", "")),
			 HARDWARE_NOT_HERE);
	facts.cpus = 2;
	facts.before[1] = facts.after[1] = 1;
	facts.after[0] = 4; /* of the task that ran there */
	assert_int_equal(verdict_of("spec_ctrl", run_with("cpuid", "measured", "")), HARDWARE_PASS);
	facts.after[1] = 0;
	assert_int_equal(verdict_of("spec_ctrl", run_with("cpuid", "measured", "")), HARDWARE_FAIL);
}

static void test_machine_check(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("machine_check", run_with("cpuid", "measured", "")),
			 HARDWARE_NOT_HERE);
	assert_int_equal(
		verdict_of("machine_check",
			   run_with("cpuid", "failed",
				    "a machine check (#MC) hit CPU 1 while the guest ran")),
		HARDWARE_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_storms, setup),
		cmocka_unit_test_setup(test_not_here, setup),
		cmocka_unit_test_setup(test_clock, setup),
		cmocka_unit_test_setup(test_counters, setup),
		cmocka_unit_test_setup(test_spec_ctrl, setup),
		cmocka_unit_test_setup(test_machine_check, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
