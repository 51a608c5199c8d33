// SPDX-License-Identifier: GPL-2.0-or-later
#include "raw_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* AMD APM Vol. 2, "SVM Intercept Codes": VMEXIT_MWAIT_CONDITIONAL */
#define SVM_MWAIT_CONDITIONAL 0x8c

bool raw_in_place(const struct plan *plan)
{
	return plan->setting[SETTING_PLACE] == PLACE_IMAGE;
}

u8 raw_places(const struct plan *plan)
{
	return raw_in_place(plan) ? IN_IMAGE : 0;
}

void raw_shape(const struct plan *plan, const struct storm *storm, struct hv_config *config)
{
	*config = (struct hv_config){
		.vcpus = runner_vcpus(storm, plan),
		.cpl = raw_in_place(plan) ? 0 : runner_cpl(storm, plan),
	};
}

int raw_fits(const struct plan *plan, const struct storm *storm, char *why)
{
	struct hv_config config;

	if (raw_in_place(plan))
		return runner_needs_place(storm, HV_PLACE_IMAGE, why);
	if (plan->setting[SETTING_PLACE] != PLACE_AUTO) {
		snprintf(why, HV_WHY, "the image has place=image only; the others are -t guest's");
		return -EOPNOTSUPP;
	}
	raw_shape(plan, storm, &config);
	if (storm->needs & (NEED_IRQCHIP | NEED_X2APIC)) {
		snprintf(why, HV_WHY,
			 "raw VMX and raw SVM have no interrupt controller of their own");
		return -EOPNOTSUPP;
	}
	return runner_needs_cpl(storm, config.cpl, why);
}

int raw_available(const struct plan *plan, const struct storm *storm, enum hv_vendor vendor,
		  char *why)
{
	int err = raw_fits(plan, storm, why);

	return err || raw_in_place(plan) ? err : runner_needs(storm, vendor, why);
}

bool tcg_hangs(const struct storm *storm, char *why)
{
	if (storm->kind == EXIT_TASK_SWITCH)
		snprintf(why, HV_WHY,
			 "QEMU's TCG hangs in a task switch that is intercepted (use -t bochs)");
	else if (storm->svm_code == SVM_MWAIT_CONDITIONAL)
		snprintf(why, HV_WHY,
			 "QEMU's TCG has no conditional intercept of MWAIT: the guest would never "
			 "leave MWAIT");
	else
		return false;
	return true;
}

const char *raw_site(const char *backend, enum leg leg)
{
	bool in_place = !strcmp(backend, "none");

	if (leg == LEG_ROUND_TRIP || leg == LEG_PERIOD || leg == LEG_FIRST || leg == LEG_CONTROL)
		return in_place ? "guest-image" : "guest";
	if (in_place)
		return NULL;
	if (leg >= LEGS)
		return NULL;
	if (leg == LEG_HOST_LOAD)
		return "vmx-msr-store";
	return strcmp(backend, "svm") ? "vmx-asm" : "svm-asm";
}

const char *raw_clock_name(u32 clock)
{
	static const char *const names[] = {
		[CLOCK_TSC] = "tsc",
		[CLOCK_INSTRUCTIONS] = "instructions",
		[CLOCK_EMULATED] = "emulated-tsc",
	};

	return names[clock < CLOCK_KINDS ? clock : CLOCK_EMULATED];
}
