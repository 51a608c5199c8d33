// SPDX-License-Identifier: GPL-2.0-or-later
/* The effects of the guest's handlers and loops, on the real /dev/kvm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../bench/storms/storm.h"
#include "../../hv/backend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A canonical address that the guest's tables do not map. */
#define HOLE 0x600000000000ULL

enum {
	SECONDS = 110,
	OPERATIONS = 11
}; /* not a multiple of 8, so that the loop of the remainder runs, too */

struct machine {
	struct hv_vm *vm;
	struct hv_vcpu *vcpu;
	struct guest_shared *shared;
	const struct guest_storm *code;
	const struct storm *storm;
	struct hv_exit exit;
};

static void run(struct machine *m, u64 loop, u32 count, int expected)
{
	struct hv_loop batch = {
		.path = HV_PATH_FULL,
		.count = count,
		.raw_reason = hv_raw_reason(m->vm, m->storm->kind),
	};
	int err;

	m->shared->loop = loop;
	m->shared->batch = OPERATIONS;
	memcpy(m->shared->arg, m->storm->arg, sizeof(m->shared->arg));
	do
		err = hv_run(m->vcpu, &batch, &m->exit);
	while (err == -EINTR);
	if (err != expected)
		fail_msg("%s: hv_run gave %d, not %d: %s", m->storm->name, err, expected,
			 m->exit.why);
}

/* Creates a VM of one vCPU and runs it up to its first batch. */
static void machine_new(struct machine *m, const char *name, u8 cpl)
{
	char why[HV_WHY] = "";
	struct hv_config config = {
		.backend = &hv_kvm,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
		.cpl = cpl,
	};

	memset(m, 0, sizeof(*m));
	m->storm = storm_find(name);
	assert_non_null(m->storm);
	config.irqchip = m->storm->needs & NEED_IRQCHIP;
	config.x2apic = m->storm->needs & NEED_X2APIC;
	if (hv_vm_create(&m->vm, &config, why))
		fail_msg("%s", why);
	m->vcpu = hv_vcpu(m->vm, 0);
	m->shared = hv_shared(m->vcpu);
	m->code = hv_guest_storm(m->vm, name);
	if (m->code->handler)
		hv_set_gate(m->vm, m->code->vector, m->code->handler);
	run(m, 0, 0, 0);
}

static void test_unexpected_exception_is_reported(void **state)
{
	static const u8 levels[] = {0, 3};
	struct machine m;

	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		machine_new(&m, "null", levels[i]);
		run(&m, HOLE, 0, -EPROTO);
		assert_int_equal(m.shared->vector, 14); /* #PF */
		assert_int_equal(m.shared->rip, HOLE);
		assert_int_equal(m.shared->cr2, HOLE);
		/* Error code: bit 0 is 0 (not present), bit 2 is 1 at CPL 3. */
		assert_int_equal(m.shared->error & 5, levels[i] ? 4 : 0);
		hv_vm_destroy(m.vm);
	}
}

/* In storms that wait for an interrupt the handler runs once per operation. */
static void test_interrupt_comes_once_an_operation(void **state)
{
	static const char *const names[] = {
		"self_ipi_sti_hlt",
		"self_ipi_tpr_sti_hlt",
		"x2apic_self_ipi_sti_hlt",
		"x2apic_self_ipi_tpr_sti_hlt",
		"tsc_deadline",
		"tsc_deadline_immediate",
		"hlt_wake",
	};
	struct machine m;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		machine_new(&m, names[i], 0);
		run(&m, m.code->control, 0, 0);
		assert_int_equal(m.shared->count, 0);
		run(&m, m.code->storm, 0, 0);
		assert_int_equal(m.shared->count, OPERATIONS);
		run(&m, m.code->storm_stamped, 0, 0);
		assert_int_equal(m.shared->count, 2 * OPERATIONS);
		hv_vm_destroy(m.vm);
	}
}

