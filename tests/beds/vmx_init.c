// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INIT to a CPU in a guest, as an image that prints TAP on COM1. In Bochs 2.7 only a reset clears a
 * pending INIT, the VM exit does not. This shows why the storm "init" is skipped there: one exit
 * with basic reason 3 is stamped and handled, and the next entry exits again before the guest's
 * first instruction. VMXOFF would reset the CPU now, so there is none.
 */
#include "../../hv/backend.h"
#include "../../hv/metal/metal.h"
#include "../../hv/vmx/vmx.h"

extern const u8 guest_image[], guest_image_end[];

static unsigned int number;

static void report(bool good, const char *what)
{
	serial_print("%sok %u - %s\n", good ? "" : "not ", ++number, what);
}

/* A batch of the storm, two operations. Returns hv_run's error. */
static int storm(struct hv_vcpu *vcpu, struct hv_exit *unexpected)
{
	struct guest_shared *shared = hv_shared(vcpu);
	const struct guest_storm *code = hv_guest_storm(hv_vcpu_vm(vcpu), "init");
	struct hv_loop up = {.path = HV_PATH_FULL};
	struct hv_loop loop = {.path = HV_PATH_FULL,
			       .raw_reason = VMX_EXIT_INIT,
			       .stamped = true,
			       .counted = true};
	int err = hv_run(vcpu, &up, unexpected);

	if (err || !code)
		return err ? err : -ENOENT;
	shared->loop = code->storm_stamped;
	shared->batch = 2;
	shared->index = 0;
	return hv_run(vcpu, &loop, unexpected);
}

void metal_main(const void *module, size_t module_bytes)
{
	static struct hv_exit unexpected;
	struct hv_config config = {
		.backend = &hv_vmx,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	const struct record *ring;
	struct hv_vm *vm = NULL;
	char why[HV_WHY];
	int err;

	(void)module;
	(void)module_bytes;
	if (metal_cpus_start(2) < 2)
		metal_panic("there is no second CPU");
	if (hv_vmx.probe(why) || hv_vmx.cpu_on(why) || hv_vm_create(&vm, &config, why) ||
	    hv_enable(vm, HV_FEATURE_ARM_INIT, why))
		metal_panic("%s", why);
	err = storm(hv_vcpu(vm, 0), &unexpected);
	ring = hv_ring(hv_vcpu(vm, 0));
	serial_print("# %s\n", unexpected.why);
	/* One repeated INIT passes: its host_out and the next host_in are in the same record. */
	serial_print("# host_out to the next host_in: %llu instructions\n",
		     (unsigned long long)(ring[1].host_in - ring[1].host_out));
	report(ring[0].host_in && ring[0].host_out >= ring[0].host_in,
	       "a VM exit by INIT comes and is stamped");
	report(err == -EPROTO && unexpected.raw_reason == VMX_EXIT_INIT,
	       "the next entry exits by INIT again, though none was sent");
	/*
	 * enter.S: seven instructions up to VMRESUME, and three at the exit entry point. The other
	 * CPU's turn takes five ticks.
	 */
	report(ring[1].host_in - ring[1].host_out <= 15,
	       "... before the guest's first instruction");
	serial_print("1..%u\n", number);
}
