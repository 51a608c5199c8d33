// SPDX-License-Identifier: GPL-2.0-or-later
/* CPU names, the parsers of /proc and /sys, and findings on machines that are folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../bench/machine/cpu.h"
#include "../../bench/machine/environment.h"
#include "../../bench/machine/findings.h"
#include "../../bench/session/background_load.h"
#include "../../bench/machine/sysfs.h"

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

static void test_cpu_lists(void **state)
{
	unsigned short cpu[4];

	(void)state;
	assert_int_equal(sysfs_cpu_list("0,2-4", cpu, 4), 4);
	assert_int_equal(cpu[0], 0);
	assert_int_equal(cpu[1], 2);
	assert_int_equal(cpu[3], 4);
	assert_int_equal(sysfs_cpu_list("0-127", cpu, 4), 128); /* counts past the room */
	assert_int_equal(sysfs_cpu_list("", cpu, 4), 0);
	assert_int_equal(sysfs_cpu_list("(null)", cpu, 4), 0);
	assert_int_equal(sysfs_cpu_list("3-1", cpu, 4), 0);
	assert_int_equal(sysfs_cpu_list("0-99999999999999999999", cpu, 4), 0);
}

static void test_choice_in_brackets(void **state)
{
	char choice[8];

	(void)state;
	assert_true(sysfs_choice("always [madvise] never", choice, sizeof(choice)));
	assert_string_equal(choice, "madvise");
	assert_false(sysfs_choice("always madvise", choice, sizeof(choice)));
	assert_false(sysfs_choice("]always[", choice, sizeof(choice)));
	assert_true(sysfs_choice("[longer than its room]", choice, sizeof(choice)));
	assert_string_equal(choice, "longer ");
}

/* A machine is a folder with the files that it has. */
static char machine[64];

static void put(const char *path, const char *text)
{
	char name[PATH_MAX], *slash;
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", machine, path);
	for (slash = name + strlen(machine) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	assert_int_equal(fclose(file), 0);
}

static int make_machine(void **state)
{
	(void)state;
	strcpy(machine, "/tmp/exitstorm-machine.XXXXXX");
	if (!mkdtemp(machine))
		return -1;
	sysfs_set_root(machine);
	return 0;
}

static int unlink_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static int remove_machine(void **state)
{
	(void)state;
	sysfs_set_root(NULL);
	return nftw(machine, unlink_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct finding found[64];
static size_t found_count;

static const struct finding *find(const char *subject)
{
	size_t i;

	found_count = findings_machine(found, 64);
	for (i = 0; i < found_count; i++) {
		if (strcmp(found[i].subject, subject) == 0)
			return &found[i];
	}
	return NULL;
}

static void test_files_are_read_without_blanks_at_the_ends(void **state)
{
	char text[8];
	long long number;

	(void)state;
	put("/proc/x", "  one two three");
	assert_true(sysfs_text(text, sizeof(text), "/proc/%s", "x"));
	assert_string_equal(text, "one t"); /* cut, not overrun */
	put("/proc/n", "-12");
	assert_true(sysfs_number(&number, "/proc/n"));
	assert_int_equal(number, -12);
	put("/proc/n", "12 monkeys");
	assert_false(sysfs_number(&number, "/proc/n"));
	put("/proc/n", "");
	assert_false(sysfs_number(&number, "/proc/n"));
	assert_false(sysfs_text(text, sizeof(text), "/proc/none"));
}

static void test_host_of_an_empty_machine_is_null_everywhere(void **state)
{
	static const char *const fields[] = {"cmdline", "mitigations", "kvm_params", "governor",
					     "turbo",	"smt",	       "cstates",    "thp",
					     "numa",	"load1",       "steal_ticks"};
	json_t *host = environment_host(false);
	size_t i;

	(void)state;
	assert_non_null(host);
	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		assert_true(json_is_null(json_object_get(host, fields[i])));
	assert_true(json_is_null(json_object_get(json_object_get(host, "cpus"), "online")));
	assert_true(json_is_null(json_object_get(json_object_get(host, "cpu"), "microcode")));
	json_decref(host);
}

static void test_host_of_a_machine(void **state)
{
	json_t *host, *states;

	(void)state;
	put("/proc/cpuinfo",
	    "processor\t: 0\nmicrocode\t: 0xf4\nmodel name\t: X\n\nprocessor\t: 1");
	put("/proc/cmdline", "root=/dev/sda1 secret=1");
	put("/proc/loadavg", "1.25 0.5 0.1 1/2 3");
	put("/proc/stat", "cpu  1 2 3 4 5 6 7 89 0 0\ncpu0 1 2 3");
	put("/sys/devices/system/cpu/intel_pstate/no_turbo", "0");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave");
	put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
	put("/sys/devices/system/cpu/cpuidle/current_driver", "intel_idle");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state0/name", "POLL");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state1/name", "C1");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state1/disable", "1");
	put("/sys/devices/system/cpu/vulnerabilities/l1tf", "Mitigation: PTE Inversion");
	put("/sys/module/kvm_intel/parameters/nested", "Y");
	put("/sys/module/kvmgt/parameters/other", "1");
	put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
	put("/sys/devices/system/node/node0/cpulist", "0-1");

	host = environment_host(false);
	assert_non_null(host);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(host, "cpu"), "microcode")),
		"0xf4");
	assert_string_equal(json_string_value(json_object_get(host, "cmdline")),
			    "root=/dev/sda1 secret=1");
	assert_true(json_real_value(json_object_get(host, "load1")) == 1.25);
	assert_int_equal(json_integer_value(json_object_get(host, "steal_ticks")), 89);
	assert_true(json_is_true(json_object_get(host, "turbo")));
	assert_string_equal(json_string_value(json_object_get(host, "governor")),
			    "powersave, performance");
	assert_string_equal(json_string_value(json_object_get(host, "thp")), "always");
	assert_string_equal(json_string_value(json_object_get(json_object_get(host, "kvm_params"),
							      "kvm_intel.nested")),
			    "Y");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(host, "mitigations"), "l1tf")),
		"Mitigation: PTE Inversion");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(host, "numa"), "node0")), "0-1");
	states = json_object_get(json_object_get(host, "cstates"), "states");
	assert_int_equal(json_array_size(states), 2);
	assert_true(json_is_false(json_object_get(json_array_get(states, 1), "enabled")));
	json_decref(host);
}

