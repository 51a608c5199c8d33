// SPDX-License-Identifier: GPL-2.0-or-later
#include "legs.h"

#include "../../hv/host.h"

u32 runner_vcpus(const struct storm *storm, const struct plan *plan)
{
	u32 vcpus = plan->vcpus;

	if (storm->needs & NEED_OTHER_CPU)
		return 1;
	if (storm->needs & NEED_PAIR)
		return vcpus + vcpus % 2;
	if (storm->needs & NEED_VCPUS && vcpus < 2)
		return 2;
	return vcpus;
}

u32 runner_cpus(const struct storm *storm, const struct plan *plan)
{
	if (storm->needs & NEED_OTHER_CPU)
		return plan->vcpus < 2 ? 2 : plan->vcpus;
	return runner_vcpus(storm, plan);
}

u32 runner_senders(const struct storm *storm, u32 vcpus)
{
	return storm->needs & NEED_PAIR ? (vcpus + 1) / 2 : vcpus;
}

bool runner_is_partner(const struct storm *storm, u32 vcpu)
{
	return storm->needs & NEED_PAIR && vcpu % 2;
}

bool runner_host_stamps(const struct storm *storm, const struct plan *plan, bool every_exit)
{
	return plan->setting[SETTING_STAMPS] == STAMPS_BOTH &&
	       (every_exit ? storm->exits_per_op == 1 || storm->legs == LEGS_ASYNC ||
				     storm->legs == LEGS_ENTRYFAIL
			   : storm->user);
}

bool runner_has_leg(const struct storm *storm, const struct plan *plan, bool every_exit,
		    enum leg leg)
{
	bool guest = plan->setting[SETTING_STAMPS] != STAMPS_OFF && storm->legs != LEGS_NOGUEST;
	bool host = runner_host_stamps(storm, plan, every_exit);
	bool kernel = plan->setting[SETTING_EBPF] == EBPF_ON &&
		      plan->setting[SETTING_OPS] == OPS_1 && storm->legs != LEGS_ENTRYFAIL;

	switch (leg) {
	case LEG_EXIT:
		return guest && host && storm->legs != LEGS_ASYNC && storm->legs != LEGS_ENTRYFAIL;
	case LEG_HANDLER:
		return host && storm->legs != LEGS_ENTRYFAIL;
	case LEG_RESUME:
		return guest && host && storm->legs != LEGS_NORESUME &&
		       storm->legs != LEGS_ENTRYFAIL;
	case LEG_CONTROL: /* its loop has no exit, so it always comes to the second stamp */
		return guest && storm->legs != LEGS_ENTRYFAIL;
	case LEG_ROUND_TRIP:
	case LEG_FIRST:
		return guest && storm->legs != LEGS_NORESUME && storm->legs != LEGS_ENTRYFAIL;
	case LEG_GUEST_VISIT:
		return host && storm->legs == LEGS_NOGUEST;
	case LEG_ENTRY_FAIL:
		return host && storm->legs == LEGS_ENTRYFAIL;
	case LEG_HOST_LOAD: /* a failed VM entry does not use the MSR-store area */
		return host && plan->setting[SETTING_CHECK] == CHECK_HOST_LOAD &&
		       storm->legs != LEGS_ENTRYFAIL;
	case LEG_TO_KERNEL:
		return guest && kernel && storm->legs != LEGS_ASYNC;
	case LEG_TO_GUEST:
		return guest && kernel && storm->legs != LEGS_NORESUME;
	case LEG_TO_USER:
	case LEG_FROM_USER:
		return host && kernel;
	case LEG_IN_KERNEL:
		return guest && kernel && !host;
	case LEG_PERIOD:
		return true;
	case LEGS:
		break;
	}
	return false;
}

u8 runner_cpl(const struct storm *storm, const struct plan *plan)
{
	if (plan->setting[SETTING_CPL] == CPL_AUTO)
		return storm->needs & NEED_CPL3 ? 3 : 0;
	return plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0;
}

int runner_needs_cpl(const struct storm *storm, u8 cpl, char *why)
{
	if (!(storm->needs & (cpl ? NEED_CPL0 : NEED_CPL3)))
		return 0;
	host_format(why, HV_WHY, "needs cpl=%u, the run has cpl=%u", cpl ? 0 : 3, cpl);
	return -EOPNOTSUPP;
}

int runner_needs(const struct storm *storm, enum hv_vendor vendor, char *why)
{
	const char *need = NULL;

	if (storm->needs & NEED_IN_PLACE)
		need = "no VM of ours (-t guest: what the hypervisor below charges)";
	if (storm->needs & NEED_RAW && vendor == HV_VENDOR_NONE)
		need = "raw VMX or SVM (-t bochs has both)";
	if (storm->needs & NEED_VMX && vendor != HV_VENDOR_INTEL)
		need = "raw VMX (-t bochs has it)";
	if (storm->needs & NEED_SVM && vendor != HV_VENDOR_AMD)
		need = "raw SVM (-t qemu has it, and -t bochs --set model=ryzen)";
	if (!need)
		return 0;
	host_format(why, HV_WHY, "needs %s", need);
	return -EOPNOTSUPP;
}

int runner_needs_place(const struct storm *storm, enum hv_place place, char *why)
{
	const char *need = "a VM of ours (-t kvm), or raw VMX or SVM";

	if (storm->places & 1 << place)
		return 0;
	if (storm->places)
		need = place == HV_PLACE_USER ? "CPL 0: a process cannot execute it"
					      : "CPL 3: a kernel cannot execute it";
	host_format(why, HV_WHY, "needs %s", need);
	return -EOPNOTSUPP;
}
