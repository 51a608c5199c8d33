// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs on the real /dev/kvm: state at the start, number of vCPUs, configurations that are refused.
 */
#include "machine.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "../../trace/stamp.h"

static void test_boots_and_shuts_down_without_leak(void **state)
{
	struct machine machine;
	int before = 0, after = 0;
	DIR *fds;

	for (int round = 0; round < 3; round++) {
		boot_kind(&machine, state);
		hv_vm_destroy(machine.vm);
		fds = opendir("/proc/self/fd");
		assert_non_null(fds);
		after = 0;
		while (readdir(fds))
			after++;
		closedir(fds);
		if (!before)
			before = after;
	}
	assert_int_equal(before, after);
}

static void test_starts_at_the_cpl_asked_for(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	shared = ask(&machine, "state", 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->arg[1] & 3, kind->cpl);
	hv_vm_destroy(machine.vm);
}

static void test_guest_and_host_have_one_clock(void **state)
{
	struct machine machine;
	struct guest_shared *shared;
	u64 before, after;

	boot_kind(&machine, state);
	shared = ask(&machine, "state", 1);
	before = stamp_fenced();
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	after = stamp_fenced();
	assert_in_range(shared->arg[2], before, after);
	hv_vm_destroy(machine.vm);
}

static void test_vcpus_have_their_own_pages(void **state)
{
	struct hv_config config = config_of(*state);
	struct machine machine;

	config.vcpus = 2;
	config.x2apic = config.irqchip;
	boot(&machine, &config);
	machine.vcpu = hv_vcpu(machine.vm, 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	assert_int_equal(hv_shared(machine.vcpu)->vcpu, 1);
	assert_true(hv_ring(machine.vcpu)[0].host_in > 0);
	assert_int_equal(hv_ring(hv_vcpu(machine.vm, 0))[0].host_in, 0);
	/* A crash is reported from the page of its vCPU. */
	ask(&machine, "ud2", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	assert_non_null(strstr(machine.exit.why, "#UD"));
	assert_null(hv_vcpu(machine.vm, 2));
	hv_vm_destroy(machine.vm);
}

static void test_most_vcpus_fit(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY] = "";
	struct hv_vm *vm;
	int err;

	config.vcpus = GUEST_MAX_VCPUS;
	err = hv_vm_create(&vm, &config, why);
	must(err, why);
	hv_vm_destroy(vm);
}

static void test_features_can_be_enabled(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY] = "";
	struct hv_vm *vm;
	int err;

	must(hv_vm_create(&vm, &config, why), why);
	err = hv_enable(vm, HV_FEATURE_HYPERCALL_EXIT, why);
	assert_true(err == 0 || err == -EOPNOTSUPP);
	assert_true(err == 0 || strstr(why, "KVM_CAP_EXIT_HYPERCALL"));
	assert_null(hv_guest_storm(vm, "no such storm"));
	assert_int_equal(hv_raw_reason(vm, EXIT_CPUID), ~0U);
	assert_int_equal(hv_raw_reason(vm, EXIT_MSR_READ), ~0U);
	hv_vm_destroy(vm);
}

static void test_bad_images_are_refused(void **state)
{
	struct hv_config config = config_of(*state);
	const u32 size = config.image_size;
	union {
		struct guest_header header;
		u8 bytes[GUEST_IMAGE_SIZE + 1];
	} *copy = calloc(1, sizeof(*copy));
	const struct {
		const char *text;
		u32 image_size;
		struct guest_header change; /* bytes other than 0 are XORed into the header */
	} bad[] = {
		{"shorter than its header", 0, {0}},
		{"shorter than its header", sizeof(struct guest_header) - 1, {0}},
		{"longer than the room", GUEST_IMAGE_SIZE + 1, {0}},
		{"magic number", size, {.magic = 1}},
		{"another version", size, {.version = 0x100}},
		{"wrong size", size, {.size = 0x80000000}},
		{"wrong size", size, {.size = size}}, /* 0 */
		{"points out of it", size, {.entry64 = 1ULL << 63}},
		{"points out of it", size, {.vectors = 0x400000}},
		{"points out of it", size, {.table = 1ULL << 40}},
		{"points out of it", size, {.storms = 0x80000000}},
		{"not aligned", size, {.table = 1}},
	};
	char why[HV_WHY];
	struct hv_vm *vm;

	assert_non_null(copy);
	config.image = copy;
	for (u32 i = 0; i < COUNT(bad); i++) {
		const u8 *change = (const u8 *)&bad[i].change;

		memcpy(copy->bytes, hv_guest, size);
		for (u32 byte = 0; byte < sizeof(copy->header); byte++)
			copy->bytes[byte] ^= change[byte];
		config.image_size = bad[i].image_size;
		assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
		assert_null(vm);
		assert_non_null(strstr(why, bad[i].text));
	}
	config.image = NULL;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	free(copy);
}

static void test_bad_configurations_are_refused(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY];
	struct hv_vm *vm;

	config.vcpus = 0;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.vcpus = GUEST_MAX_VCPUS + 1;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.vcpus = 1;
	config.cpl = 1;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.cpl = 0;
	config.irqchip = false;
	config.x2apic = true;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	assert_non_null(strstr(why, "irqchip=on"));
	hv_vm_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_boots_and_shuts_down_without_leak),
		EACH(test_starts_at_the_cpl_asked_for),
		EACH(test_guest_and_host_have_one_clock),
		EACH(test_vcpus_have_their_own_pages),
		ROW(test_most_vcpus_fit, CPL3_IRQCHIP),
		ROW(test_features_can_be_enabled, CPL0),
		ROW(test_bad_images_are_refused, CPL0),
		ROW(test_bad_configurations_are_refused, CPL0),
	};

	return machine_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
