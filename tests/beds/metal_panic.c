// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A panic while two CPUs are in VMX operation or SVM, one of them in a guest that never exits. This
 * image prints the state of each CPU before and after on COM1. CR4.VMXE cannot be cleared in VMX
 * operation: if it is 0, the CPU has left it.
 */
#include "../../hv/backend.h"
#include "../../hv/cpu.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"

#define CR4_VMXE  (1 << 13)
#define EFER_SVME (1 << 12)

extern const u8 guest_image[], guest_image_end[];

static const struct hv_backend *backend;
static struct hv_vm *vm;
static volatile bool entered;

static bool inside(void)
{
	return backend == &hv_vmx ? cpu_read_cr4() & CR4_VMXE : cpu_rdmsr(MSR_EFER) & EFER_SVME;
}

/* The CPU that panics stops last and prints. */
static void leave(void)
{
	static bool was[2], is[2];
	u32 cpu = host_cpu();

	was[cpu] = inside();
	backend->cpu_off();
	is[cpu] = inside();
	for (u32 i = 0; i < 2 && !cpu; i++)
		serial_print("CPU %u: %s, then %s\n", i, was[i] ? "inside" : "outside",
			     is[i] ? "inside" : "outside");
}

/* Waits until the guest runs, then replaces its loop by `jmp .`. */
static void spin_in_guest(void *arg)
{
	static const u8 spin[] = {0xeb, 0xfe};
	static struct hv_exit unexpected;
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vcpu *vcpu = hv_vcpu(vm, 0);
	const struct guest_storm *code = hv_guest_storm(vm, "cpuid");

	(void)arg;
	if (backend->cpu_on(unexpected.why) || hv_run(vcpu, &loop, &unexpected))
		metal_panic("CPU 1: %s", unexpected.why);
	__builtin_memcpy(vm->memory + code->storm, spin, sizeof(spin));
	hv_shared(vcpu)->loop = code->storm;
	hv_shared(vcpu)->batch = 1;
	entered = true;
	hv_run(vcpu, &loop, &unexpected);
	metal_panic("CPU 1 came back: %s", unexpected.why);
}

void metal_main(const void *module, size_t module_bytes)
{
	struct hv_config config = {
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	char why[HV_WHY];

	(void)module;
	(void)module_bytes;
	backend = hv_vmx.probe(why) ? &hv_svm : &hv_vmx;
	config.backend = backend;
	if (metal_cpus_start(2) < 2)
		metal_panic("there is no second CPU");
	metal_on_end(leave);
	if (backend->cpu_on(why) || hv_vm_create(&vm, &config, why))
		metal_panic("%s", why);
	metal_cpu_run(1, spin_in_guest, NULL);
	while (!entered)
		__asm__ volatile("pause");
	for (u32 i = 0; i < 10000; i++) /* time to enter the guest */
		__asm__ volatile("pause");
	__asm__ volatile("ud2");
}
