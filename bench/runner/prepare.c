// SPDX-License-Identifier: GPL-2.0-or-later
#include "../../hv/host.h"
#include "runner.h"

/* Reduces `after` to the controls whose value differs. Both lists have the same order. */
static u32 keep_changed(const struct hv_control *before, struct hv_control *after, u32 count)
{
	u32 changed = 0;

	for (u32 i = 0; i < count; i++)
		if (after[i].value != before[i].value)
			after[changed++] = after[i];
	return changed;
}

int runner_prepare(struct hv_vm *vm, const struct storm *storm, char *why)
{
	const struct guest_storm *code = hv_guest_storm(vm, storm->name);

	if (code && code->handler)
		hv_set_gate(vm, code->vector, code->handler);
	if (hv_place(vm) == HV_PLACE_VM ? runner_needs(storm, hv_vm_vendor(vm), why)
					: runner_needs_place(storm, hv_place(vm), why))
		return -EOPNOTSUPP;
	if (code && code->handler && code->vector < 32 && hv_every_exit(vm)) {
		int err = hv_enable(vm, HV_FEATURE_EXCEPTION_EXIT + code->vector, why);

		if (err)
			return err;
	}
	return storm->prepare ? storm->prepare(vm, storm, why) : 0;
}

int runner_prepare_reported(struct hv_vm *vm, const struct storm *storm,
			    const struct run_sink *sink, char *why)
{
	const u32 bytes = 2 * HV_CONTROLS * sizeof(struct hv_control);
	struct hv_control *before = sink->controls ? host_alloc(bytes) : NULL;
	struct hv_control *after = before + HV_CONTROLS;
	u32 count = before ? hv_controls(vm, before) : 0;
	int err = runner_prepare(vm, storm, why);

	if (!err && count) {
		err = sink->controls(sink->arg, RUNNER_EVERY_STORM, before, count);
		count = keep_changed(before, after, hv_controls(vm, after));
		if (!err && count)
			err = sink->controls(sink->arg, storm - storms, after, count);
		if (err)
			host_format(why, HV_WHY, "the report of the VM's controls was refused");
	}
	if (before)
		host_free(before, bytes);
	return err;
}
