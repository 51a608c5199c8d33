/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend without hardware: it fills the ring and the counters as guest and hypervisor would, by
 * the ticks and counts of `fake`, so that a test knows each result to the tick.
 */
#ifndef TESTS_FAKE_BACKEND_H
#define TESTS_FAKE_BACKEND_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../bench/storms/storm.h"
#include "../../hv/backend.h"

static struct fake {
	u32 ops;	  /* of the loop under way, between a pair of stamps */
	u64 exits_per_op; /* of the storm's loop */
	u64 batch_ticks;  /* of each batch beside its operations */
	u64 slow_batch; /* the batch of a storm, from 1, that a disturbance makes longer; 0: none */
	u64 exit_every; /* operations of the storm that make one more exit; 0: none */
	u64 exits_per_stamp;   /* of the stamps of storm and control */
	u64 round_trip, empty; /* ticks between the stamps of the storm, of the control */
	u64 emulated_per_op;   /* 0: runs natively */
	u64 interrupt_every;   /* batches; 0: never */
	u64 switch_every;      /* batches between context switches; 0: never */
	u64 smi_every;	       /* batches between SMIs; 0: never */
	bool frequency;	       /* APERF and MPERF count, in the ratio 3 to 2 */
	u64 fewer_after;       /* batches after which each makes one exit less; 0: never */
	u64 fault_after;       /* batches; 0: never */
	u64 stuck_after;       /* batches after which the guest hangs; 0: never */
	u64 host_offset;       /* ticks from the guest's clock to the host's */
	u64 no_stamp_every;    /* operations; 0: all have stamps */
	void (*stuck)(void);   /* called when it hangs, in place of a watchdog */
	bool no_counts;
	u64 other_after; /* operations after which exits have another reason; 0: never */
	bool reasons;	 /* exits are counted by their reason, too */
	/* counts what was done */
	u64 clock, switches, batches, storm_batches, operations;
	struct hv_counts counts;
} fake;

static int fake_probe(char *why)
{
	(void)why;
	return 0;
}

static void fake_cpu_off(void)
{
}

static int fake_vm_create(struct hv_vm *vm, char *why)
{
	(void)vm;
	(void)why;
	return 0;
}

static void fake_vm_destroy(struct hv_vm *vm)
{
	(void)vm;
}

static int fake_vcpu_create(struct hv_vcpu *vcpu, char *why)
{
	(void)vcpu;
	(void)why;
	return 0;
}

static void fake_vcpu_destroy(struct hv_vcpu *vcpu)
{
	(void)vcpu;
}

static int fake_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	(void)vm;
	(void)feature;
	(void)why;
	return 0;
}

static int fake_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	(void)vm;
	(void)device;
	(void)why;
	return 0;
}

static int fake_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why)
{
	(void)vcpu;
	(void)state;
	(void)why;
	return 0;
}

static const struct guest_storm *fake_loop(struct hv_vcpu *vcpu, u64 loop, bool *storm,
					   bool *stamped)
{
	const struct hv_vm *vm = vcpu->vm;
	const struct guest_storm *row = (const void *)(vm->memory + vm->header.table);

	for (u32 i = 0; i < vm->header.storms; i++, row++) {
		fake.ops = !loop ? 1 : loop == row->many[0] ? 2 : loop == row->many[1] ? 4 : 1;
		*storm = loop == row->storm || loop == row->storm_stamped || fake.ops > 1;
		*stamped =
			loop == row->storm_stamped || loop == row->control_stamped || fake.ops > 1;
		if (*storm || loop == row->control || loop == row->control_stamped)
			return row;
	}
	return NULL;
}

