// SPDX-License-Identifier: GPL-2.0-or-later
/* Storms in a VM of this process, through /dev/kvm. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../hv/backend.h"
#include "../../results/compose.h"
#include "../../results/tried.h"
#include "../../trace/bpf_explain.h"
#include "../machine/environment.h"
#include "../machine/kvm_kind.h"
#include "local.h"
#include "target.h"
#include "vcpu_threads.h"

static int kvm_probe(char *why)
{
	return hv_probe(&hv_kvm, why);
}

static struct hv_config config_of(u32 vcpus, u8 cpl)
{
	return (struct hv_config){
		.backend = &hv_kvm,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = vcpus,
		.cpl = cpl,
	};
}

static struct {
	bool known;
	u32 native;
	int error; /* that the trial failed with, before a guest ran; `why` */
	char why[HV_WHY];
} levels[4];

/* 1: KVM runs guest code at this CPL natively, 0: it interprets it, ~0: unknown. Tried once. */
static u32 level_native(u8 cpl)
{
	struct hv_config config = config_of(1, cpl);
	struct hv_vm *vm = NULL;
	int err;

	if (levels[cpl].known)
		return levels[cpl].native;
	err = hv_vm_create(&vm, &config, levels[cpl].why);
	if (!err)
		err = runner_probe_native(hv_vcpu(vm, 0), &levels[cpl].native, levels[cpl].why);
	if (err)
		levels[cpl].native = ~0U;
	levels[cpl].error = err == -EPROTO ? 0 : err; /* a guest that cannot run at this CPL */
	hv_vm_destroy(vm);
	levels[cpl].known = true;
	return levels[cpl].native;
}

/* The CPL that a storm is measured at must not depend on a trial that failed. */
static int levels_failed(char *why)
{
	for (size_t cpl = 0; cpl < sizeof(levels) / sizeof(levels[0]); cpl++)
		if (levels[cpl].error) {
			snprintf(why, HV_WHY, "the trial of a VM at CPL %zu failed: %.150s", cpl,
				 levels[cpl].why);
			return levels[cpl].error;
		}
	return 0;
}

static u8 level_preferred(void)
{
	return level_native(0) == 0 && level_native(3) == 1 ? 3 : 0;
}

static u8 level_of(const struct plan *plan, u32 needs)
{
	if (plan->setting[SETTING_CPL] != CPL_AUTO)
		return plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0;
	if (needs & (NEED_CPL0 | NEED_CPL3))
		return needs & NEED_CPL3 ? 3 : 0;
	return level_preferred();
}

static void kvm_shape(const struct plan *plan, const struct storm *storm, struct hv_config *config)
{
	u32 irqchip = plan->setting[SETTING_IRQCHIP];

	*config = config_of(runner_vcpus(storm, plan), level_of(plan, storm->needs));
	config->irqchip = irqchip == IRQCHIP_AUTO ? storm->needs & (NEED_IRQCHIP | NEED_X2APIC)
						  : irqchip == IRQCHIP_ON;
	config->x2apic = storm->needs & NEED_X2APIC;
}

