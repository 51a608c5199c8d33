// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storms in place: this machine is the guest, and what the hypervisor that it runs on charges for
 * an exit is measured from inside, by a process at CPL 3.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../hv/process/process.h"
#include "../../results/compose.h"
#include "../../trace/clock_check.h"
#include "../../trace/stamp.h"
#include "../machine/cpu.h"
#include "../machine/environment.h"
#include "guest.h"
#include "guest_place.h"
#include "local.h"
#include "target.h"
#include "vcpu_threads.h"

/* CPUID takes at most this long where it does not exit, at half a TSC's rate of core cycles. */
#define CPUID_NATIVE 800
#define CPUID_TRIALS 32

/* The minimum of several: an interrupt only adds. */
static u64 cpuid_ticks(void)
{
	u64 min = ~0ULL;

	for (int i = 0; i < CPUID_TRIALS; i++) {
		u32 a = 0, b, c = 0, d;
		u64 began = stamp_fenced(), ticks;

		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		ticks = stamp_fenced() - began;
		min = ticks < min ? ticks : min;
	}
	return min;
}

int guest_possible(const struct guest_facts *facts, char *why)
{
	if (facts->emulated)
		snprintf(why, HV_WHY,
			 "this CPU is emulated (%.100s): its instructions do not exit to a "
			 "hypervisor, so there is nothing to measure",
			 facts->below);
	else if (!*facts->below && facts->clock != CLOCK_TSC)
		snprintf(why, HV_WHY,
			 "no hypervisor below shows itself, and the clock is not that of hardware: "
			 "this CPU is emulated, so there is nothing to measure");
	else if (!*facts->below && facts->cpuid_ticks <= CPUID_NATIVE)
		snprintf(why, HV_WHY,
			 "no hypervisor below: nothing to measure here (CPUID takes %llu ticks); "
			 "use -t kvm or -t module",
			 (unsigned long long)facts->cpuid_ticks);
	else
		return 0;
	return -EOPNOTSUPP;
}

/* A hypervisor may hide CPUID's bit, but not the time that CPUID takes. */
static int guest_probe(char *why)
{
	struct guest_facts facts = {.emulated = environment_emulated()};
	struct clock_readings readings;
	struct clock_finding finding;

	/* The module was told to run here, whatever is below (guest=2). */
	if (guest_kernel_ready())
		return 0;
	environment_hypervisor(facts.below, sizeof(facts.below));
	clock_read(&readings);
	readings.step = runner_granularity();
	readings.tcg = false;
	clock_classify(&readings, &finding);
	facts.clock = finding.kind;
	facts.cpuid_ticks = cpuid_ticks();
	return guest_possible(&facts, why);
}

static bool in_kernel(const struct plan *plan)
{
	return plan->setting[SETTING_PLACE] == PLACE_KERNEL;
}

static void guest_shape(const struct plan *plan, const struct storm *storm,
			struct hv_config *config)
{
	*config = (struct hv_config){
		.backend = &hv_process,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = runner_vcpus(storm, plan),
		.cpl = in_kernel(plan) ? 0 : 3,
	};
}

/* VMCALL is #UD on CPUs with SVM, VMMCALL on those with VMX. */
static bool has_vmmcall(void)
{
	struct cpu cpu;

	cpu_read(&cpu);
	return !strcmp(cpu.vendor, "AuthenticAMD") || !strcmp(cpu.vendor, "HygonGenuine");
}

static int guest_fits(const struct plan *plan, const struct storm *storm,
		      const struct hv_config *config, char *why)
{
	if (runner_needs_place(storm, HV_PLACE_USER, why))
		return -EOPNOTSUPP;
	/* With vCPUs that wait for each other on one CPU the scheduler would be measured. */
	if (!(storm->needs & (NEED_PAIR | NEED_VCPUS)) || plan->cpu_count >= config->vcpus)
		return 0;
	snprintf(why, HV_WHY, "needs a CPU for each of its %u threads, the run has %u",
		 config->vcpus, plan->cpu_count);
	return -EOPNOTSUPP;
}

static int guest_machine(const struct plan *plan, const struct storm *storm, struct hv_vm **vm,
			 char *why)
{
	struct hv_config config;
	int err;

	*vm = NULL;
	guest_shape(plan, storm, &config);
	err = guest_fits(plan, storm, &config, why);
	if (err)
		return err;
	config.image = local_image(plan->setting[SETTING_FENCE], has_vmmcall());
	if (!config.image) {
		snprintf(why, HV_WHY, "no memory for the guest's loops");
		return -ENOMEM;
	}
	err = hv_vm_create(vm, &config, why);
	if (!err)
		err = runner_prepare(*vm, storm, why);
	if (err) {
		hv_vm_destroy(*vm);
		*vm = NULL;
	}
	return err;
}

static u8 guest_places(const struct plan *plan)
{
	return in_kernel(plan) ? IN_KERNEL : IN_USER;
}

static int guest_available(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_vm *vm;
	int err;

	if (in_kernel(plan))
		return guest_kernel_available(plan, storm, why);
	if (plan->setting[SETTING_PLACE] == PLACE_IMAGE) {
		snprintf(why, HV_WHY,
			 "place=image is measured by the bootable image ('exitstorm image --set "
			 "place=image', then 'exitstorm import')");
		return -EOPNOTSUPP;
	}
	err = guest_machine(plan, storm, &vm, why);

	hv_vm_destroy(vm);
	return err;
}

static json_t *guest_describe(const struct plan *plan)
{
	char below[256] = "a hypervisor that hides itself";

	if (in_kernel(plan))
		return guest_kernel_describe(target_guest.name);
	environment_hypervisor(below, sizeof(below));
	return compose_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:b, s:o, s:s}", "name",
			    target_guest.name, "backend", hv_process.name, "emulated", 0, "clock",
			    "tsc", "clock_granularity", (int)runner_granularity(), "guest_cpl", 3,
			    "guest_native", 1, "nesting",
			    compose_format("this machine is the guest of %s", below), "raw_space",
			    hv_process.raw_space);
}

static const char *guest_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)storm;
	if (leg == LEG_ROUND_TRIP || leg == LEG_PERIOD || leg == LEG_FIRST || leg == LEG_CONTROL)
		return in_kernel(plan) ? "guest-kernel" : "guest-user";
	return NULL;
}

static int guest_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		     const struct run_sink *sink, const struct run_monitor *monitor)
{
	char why[HV_WHY];
	struct hv_vm *vm;
	int err;

	if (in_kernel(plan))
		return guest_kernel_run(plan, storm, repeat, sink, monitor);
	err = guest_machine(plan, storm, &vm, why);
	if (err)
		return target_not_run(storm, repeat, sink, err, why);
	err = local_clock(sink);
	if (!err)
		err = vcpu_threads_run(vm, plan, storm, repeat, NULL, sink, monitor, why);
	hv_vm_destroy(vm);
	return *why ? target_not_run(storm, repeat, sink, err, why) : err;
}

const struct target target_guest = {
	.name = "guest",
	.text = "in place: this machine is the guest, its hypervisor is measured",
	.bit = TARGET_GUEST,
	.emulated = false,
	.places = guest_places,
	.samples = PLAN_SAMPLES,
	.probe = guest_probe,
	.available = guest_available,
	.describe = guest_describe,
	.shape = guest_shape,
	.site = guest_site,
	.run = guest_run,
};