static void fake_operation(struct hv_vcpu *vcpu, const struct hv_loop *loop, u32 i, bool storm,
			   bool stamped)
{
	struct record *record = &hv_ring(vcpu)[i];
	u64 ticks = storm ? fake.round_trip * fake.ops : fake.empty;

	if (stamped && !(fake.no_stamp_every && i % fake.no_stamp_every == 0)) {
		record->guest_out = fake.clock;
		record->guest_in = fake.clock + ticks;
		if (storm && loop->stamped) {
			record->host_in = fake.clock + ticks / 4 + fake.host_offset;
			record->host_out = fake.clock + ticks / 2 + fake.host_offset;
		}
	}
	fake.clock += ticks;
	fake.counts.emulated += fake.emulated_per_op;
	fake.counts.exits += stamped ? fake.exits_per_stamp : 0;
	fake.counts.exits += storm ? fake.exits_per_op * fake.ops : 0;
	fake.counts.exits += storm && fake.exit_every && i % fake.exit_every == 0;
	fake.operations += storm ? fake.ops : 0;
	if (storm && !(fake.other_after && fake.operations >= fake.other_after))
		fake.counts.expected += fake.exits_per_op * fake.ops;
}

static int fake_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct guest_shared *shared = hv_shared(vcpu);
	bool storm, stamped;

	if (fake.clock == 0)
		fake.clock = 1000;
	fake.counts.exits++; /* the end of the batch */
	if (!shared->loop || !fake_loop(vcpu, shared->loop, &storm, &stamped))
		return 0;
	fake.batches++;
	fake.storm_batches += storm;
	if (fake.stuck_after && fake.batches > fake.stuck_after) {
		unexpected->rip = 0x1234;
		if (fake.stuck)
			fake.stuck();
		return -EINTR;
	}
	if (fake.fault_after && fake.batches > fake.fault_after) {
		snprintf(unexpected->why, sizeof(unexpected->why), "#GP at rip 0x1234");
		return -EPROTO;
	}
	shared->began = fake.clock;
	for (u32 i = 0; i < shared->batch; i++)
		fake_operation(vcpu, loop, i, storm, stamped);
	fake.clock += fake.batch_ticks;
	if (storm && fake.slow_batch == fake.storm_batches)
		fake.clock += 10000000;
	shared->ended = fake.clock;
	if (fake.interrupt_every && fake.batches % fake.interrupt_every == 0) {
		fake.counts.exits += 3;
		fake.counts.interrupts += 3;
	}
	if (fake.switch_every && fake.batches % fake.switch_every == 0)
		fake.switches++;
	if (storm && fake.fewer_after && fake.storm_batches > fake.fewer_after)
		fake.counts.exits--;
	if (loop->count && loop->count != shared->batch * fake.ops) {
		snprintf(unexpected->why, sizeof(unexpected->why), "wrong count");
		return -EBADE;
	}
	return 0;
}

static void fake_kick(struct hv_vcpu *vcpu)
{
	(void)vcpu;
}

static int fake_counts(struct hv_vcpu *vcpu, struct hv_counts *counts)
{
	(void)vcpu;
	*counts = fake.counts;
	counts->valid = fake.no_counts ? 0 : fake.reasons ? 15 : 7;
	return 0;
}

static u32 fake_raw_reason(enum exit_kind kind)
{
	return 100 + kind;
}

static const char *fake_raw_name(u32 raw_reason)
{
	(void)raw_reason;
	return "fake";
}

static struct hv_backend hv_fake = {
	.name = "kvm",
	.title = "KVM",
	.raw_space = "kvm",
	.probe = fake_probe,
	.cpu_on = fake_probe,
	.cpu_off = fake_cpu_off,
	.vm_create = fake_vm_create,
	.vm_destroy = fake_vm_destroy,
	.vcpu_create = fake_vcpu_create,
	.vcpu_destroy = fake_vcpu_destroy,
	.enable = fake_enable,
	.device_add = fake_device_add,
	.pages = fake_pages,
	.run = fake_run,
	.kick = fake_kick,
	.counts = fake_counts,
	.raw_reason = fake_raw_reason,
	.raw_name = fake_raw_name,
};

#endif
