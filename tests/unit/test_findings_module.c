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

/* By the list in hv/linux/kernels.def: its first and its last line, and others. */
static void test_made_up_kernels(void **state)
{
	static const struct {
		unsigned major, minor;
	} tried[] = {
#define KERNEL(major, minor, debian, gcc, flavours, beds) {major, minor},
#include "../../hv/linux/kernels.def"
#undef KERNEL
	};
	const unsigned last = sizeof(tried) / sizeof(*tried) - 1;
	char newest[64], newer[64], newer_line[64];
	const struct {
		const char *release, *says;
		bool can_load;
	} kernels[] = {
		{"5.15.0-91-generic", "cannot run here: it is for Linux 6.1 and later", false},
		{"6.0.19", "cannot run here: it is for Linux 6.1 and later", false},
		{"6.1.0-40-amd64", "It was tried on this line of kernels", true},
		{"6.2.0", "was not tried on Linux 6.2: `make module` tries it", true},
		{"6.12.9-200.fc41.x86_64", "It was tried on this line of kernels", true},
		{"6.121.0", "was not tried on Linux 6.121", true},
		{newest, "It was tried on this line of kernels", true},
		{newer, newer_line, true},
		{"99.0-rc1", "was not tried on Linux 99.0, which is newer than all", true},
		{"mainline", "it is not loaded.\n", true},
	};

	(void)state;
	snprintf(newest, sizeof(newest), "%u.%u.1-arch1-1", tried[last].major, tried[last].minor);
	snprintf(newer, sizeof(newer), "%u.%u.0", tried[last].major, tried[last].minor + 1);
	snprintf(newer_line, sizeof(newer_line), "on Linux %u.%u, which is newer than all",
		 tried[last].major, tried[last].minor + 1);
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		const char *text;

		put("/proc/sys/kernel/osrelease", kernels[i].release);
		text = said(&amd);
		if (!strstr(text, kernels[i].says))
			fail_msg("%s: %s", kernels[i].release, text);
		assert_int_equal(strstr(text, "it is not loaded") != NULL, kernels[i].can_load);
		/* No word of headers or keys where there can be no module. */
		if (!kernels[i].can_load)
			assert_int_equal(count, 1);
		assert_int_equal(strstr(text, "irqs=on") != NULL, false);
	}
}

static void test_kernels_that_export_to_kvm_only(void **state)
{
	(void)state;
	put("/proc/sys/kernel/osrelease", "6.18.3");
	put("/proc/cpuinfo", "flags\t: fpu vmx fred svm");
	assert_null(strstr(said(&intel), "irqs=on"));
	assert_null(strstr(said(&intel), "FRED"));
	put("/proc/sys/kernel/osrelease", "6.19.0");
	assert_non_null(strstr(said(&intel), "irqs=on is refused"));
	assert_non_null(strstr(said(&intel), "by FRED"));
	assert_non_null(strstr(said(&intel), "> boot it with fred=off"));
	assert_null(strstr(said(&amd), "irqs=on"));
	assert_non_null(strstr(said(&amd), "by FRED"));
	put("/proc/cpuinfo", "flags\t: fpu vmx svm");
	assert_null(strstr(said(&amd), "FRED"));
}

/* PEBS: where the CPU has it and perf runs. */
static void test_perf_that_may_sample_by_pebs(void **state)
{
	(void)state;
	put("/proc/812/comm", "perfect");
	put("/proc/cpuinfo", "flags\t: fpu vmx pebs svm");
	assert_null(strstr(said(&intel), "PEBS"));
	put("/proc/813/comm", "perf");
	assert_non_null(strstr(said(&intel), "perf runs (process 813): if it samples by PEBS"));
	assert_non_null(strstr(said(&intel), "> end it, or sample without PEBS"));
	assert_null(strstr(said(&amd), "PEBS"));
	put("/proc/cpuinfo", "flags\t: fpu vmx svm");
	assert_null(strstr(said(&intel), "PEBS"));
}

static void test_the_compiler_of_the_kernel(void **state)
{
	(void)state;
	put("/proc/version",
	    "Linux version 6.1.0-1-amd64 (x@y) (gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld "
	    "(GNU Binutils for Debian) 2.44) #1 SMP");
	assert_non_null(strstr(said(&intel), "built by gcc 14, which is not here"));
	assert_non_null(strstr(said(&intel), "> sudo apt install gcc-14"));
	put("/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "");
	assert_non_null(strstr(said(&intel), "built by gcc 14"));
	put("/usr/lib/gcc/x86_64-pc-linux-gnu/14.2.1/cc1", "");
	assert_null(strstr(said(&intel), "built by gcc"));
	put("/proc/version",
	    "Linux version 6.1.9 (x@y) (gcc (GCC) 15.1.1 20250521 (Red Hat 15.1.1-2), GNU ld");
	assert_non_null(strstr(said(&intel), "built by gcc 15, which is not here"));
	put("/proc/version", "Linux version 6.1.9 (x@y) (clang version 19.1.7, LLD 19.1.7)");
	assert_null(strstr(said(&intel), "built by gcc"));
}

static void test_signed_modules_only(void **state)
{
	const char *variable = "/sys/firmware/efi/efivars/"
			       "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	static const char on[] = {6, 0, 0, 0, 1}, off[] = {6, 0, 0, 0, 0};
	char path[256];

	(void)state;
	put(variable, "");
	snprintf(path, sizeof(path), "%s%s", machine, variable);
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		assert_int_equal(fwrite(i ? on : off, 1, 5, file), 5);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(strstr(said(&intel), "under Secure Boot, which is on") != NULL, i);
	}
	put("/sys/kernel/security/lockdown", "[none] integrity confidentiality");
	assert_null(strstr(said(&intel), "signed modules only"));
	put("/sys/module/module/parameters/sig_enforce", "Y");
	assert_non_null(strstr(said(&intel), "signed modules only (sig_enforce)"));
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
		MACHINE_TEST(test_made_up_kernels),
		MACHINE_TEST(test_kernels_that_export_to_kvm_only),
		MACHINE_TEST(test_perf_that_may_sample_by_pebs),
		MACHINE_TEST(test_the_compiler_of_the_kernel),
		MACHINE_TEST(test_signed_modules_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
