// SPDX-License-Identifier: GPL-2.0-or-later
/* Storms in place at CPL 0, in this machine's kernel, by exitstorm.ko. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../machine/environment.h"
#include "guest_place.h"
#include "module_device.h"
#include "raw_target.h"

int guest_kernel_available(const struct plan *plan, const struct storm *storm, char *why)
{
	u32 online = sysconf(_SC_NPROCESSORS_ONLN),
	    have = plan->cpu_count ? plan->cpu_count : online;
	int err = module_in_place(why);

	if (err == -ENXIO)
		snprintf(why, HV_WHY,
			 "place=kernel needs exitstorm.ko in place: rmmod exitstorm, modprobe "
			 "exitstorm guest=1");
	if (err)
		return err;
	err = runner_needs_place(storm, HV_PLACE_KERNEL, why);
	if (err || runner_vcpus(storm, plan) <= have)
		return err;
	snprintf(why, HV_WHY, "needs a CPU for each of its %u vCPUs, the run has %u",
		 runner_vcpus(storm, plan), have);
	return -EOPNOTSUPP;
}

json_t *guest_kernel_describe(const char *name)
{
	char below[256] = "a hypervisor that hides itself", why[HV_WHY];
	const struct wire_hello *hello;

	module_in_place(why);
	hello = module_hello();
	environment_hypervisor(below, sizeof(below));
	return compose_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:b, s:o, s:s}", "name", name,
			    "backend", "none", "emulated", hello->clock.kind != CLOCK_TSC, "clock",
			    raw_clock_name(hello->clock.kind), "clock_granularity",
			    (int)hello->clock.step, "guest_cpl", 0, "guest_native", 1, "nesting",
			    compose_format("this machine is the guest of %s", below), "raw_space",
			    "none");
}

int guest_kernel_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		     const struct run_sink *sink, const struct run_monitor *monitor)
{
	char why[HV_WHY];
	int err = guest_kernel_available(plan, storm, why);

	return err ? target_not_run(storm, repeat, sink, err, why)
		   : module_storm(plan, storm, repeat, sink, monitor);
}

bool guest_kernel_ready(void)
{
	char why[HV_WHY];

	return !module_in_place(why);
}
