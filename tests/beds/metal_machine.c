// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bare-metal host: what it finds on its machine, and how it takes interrupts that no storm
 * has sent: an image that prints lines for metal_machine.t on COM1.
 */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/apic.h"
#include "../../hv/metal/metal.h"
#include "../../hv/metal/trap.h"

#define OPERATIONS   50
#define VECTOR_HELD  0x40 /* of a device: its class is held */
#define VECTOR_STRAY 0xf8
#define MSR_X2APIC   0x802 /* #GP in xAPIC mode */
#define MSR_ANY	     0x1b  /* IA32_APIC_BASE */

extern const u8 guest_image[], guest_image_end[];

static const struct hv_backend *backend;

/* In Bochs, without a table of CPUs, a search for more of them takes minutes. */
static bool is_qemu(void)
{
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	return leaf[2] >> 31;
}

static void send_self(u32 vector)
{
	apic_send(0, APIC_ICR_SELF | APIC_ICR_ASSERT | vector);
	for (u32 i = 0; i < 100000 && !apic_pending(vector); i++)
		__asm__ volatile("pause");
}

/* CPUIDs of a guest while two interrupts are pending. 0, or hv_run's error. */
static int run_interrupted(char *why)
{
	static struct hv_exit unexpected;
	struct hv_config config = {
		.backend = backend,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vcpu *vcpu;
	struct hv_vm *vm;
	int err;

	if (backend->cpu_on(why) || hv_vm_create(&vm, &config, why))
		metal_panic("%s", why);
	vcpu = hv_vcpu(vm, 0);
	err = hv_run(vcpu, &loop, &unexpected);
	send_self(VECTOR_HELD);
	send_self(VECTOR_STRAY);
	/* Bochs 2.7 delivers no interrupt to a guest with RFLAGS.IF = 0: that storm's sets it. */
	hv_shared(vcpu)->loop =
		hv_guest_storm(vm, backend == &hv_vmx ? "interrupt_window" : "cpuid")->storm;
	hv_shared(vcpu)->batch = OPERATIONS;
	loop.raw_reason = hv_raw_reason(vm, backend == &hv_vmx ? EXIT_HYPERCALL : EXIT_CPUID);
	loop.count = OPERATIONS;
	if (!err)
		err = hv_run(vcpu, &loop, &unexpected);
	__builtin_memcpy(why, unexpected.why, HV_WHY);
	hv_vm_destroy(vm);
	backend->cpu_off();
	return err;
}

void metal_main(const void *module, size_t module_bytes)
{
	const char *source;
	u64 value, hz = metal_tsc_hz(&source);
	char why[HV_WHY] = "";
	bool any, none;
	u32 cpus;
	int err;

	(void)module;
	(void)module_bytes;
	backend = hv_vmx.probe(why) ? &hv_svm : &hv_vmx;
	serial_print("TSC %llu Hz by %s\n", (unsigned long long)hz, source);
	serial_print("x2APIC %u\n", apic_is_x2apic);
	any = metal_rdmsr(MSR_ANY, &value);
	none = metal_rdmsr(MSR_X2APIC, &value);
	serial_print("an MSR that exists: %u, one that does not: %u\n", any, none);
	serial_print("memory %llu KiB\n", (unsigned long long)metal_memory_free() >> 10);
	err = run_interrupted(why);
	serial_print("interrupted: %s, strays %u, held %u\n", err ? why : "right", metal_strays,
		     apic_pending(VECTOR_HELD));
	serial_print("CPUs of 2: %u\n", metal_cpus_start(2));
	cpus = is_qemu() ? metal_cpus_start(3) : 0;
	if (cpus)
		serial_print("CPUs of 3: %u, of 99: %u\n", cpus, metal_cpus_start(99));
	for (u32 cpu = 0; cpu < metal_cpus_start(0); cpu++)
		serial_print("CPU %u is APIC %u\n", cpu, metal_apic_id(cpu));
}
