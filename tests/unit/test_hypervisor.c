// SPDX-License-Identifier: GPL-2.0-or-later
/* The hypervisor below, from answers of CPUID and files of /sys that are made up. */
#include "made_up_cpuid.h"

#include "../../bench/machine/environment.h"
#include "../../bench/machine/hypervisor_json.h"

static struct hypervisor found;

static bool has(const char *interface, const char *name)
{
	for (size_t i = 0; i < found.features; i++) {
		if (!strcmp(found.feature[i].interface, interface) &&
		    !strcmp(found.feature[i].name, name))
			return true;
	}
	return false;
}

static void assert_text(const char *want)
{
	char text[256];

	assert_true(hypervisor_read(&found));
	hypervisor_text(&found, text, sizeof(text));
	assert_string_equal(text, want);
	assert_true(environment_hypervisor(text, sizeof(text)));
	assert_string_equal(text, want);
}

static void put_acpi(const char *table, const char *oem_id)
{
	char text[64];

	snprintf(text, sizeof(text), "%s\x24\x01\x01\x01\x02\x03%-6s%s", table, oem_id, "OEMTABLE");
	put("/sys/firmware/acpi/tables/FACP", text);
}

static void test_bare_metal_has_none(void **state)
{
	json_t *json;

	(void)state;
	/* An Intel CPU answers unknown leaves with those of its highest basic one. */
	pretend({0, 0, {0x16, 0x756e6547, 0x6c65746e, 0x49656e69}},
		{0x40000000, 0, {0xe74, 0x1004, 0x64, 0}},
		{0x40000100, 0, {0xe74, 0x1004, 0x64, 0}});
	assert_false(hypervisor_read(&found));
	json = hypervisor_json();
	assert_true(json_is_null(json));
	json_decref(json);
	put("/sys/class/dmi/id/sys_vendor", "Amazon EC2"); /* *.metal */
	assert_false(hypervisor_read(&found));
	put("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation");
	put("/sys/class/dmi/id/product_name", "Surface Laptop 7");
	assert_false(hypervisor_read(&found));
}

static void test_kvm_and_its_features(void **state)
{
	(void)state;
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), {0x40000001, 0, {1 << 6 | 1 << 11, 0, 0, 1}});
	assert_text("KVM");
	assert_string_equal(found.by, "cpuid");
	assert_false(found.hidden);
	assert_int_equal(found.features, 3);
	assert_true(has("KVM", "pv_eoi") && has("KVM", "pv_send_ipi"));
	assert_true(has("KVM", "hints_realtime"));
	/* Old KVMs leave EAX 0. */
	pretend(VIRTUAL, KVM(0x40000000, 0), {0x40000001, 0, {1 << 5, 0, 0, 0}});
	assert_text("KVM");
	assert_true(found.features == 1 && has("KVM", "steal_time"));
}

/* QEMU with hv-* has Hyper-V's leaves in front, and KVM's at 40000100H; Xen's viridian, too. */
static void test_hyperv_in_front_is_an_interface(void **state)
{
	(void)state;
	pretend(VIRTUAL, HYPERV(0x4000000a), {0x40000004, 0, {1 << 10 | 1 << 3, 0, 0, 0}},
		KVM(0x40000100, 0x40000101), {0x40000101, 0, {1 << 7, 0, 0, 0}});
	assert_text("KVM with Hyper-V interfaces");
	assert_int_equal(found.signatures, 2);
	assert_true(has("Hyper-V", "hypercall_ipi") && has("Hyper-V", "apic_msrs_recommended"));
	assert_true(has("KVM", "pv_unhalt"));
	pretend(VIRTUAL, HYPERV(0x40000006), XEN(0x40000100, 0x40000104),
		{0x40000103, 0, {1, 0, 0, 0}}, {0x40000104, 0, {1 << 1, 0, 0, 0}});
	assert_text("Xen with Hyper-V interfaces");
	assert_true(has("Xen", "tsc_emulated") && has("Xen", "x2apic_virtual"));
}

