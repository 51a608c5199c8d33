// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMCBs that VMRUN refuses: hv/svm's message must name the broken rule. The image prints TAP on
 * COM1. A rule that the CPU does not check is a skip.
 */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../../hv/metal/trap.h"
#include "../../hv/svm/cpu.h"
#include "../../hv/svm/svm.h"

extern const u8 guest_image[], guest_image_end[];

#define CPUID_1_HYPERVISOR (1U << 31)
#define FIELD(member)	   offsetof(struct vmcb, member), sizeof(((struct vmcb *)0)->member)

static const struct row {
	const char *what;
	u32 offset, bytes;
	u64 clear, set;
	const char *rule;
	bool not_bochs; /* Bochs panics; it is recognised by the hypervisor bit of CPUID, which is 0
			 */
} rows[] = {
	{"EFER.SVME", FIELD(save.efer), 1 << 12, 0, "EFER.SVME is zero", false},
	{"CR0.NW without CD", FIELD(save.cr0), 0, 1 << 29, "CR0.CD is zero and CR0.NW is set",
	 false},
	{"CR0[63:32]", FIELD(save.cr0), 0, 1ULL << 32, "CR0[63:32] are not zero", false},
	{"CR4", FIELD(save.cr4), 0, 1ULL << 32, "an MBZ bit of CR4 is set", false},
	{"DR6", FIELD(save.dr6), 0, 1ULL << 32, "DR6[63:32] are not zero", false},
	{"DR7", FIELD(save.dr7), 0, 1ULL << 32, "DR7[63:32] are not zero", false},
	{"EFER", FIELD(save.efer), 0, 1ULL << 32, "an MBZ bit of EFER is set", false},
	{"CR4.PAE", FIELD(save.cr4), 1 << 5, 0, "EFER.LME and CR0.PG are set and CR4.PAE is zero",
	 false},
	{"CR0.PE", FIELD(save.cr0), 1, 0, "EFER.LME and CR0.PG are set and CR0.PE is zero", true},
	{"CS.L with CS.D", FIELD(save.cs.rights), 0, 1 << 10, "CS.L and CS.D are all set", false},
	{"VMRUN intercept", FIELD(control.intercept[4]), 1, 0, "the VMRUN intercept bit is clear",
	 false},
	{"ASID", FIELD(control.asid), ~0ULL, 0, "ASID is zero", false},
	{"MSRPM", FIELD(control.msrpm_base), 0, 1ULL << 51, "MSR permissions map extends past",
	 false},
	{"EVENTINJ", FIELD(control.event_injection), 0, 1ULL << 31 | 6 << 8, "TYPE is reserved",
	 false},
};

static bool contains(const char *text, const char *part)
{
	size_t length = __builtin_strlen(part);

	for (; *text; text++)
		if (!__builtin_memcmp(text, part, length))
			return true;
	return false;
}

static void spoil(struct vmcb *vmcb, const struct row *row)
{
	u64 value = 0;

	__builtin_memcpy(&value, (u8 *)vmcb + row->offset, row->bytes);
	value = (value & ~row->clear) | row->set;
	__builtin_memcpy((u8 *)vmcb + row->offset, &value, row->bytes);
}

/* The same VM each time, with one field wrong; NULL: with none. */
static int enter(const struct row *row, struct hv_exit *unexpected)
{
	struct hv_config config = {
		.backend = &hv_svm,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = SVM_EXIT_VMMCALL};
	struct svm_vcpu *vcpu;
	struct hv_vm *vm;
	int err = hv_vm_create(&vm, &config, unexpected->why);

	if (err)
		return err;
	vcpu = hv_vcpu(vm, 0)->priv;
	if (row && row->offset == offsetof(struct vmcb, control.intercept[4]))
		vcpu->vm->intercept[4] &=
			~(u32)row->clear; /* written into the VMCB for each batch */
	else if (row)
		spoil(vcpu->vmcb, row);
	err = hv_run(hv_vcpu(vm, 0), &loop, unexpected);
	hv_vm_destroy(vm);
	return err;
}

static u32 came;

static void interrupt_came(struct metal_trap *trap)
{
	(void)trap;
	came++;
	host_interrupt_end(METAL_VECTOR_SELF);
}

/* Makes an interrupt pending, with a handler of this test. */
static void interrupt_begin(void)
{
	host_interrupt_self();
	metal_trap_set(METAL_VECTOR_SELF, interrupt_came);
}

/* Enters the guest with a pending interrupt. The number of exits for it. */
static u64 enter_interrupted(void)
{
	struct hv_config config = {
		.backend = &hv_svm,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	struct hv_loop loop = {.path = HV_PATH_FULL, .raw_reason = SVM_EXIT_VMMCALL};
	struct hv_counts counts = {0};
	struct hv_exit unexpected;
	struct hv_vm *vm;

	if (hv_vm_create(&vm, &config, unexpected.why))
		return 0;
	interrupt_begin();
	if (!hv_run(hv_vcpu(vm, 0), &loop, &unexpected))
		hv_counts(hv_vcpu(vm, 0), &counts);
	hv_vm_destroy(vm);
	return counts.interrupts;
}

static void report(unsigned int number, bool good, const char *what, const char *note)
{
	serial_print("%sok %u - %s\n", good ? "" : "not ", number, what);
	serial_print("# %s\n", note);
}

/*
 * A physical interrupt makes a guest with RFLAGS.IF = 0 exit (V_INTR_MASKING), but does not
 * interrupt the host during a batch (CLGI). The host takes it at the exit, and others after the
 * batch (STGI).
 */
static void check_interrupts(unsigned int number, bool can)
{
	static const char what[] = "an interrupt of the host ends a guest that has them off";

	if (can)
		report(number, enter_interrupted() == 1 && came == 1, what, "");
	else if (!enter_interrupted() && !came) /* Bochs: it stays pending */
		serial_print("ok %u - %s # SKIP this CPU does not check it\n", number, what);
	else
		report(number, false, what, "it came too early");
	interrupt_begin();
	came = 0;
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	report(number + 1, came, "the host gets interrupts again after a batch", "");
}

void metal_main(const void *module, size_t module_bytes)
{
	static struct hv_exit unexpected;
	unsigned int count = sizeof(rows) / sizeof(rows[0]);
	char why[HV_WHY];
	u32 leaf[4];

	(void)module;
	(void)module_bytes;
	if (hv_svm.probe(why) || hv_svm.cpu_on(why))
		metal_panic("%s", why);
	cpu_cpuid(1, 0, leaf);
	report(1, !enter(NULL, &unexpected), "nothing is wrong: the guest comes up", "");
	for (unsigned int i = 0; i < count; i++) {
		bool can = !rows[i].not_bochs || leaf[2] & CPUID_1_HYPERVISOR;
		int err = can ? enter(&rows[i], &unexpected) : 0;

		if (err)
			report(i + 2,
			       err == -EPROTO && contains(unexpected.why, "VMEXIT_INVALID") &&
				       contains(unexpected.why, rows[i].rule),
			       rows[i].what, unexpected.why);
		else
			serial_print("ok %u - %s # SKIP this CPU does not check it\n", i + 2,
				     rows[i].what);
	}
	report(count + 2, !enter(NULL, &unexpected), "and comes up again", "");
	check_interrupts(count + 3, leaf[2] & CPUID_1_HYPERVISOR);
	report(count + 5, hv_svm.cpu_on(why) == -EBUSY && !enter(NULL, &unexpected),
	       "SVM is not enabled twice, and stays enabled", why);
	serial_print("1..%u\n", count + 5);
	hv_svm.cpu_off();
}
