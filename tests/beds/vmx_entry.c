// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VM entries that fail on a CPU, and hv/vmx's message for each, which must name the wrong field. An
 * image of its own that prints TAP on COM1.
 */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../../hv/cpu.h"
#include "../../hv/vmx/enable.h"

#define CR4_PCIDE	 (1 << 17)
#define DR7_GLOBAL_EXACT (1 << 9)
#define RFLAGS_IF	 (1 << 9)
#define VECTOR		 65

extern const u8 guest_image[], guest_image_end[];

static const struct row {
	u32 field;
	u64 value;
	const char *error; /* the CPU's VM-instruction error or exit reason */
} rows[] = {
	{VMCS_VPID, 0, "error 7"},
	{VMCS_EPT_POINTER, 0x10000 | 5 | 3 << 3, "error 7"},
	{VMCS_CR3_TARGET_COUNT, 9, "error 7"},
	{VMCS_MSR_BITMAP, 8, "error 7"},
	{VMCS_ENTRY_CONTROLS, 0xffffffff, "error 7"},
	{VMCS_ENTRY_INTERRUPTION_INFO, 0x80000100, "error 7"},
	{VMCS_GUEST_CR0, 0x80010032, "invalid guest state"},
	{VMCS_GUEST_CR4, 0x80, "invalid guest state"},
	{VMCS_GUEST_RFLAGS, 0, "invalid guest state"},
	{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xe09b, "invalid guest state"},
	{VMCS_GUEST_SS_ACCESS_RIGHTS, 0xc09b, "invalid guest state"},
	{VMCS_GUEST_TR_ACCESS_RIGHTS, 0x89, "invalid guest state"},
	{VMCS_GUEST_ACTIVITY, 4, "invalid guest state"},
	{VMCS_GUEST_INTERRUPTIBILITY, 3, "invalid guest state"},
	{VMCS_GUEST_GDTR_LIMIT, 0x10000, "invalid guest state"},
	{VMCS_VMCS_LINK_POINTER, 0x1234, "invalid guest state"},
	{VMCS_ENTRY_INTERRUPTION_INFO, 0x8000030d, "error 7"},
	{VMCS_GUEST_CS_ACCESS_RIGHTS, 0xa093, "invalid guest state"},
	{VMCS_GUEST_DS_ACCESS_RIGHTS, 0xc099, "invalid guest state"},
	{VMCS_GUEST_ES_BASE, 1ULL << 32, "invalid guest state"},
	{VMCS_GUEST_LDTR_ACCESS_RIGHTS, 0x8b, "invalid guest state"},
	{VMCS_GUEST_TR_ACCESS_RIGHTS, 0x18b, "invalid guest state"},
	{VMCS_GUEST_RFLAGS, 0x20002, "invalid guest state"},
	{VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0x20, "invalid guest state"},
};

static bool contains(const char *text, const char *part)
{
	size_t length = __builtin_strlen(part);

	for (; *text; text++)
		if (!__builtin_memcmp(text, part, length))
			return true;
	return false;
}

static int vm_make(struct hv_vm **vm, char *why)
{
	const struct hv_config config = {
		.backend = &hv_vmx,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};

	return hv_vm_create(vm, &config, why);
}

/* The same VM each time, with one field wrong; NULL: with none. */
static int enter(const struct row *row, struct hv_exit *unexpected)
{
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vm *vm;
	int err = vm_make(&vm, unexpected->why);

	if (err)
		return err;
	err = vmx_vcpu_load(hv_vcpu(vm, 0)->priv, unexpected->why);
	if (!err && row)
		vmcs_write(row->field, row->value);
	if (!err)
		err = hv_run(hv_vcpu(vm, 0), &loop, unexpected);
	hv_vm_destroy(vm);
	return err;
}

/*
 * Host state after a batch is as before, the PCID included, also state that a VM exit changes: the
 * limits of GDTR and IDTR (0xffff), DR7 (0x400).
 */
static bool host_comes_back(char *text)
{
	u64 cr3 = cpu_read_cr3(), cr4 = cpu_read_cr4(), dr7 = cpu_read_dr7();
	struct table_register gdt, idt, gdt_after, idt_after;
	struct hv_exit unexpected;
	bool good;
	int err;

	cpu_sgdt(&gdt);
	cpu_sidt(&idt);
	cpu_write_dr7(dr7 | DR7_GLOBAL_EXACT);
	err = enter(NULL, &unexpected);
	cpu_sgdt(&gdt_after);
	cpu_sidt(&idt_after);
	host_format(text, HV_WHY,
		    "CR3 0x%llx, CR4 0x%llx: PCID %llu; limits 0x%x and 0x%x, DR7 0x%llx",
		    (unsigned long long)cr3, (unsigned long long)cr4,
		    (unsigned long long)(cr4 & CR4_PCIDE ? cr3 & 0xfff : 0), gdt_after.limit,
		    idt_after.limit, (unsigned long long)cpu_read_dr7());
	good = !err && cpu_read_cr3() == cr3 && cpu_read_cr4() == cr4 &&
	       cpu_read_dr7() == (dr7 | DR7_GLOBAL_EXACT) && gdt_after.limit == gdt.limit &&
	       gdt_after.base == gdt.base && idt_after.limit == idt.limit &&
	       idt_after.base == idt.base;
	cpu_write_dr7(dr7);
	return good;
}

