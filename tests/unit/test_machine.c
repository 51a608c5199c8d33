// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest memory and registers before the first entry, read as a processor reads
 * it: a KVM that interprets looks at less of it than hardware does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/storms/storm.h"
#include "../../hv/backend.h"
#include "../../hv/paging.h"

enum { VCPUS = 3, RFLAGS_IF = 1 << 9 };

/* A VM as far as machine_build needs one. */
static struct hv_vm *vm;
static struct hv_vcpu vcpus[VCPUS];

static void set_up(u8 cpl, enum hv_mode mode)
{
	char why[HV_WHY] = "";

	vm = calloc(1, sizeof(*vm));
	assert_non_null(vm);
	vm->config.image = guest_image;
	vm->config.image_size = guest_image_end - guest_image;
	vm->config.vcpus = VCPUS;
	vm->config.cpl = cpl;
	vm->config.mode = mode;
	vm->memory_bytes = GUEST_RING + VCPUS * GUEST_RING_SIZE;
	vm->fill_bytes = VCPUS * GUEST_FILL_SIZE;
	assert_int_equal(posix_memalign((void **)&vm->memory, 0x1000, vm->memory_bytes), 0);
	memset(vm->memory, 0, vm->memory_bytes);
	for (u32 i = 0; i < VCPUS; i++)
		vcpus[i] = (struct hv_vcpu){.vm = vm, .index = i};
	assert_int_equal(machine_build(vm, why), 0);
}

static int set_up_cpl0(void **state)
{
	(void)state;
	set_up(0, HV_MODE_64);
	return 0;
}

static int set_up_cpl3(void **state)
{
	(void)state;
	set_up(3, HV_MODE_64);
	return 0;
}

static int set_up_32(void **state)
{
	(void)state;
	set_up(0, HV_MODE_32);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(vm->memory);
	free(vm);
	return 0;
}

static u64 bits(u64 value, int from, int count)
{
	return value >> from & ((1ULL << count) - 1);
}

static u64 at(u64 address)
{
	u64 value;

	memcpy(&value, vm->memory + address, sizeof(value));
	return value;
}

static struct hv_start start_of(u32 vcpu)
{
	struct hv_start start;

	hv_start_state(&vcpus[vcpu], &start);
	return start;
}

/* Intel SDM Vol. 3A figure 6-8. */
static void test_every_gate_is_open_to_all_levels(void **state)
{
	struct hv_start start = start_of(0);

	(void)state;
	assert_int_equal(start.idt_limit, 256 * 16 - 1);
	for (u32 vector = 0; vector < 256; vector++) {
		u64 low = at(start.idt_base + vector * 16),
		    high = at(start.idt_base + vector * 16 + 8);
		u64 handler = bits(low, 0, 16) | bits(low, 48, 16) << 16 | high << 32;

		assert_int_equal(handler, vm->header.vectors + vector * GUEST_STUB_SIZE);
		assert_int_equal(bits(low, 16, 16), GUEST_KERNEL_CS);
		assert_int_equal(bits(low, 32, 8), 0);	 /* no IST */
		assert_int_equal(bits(low, 40, 4), 0xe); /* interrupts stay off in it */
		assert_int_equal(bits(low, 44, 1), 0);
		assert_int_equal(bits(low, 45, 2), 3); /* so INT3 is allowed at CPL 3 */
		assert_int_equal(bits(low, 47, 1), 1);
	}
	hv_set_gate(vm, 7, 0x123456789abcdef0);
	assert_int_equal(at(start.idt_base + 7 * 16 + 8), 0x12345678);
	assert_int_equal(bits(at(start.idt_base + 7 * 16), 48, 16) << 16 |
				 bits(at(start.idt_base + 7 * 16), 0, 16),
			 0x9abcdef0);
}

