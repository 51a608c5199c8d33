// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of hv/vmx/intrin.h on a CPU, as an image that prints TAP on COM1. It shares only the
 * header and the field encodings with the hypervisor, so that neither hides errors of the other.
 */
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../../hv/vmx/intrin.h"
#include "../../hv/vmx/vmcs.h"

#define MSR_FEATURE_CONTROL 0x3a
#define MSR_VMX_BASIC	    0x480
#define MSR_VMX_PINBASED    0x481 /* then processor, exit, entry controls, in this order */
#define MSR_VMX_CR0_FIXED0  0x486
#define MSR_VMX_CR0_FIXED1  0x487
#define MSR_VMX_CR4_FIXED0  0x488
#define MSR_VMX_CR4_FIXED1  0x489
#define CR4_VMXE	    (1 << 13)
#define EXIT_HOST_64	    (1 << 9)
#define ENTRY_GUEST_64	    (1 << 9)
#define REASON_VMCALL	    18

unsigned char test_enter(int resume);
extern const char test_exit_entry[], test_guest[];
extern u64 metal_gdt[];

static unsigned int tests, failures;
static u64 region[4]; /* physical addresses: VMXON region and three VMCSs */

static u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static size_t read_field(u32 field)
{
	size_t value = ~0UL;

	__vmx_vmread(field, &value);
	return value;
}

/* One test: the returned value, and the VM-instruction error (0: not checked). */
static void expect(const char *what, unsigned char got, unsigned char want, size_t error)
{
	size_t seen = error ? read_field(VMCS_VM_INSTRUCTION_ERROR) : 0;
	bool good = got == want && seen == error;

	tests++;
	failures += !good;
	serial_print("%sok %u - %s\n", good ? "" : "not ", tests, what);
	if (!good)
		serial_print("# returned %u, want %u; VM-instruction error %lu, want %lu\n", got,
			     want, seen, error);
}

static void expect_true(const char *what, bool good)
{
	expect(what, good ? 0 : 1, 0, 0);
}

static void enable_vmx(void)
{
	u64 control = rdmsr(MSR_FEATURE_CONTROL), cr;

	if (!(control & 1))
		wrmsr(MSR_FEATURE_CONTROL, control | 5);
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr));
	cr = (cr | rdmsr(MSR_VMX_CR0_FIXED0)) & rdmsr(MSR_VMX_CR0_FIXED1);
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr));
	cr = (cr | CR4_VMXE | rdmsr(MSR_VMX_CR4_FIXED0)) & rdmsr(MSR_VMX_CR4_FIXED1);
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr));
	for (u32 i = 0; i < 4; i++) {
		u32 *memory = host_pages_alloc(4096);

		memory[0] = rdmsr(MSR_VMX_BASIC) & 0x7fffffff;
		region[i] = (u64)memory;
	}
}

static u32 controls(u32 msr, u32 wanted)
{
	u64 capability = rdmsr(msr);

	return (wanted | (u32)capability) & (u32)(capability >> 32);
}

