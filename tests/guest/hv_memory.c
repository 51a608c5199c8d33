// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices and pages on the real /dev/kvm: exits handled in the kernel, page faults, contents of
 * pages. */
#include "machine.h"

static void test_coalesced_writes_stay_in_the_kernel(void **state)
{
	const struct hv_device device = {
		.type = HV_DEVICE_COALESCED,
		.port = true,
		.address = GUEST_PORT_STORM,
		.size = 4,
	};
	struct machine machine;
	int err;

	boot_kind(&machine, state);
	must(hv_device_add(machine.vm, &device, machine.why), machine.why);
	for (int round = 0; round < 3; round++) {
		ask(&machine, "port", HV_COALESCED_WRITES)->arg[0] = GUEST_PORT_STORM;
		must(run(&machine, io(&machine, 0, false)), machine.exit.why);
	}
	ask(&machine, "port", HV_COALESCED_WRITES + 3);
	err = run(&machine, io(&machine, 0, false));
	assert_int_equal(err, -EBADE);
	assert_int_equal(machine.exit.qualification, 3);
	hv_vm_destroy(machine.vm);
}

static void test_eventfd_takes_what_matches(void **state)
{
	const struct hv_device device = {
		.type = HV_DEVICE_EVENTFD,
		.port = true,
		.address = GUEST_PORT_STORM,
	};
	struct machine machine;

	boot_kind(&machine, state);
	must(hv_device_add(machine.vm, &device, machine.why), machine.why);
	ask(&machine, "port", OPERATIONS)->arg[0] = GUEST_PORT_STORM;
	must(run(&machine, io(&machine, 0, false)), machine.exit.why);
	ask(&machine, "port", OPERATIONS)->arg[0] = GUEST_PORT_STORM + 4;
	must(run(&machine, io(&machine, OPERATIONS, false)), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

/* Exits of writing `pages` pages, without those of an empty batch. */
static u64 page_exits(struct machine *machine, u32 pages)
{
	struct hv_counts before, after;

	ask(machine, "pages", pages)->arg[0] = GUEST_FILL;
	assert_int_equal(hv_counts(machine->vcpu, &before), 0);
	must(run(machine, (struct hv_loop){0}), machine->exit.why);
	assert_int_equal(hv_counts(machine->vcpu, &after), 0);
	assert_true(before.valid & HV_COUNT_EXITS);
	return after.exits - before.exits;
}

/* At CPL 3: an interpreted guest writes without page faults. */
static void test_pages_fault_once_after_each_change(void **state)
{
	/* KVM maps up to 8 pages at once that the host has mapped (PTE_PREFETCH_NUM). */
	static const struct {
		enum hv_pages state;
		u32 pages_a_fault;
	} change[] = {{HV_PAGES_ABSENT, 1}, {HV_PAGES_UNMAPPED, 8}, {HV_PAGES_CLEAN, 1}};
	enum { PAGES = 512 };
	struct machine machine;
	u64 again, first, faults;

	boot_kind(&machine, state);
	for (u32 i = 0; i < COUNT(change); i++) {
		/* The first use of the dirty log maps pages, too. */
		must(hv_pages(machine.vcpu, change[i].state, machine.why), machine.why);
		page_exits(&machine, PAGES);
		for (int round = 0; round < 2; round++) {
			again = page_exits(&machine, PAGES);
			must(hv_pages(machine.vcpu, change[i].state, machine.why), machine.why);
			first = page_exits(&machine, PAGES);
			faults = PAGES / change[i].pages_a_fault;
			/* Both counts may include interrupts of the host. */
			assert_in_range(first - again, faults - faults / 4, 2 * PAGES);
		}
	}
	hv_vm_destroy(machine.vm);
}

static void test_absent_pages_are_zero_and_unmapped_ones_are_kept(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	page_exits(&machine, 4);
	must(hv_pages(machine.vcpu, HV_PAGES_UNMAPPED, machine.why), machine.why);
	assert_int_equal(machine.vm->fill[0x3000], 1);
	must(hv_pages(machine.vcpu, HV_PAGES_ABSENT, machine.why), machine.why);
	assert_int_equal(machine.vm->fill[0x3000], 0);
	hv_vm_destroy(machine.vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_coalesced_writes_stay_in_the_kernel),
		EACH(test_eventfd_takes_what_matches),
		ROW(test_pages_fault_once_after_each_change, CPL3),
		ROW(test_pages_fault_once_after_each_change, CPL3_IRQCHIP),
		EACH(test_absent_pages_are_zero_and_unmapped_ones_are_kept),
	};

	return machine_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