/* Intel SDM Vol. 3A figure 3-8: a descriptor says the same as the state that is loaded of it. */
static void test_selectors_lead_to_what_is_loaded(void **state)
{
	(void)state;
	for (u32 i = 0; i < VCPUS; i++) {
		struct hv_start start = start_of(i);

		for (u32 name = HV_ES; name < HV_SEGMENTS; name++) {
			const struct hv_segment *segment = &start.segment[name];
			u32 place = segment->selector & ~7;
			u64 entry, limit, busy = name == HV_TR ? 2 : 0;

			if (name == HV_LDTR) {
				assert_int_equal(segment->rights, HV_SEGMENT_UNUSABLE);
				continue;
			}
			assert_in_range(place, 8, start.gdt_limit - 7);
			entry = at(start.gdt_base + place);
			limit = bits(entry, 0, 16) | bits(entry, 48, 4) << 16;
			if (bits(entry, 55, 1))
				limit = limit << 12 | 0xfff;
			assert_int_equal(segment->limit, limit);
			assert_int_equal(segment->base, bits(entry, 16, 24) | bits(entry, 56, 8)
										      << 24);
			assert_int_equal(segment->rights,
					 bits(entry, 40, 8) | bits(entry, 52, 4) << 12 | busy);
			if (name != HV_TR)
				assert_int_equal(bits(segment->rights, 5, 2), vm->config.cpl);
			if (name != HV_TR)
				assert_int_equal(segment->selector & 3, vm->config.cpl);
		}
	}
}

/* Intel SDM Vol. 3A figure 8-11, Vol. 1 19.5.2. */
static void test_tss_has_a_stack_and_allows_all_ports(void **state)
{
	(void)state;
	for (u32 i = 0; i < VCPUS; i++) {
		struct hv_start start = start_of(i);
		u64 tss = start.segment[HV_TR].base, stack = GUEST_STACK + i * GUEST_STACK_SIZE;
		u64 map = bits(at(tss + 102), 0, 16);

		assert_in_range(at(tss + 4), stack + 0x1000, start.rsp - 0x1000);
		assert_in_range(start.rsp, stack + 0x1000, stack + GUEST_STACK_SIZE);
		assert_int_equal(start.rsp % 16, 0);
		assert_true(map >= 104);
		assert_int_equal(start.segment[HV_TR].limit, map + 0x2000);
		for (u32 byte = 0; byte < 0x2000; byte++)
			assert_int_equal(vm->memory[tss + map + byte], 0);
		assert_int_equal(vm->memory[tss + map + 0x2000], 0xff);
	}
}

/* Intel SDM Vol. 2: SYSCALL, SYSRET. */
static void test_syscall_leads_in_and_sysret_out(void **state)
{
	struct hv_start start = start_of(0);

	(void)state;
	assert_int_equal(start.lstar, vm->header.syscall);
	assert_int_equal(bits(start.star, 32, 16), GUEST_KERNEL_CS);
	assert_int_equal(bits(start.star, 32, 16) + 8, GUEST_KERNEL_DS);
	assert_int_equal(bits(start.star, 48, 16) + 16, GUEST_USER_CS | 3);
	assert_int_equal(bits(start.star, 48, 16) + 8, GUEST_USER_DS | 3);
	assert_true(start.sfmask & RFLAGS_IF);
}

static void test_each_vcpu_starts_as_guest_h_has_it(void **state)
{
	(void)state;
	for (u32 i = 0; i < VCPUS; i++) {
		struct hv_start start = start_of(i);

		assert_int_equal(start.rip, vm->header.entry64);
		assert_int_equal(start.rdi, GUEST_SHARED + i * 0x1000);
		assert_int_equal(start.rflags & RFLAGS_IF, 0);
		assert_int_equal(bits(start.rflags, 12, 2), 3); /* IOPL */
		assert_int_equal(bits(start.cr4, 5, 1), 1);	/* PAE */
		assert_int_equal(bits(start.cr4, 8, 1), 1);	/* PCE: RDPMC at CPL 3 */
		assert_int_equal(start.cr0 & 0x80000001, 0x80000001);
		assert_int_equal(start.efer & 0x501, 0x501); /* LMA, LME, SCE */
	}
}