static void test_hyperv_and_its_nested_hints(void **state)
{
	(void)state;
	pretend(VIRTUAL, HYPERV(0x4000000c), {0x40000003, 0, {1 << 4 | 1 << 9, 0, 0, 1 << 19}},
		{0x40000004, 0, {1 << 14, 0, 0, 0}}, {0x40000006, 0, {1 << 3, 0, 0, 0}},
		{0x4000000a, 0, {1 << 19, 0, 0, 0}});
	put("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation");
	put("/sys/class/dmi/id/product_name", "Virtual Machine");
	assert_text("Hyper-V (Microsoft Corporation Virtual Machine)");
	assert_int_equal(found.features, 6);
	assert_true(has("Hyper-V", "apic_msrs") && has("Hyper-V", "reference_tsc"));
	assert_true(has("Hyper-V", "stimer_direct") && has("Hyper-V", "enlightened_vmcs"));
	assert_true(has("Hyper-V", "slat_in_use") && has("Hyper-V", "nested_msr_bitmap"));
	/* A leaf past the highest one holds something else. */
	pretend(VIRTUAL, HYPERV(0x40000003), {0x40000004, 0, {~0U, ~0U, ~0U, ~0U}});
	assert_text("Hyper-V (Microsoft Corporation Virtual Machine)");
	assert_int_equal(found.features, 0);
}

static void test_names_by_signature(void **state)
{
	(void)state;
	pretend(VIRTUAL, VMWARE(0x40000000, 0x40000010), {0x40000010, 0, {0, 0, 2, 0}});
	assert_text("VMware");
	assert_true(found.features == 1 && has("VMware", "vmcall"));
	pretend(VIRTUAL, SIGNED(0x40000000, 0x40000001, 0x4e524341, 0x4e524341, 0x4e524341));
	assert_text("ACRN");
	pretend(VIRTUAL, SIGNED(0x40000000, 0x40000006, 0x786f4256, 0x786f4256, 0x786f4256));
	assert_text("VirtualBox");
	pretend(VIRTUAL, SIGNED(0x40000000, 0x40000001, 0x76796862, 0x68622065, 0x20657679),
		{0x40000001, 0, {1, 0, 0, 0}});
	assert_text("bhyve");
	assert_true(has("bhyve", "ext_dest_id"));
	pretend(VIRTUAL, SIGNED(0x40000000, 0x40000001, 0x6c69614a, 0x73756f68, 0x65));
	assert_text("Jailhouse");
	pretend(VIRTUAL, SIGNED(0x40000000, 0x40000001, 0x58584e51, 0x07070707, 0x58585858));
	assert_text("unknown, its signature is \"QNXX????XXXX\"");
	pretend(VIRTUAL);
	assert_text("unknown, it has no signature");
	/* The highest basic leaf, in place of the signature's. */
	pretend(VIRTUAL, SIGNED(0x40000000, 0x16, 0x41414141, 0x41414141, 0x41414141));
	assert_text("unknown, it has no signature");
}

static void test_monitor_by_acpi_and_dmi(void **state)
{
	(void)state;
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001));
	put_acpi("FACP", "FIRECK");
	assert_text("KVM, Firecracker");
	put_acpi("FACP", "BOCHS ");
	assert_text("KVM, QEMU");
	put("/sys/class/dmi/id/sys_vendor", "QEMU");
	put("/sys/class/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)");
	assert_text("KVM (QEMU Standard PC (Q35 + ICH9, 2009))");
	put("/sys/class/dmi/id/sys_vendor", "Amazon EC2");
	put("/sys/class/dmi/id/product_name", "m7i.large");
	put_acpi("FACP", "AMAZON");
	assert_text("KVM (Amazon EC2 m7i.large)");
	assert_string_equal(found.monitor, "Amazon EC2");
}

/* kvm=off or -hypervisor: the VM shows by what its monitor made. */
static void test_hidden_bit(void **state)
{
	(void)state;
	pretend({1, 0, {0}});
	put("/sys/class/dmi/id/sys_vendor", "QEMU");
	assert_text("unknown, it hides from CPUID (QEMU)");
	assert_true(found.hidden);
	assert_string_equal(found.by, "dmi");
	put("/sys/class/dmi/id/sys_vendor", "LENOVO");
	assert_false(hypervisor_read(&found));
	put_acpi("FACP", "CLOUDH");
	assert_text("unknown, it hides from CPUID, Cloud Hypervisor (LENOVO)");
	assert_string_equal(found.by, "acpi");
	/* The bit alone may be hidden. */
	pretend({1, 0, {0}}, KVM(0x40000000, 0x40000001));
	assert_text("KVM, Cloud Hypervisor (LENOVO)");
	assert_true(found.hidden);
	assert_string_equal(found.by, "cpuid");
}