static void test_anonymous_host_has_no_command_line(void **state)
{
	json_t *host;

	(void)state;
	put("/proc/cmdline", "root=/dev/disk/by-label/alice");
	host = environment_host(true);
	assert_true(json_is_null(json_object_get(host, "cmdline")));
	json_decref(host);
}

static void test_text_that_is_not_utf8_is_null(void **state)
{
	json_t *host;

	(void)state;
	put("/proc/cmdline", "root=\xff\xfe");
	host = environment_host(false);
	assert_non_null(host);
	assert_true(json_is_null(json_object_get(host, "cmdline")));
	json_decref(host);
}

static void test_no_kvm_is_a_blocker(void **state)
{
	(void)state;
	assert_int_equal(find("kvm")->level, FINDING_BLOCKER);
	put("/dev/kvm", "");
	put("/sys/module/kvm_intel/parameters/nested", "1");
	assert_int_equal(find("kvm")->level, FINDING_GOOD);
	assert_non_null(strstr(find("kvm")->text, "kvm_intel, nested guests allowed"));
	put("/sys/module/kvm_intel/parameters/nested", "N");
	assert_non_null(strstr(find("kvm")->text, "not allowed"));
}

static void test_governor_and_turbo_have_help_and_undo(void **state)
{
	const struct finding *finding;

	(void)state;
	assert_int_equal(find("governor")->level, FINDING_NOTE); /* no cpufreq */
	assert_null(find("turbo"));

	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil");
	put("/sys/devices/system/cpu/cpufreq/boost", "1");
	finding = find("governor");
	assert_int_equal(finding->level, FINDING_WARNING);
	assert_non_null(strstr(finding->help, "echo performance | sudo tee /sys/"));
	assert_non_null(strstr(finding->undo, "echo schedutil |"));
	finding = find("turbo");
	assert_int_equal(finding->level, FINDING_WARNING);
	assert_non_null(strstr(finding->help, "echo 0 | sudo tee"));
	assert_non_null(strstr(finding->undo, "echo 1 | sudo tee"));

	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
	put("/sys/devices/system/cpu/cpufreq/boost", "0");
	assert_int_equal(find("governor")->level, FINDING_GOOD);
	assert_int_equal(find("turbo")->level, FINDING_GOOD);
}

static void put_state(const char *state, const char *name, const char *latency)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cpuidle/%s/name", state);
	put(path, name);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cpuidle/%s/latency", state);
	put(path, latency);
}

static void test_deep_sleep_is_named(void **state)
{
	(void)state;
	put_state("state0", "POLL", "0");
	put_state("state1", "C1", "2");
	assert_null(find("cstates"));
	put_state("state2", "C1E", "10");
	put_state("state3", "C6", "170");
	assert_non_null(strstr(find("cstates")->text, "as deep as C6 and take up to 170 us"));
	assert_non_null(strstr(find("cstates")->help, "cpuidle/state[2-3]/disable"));
	put("/sys/devices/system/cpu/cpu0/cpuidle/state3/disable", "1");
	assert_non_null(strstr(find("cstates")->text, "as deep as C1E"));
}

