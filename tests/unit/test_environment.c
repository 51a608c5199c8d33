// SPDX-License-Identifier: GPL-2.0-or-later
/* host{} of run.json, default CPUs and background load, on made-up machines. */
#include "machine_folder.h"

#include <time.h>

#include "../../bench/machine/cpu.h"
#include "../../bench/machine/cpu_stat.h"
#include "../../bench/machine/environment.h"
#include "../../bench/machine/kvm_kind.h"
#include "../../bench/machine/sysfs.h"
#include "../../bench/session/background_load.h"

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
	static const char *const fields[] = {
		"cmdline", "mitigations", "kvm_params",	 "governor", "turbo",
		"smt",	   "cstates",	  "thp",	 "numa",     "load1",
		"boot_id", "steal_ticks", "kaslr_offset"};
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
	put("/proc/sys/kernel/random/boot_id", "0b7e1f9a-2f3c-4a64-8f0e-0d9a3a0f7c11");
	put("/proc/kallsyms", "0000000000000000 A fixed_percpu_data\n"
			      "ffffffffa7400000 T startup_64\nffffffffa7400000 T _text\n");
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
	assert_string_equal(json_string_value(json_object_get(host, "boot_id")),
			    "0b7e1f9a-2f3c-4a64-8f0e-0d9a3a0f7c11");
	assert_string_equal(json_string_value(json_object_get(host, "kaslr_offset")), "0x26400000");
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

/* A module that is loaded serves /dev/kvm; of those built in, the one that fits the CPU. */
static void test_kind_of_kvm(void **state)
{
	struct cpu cpu;

	(void)state;
	cpu_read(&cpu);
	assert_null(kvm_kind(kvm_module()));
	put("/sys/module/kvm_intel/parameters/nested", "Y");
	assert_string_equal(kvm_kind(kvm_module()), "kvm_intel");
	put("/sys/module/kvm_amd/parameters/nested", "1");
	if (cpu.vmx || cpu.svm)
		assert_string_equal(kvm_module(), cpu.vmx ? "kvm_intel" : "kvm_amd");
	else
		assert_null(kvm_module());
	put("/sys/module/kvm_pvm/initstate", "live");
	assert_string_equal(kvm_module(), "kvm_pvm");
	assert_string_equal(kvm_kind(kvm_module()), "kvm-pvm");
}

static void test_anonymous_host_has_no_command_line(void **state)
{
	json_t *host;

	(void)state;
	put("/proc/cmdline", "root=/dev/disk/by-label/alice");
	put("/proc/sys/kernel/random/boot_id", "0b7e1f9a-2f3c-4a64-8f0e-0d9a3a0f7c11");
	put("/proc/kallsyms", "ffffffffa7400000 T _text\n");
	host = environment_host(true);
	assert_true(json_is_null(json_object_get(host, "cmdline")));
	assert_true(json_is_null(json_object_get(host, "boot_id")));
	assert_true(json_is_null(json_object_get(host, "kaslr_offset")));
	json_decref(host);
}

/* To an unprivileged process the kernel shows zeros. */
static void test_hidden_addresses_are_no_offset(void **state)
{
	json_t *host;

	(void)state;
	put("/proc/kallsyms", "0000000000000000 T _stext\n0000000000000000 T _text\n");
	host = environment_host(false);
	assert_true(json_is_null(json_object_get(host, "kaslr_offset")));
	json_decref(host);
}

static void test_text_that_is_not_utf8_is_cleaned(void **state)
{
	json_t *host;

	(void)state;
	put("/proc/cmdline", "root=\xff\xfe");
	host = environment_host(false);
	assert_string_equal(json_string_value(json_object_get(host, "cmdline")), "root=??");
	json_decref(host);
}

/* A folder in place of a file cannot be read (EISDIR); a file that is not there is no failure. */
static void test_what_cannot_be_read_is_listed(void **state)
{
	json_t *host = json_object();
	char text[64];

	(void)state;
	assert_false(sysfs_text(text, sizeof(text), "/proc/nothing"));
	environment_add_unread(host);
	assert_null(json_object_get(host, "not_known"));
	put("/sys/folder/file", "x");
	for (int i = 0; i < 2; i++)
		assert_false(sysfs_text(text, sizeof(text), "/sys/folder"));
	environment_add_unread(host);
	assert_int_equal(json_array_size(json_object_get(host, "not_known")), 1);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(host, "not_known"), 0)),
		"/sys/folder: Is a directory");
	json_decref(host);
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

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static json_t *load_json(const struct background_load *load)
{
	struct journal_time time = background_load_time(load, &(struct journal_time){0});

	return background_load_json(load, &time);
}

/* A run that was continued has the sum of its processes. */
static void test_load_of_several_processes(void **state)
{
	const struct journal_time before = {.seconds = 100, .all = {50, 25}, .measured = {50, 25}};
	const struct journal_time unknown = {.seconds = 100, .all = {-1, -1}, .measured = {-1, -1}};
	struct background_load load;
	struct journal_time time;
	json_t *json;

	(void)state;
	put("/proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0");
	background_load_begin(&load, NULL, 0);
	time = background_load_time(&load, &before);
	json = background_load_json(&load, &time);
	assert_true(number_of(json, "others") > 0.4 && number_of(json, "others") <= 0.5);
	assert_true(number_of(json, "stolen") > 0.2 && number_of(json, "stolen") <= 0.25);
	json_decref(json);
	time = background_load_time(&load, &unknown);
	json = background_load_json(&load, &time);
	assert_true(json_is_null(json_object_get(json, "others")));
	json_decref(json);
}

