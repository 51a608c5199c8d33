// SPDX-License-Identifier: GPL-2.0-or-later
/* host.below of run.json, and what doctor says of a hypervisor below. */
#include "made_up_cpuid.h"

#include "../../bench/machine/findings.h"
#include "../../bench/machine/hypervisor_json.h"

static struct hypervisor found;

static void put_cpu(const char *cpu, const char *siblings, const char *package)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s/topology/thread_siblings_list",
		 cpu);
	put(path, siblings);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s/topology/physical_package_id",
		 cpu);
	put(path, package);
}

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static void test_json(void **state)
{
	json_t *json, *part;

	(void)state;
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), {0x40000001, 0, {1 << 6, 0, 0, 0}},
		{0x80000000, 0, {0x80000001, 0, 0, 0}}, {0x80000001, 0, {0, 0, 4, 0}});
	put_cpu("cpu0", "0,1", "0");
	put_cpu("cpu1", "0,1", "0");
	put_cpu("cpu10", "10-11", "1");
	put_cpu("cpu11", "10-11", "1");
	put("/sys/devices/system/cpu/cpufreq/boost", "1");
	put_msr(0x1b, 0xfee00d00);
	json = hypervisor_json();
	assert_string_equal(text_of(json, "name"), "KVM");
	assert_string_equal(text_of(json, "by"), "cpuid");
	assert_string_equal(text_of(json, "confidential"), "none");
	assert_string_equal(text_of(json, "apic"), "x2apic");
	assert_string_equal(text_of(json, "nested"), "svm");
	assert_true(json_is_null(json_object_get(json, "monitor")));
	part = json_array_get(json_object_get(json, "signatures"), 0);
	assert_string_equal(text_of(part, "leaf"), "0x40000000");
	assert_string_equal(text_of(part, "signature"), "KVMKVMKVM");
	part = json_object_get(json_object_get(json, "features"), "KVM");
	assert_int_equal(json_object_size(part), 1);
	assert_int_equal(json_integer_value(json_object_get(part, "pv_eoi")), 1);
	part = json_object_get(json, "topology");
	assert_int_equal(json_integer_value(json_object_get(part, "vcpus")), 4);
	assert_int_equal(json_integer_value(json_object_get(part, "cores")), 2);
	assert_int_equal(json_integer_value(json_object_get(part, "packages")), 2);
	json_decref(json);
	put_msr(0x1b, 0xfee00900);
	assert_true(hypervisor_read(&found));
	assert_string_equal(found.apic, "xapic");
}

static const struct finding *finding(const char *subject)
{
	static struct finding all[64];
	size_t count = findings_machine(all, 64);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].subject, subject))
			return &all[i];
	}
	return NULL;
}

static void test_findings(void **state)
{
	(void)state;
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), {0x40000001, 0, {1 << 6 | 1 << 9, 0, 0, 0}},
		MAX_LEAF(0x21), TDX);
	assert_non_null(strstr(finding("hypervisor")->text, "a VM of KVM."));
	assert_string_equal(finding("paravirt")->text,
			    "KVM advertises features that change exits: pv_eoi pv_tlb_flush");
	assert_non_null(strstr(finding("confidential")->text, "(tdx, by CPUID leaf 21H)"));
	pretend({1, 0, {0}});
	assert_null(finding("hypervisor"));
	assert_null(finding("paravirt"));
	assert_null(finding("confidential"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_vm(test_json),
		on_a_vm(test_findings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