static void write_segments(void)
{
	static const struct {
		u32 selector, limit, rights, base, host;
	} row[] = {
		{VMCS_GUEST_ES_SELECTOR, VMCS_GUEST_ES_LIMIT, VMCS_GUEST_ES_ACCESS_RIGHTS,
		 VMCS_GUEST_ES_BASE, VMCS_HOST_ES_SELECTOR},
		{VMCS_GUEST_SS_SELECTOR, VMCS_GUEST_SS_LIMIT, VMCS_GUEST_SS_ACCESS_RIGHTS,
		 VMCS_GUEST_SS_BASE, VMCS_HOST_SS_SELECTOR},
		{VMCS_GUEST_DS_SELECTOR, VMCS_GUEST_DS_LIMIT, VMCS_GUEST_DS_ACCESS_RIGHTS,
		 VMCS_GUEST_DS_BASE, VMCS_HOST_DS_SELECTOR},
	};
	static const u32 unusable[] = {VMCS_GUEST_FS_ACCESS_RIGHTS, VMCS_GUEST_GS_ACCESS_RIGHTS,
				       VMCS_GUEST_LDTR_ACCESS_RIGHTS};

	for (u32 i = 0; i < 3; i++) {
		__vmx_vmwrite(row[i].selector, METAL_DS);
		__vmx_vmwrite(row[i].limit, 0xffffffff);
		__vmx_vmwrite(row[i].rights, 0xc093);
		__vmx_vmwrite(row[i].base, 0);
		__vmx_vmwrite(row[i].host, METAL_DS);
		__vmx_vmwrite(unusable[i], 0x10000);
	}
	__vmx_vmwrite(VMCS_GUEST_CS_SELECTOR, METAL_CS);
	__vmx_vmwrite(VMCS_GUEST_CS_LIMIT, 0xffffffff);
	__vmx_vmwrite(VMCS_GUEST_CS_ACCESS_RIGHTS, 0xa09b);
	__vmx_vmwrite(VMCS_HOST_CS_SELECTOR, METAL_CS);
	__vmx_vmwrite(VMCS_GUEST_TR_SELECTOR, METAL_TSS);
	__vmx_vmwrite(VMCS_GUEST_TR_LIMIT, 0x67);
	__vmx_vmwrite(VMCS_GUEST_TR_ACCESS_RIGHTS, 0x8b);
	__vmx_vmwrite(VMCS_HOST_TR_SELECTOR, METAL_TSS);
}

/* The current VMCS runs test_guest in the host's own address space. */
static void fill_vmcs(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) gdtr, idtr;
	u64 cr0, cr3, cr4, tss;

	__asm__ volatile("mov %%cr0, %0; mov %%cr3, %1; mov %%cr4, %2"
			 : "=r"(cr0), "=r"(cr3), "=r"(cr4));
	__asm__ volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
	tss = (metal_gdt[METAL_TSS / 8] >> 16 & 0xffffff) | (metal_gdt[METAL_TSS / 8] >> 56) << 24;

	__vmx_vmwrite(VMCS_PIN_CONTROLS, controls(MSR_VMX_PINBASED, 0));
	__vmx_vmwrite(VMCS_PROCESSOR_CONTROLS, controls(MSR_VMX_PINBASED + 1, 0));
	__vmx_vmwrite(VMCS_EXIT_CONTROLS, controls(MSR_VMX_PINBASED + 2, EXIT_HOST_64));
	__vmx_vmwrite(VMCS_ENTRY_CONTROLS, controls(MSR_VMX_PINBASED + 3, ENTRY_GUEST_64));
	__vmx_vmwrite(VMCS_VMCS_LINK_POINTER, ~0UL);
	__vmx_vmwrite(VMCS_EXCEPTION_BITMAP, 0);
	__vmx_vmwrite(VMCS_CR3_TARGET_COUNT, 0);
	__vmx_vmwrite(VMCS_ENTRY_INTERRUPTION_INFO, 0);
	write_segments();
	__vmx_vmwrite(VMCS_GUEST_TR_BASE, tss);
	__vmx_vmwrite(VMCS_HOST_TR_BASE, tss);
	__vmx_vmwrite(VMCS_GUEST_GDTR_BASE, gdtr.base);
	__vmx_vmwrite(VMCS_GUEST_GDTR_LIMIT, gdtr.limit);
	__vmx_vmwrite(VMCS_GUEST_IDTR_BASE, idtr.base);
	__vmx_vmwrite(VMCS_GUEST_IDTR_LIMIT, idtr.limit);
	__vmx_vmwrite(VMCS_HOST_GDTR_BASE, gdtr.base);
	__vmx_vmwrite(VMCS_HOST_IDTR_BASE, idtr.base);
	__vmx_vmwrite(VMCS_GUEST_CR0, cr0);
	__vmx_vmwrite(VMCS_GUEST_CR3, cr3);
	__vmx_vmwrite(VMCS_GUEST_CR4, cr4);
	__vmx_vmwrite(VMCS_HOST_CR0, cr0);
	__vmx_vmwrite(VMCS_HOST_CR3, cr3);
	__vmx_vmwrite(VMCS_HOST_CR4, cr4);
	__vmx_vmwrite(VMCS_GUEST_RFLAGS, 2);
	__vmx_vmwrite(VMCS_GUEST_DR7, 0x400);
	__vmx_vmwrite(VMCS_GUEST_RIP, (size_t)test_guest);
	__vmx_vmwrite(VMCS_HOST_RIP, (size_t)test_exit_entry);
	__vmx_vmwrite(VMCS_HOST_RSP, 0x1000); /* test_enter sets the real one */
}