static void test_exceptions_come_back(void **state)
{
	static const char *const names[] = {"ud2", "int3", "pf_reflect", "syscall"};
	struct machine m;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		machine_new(&m, names[i], 3);
		run(&m, m.code->storm, 0, 0);
		run(&m, m.code->storm_stamped, 0, 0);
		assert_int_equal(m.shared->index, OPERATIONS);
		run(&m, m.code->control_stamped, 0, 0);
		hv_vm_destroy(m.vm);
	}
}

/* The number of pages of the area that were stored to, and the index of the last of them. */
static u32 pages_touched(const struct machine *m, u32 *last)
{
	u32 touched = 0;

	for (u32 page = 0; page < GUEST_FILL_PAGES; page++)
		if (m->vm->fill[page * 0x1000]) {
			touched++;
			*last = page;
		}
	return touched;
}

static void test_each_page_is_touched_once(void **state)
{
	static const struct {
		const char *name;
		u32 stride;
	} rows[] = {{"page_fill", 1}, {"page_fill_mapped", 8}, {"page_dirty", 1}};
	char why[HV_WHY] = "";
	struct machine m;
	u32 last = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_new(&m, rows[i].name, 3);
		run(&m, m.code->control, 0, 0);
		assert_int_equal(pages_touched(&m, &last), 0);
		if (m.storm->rearm(m.vcpu, why))
			fail_msg("%s", why);
		run(&m, m.code->storm, 0, 0);
		assert_int_equal(pages_touched(&m, &last), OPERATIONS);
		assert_int_equal(last, (OPERATIONS - 1) * rows[i].stride);
		assert_true(m.storm->max_batch * rows[i].stride <= GUEST_FILL_PAGES);
		hv_vm_destroy(m.vm);
	}
}

static void test_stamps_of_records_are_in_order(void **state)
{
	static const u8 levels[] = {0, 3};
	struct machine m;

	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		const struct record *ring;
		u64 last;

		machine_new(&m, "pio_out", levels[i]);
		run(&m, m.code->storm_stamped, OPERATIONS, 0);
		ring = hv_ring(m.vcpu);
		last = m.shared->began;
		for (int k = 0; k < OPERATIONS; k++) {
			assert_true(last < ring[k].guest_out);
			assert_true(ring[k].guest_out < ring[k].guest_in);
			last = ring[k].guest_in;
		}
		assert_true(last < m.shared->ended);
		assert_int_equal(ring[OPERATIONS].guest_out, 0);
		hv_vm_destroy(m.vm);
	}
}

/* The guest runs with the other fences, too. */
static void test_fences_can_be_exchanged(void **state)
{
	static u8 image[GUEST_IMAGE_SIZE];
	const u32 size = guest_image_end - guest_image;
	struct hv_config config = {.backend = &hv_kvm, .image = image, .image_size = size};
	struct machine m = {.storm = storm_find("null")};
	char why[HV_WHY] = "";

	(void)state;
	config.vcpus = 1;
	for (u8 fence = FENCE_LFENCE; fence <= FENCE_MFENCE; fence++) {
		memcpy(image, guest_image, size);
		assert_int_equal(storm_fence(image, size, fence), 0);
		if (hv_vm_create(&m.vm, &config, why))
			fail_msg("%s", why);
		m.vcpu = hv_vcpu(m.vm, 0);
		m.shared = hv_shared(m.vcpu);
		run(&m, 0, 0, 0);
		run(&m, hv_guest_storm(m.vm, "null")->storm_stamped, 0, 0);
		assert_int_equal(m.shared->index, OPERATIONS);
		assert_true(hv_ring(m.vcpu)[0].guest_out < hv_ring(m.vcpu)[0].guest_in);
		hv_vm_destroy(m.vm);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unexpected_exception_is_reported),
		cmocka_unit_test(test_interrupt_comes_once_an_operation),
		cmocka_unit_test(test_exceptions_come_back),
		cmocka_unit_test(test_each_page_is_touched_once),
		cmocka_unit_test(test_stamps_of_records_are_in_order),
		cmocka_unit_test(test_fences_can_be_exchanged),
	};
	char why[HV_WHY] = "";

	if (hv_probe(&hv_kvm, why)) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	alarm(SECONDS); /* a guest that hangs ends the test */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