/* Checks the storm's needs against the VM that the plan's settings give. */
static int kvm_fits(const struct plan *plan, const struct storm *storm,
		    const struct hv_config *config, char *why)
{
	static const struct {
		u32 need;
		const char *text;
	} reasons[] = {
		{NEED_IRQCHIP | NEED_X2APIC, "needs irqchip=on, the run has irqchip=off"},
		{NEED_NO_IRQCHIP, "needs irqchip=off, the run has irqchip=on"},
	};
	u32 missing = config->irqchip ? NEED_NO_IRQCHIP : NEED_IRQCHIP | NEED_X2APIC;

	if (runner_needs_cpl(storm, config->cpl, why))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (storm->needs & missing & reasons[i].need) {
			snprintf(why, HV_WHY, "%s", reasons[i].text);
			return -EOPNOTSUPP;
		}
	/* With vCPUs that wait for each other on one CPU the scheduler would be measured. */
	if (storm->needs & (NEED_PAIR | NEED_VCPUS) && plan->cpu_count < config->vcpus) {
		snprintf(why, HV_WHY, "needs a CPU for each of its %u vCPUs, the run has %u",
			 config->vcpus, plan->cpu_count);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int kvm_machine(const struct plan *plan, const struct storm *storm, struct hv_vm **vm,
		       char *why)
{
	struct hv_config config;
	int err;

	*vm = NULL;
	if (runner_needs(storm, hv_kvm.vendor, why))
		return -EOPNOTSUPP; /* with any VM */
	kvm_shape(plan, storm, &config);
	err = levels_failed(why);
	if (err)
		return err;
	config.image = local_image(plan->setting[SETTING_FENCE], false);
	if (!config.image) {
		snprintf(why, HV_WHY, "no memory for a guest image with this fence");
		return -ENOMEM;
	}
	err = kvm_fits(plan, storm, &config, why);
	if (!err)
		err = hv_vm_create(vm, &config, why);
	if (!err)
		err = runner_prepare(*vm, storm, why);
	if (err) {
		hv_vm_destroy(*vm);
		*vm = NULL;
	}
	return err;
}

static int kvm_available(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_vm *vm;
	int err = kvm_machine(plan, storm, &vm, why);

	hv_vm_destroy(vm);
	return err;
}

/* The stamps in the kernel: where they are taken, their clock, its largest error so far. */
static struct {
	bool known;
	enum stamps_place place;
	enum stamps_clock clock;
	u32 error;
	u64 missed; /* stamps: calls of the programs that the kernel skipped */
} kernel;

/* Of this process's resources: tells nothing of the kernel's tracepoints. */
static bool is_shortage(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE || err == -EAGAIN || err == -EIO;
}

/*
 * Finds out, once, by a guest that exits, whether this KVM fires kvm_exit and kvm_entry. If not,
 * the stamps are taken at the exit to userspace and at the KVM_RUN system call.
 */
static int kernel_place(u8 cpl, char *why)
{
	struct hv_config config = config_of(1, cpl);
	struct stamps *stamps;
	struct hv_vm *vm = NULL;
	int err, slot = -1;
	u32 native;

	if (kernel.known)
		return 0;
	tried_notice_kernel();
	tried_notice("libbpf", bpf_library());
	kernel.place = STAMPS_AT_SYSCALL;
	err = stamps_open(&stamps, 1, STAMPS_AT_EXIT, why);
	if (err == -EPERM || err == -EACCES || is_shortage(err))
		return err;
	if (!err)
		slot = stamps_join(stamps, why);
	if (slot >= 0) {
		err = hv_vm_create(&vm, &config, why);
		if (!err)
			err = runner_probe_native(hv_vcpu(vm, 0), &native, why);
		if (!err && stamps_seen(stamps, slot))
			kernel.place = STAMPS_AT_EXIT;
	} else if (!err) {
		err = slot;
	}
	hv_vm_destroy(vm);
	stamps_close(stamps);
	if (is_shortage(err))
		return err;
	kernel.known = true;
	return 0;
}

static int kernel_open(struct stamps **stamps, const struct plan *plan, const struct hv_vm *vm,
		       char *why)
{
	int err;

	*stamps = NULL;
	if (plan->setting[SETTING_EBPF] != EBPF_ON)
		return 0;
	err = kernel_place(hv_vm_config(vm)->cpl, why);
	if (!err)
		err = stamps_open(stamps, hv_vm_config(vm)->vcpus, kernel.place, why);
	return err;
}

static void kernel_close(struct stamps *stamps)
{
	if (!stamps)
		return;
	kernel.clock = stamps_clock(stamps);
	if (stamps_error(stamps) > kernel.error)
		kernel.error = stamps_error(stamps);
	kernel.missed += stamps_missed(stamps);
	stamps_close(stamps);
}

/* target{}.kernel_stamps. null: there are none. */
static json_t *kernel_json(const struct plan *plan)
{
	if (plan->setting[SETTING_EBPF] != EBPF_ON || !kernel.known)
		return json_null();
	return compose_pack("{s:s, s:s, s:s, s:i, s:I}", "in", stamps_place_name[kernel.place].in,
			    "out", stamps_place_name[kernel.place].out, "clock",
			    stamps_clock_name[kernel.clock], "error", (int)kernel.error, "missed",
			    (json_int_t)kernel.missed);
}

/*
 * target{}.kvm_kind. Where no module shows: only kvm-pvm runs guests natively at CPL 3 alone, and
 * interprets CPL 0.
 */
static json_t *kind_json(void)
{
	const char *kind = kvm_kind(kvm_module());

	if (!kind && level_preferred() == 3)
		kind = "kvm-pvm";
	return compose_text_or_null(kind);
}

/* target{}.nesting: a KVM on VMX or SVM that a hypervisor below offers. Emulators are no such. */
static json_t *nesting_json(void)
{
	const char *module = kvm_module();
	char below[192];

	if (!module || !strcmp(module, "kvm_pvm") || environment_emulated() ||
	    !environment_hypervisor(below, sizeof(below)))
		return json_null();
	return compose_format("guest at L2, under this machine's %s (L1), under %s (L0)", module,
			      below);
}

static json_t *kvm_describe(const struct plan *plan)
{
	u8 cpl = level_of(plan, 0);
	u32 native = level_native(cpl);
	/* KVM in an emulated machine: the exits are real, their cost is the emulator's. */
	bool emulated = environment_emulated();

	return compose_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:o, s:o, s:o, s:s, s:o}", "name",
			    target_kvm.name, "backend", hv_kvm.name, "emulated", emulated, "clock",
			    emulated ? "emulated-tsc" : "tsc", "clock_granularity",
			    (int)runner_granularity(), "guest_cpl", (int)cpl, "guest_native",
			    native == ~0U ? json_null() : json_boolean(native), "kvm_kind",
			    kind_json(), "nesting", nesting_json(), "raw_space", hv_kvm.raw_space,
			    "kernel_stamps", kernel_json(plan));
}

