// SPDX-License-Identifier: GPL-2.0-or-later
/* Exit codes and their names, the checker of VMCBs, the decoder of instructions, NPT's entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../hv/instruction.h"
#include "../../hv/paging.h"
#include "../../hv/svm/check.h"
#include "../../hv/svm/names.h"
#include "../../hv/svm/vmcb.h"

static void test_codes_have_names_and_kinds(void **state)
{
	(void)state;
	assert_string_equal(svm_exit_name(0x72), "CPUID");
	assert_string_equal(svm_exit_name(0x13), "write of CR");
	assert_string_equal(svm_exit_name(0x5f), "exception ");
	assert_string_equal(svm_exit_name(0xffffffff), "the guest state in the VMCB is not valid");
	assert_string_equal(svm_exit_name(0xa7), "reserved");
	assert_int_equal(svm_exit_kind(0x1f), EXIT_CR_WRITE);
	assert_int_equal(svm_exit_kind(0x20), EXIT_DR_ACCESS);
	assert_int_equal(svm_exit_kind(0x400), EXIT_SLAT_VIOLATION);
	assert_int_equal(svm_exit_kind(0x404), EXIT_OTHER);
}

/* APM Vol. 2, appendix C, table C-1: where it has codes, and where it has none. */
static void test_the_table_is_whole(void **state)
{
	static const struct {
		u32 first, last;
		bool named;
	} spans[] = {
		{0x000, 0x0a6, true},
		{0x0a7, 0x3ff, false},
		{0x400, 0x403, true},
		{0x404, 0x406, false},
		{0x407, 0x407, true},
		{0x408, 0x1000, false},
		{0xefffff00, 0xf0000100, false},
		{0xffffff00, 0xfffffffb, false},
		{0xfffffffc, 0xffffffff, true},
	};

	(void)state;
	for (u32 i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		for (u64 code = spans[i].first; code <= spans[i].last; code++) {
			assert_int_equal(strcmp(svm_exit_name(code), "reserved") != 0,
					 spans[i].named);
			assert_int_equal(svm_exit_kind(code) != EXIT_OTHER, spans[i].named);
		}
}

/* Rows in the order of their codes, none within another, each with a name of its own and a kind. */
static void test_the_table_is_in_order(void **state)
{
	static const struct {
		u32 code, count;
		enum exit_kind kind;
		const char *name, *text;
	} rows[] = {
#define SVM_EXIT(code, NAME, kind, text)	  {code, 1, EXIT_##kind, #NAME, text},
#define SVM_EXITS(first, count, NAME, kind, text) {first, count, EXIT_##kind, #NAME, text},
#include "../../hv/svm/exits.def"
	};
	const u32 count = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (u32 i = 0; i < count; i++) {
		assert_true(*rows[i].text && *exit_kind_name(rows[i].kind));
		assert_string_equal(svm_exit_name(rows[i].code + rows[i].count - 1), rows[i].text);
		assert_int_equal(svm_exit_kind(rows[i].code + rows[i].count - 1), rows[i].kind);
		if (i && rows[i].code >= VMCB_INTERCEPTS * 32 && rows[i].code < 0x80000000)
			assert_true(rows[i].code >= rows[i - 1].code + rows[i - 1].count);
		else if (i && rows[i].code < VMCB_INTERCEPTS * 32) /* each bit has its row */
			assert_int_equal(rows[i].code, rows[i - 1].code + rows[i - 1].count);
		for (u32 j = 0; j < i; j++) {
			assert_string_not_equal(rows[i].name, rows[j].name);
			assert_string_not_equal(rows[i].text, rows[j].text);
		}
	}
}

/* The manual's numbers of what storms are made of, and the neutral kinds that VMX has, too. */
static void test_codes_of_the_manual(void **state)
{
	static const struct {
		u32 code;
		enum exit_kind kind;
	} rows[] = {
		{0x60, EXIT_EXTERNAL_INTERRUPT},
		{0x61, EXIT_NMI},
		{0x62, EXIT_SMI},
		{0x63, EXIT_INIT},
		{0x64, EXIT_INTERRUPT_WINDOW},
		{0x65, EXIT_CR_WRITE},
		{0x66, EXIT_DESCRIPTOR_TABLE},
		{0x6d, EXIT_DESCRIPTOR_TABLE},
		{0x6e, EXIT_RDTSC},
		{0x6f, EXIT_RDPMC},
		{0x70, EXIT_FLAGS},
		{0x71, EXIT_FLAGS},
		{0x73, EXIT_RSM},
		{0x74, EXIT_IRET},
		{0x75, EXIT_SOFTWARE_INTERRUPT},
		{0x76, EXIT_INVD},
		{0x77, EXIT_PAUSE},
		{0x78, EXIT_HLT},
		{0x79, EXIT_INVLPG},
		{0x7a, EXIT_INVLPG},
		{0x7b, EXIT_IO},
		{0x7d, EXIT_TASK_SWITCH},
		{0x7f, EXIT_TRIPLE_FAULT},
		{0x80, EXIT_VIRTUALIZATION_INSTRUCTION},
		{0x81, EXIT_HYPERCALL},
		{0x86, EXIT_VIRTUALIZATION_INSTRUCTION},
		{0x87, EXIT_RDTSC},
		{0x88, EXIT_ICEBP},
		{0x89, EXIT_WBINVD},
		{0x8a, EXIT_MONITOR},
		{0x8b, EXIT_MWAIT},
		{0x8c, EXIT_MWAIT},
		{0x8d, EXIT_XSETBV},
		{0x8e, EXIT_RDPRU},
		{0x8f, EXIT_MSR_WRITE},
		{0x93, EXIT_CR_WRITE},
		{0xa0, EXIT_INVLPG},
		{0xa2, EXIT_INVPCID},
		{0xa3, EXIT_MCOMMIT},
		{0xa4, EXIT_TLBSYNC},
		{0xa5, EXIT_BUS_LOCK},
		{0xa6, EXIT_HLT},
		{0x400, EXIT_SLAT_VIOLATION},
		{0x401, EXIT_AVIC},
		{0x402, EXIT_AVIC},
		{0x403, EXIT_HYPERCALL},
		{0x407, EXIT_DIRTY_LOG_FULL},
		{0xffffffff, EXIT_ENTRY_FAILED},
	};

	(void)state;
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(svm_exit_kind(rows[i].code), rows[i].kind);
}

static void test_kinds_have_codes(void **state)
{
	(void)state;
	assert_int_equal(svm_exit_code(EXIT_CPUID), 0x72);
	assert_int_equal(svm_exit_code(EXIT_MSR_WRITE), 0x7c);
	assert_int_equal(svm_exit_code(EXIT_MMIO), 0x400);
	assert_int_equal(svm_exit_code(EXIT_PAGE_FAULT), 0x4e);
	assert_int_equal(svm_exit_code(EXIT_RDRAND), ~0U);
	assert_int_equal(svm_exit_code(EXIT_ENTRY_FAILED), ~0U);
}

static struct vmcb good(void)
{
	struct vmcb vmcb = {.save = {.efer = 0x1501,
				     .cr0 = 0x80050033,
				     .cr4 = 0x7a0,
				     .dr6 = 0xffff0ff0,
				     .dr7 = 0x400,
				     .cs = {.rights = 0xa9b},
				     .pat = 0x0007040600070406},
			    .control = {.asid = 1, .nested_paging = 1, .nested_cr3 = 0x1000}};

	vmcb.control.intercept[4] = 1;
	return vmcb;
}

static const char *rule_of(const struct vmcb *vmcb)
{
	struct svm_check check = {.physical_bits = 40, .asids = 16};

	return svm_check(vmcb, &check) ? check.rule : "";
}

static void test_good_vmcb_breaks_no_rule(void **state)
{
	struct vmcb vmcb = good();

	(void)state;
	assert_string_equal(rule_of(&vmcb), "");
}

#define BREAKS(text, change)                                   \
	do {                                                   \
		struct vmcb vmcb = good();                     \
                                                               \
		change;                                        \
		assert_non_null(strstr(rule_of(&vmcb), text)); \
		assert_true(*rule_of(&vmcb));                  \
	} while (0)

static void test_each_rule_is_named(void **state)
{
	(void)state;
	BREAKS("SVME is zero", vmcb.save.efer &= ~0x1000ULL);
	BREAKS("CR0.NW is set", vmcb.save.cr0 |= 1 << 29);
	BREAKS("CR0[63:32]", vmcb.save.cr0 |= 1ULL << 40);
	BREAKS("MBZ bit of CR3", vmcb.save.cr3 = 1ULL << 40);
	BREAKS("MBZ bit of CR4", vmcb.save.cr4 |= 1 << 19);
	BREAKS("CR4.CET is set", vmcb.save.cr4 |= 1 << 23; vmcb.save.cr0 &= ~(1ULL << 16));
	BREAKS("reserved bit of S_CET", vmcb.save.s_cet = 4);
	BREAKS("DR6[63:32]", vmcb.save.dr6 |= 1ULL << 33);
	BREAKS("DR7[63:32]", vmcb.save.dr7 |= 1ULL << 33);
	BREAKS("MBZ bit of EFER", vmcb.save.efer |= 2);
	BREAKS("CR4.PAE is zero", vmcb.save.cr4 &= ~0x20ULL);
	BREAKS("CR0.PE is zero", vmcb.save.cr0 &= ~1ULL);
	BREAKS("CS.L and CS.D", vmcb.save.cs.rights |= 1 << 10);
	BREAKS("VMRUN intercept", vmcb.control.intercept[4] = 0);
	BREAKS("I/O permissions map", vmcb.control.iopm_base = (1ULL << 40) - 0x2000);
	BREAKS("MSR permissions map", vmcb.control.msrpm_base = (1ULL << 40) - 0x1000);
	BREAKS("ASID is zero", vmcb.control.asid = 0);
	BREAKS("no such ASID", vmcb.control.asid = 16);
	BREAKS("TYPE is reserved", vmcb.control.event_injection = 0x80000100);
	BREAKS("TYPE is reserved", vmcb.control.event_injection = 0x80000500);
	BREAKS("VECTOR is none", vmcb.control.event_injection = 0x80000302);
	BREAKS("nCR3", vmcb.control.nested_cr3 = 1ULL << 45);
	BREAKS("memory type", vmcb.save.pat = 2);
	BREAKS("AVIC pointer", vmcb.control.virtual_interrupt = 1ULL << 31;
	       vmcb.control.avic_backing_page = 1ULL << 41);
	BREAKS("MAX_INDEX", vmcb.control.virtual_interrupt = 1ULL << 31;
	       vmcb.control.avic_physical_table = 0x100);
}

static u32 length_of(const char *bytes, bool long_mode)
{
	u8 code[INSTRUCTION_READ] = {0};
	struct instruction insn;

	memcpy(code, bytes, strlen(bytes));
	return instruction_decode(code, long_mode, &insn) ? insn.length : 0;
}

static void test_lengths_of_instructions(void **state)
{
	(void)state;
	assert_int_equal(length_of("\x0f\xa2", true), 2);	      /* CPUID */
	assert_int_equal(length_of("\x0f\x01\xd9", true), 3);	      /* VMMCALL */
	assert_int_equal(length_of("\xf3\x90", true), 2);	      /* PAUSE */
	assert_int_equal(length_of("\x44\x0f\x22\xc0", true), 4);     /* MOV CR8, RAX */
	assert_int_equal(length_of("\x0f\x20\x04", true), 3);	      /* mod is not looked at */
	assert_int_equal(length_of("\x0f\x01\x04\x25", true), 8);     /* SGDT disp32 */
	assert_int_equal(length_of("\x0f\x01\x3f", true), 3);	      /* INVLPG (RDI) */
	assert_int_equal(length_of("\x0f\x01\x7c\x24\x08", true), 5); /* INVLPG 8(RSP) */
	assert_int_equal(length_of("\x66\xc7\x05", true), 9);	      /* MOV m16, imm16 */
	assert_int_equal(length_of("\xc6\x80", true), 7);	      /* MOV disp32(RAX), imm8 */
	assert_int_equal(length_of("\xcd\x42", true), 2);	      /* INT n */
	assert_int_equal(length_of("\x48\x89\x18", true), 3);	      /* MOV (RAX), RBX */
	assert_int_equal(length_of("\x48\x89\x18", false), 0);	      /* DEC EAX in 32-bit mode */
	assert_int_equal(length_of("\x0f\xff", true), 0);
	assert_int_equal(
		length_of("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66", true), 0);
}

static bool is_access(const char *bytes)
{
	u8 code[INSTRUCTION_READ] = {0};
	struct instruction insn;

	memcpy(code, bytes, strlen(bytes));
	assert_true(instruction_decode(code, true, &insn));
	return instruction_is_access(&insn);
}

static void test_accesses_of_memory(void **state)
{
	(void)state;
	assert_true(is_access("\x48\x89\x18"));	    /* MOV (RAX), RBX */
	assert_true(is_access("\x8b\x07"));	    /* MOV EAX, (RDI) */
	assert_true(is_access("\x66\xc7\x07\x01")); /* MOV m16, imm16 */
	assert_true(is_access("\xc6\x80"));	    /* MOV disp32(RAX), imm8 */
	assert_false(is_access("\x89\xc3"));	    /* MOV EBX, EAX */
	assert_false(is_access("\x0f\x01\x3f"));    /* INVLPG (RDI) */
	assert_false(is_access("\x0f\x0b"));	    /* UD2 */
	assert_false(is_access("\xec"));	    /* IN */
}

static void test_registers_of_instructions(void **state)
{
	const u8 code[INSTRUCTION_READ] = {0x45, 0x0f, 0x22, 0xc7}; /* MOV CR8, R15 */
	struct instruction insn;

	(void)state;
	assert_true(instruction_decode(code, true, &insn));
	assert_int_equal(instruction_reg(&insn), 8);
	assert_int_equal(instruction_rm(&insn), 15);
}

/* Guests are users to the nested tables; nothing is executable that must not be. */
static void test_nested_page_entries(void **state)
{
	static u64 area[512 * 4] __attribute__((aligned(4096)));
	const u32 all = PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) |
			PAGING_BIT(PAGING_EXECUTE) | PAGING_BIT(PAGING_CACHED);
	struct paging paging;
	u64 bytes;

	(void)state;
	assert_int_equal(paging_init(&paging, &paging_npt, area, 0x100000, sizeof(area)), 0);
	assert_int_equal(paging_map(&paging, 0x1000, 0x5000, 0x1000, PAGING_4K, all), 0);
	assert_int_equal(*paging_leaf(&paging, 0x1000, &bytes), 0x5007);
	assert_int_equal(paging_map(&paging, PAGING_1G, PAGING_1G, PAGING_1G, PAGING_1G,
				    all & ~PAGING_BIT(PAGING_WRITE)),
			 0);
	assert_int_equal(*paging_leaf(&paging, PAGING_1G, &bytes), PAGING_1G | 0x85);
	assert_int_equal(area[0] & 0xfff, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_have_names_and_kinds),
		cmocka_unit_test(test_the_table_is_whole),
		cmocka_unit_test(test_the_table_is_in_order),
		cmocka_unit_test(test_codes_of_the_manual),
		cmocka_unit_test(test_kinds_have_codes),
		cmocka_unit_test(test_good_vmcb_breaks_no_rule),
		cmocka_unit_test(test_each_rule_is_named),
		cmocka_unit_test(test_lengths_of_instructions),
		cmocka_unit_test(test_accesses_of_memory),
		cmocka_unit_test(test_registers_of_instructions),
		cmocka_unit_test(test_nested_page_entries),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
