// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings of doctor on made-up machines. */
#include "machine_folder.h"

#include <errno.h>

#include "../../bench/machine/cgroup.h"
#include "../../bench/machine/findings.h"
#include "../../bench/machine/limits.h"

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
	put("/sys/kernel/mm/ksm/run", "1");
	assert_non_null(strstr(find("ksm")->undo, "echo 1 | sudo tee /sys/kernel/mm/ksm/run"));
	put("/sys/devices/cpu_core/cpus", "0-7");
	assert_null(find("hybrid"));
	put("/sys/devices/cpu_atom/cpus", "8-15");
	assert_string_equal(find("hybrid")->help, "exitstorm run --cpu 0-7");
}

#define MOUNT(root, point, rest) "31 23 0:28 " root " " point " rw,relatime shared:9 - " rest "\n"

static void no_quota(void)
{
	const struct finding *quota = find("quota");

	if (quota)
		fail_msg("%s", quota->text);
}

static void quota(const char *cpus, const char *file)
{
	const struct finding *quota = find("quota");

	assert_non_null(quota);
	if (!strstr(quota->text, cpus) || !strstr(quota->text, file))
		fail_msg("no %s CPUs, %s in: %s", cpus, file, quota->text);
}

static void test_quota_of_cgroup_v2(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/a.slice/b.service");
	put("/proc/self/mountinfo", MOUNT("/", "/sys/fs/cgroup", "cgroup2 cgroup2 rw,nsdelegate"));
	no_quota();
	put("/sys/fs/cgroup/cpu.max", "max 100000"); /* as in a container: its own root */
	no_quota();
	put("/sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000");
	put("/sys/fs/cgroup/a.slice/cpu.max", "150000 100000");
	quota("1.5 CPUs", "/sys/fs/cgroup/a.slice/cpu.max");
	put("/sys/fs/cgroup/a.slice/b.service/cpu.max", "5000 100000");
	quota("0.05 CPUs", "/sys/fs/cgroup/a.slice/b.service/cpu.max");
	put("/sys/fs/cgroup/cpu.max", "2000 100000");
	quota("0.02 CPUs", "/sys/fs/cgroup/cpu.max");
	/* Its groups are above what is mounted. */
	put("/proc/self/cgroup", "0::/../other");
	quota("0.02 CPUs", "/sys/fs/cgroup/cpu.max");
}

static void test_quota_of_cgroup_v1(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "9:name=cpu:/no\n4:cpuacct,cpu:/docker/1f/x\n3:cpuset:/y\n0::/z");
	put("/proc/self/mountinfo",
	    MOUNT("/", "/sys/fs/cgroup/cpuset", "cgroup cgroup rw,cpuset") MOUNT(
		    "/docker/1f", "/sys/fs/cgroup/cpu,cpuacct", "cgroup cgroup rw,cpu,cpuacct")
		    MOUNT("/", "/sys/fs/cgroup/unified", "cgroup2 cgroup2 rw"));
	no_quota();
	put("/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000");
	put("/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "-1");
	put("/sys/fs/cgroup/cpuset/y/cpu.cfs_period_us", "100000");
	put("/sys/fs/cgroup/cpuset/y/cpu.cfs_quota_us", "1000");
	no_quota();
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "50000");
	put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000");
	quota("2.0 CPUs", "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us");
	put("/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "5000");
	quota("0.05 CPUs", "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us");
}

static void test_limit_of_tasks(void **state)
{
	long long tasks;
	char file[128], text[200];

	(void)state;
	put("/proc/self/cgroup", "8:pids:/a/b\n0::/");
	put("/proc/self/mountinfo", MOUNT("/", "/sys/fs/cgroup/pids", "cgroup cgroup rw,pids"));
	put("/sys/fs/cgroup/pids/a/b/pids.max", "max");
	assert_false(cgroup_task_limit(&tasks, file, sizeof(file)));
	put("/sys/fs/cgroup/pids/a/pids.max", "42");
	assert_true(cgroup_task_limit(&tasks, file, sizeof(file)));
	assert_int_equal(tasks, 42);
	assert_string_equal(file, "/sys/fs/cgroup/pids/a/pids.max");
	assert_non_null(strstr(limits_task_error(EAGAIN, text, sizeof(text)),
			       "unavailable: at most 42 tasks (/sys/fs/cgroup/pids/a/pids.max)"));
	assert_string_equal(limits_task_error(ENOMEM, text, sizeof(text)), strerror(ENOMEM));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_machine(test_no_kvm_is_a_blocker),
		on_a_machine(test_governor_and_turbo_have_help_and_undo),
		on_a_machine(test_deep_sleep_is_named),
		on_a_machine(test_noise_is_found),
		on_a_machine(test_quota_of_cgroup_v2),
		on_a_machine(test_quota_of_cgroup_v1),
		on_a_machine(test_limit_of_tasks),
		on_a_machine(test_findings_never_pass_their_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