static void test_page_tables_map_what_guest_h_says(void **state)
{
	const struct {
		u64 address, page_bytes;
		bool mapped, cached;
	} cases[] = {
		{0, PAGING_2M, true, true},
		{GUEST_IMAGE, PAGING_2M, true, true},
		{GUEST_RING - 1, PAGING_2M, true, true},
		{GUEST_RING, PAGING_4K, true, true},
		{vm->memory_bytes - 1, PAGING_4K, true, true},
		{vm->memory_bytes, 0, false, false},
		{GUEST_FILL - 1, 0, false, false},
		{GUEST_FILL, PAGING_4K, true, true},
		{GUEST_FILL + vm->fill_bytes - 1, PAGING_4K, true, true},
		{GUEST_FILL + vm->fill_bytes, 0, false, false},
		{GUEST_MMIO, PAGING_4K, true, false},
		{GUEST_APIC, PAGING_4K, true, false},
		{GUEST_APIC + 0x1000, 0, false, false},
	};
	struct paging paging = {
		.format = &paging_guest,
		.area = vm->memory + GUEST_TABLES,
		.area_address = GUEST_TABLES,
	};

	(void)state;
	assert_int_equal(start_of(0).cr3, GUEST_TABLES);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u64 page_bytes = 0, *leaf = paging_leaf(&paging, cases[i].address, &page_bytes);

		assert_int_equal(!leaf, !cases[i].mapped);
		if (!leaf)
			continue;
		assert_int_equal(page_bytes, cases[i].page_bytes);
		assert_int_equal(*leaf & 0x000ffffffffff000 & -page_bytes,
				 cases[i].address & -page_bytes);
		assert_int_equal(*leaf & 2, 2);				  /* writable */
		assert_int_equal(bits(*leaf, 2, 1), vm->config.cpl == 3); /* user's */
		assert_int_equal(bits(*leaf, 3, 2), cases[i].cached ? 0 : 3);
		assert_int_equal(*leaf >> 63, 0); /* executable */
	}
}

/* Intel SDM Vol. 3A 4.3 (paging), 3.4.5 and figure 8-3 (descriptors). */
static void test_32_bit_mode_is_flat_and_has_a_task_to_switch_to(void **state)
{
	struct hv_start start = start_of(1);
	u64 code = at(start.gdt_base + start.segment[HV_CS].selector);
	u64 task = at(start.gdt_base + GUEST_TASK);
	const u32 *directory = (const u32 *)(vm->memory + start.cr3);

	(void)state;
	assert_int_equal(start.rip, vm->header.entry32);
	assert_int_equal(start.efer, 0);
	assert_int_equal(bits(start.cr4, 4, 2), 1); /* PSE and no PAE */
	assert_int_equal(start.cr0 & 0x80000001, 0x80000001);
	assert_int_equal(bits(code, 53, 2), 2); /* D and no L */
	assert_int_equal(start.segment[HV_CS].rights >> 13 & 3, 2);
	assert_true(GUEST_TASK + 7 <= start.gdt_limit);
	assert_int_equal(bits(task, 40, 8), 0x89); /* a TSS that is not busy */
	assert_int_equal(bits(task, 0, 16), 103);
	for (u32 i = 0; i < 1024; i++) {
		bool cached = i < GUEST_MMIO >> 22;

		assert_int_equal(directory[i] & 0xffc00000, i << 22);
		assert_int_equal(directory[i] & 0x3fffff, cached ? 0x83 : 0x9b);
	}
}

#define BOTH(test)                                                  \
	{#test " (CPL0)", test, set_up_cpl0, tear_down, NULL},      \
	{                                                           \
#test " (CPL3)", test, set_up_cpl3, tear_down, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_every_gate_is_open_to_all_levels),
		BOTH(test_selectors_lead_to_what_is_loaded),
		BOTH(test_tss_has_a_stack_and_allows_all_ports),
		BOTH(test_syscall_leads_in_and_sysret_out),
		BOTH(test_each_vcpu_starts_as_guest_h_has_it),
		BOTH(test_page_tables_map_what_guest_h_says),
		cmocka_unit_test_setup_teardown(
			test_32_bit_mode_is_flat_and_has_a_task_to_switch_to, set_up_32, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
