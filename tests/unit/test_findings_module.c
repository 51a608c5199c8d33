// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings of doctor about exitstorm.ko, on made-up machines. */
#include "machine_folder.h"

#include "../../bench/machine/findings_list.h"

static struct finding found[16];
static size_t count;

/* A machine that can load the module. */
static int make_good_machine(void **state)
{
	if (make_machine(state))
		return -1;
	put("/proc/modules", "");
	put("/proc/sys/kernel/osrelease", "6.1.0-1-amd64");
	put("/proc/cpuinfo", "flags\t: fpu vmx sse svm");
	put("/lib/modules/6.1.0-1-amd64/build/Makefile", "");
	return 0;
}

/* The texts of all findings, one after the other; with help and undo. */
static const char *said(const struct cpu *cpu)
{
	static char all[8192];
	struct findings findings = {.finding = found, .room = 16};

	findings_module(&findings, cpu);
	count = findings.count;
	*all = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\n> %s\n< %s\n",
			 found[i].text, found[i].help, found[i].undo);
	return all;
}

static const struct cpu intel = {.vmx = true}, amd = {.svm = true}, none = {.vmx = false};

static void test_a_good_machine_is_told_how_to_load(void **state)
{
	(void)state;
	assert_non_null(strstr(said(&intel), "raw VMX; it is not loaded"));
	assert_int_equal(count, 1);
	assert_non_null(strstr(found[0].help, "module-install"));
	assert_non_null(strstr(found[0].undo, "module-uninstall"));
	assert_non_null(strstr(said(&amd), "raw SVM; it is not loaded"));
}

static void test_no_hardware_is_said_and_nothing_else(void **state)
{
	(void)state;
	assert_non_null(strstr(said(&none), "neither VMX nor SVM"));
	assert_int_equal(count, 1);
}

static void test_a_kernel_without_modules(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/proc/modules", machine);
	assert_int_equal(unlink(path), 0);
	assert_non_null(strstr(said(&intel), "loads no modules"));
	assert_int_equal(count, 1);
}

static void test_what_is_in_the_way_in_the_order_of_doing(void **state)
{
	const char *text, *firmware, *headers, *lockdown, *kvm, *load;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/lib/modules/6.1.0-1-amd64/build/Makefile", machine);
	assert_int_equal(unlink(path), 0);
	put("/proc/cpuinfo", "flags\t: fpu sse\n");
	put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	put("/sys/module/kvm_intel/refcnt", "1\n");
	put("/proc/4711/comm", "qemu-system-x86\n");
	put("/proc/4711/fd/placeholder", "");
	snprintf(path, sizeof(path), "%s/proc/4711/fd/9", machine);
	assert_int_equal(symlink("/dev/kvm", path), 0);
	text = said(&intel);
	firmware = strstr(text, "locked VMX off");
	headers = strstr(text, "apt install linux-headers-6.1.0-1-amd64");
	lockdown = strstr(text, "lockdown: integrity");
	kvm = strstr(text, "1 process: qemu-system-x86 (4711)");
	load = strstr(text, "it is not loaded");
	assert_true(firmware && firmware < headers && headers < lockdown && lockdown < kvm &&
		    kvm < load);
	assert_non_null(strstr(text, "> end those, then: sudo modprobe -r kvm_intel"));
	assert_non_null(strstr(text, "< sudo modprobe kvm_intel"));
}

static void test_loaded(void **state)
{
	(void)state;
	put("/sys/module/exitstorm/refcnt", "0\n");
	assert_non_null(strstr(said(&amd), "exitstorm.ko is loaded"));
	assert_int_equal(found[0].level, FINDING_GOOD);
}

int main(void)
{
#define MACHINE_TEST(test) cmocka_unit_test_setup_teardown(test, make_good_machine, remove_machine)
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(test_a_good_machine_is_told_how_to_load),
		MACHINE_TEST(test_no_hardware_is_said_and_nothing_else),
		MACHINE_TEST(test_a_kernel_without_modules),
		MACHINE_TEST(test_what_is_in_the_way_in_the_order_of_doing),
		MACHINE_TEST(test_loaded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