static void test_what_others_did_meanwhile(void **state)
{
	double second = sysconf(_SC_CLK_TCK), others, stolen;
	struct background_load load;
	char text[128];
	json_t *json;

	(void)state;
	put("/proc/stat", "cpu  100 0 0 7000 0 0 0 50 0 0");
	background_load_begin(&load, NULL, 0);
	/* Idle and iowait do not count; guest and guest_nice are part of user and nice already. */
	snprintf(text, sizeof(text), "cpu  %.0f %.0f %.0f 9999 9999 %.0f %.0f %.0f 9999 9999",
		 100 + 30 * second, 20 * second, 30 * second, 10 * second, 10 * second,
		 50 + 50 * second);
	put("/proc/stat", text);
	usleep(20000);
	json = load_json(&load);
	others = number_of(json, "others");
	stolen = number_of(json, "stolen");
	assert_true(stolen > 0 && stolen <= 50 / 0.02);
	/* 100 s against 50, whatever the clock said; our own are a part of one. */
	assert_true(others / stolen > 1.97 && others / stolen <= 2.0001);
	json_decref(json);
	put("/proc/stat", "nothing");
	json = load_json(&load);
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
	background_load_begin(&load, NULL, 0);
	began = clock();
	while (clock() - began < CLOCKS_PER_SEC / 5)
		;
	snprintf(text, sizeof(text), "cpu  %.0f 0 0 0 0 0 0 0 0 0", second / 5);
	put("/proc/stat", text);
	json = load_json(&load);
	assert_true(number_of(json, "others") < 0.05);
	json_decref(json);
}

/* /proc/stat of a server of 128 CPUs, `busy` seconds on each but 5 and 69, which have `near`. */
static void put_server(double busy, double near, double steal)
{
	static char text[128 * 100];
	double second = sysconf(_SC_CLK_TCK);
	size_t used = snprintf(text, sizeof(text), "cpu  %.0f 0 0 0 0 0 0 0 0 0\n",
			       second * (126 * busy + 2 * near));

	for (int i = 0; i < 128; i++)
		used += snprintf(
			text + used, sizeof(text) - used, "cpu%d %.0f 0 0 0 0 0 0 %.0f 0 0\n", i,
			second * (i % 64 == 5 ? near : busy), second * (i == 69 ? steal : 0));
	put("/proc/stat", text);
}

/* The pair of CPUs that is measured is quiet, whatever the others do; its sibling's load counts. */
static void test_only_the_measured_cpus_count(void **state)
{
	const unsigned short measured[] = {5};
	struct background_load load;
	json_t *json, *near;

	(void)state;
	put("/sys/devices/system/cpu/cpu5/topology/thread_siblings_list", "5,69");
	put_server(0, 0, 0);
	background_load_begin(&load, measured, 1);
	assert_int_equal(load.near_count, 2);
	usleep(20000);
	put_server(1000, 0, 0);
	json = load_json(&load);
	near = json_object_get(json, "measured");
	assert_true(number_of(json, "others") > 100);
	assert_true(number_of(near, "others") + number_of(near, "stolen") < 0.01);
	assert_int_equal(json_integer_value(json_array_get(json_object_get(near, "cpus"), 1)), 69);
	json_decref(json);
	put_server(0, 1000, 500);
	json = load_json(&load);
	near = json_object_get(json, "measured");
	assert_true(number_of(near, "others") / number_of(near, "stolen") > 3.9);
	json_decref(json);
	/* A CPU that goes offline has no line. */
	put("/proc/stat", "cpu  1 0 0 0 0 0 0 0 0 0\ncpu5 1 0 0 0 0 0 0 0 0 0");
	json = load_json(&load);
	assert_true(json_is_null(json_object_get(json, "measured")));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu_lists),
		cmocka_unit_test(test_choice_in_brackets),
		on_a_machine(test_files_are_read_without_blanks_at_the_ends),
		on_a_machine(test_host_of_an_empty_machine_is_null_everywhere),
		on_a_machine(test_host_of_a_machine),
		on_a_machine(test_kind_of_kvm),
		on_a_machine(test_only_the_measured_cpus_count),
		on_a_machine(test_anonymous_host_has_no_command_line),
		on_a_machine(test_hidden_addresses_are_no_offset),
		on_a_machine(test_text_that_is_not_utf8_is_cleaned),
		on_a_machine(test_what_cannot_be_read_is_listed),
		cmocka_unit_test(test_default_cpus_end_with_cpu_0),
		on_a_machine(test_siblings_count_once),
		on_a_machine(test_what_others_did_meanwhile),
		on_a_machine(test_load_of_several_processes),
		on_a_machine(test_our_own_time_is_not_that_of_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