static const char *kvm_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)plan;
	switch (leg) {
	case LEG_ROUND_TRIP:
	case LEG_FIRST:
	case LEG_CONTROL:
		return "guest";
	case LEG_PERIOD:
		return storm->kind == EXIT_HOST_CALL ? "kvm-ioctl" : "guest";
	case LEG_EXIT:
	case LEG_HANDLER:
	case LEG_RESUME:
	case LEG_GUEST_VISIT:
		return storm->user ? "kvm-ioctl" : NULL;
	case LEG_TO_KERNEL:
	case LEG_TO_USER:
	case LEG_FROM_USER:
	case LEG_TO_GUEST:
	case LEG_IN_KERNEL:
		return "kvm-tracepoint";
	case LEG_ENTRY_FAIL:
	case LEG_HOST_LOAD:
	case LEGS:
		break;
	}
	return NULL;
}

static int kvm_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		   const struct run_sink *sink, const struct run_monitor *monitor)
{
	char why[HV_WHY];
	struct stamps *stamps;
	struct hv_vm *vm;
	int err = kvm_machine(plan, storm, &vm, why);

	if (err)
		return target_not_run(storm, repeat, sink, err, why);
	err = kernel_open(&stamps, plan, vm, why);
	if (!err)
		err = local_clock(sink);
	if (!err)
		err = vcpu_threads_run(vm, plan, storm, repeat, stamps, sink, monitor, why);
	kernel_close(stamps);
	hv_vm_destroy(vm);
	return *why ? target_not_run(storm, repeat, sink, err, why) : err;
}

const struct target target_kvm = {
	.name = "kvm",
	.text = "a VM of this process, through /dev/kvm",
	.bit = TARGET_KVM,
	.emulated = false,
	.samples = PLAN_SAMPLES,
	.probe = kvm_probe,
	.available = kvm_available,
	.describe = kvm_describe,
	.shape = kvm_shape,
	.site = kvm_site,
	.run = kvm_run,
};