static void test_bochs_xen_and_gvisor(void **state)
{
	(void)state;
	pretend({1, 0, {0}});
	put("/sys/class/dmi/id/bios_vendor", "Bochs");
	put_acpi("FACP", "BOCHS ");
	assert_text("Bochs, an emulator");
	assert_true(environment_emulated());
	put("/sys/class/dmi/id/bios_vendor", "AMI");
	put_acpi("FACP", "AMI   ");
	put("/sys/hypervisor/type", "xen");
	assert_text("Xen");
	assert_string_equal(found.by, "kernel");
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001));
	put("/sys/hypervisor/type", "");
	put("/proc/version", "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016");
	assert_text("KVM, gVisor");
}

#define AMD_SEV                                 \
	{0x80000000, 0, {0x80000020, 0, 0, 0}}, \
	{                                       \
		0x8000001f, 0,                  \
		{                               \
			2, 0, 0, 0              \
		}                               \
	}

static enum confidential confidential(void)
{
	assert_true(hypervisor_read(&found));
	return found.confidential;
}

static void test_confidential_kinds(void **state)
{
	(void)state;
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), MAX_LEAF(0x1f), TDX);
	assert_int_equal(confidential(), CONFIDENTIAL_NO); /* past the highest leaf */
	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), MAX_LEAF(0x21), TDX);
	assert_int_equal(confidential(), CONFIDENTIAL_TDX);
	pretend(VIRTUAL, HYPERV(0x4000000c), {0x40000003, 0, {.ebx = 1 << 22}},
		{0x4000000c, 0, {1, 2, 0, 0}});
	assert_int_equal(confidential(), CONFIDENTIAL_SEV_SNP);
	assert_true(found.paravisor);
	pretend(VIRTUAL, HYPERV(0x4000000c), {0x40000003, 0, {.ebx = 1 << 22}},
		{0x4000000c, 0, {0, 1, 0, 0}});
	assert_int_equal(confidential(), CONFIDENTIAL_VBS);
	assert_false(found.paravisor);
	pretend(VIRTUAL, HYPERV(0x4000000c), {0x4000000c, 0, {0, 2, 0, 0}});
	assert_int_equal(confidential(), CONFIDENTIAL_NO); /* without the privilege */

	pretend(VIRTUAL, KVM(0x40000000, 0x40000001), AMD_SEV);
	assert_int_equal(confidential(), CONFIDENTIAL_UNKNOWN);
	assert_null(hypervisor_confidential(found.confidential));
	put("/dev/sev-guest", "");
	assert_int_equal(confidential(), CONFIDENTIAL_SEV_SNP);
	put_msr(0xc0010131, 0);
	assert_int_equal(confidential(), CONFIDENTIAL_NO);
	put_msr(0xc0010131, 1);
	assert_int_equal(confidential(), CONFIDENTIAL_SEV);
	put_msr(0xc0010131, 3);
	assert_int_equal(confidential(), CONFIDENTIAL_SEV_ES);
	put_msr(0xc0010131, 7);
	assert_int_equal(confidential(), CONFIDENTIAL_SEV_SNP);
	assert_string_equal(hypervisor_confidential(found.confidential), "sev-snp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_vm(test_bare_metal_has_none),
		on_a_vm(test_kvm_and_its_features),
		on_a_vm(test_hyperv_in_front_is_an_interface),
		on_a_vm(test_hyperv_and_its_nested_hints),
		on_a_vm(test_names_by_signature),
		on_a_vm(test_monitor_by_acpi_and_dmi),
		on_a_vm(test_hidden_bit),
		on_a_vm(test_bochs_xen_and_gvisor),
		on_a_vm(test_confidential_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