static void test_without_vmcs(void)
{
	size_t value = 42;
	u64 pointer = 0;

	__vmx_vmptrst((unsigned long long *)&pointer);
	expect_true("vmptrst: all ones while there is no current VMCS", pointer == ~0ULL);
	expect("vmread: 2 with no current VMCS", __vmx_vmread(VMCS_GUEST_RIP, &value), 2, 0);
	expect_true("vmread: the value is left alone on failure", value == 42);
	expect("vmwrite: 2 with no current VMCS", __vmx_vmwrite(VMCS_GUEST_RIP, 0), 2, 0);
	expect("vmlaunch: 2 with no current VMCS", __vmx_vmlaunch(), 2, 0);
	expect("vmresume: 2 with no current VMCS", __vmx_vmresume(), 2, 0);
}

static void test_pointers(void)
{
	unsigned long long bad = 0xfff, pointer, first = region[1], second = region[2];
	unsigned long long vmxon = region[0], wrong = region[3];

	expect("vmclear: 0", __vmx_vmclear(&first), 0, 0);
	expect("vmptrld: 0", __vmx_vmptrld(&first), 0, 0);
	__vmx_vmptrst(&pointer);
	expect_true("vmptrst: the current VMCS", pointer == first);
	expect("vmxon inside VMX operation: 1, error 15", __vmx_on(&vmxon), 1, 15);
	expect("vmclear of an unaligned address: 1, error 2", __vmx_vmclear(&bad), 1, 2);
	expect("vmclear of the VMXON region: 1, error 3", __vmx_vmclear(&vmxon), 1, 3);
	expect("vmptrld of an unaligned address: 1, error 9", __vmx_vmptrld(&bad), 1, 9);
	expect("vmptrld of the VMXON region: 1, error 10", __vmx_vmptrld(&vmxon), 1, 10);
	*(u32 *)wrong ^= 1;
	expect("vmptrld of another revision: 1, error 11", __vmx_vmptrld(&wrong), 1, 11);
	expect("vmclear of another VMCS: 0", __vmx_vmclear(&second), 0, 0);
	__vmx_vmptrst(&pointer);
	expect_true("vmptrst: the current VMCS stayed current", pointer == first);
}

static void test_fields(bool read_only_writable)
{
	size_t value = 42;

	expect("vmwrite: 0", __vmx_vmwrite(VMCS_GUEST_RSP, 0x1234567890), 0, 0);
	expect("vmread: 0", __vmx_vmread(VMCS_GUEST_RSP, &value), 0, 0);
	expect_true("vmread: the written value", value == 0x1234567890);
	expect("vmread of no field: 1, error 12", __vmx_vmread(0x7ffe, &value), 1, 12);
	expect("vmwrite of no field: 1, error 12", __vmx_vmwrite(0x7ffe, 0), 1, 12);
	if (read_only_writable)
		expect("vmwrite of a read-only field: 0 (IA32_VMX_MISC[29])",
		       __vmx_vmwrite(VMCS_EXIT_QUALIFICATION, 7), 0, 0);
	else
		expect("vmwrite of a read-only field: 1, error 13",
		       __vmx_vmwrite(VMCS_EXIT_QUALIFICATION, 7), 1, 13);
}