/* A guest that has booted, to be entered again. NULL, and why. */
static struct hv_vm *come_up(struct hv_exit *unexpected)
{
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vm *vm;

	if (vm_make(&vm, unexpected->why))
		return NULL;
	if (!hv_run(hv_vcpu(vm, 0), &loop, unexpected))
		return vm;
	hv_vm_destroy(vm);
	return NULL;
}

/* Replaces a storm's code by `movw $port, %dx; outb %al, %dx`. Returns its address. */
static u64 put_out(struct hv_vm *vm, const char *storm, u16 port)
{
	const u8 code[] = {0x66, 0xba, (u8)port, port >> 8, 0xee};
	u64 at = hv_guest_storm(vm, storm)->storm;

	__builtin_memcpy(vm->memory + at, code, sizeof(code));
	return at;
}

/*
 * An interrupt whose stack is in a page that EPT does not map: the violation ends its delivery, and
 * only the host can inject it again. Its handler reports the end; without the interrupt the guest
 * goes on and reports a fault.
 */
static bool event_comes_again(struct hv_exit *unexpected)
{
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = VMX_EXIT_EPT_VIOLATION};
	struct hv_vm *vm = come_up(unexpected);
	struct hv_counts counts;
	struct hv_vcpu *vcpu;
	bool good;

	if (!vm)
		return false;
	vcpu = hv_vcpu(vm, 0);
	hv_shared(vcpu)->loop = put_out(vm, "cpuid", GUEST_PORT_FAULT);
	hv_set_gate(vm, VECTOR, put_out(vm, "vmcall", GUEST_PORT_DONE));
	good = !hv_pages(vcpu, HV_PAGES_ABSENT, unexpected->why) &&
	       !vmx_vcpu_load(vcpu->priv, unexpected->why);
	vmcs_write(VMCS_GUEST_RSP, GUEST_FILL + 0x1000);
	vmcs_write(VMCS_GUEST_RFLAGS, vmcs_read(VMCS_GUEST_RFLAGS) | RFLAGS_IF);
	vmcs_write(VMCS_ENTRY_INTERRUPTION_INFO, 1U << 31 | VECTOR);
	good = good && !hv_run(vcpu, &loop, unexpected);
	hv_counts(vcpu, &counts);
	hv_vm_destroy(vm);
	return good && counts.expected == 1;
}

/* A VMLAUNCH that fails with the guest's state leaves the launch state clear: the next is one, too.
 */
static bool is_launched_after_failure(struct hv_exit *unexpected)
{
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vm *vm;
	bool good;

	if (vm_make(&vm, unexpected->why))
		return false;
	good = !vmx_vcpu_load(hv_vcpu(vm, 0)->priv, unexpected->why);
	vmcs_write(VMCS_GUEST_RFLAGS, 0);
	good = good && hv_run(hv_vcpu(vm, 0), &loop, unexpected) == -EPROTO;
	vmcs_write(VMCS_GUEST_RFLAGS, 2);
	good = good && !hv_run(hv_vcpu(vm, 0), &loop, unexpected);
	hv_vm_destroy(vm);
	return good;
}

static void report(unsigned int number, bool good, const char *what, const char *why)
{
	serial_print("%sok %u - %s\n", good ? "" : "not ", number, what);
	serial_print("# %s\n", why);
}

void metal_main(const void *module, size_t module_bytes)
{
	static struct hv_exit unexpected;
	unsigned int count = sizeof(rows) / sizeof(rows[0]);
	char why[HV_WHY];

	(void)module;
	(void)module_bytes;
	if (hv_vmx.probe(why) || hv_vmx.cpu_on(why))
		metal_panic("%s", why);
	/* First of all: state that one exit has changed for good is not seen by the next test. */
	report(1, host_comes_back(why), "the guest boots, and the host state is unchanged", why);
	for (unsigned int i = 0; i < count; i++) {
		int err = enter(&rows[i], &unexpected);

		report(i + 2,
		       err == -EPROTO && contains(unexpected.why, rows[i].error) &&
			       contains(unexpected.why, vmcs_field_name(rows[i].field)),
		       vmcs_field_name(rows[i].field), unexpected.why);
	}
	report(count + 2, !enter(NULL, &unexpected), "and comes up again", "");
	report(count + 3, event_comes_again(&unexpected),
	       "an event that an EPT violation breaks off is delivered again", unexpected.why);
	report(count + 4, is_launched_after_failure(&unexpected),
	       "an entry that fails with the guest's state is no launch", unexpected.why);
	report(count + 5, hv_vmx.cpu_on(why) == -EBUSY && !enter(NULL, &unexpected),
	       "VMX is not enabled twice, and stays enabled", why);
	serial_print("1..%u\n", count + 5);
	hv_vmx.cpu_off();
}