static void test_noise_is_found(void **state)
{
	(void)state;
	put("/proc/loadavg", "0.01 0 0 1/1 1");
	assert_int_equal(find("load")->level, FINDING_GOOD);
	put("/proc/loadavg", "3.50 0 0 1/1 1");
	assert_int_equal(find("load")->level, FINDING_WARNING);
	put("/proc/stat", "cpu  100 0 0 890 0 0 0 10 0 0");
	assert_non_null(strstr(find("steal")->text, "1.00 %"));
	put("/proc/stat", "cpu  100 0 0 890 0 0 0 0 0 0");
	assert_null(find("steal"));
	put("/sys/devices/system/cpu/smt/active", "1");
	assert_int_equal(find("smt")->level, FINDING_WARNING);
	put("/sys/fs/cgroup/cpu.max", "max 100000");
	assert_null(find("quota"));
	put("/sys/fs/cgroup/cpu.max", "150000 100000");
	assert_non_null(strstr(find("quota")->text, "1.5 CPUs"));
	put("/sys/kernel/mm/ksm/run", "1");
	assert_non_null(strstr(find("ksm")->undo, "echo 1 | sudo tee /sys/kernel/mm/ksm/run"));
	put("/sys/devices/cpu_core/cpus", "0-7");
	assert_null(find("hybrid"));
	put("/sys/devices/cpu_atom/cpus", "8-15");
	assert_string_equal(find("hybrid")->help, "exitstorm run --cpu 0-7");
}

static void test_findings_never_pass_their_room(void **state)
{
	struct finding few[3];

	(void)state;
	few[2].text[0] = 'x';
	assert_int_equal(findings_machine(few, 2), 2);
	assert_int_equal(few[2].text[0], 'x');
	assert_int_equal(findings_machine(few, 0), 0);
}

static void test_default_cpus_end_with_cpu_0(void **state)
{
	unsigned short cpu[64], one[1];
	size_t count = environment_cpus(cpu, 64), i;

	(void)state;
	assert_true(count >= 1);
	for (i = 0; i + 1 < count; i++)
		assert_true(cpu[i] != 0 && (i == 0 || cpu[i - 1] < cpu[i]));
	assert_int_equal(environment_cpus(one, 1), 1);
}

static void test_siblings_count_once(void **state)
{
	unsigned short cpu[64];
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < 64; i++) { /* all are threads of one core */
		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", i);
		put(path, "0-63");
	}
	assert_int_equal(environment_cpus(cpu, 64), 1);
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

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void test_what_others_did_meanwhile(void **state)
{
	double second = sysconf(_SC_CLK_TCK), others, stolen;
	struct background_load load;
	char text[128];
	json_t *json;

	(void)state;
	put("/proc/stat", "cpu  100 0 0 7000 0 0 0 50 0 0");
	background_load_begin(&load);
	/* Idle and waiting are nobody's; guests' time (the last two) is in user's already. */
	snprintf(text, sizeof(text), "cpu  %.0f %.0f %.0f 9999 9999 %.0f %.0f %.0f 9999 9999",
		 100 + 30 * second, 20 * second, 30 * second, 10 * second, 10 * second,
		 50 + 50 * second);
	put("/proc/stat", text);
	usleep(20000);
	json = background_load_json(&load);
	others = number_of(json, "others");
	stolen = number_of(json, "stolen");
	assert_true(stolen > 0 && stolen <= 50 / 0.02);
	/* 100 s against 50, whatever the clock said; our own are a part of one. */
	assert_true(others / stolen > 1.97 && others / stolen <= 2.0001);
	json_decref(json);
	put("/proc/stat", "nothing");
	json = background_load_json(&load);
	assert_true(json_is_null(json_object_get(json, "others")));
	assert_true(json_is_null(json_object_get(json, "stolen")));
	json_decref(json);
}

static void test_our_own_time_is_not_that_of_others(void **state)
{
	double second = sysconf(_SC_CLK_TCK);
	struct background_load load;
	char text[128];
	clock_t began;
	json_t *json;

	(void)state;
	put("/proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0");
	background_load_begin(&load);
	began = clock();
	while (clock() - began < CLOCKS_PER_SEC / 5)
		;
	snprintf(text, sizeof(text), "cpu  %.0f 0 0 0 0 0 0 0 0 0", second / 5);
	put("/proc/stat", text);
	json = background_load_json(&load);
	assert_true(number_of(json, "others") < 0.05);
	json_decref(json);
}

#define on_a_machine(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generation_of_known_signatures),
		cmocka_unit_test(test_extended_family_is_added),
		cmocka_unit_test(test_range_without_name_still_has_its_generation),
		cmocka_unit_test(test_unknown_cpu_has_no_name),
		cmocka_unit_test(test_hypervisor_names),
		cmocka_unit_test(test_cpu_lists),
		cmocka_unit_test(test_choice_in_brackets),
		on_a_machine(test_files_are_read_without_blanks_at_the_ends),
		on_a_machine(test_host_of_an_empty_machine_is_null_everywhere),
		on_a_machine(test_host_of_a_machine),
		on_a_machine(test_anonymous_host_has_no_command_line),
		on_a_machine(test_text_that_is_not_utf8_is_null),
		on_a_machine(test_no_kvm_is_a_blocker),
		on_a_machine(test_governor_and_turbo_have_help_and_undo),
		on_a_machine(test_deep_sleep_is_named),
		on_a_machine(test_noise_is_found),
		on_a_machine(test_findings_never_pass_their_room),
		cmocka_unit_test(test_default_cpus_end_with_cpu_0),
		on_a_machine(test_siblings_count_once),
		on_a_machine(test_what_others_did_meanwhile),
		on_a_machine(test_our_own_time_is_not_that_of_others),
		cmocka_unit_test(test_tsc_rate_agrees_with_the_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