static void test_entries(void)
{
	unsigned long long vmcs = region[1];
	size_t pin, tr;

	fill_vmcs();
	expect("vmresume of a clear VMCS: 1, error 5", __vmx_vmresume(), 1, 5);
	pin = read_field(VMCS_PIN_CONTROLS);
	__vmx_vmwrite(VMCS_PIN_CONTROLS, 0xffffffff);
	expect("vmlaunch with bad controls: 1, error 7", __vmx_vmlaunch(), 1, 7);
	__vmx_vmwrite(VMCS_PIN_CONTROLS, pin);
	tr = read_field(VMCS_HOST_TR_SELECTOR);
	__vmx_vmwrite(VMCS_HOST_TR_SELECTOR, 0);
	expect("vmlaunch with bad host state: 1, error 8", __vmx_vmlaunch(), 1, 8);
	__vmx_vmwrite(VMCS_HOST_TR_SELECTOR, tr);

	expect("vmlaunch: 0, seen at HOST_RIP", test_enter(0), 0, 0);
	expect_true("the exit was the guest's VMCALL",
		    read_field(VMCS_EXIT_REASON) == REASON_VMCALL);
	expect("vmlaunch of a launched VMCS: 1, error 4", __vmx_vmlaunch(), 1, 4);
	__vmx_vmwrite(VMCS_GUEST_RIP, read_field(VMCS_GUEST_RIP) + 3);
	expect("vmresume: 0, seen at HOST_RIP", test_enter(1), 0, 0);
	expect_true("the exit was the guest's VMCALL",
		    read_field(VMCS_EXIT_REASON) == REASON_VMCALL);

	expect("vmclear of a launched VMCS: 0", __vmx_vmclear(&vmcs), 0, 0);
	expect("vmresume: 2 after VMCLEAR", __vmx_vmresume(), 2, 0);
	expect("vmptrld: 0", __vmx_vmptrld(&vmcs), 0, 0);
	expect("vmresume: 1, error 5, VMCLEAR made it clear", __vmx_vmresume(), 1, 5);
	expect("vmlaunch: 0 again", test_enter(0), 0, 0);
}

static void test_invalidations(void)
{
	struct invept_descriptor context = {0, 0};
	struct invvpid_descriptor vpid = {1, 0};

	expect("invept of all contexts: 0", invept(INVEPT_ALL_CONTEXTS, &context), 0, 0);
	expect("invept of no such type: 1, error 28", invept(7, &context), 1, 28);
	expect("invvpid of all contexts: 0", invvpid(INVVPID_ALL_CONTEXTS, &vpid), 0, 0);
	expect("invvpid of no such type: 1, error 28", invvpid(7, &vpid), 1, 28);
}

void metal_main(const void *module, size_t module_bytes)
{
	unsigned long long vmxon;

	(void)module;
	(void)module_bytes;
	enable_vmx();
	vmxon = region[0] + 1;
	expect("vmxon of an unaligned region: 2", __vmx_on(&vmxon), 2, 0);
	vmxon = region[0];
	expect("vmxon: 0", __vmx_on(&vmxon), 0, 0);
	expect("vmxon inside VMX operation, no current VMCS: 2", __vmx_on(&vmxon), 2, 0);
	test_without_vmcs();
	test_pointers();
	test_fields(rdmsr(0x485) >> 29 & 1);
	test_entries();
	test_invalidations();
	vmxon = region[1];
	__vmx_vmclear(&vmxon);
	test_without_vmcs();
	__vmx_off();
	vmxon = region[0];
	expect("vmxon after vmxoff: 0", __vmx_on(&vmxon), 0, 0);
	__vmx_off();
	serial_print("1..%u\n", tests);
	if (failures)
		serial_print("# %u failed\n", failures);
}
