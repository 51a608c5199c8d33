// SPDX-License-Identifier: GPL-2.0-or-later
#include "raw.h"

#include "enter.h"
#include "host.h"

_Static_assert(offsetof(struct record, kernel_in) == RECORD_KERNEL_IN &&
		       offsetof(struct record, host_in) == RECORD_HOST_IN &&
		       offsetof(struct record, host_out) == RECORD_HOST_OUT &&
		       sizeof(struct record) == 1 << RECORD_SHIFT,
	       "enter.h: record");

int raw_config_check(const struct hv_vm *vm, char *why)
{
	if (!vm->config.irqchip)
		return 0;
	host_format(why, HV_WHY, "%s has no interrupt controller of its own (irqchip=on)",
		    vm->config.backend->title);
	return -EOPNOTSUPP;
}

void raw_batch_begin(struct hv_vcpu *hv, struct raw_vcpu *raw, struct raw_batch *batch,
		     const struct hv_loop *loop)
{
	struct guest_shared *shared = hv_shared(hv);
	u32 records = shared->batch < GUEST_RING_RECORDS ? shared->batch : GUEST_RING_RECORDS;

	for (u32 i = 0; i < records; i++) {
		batch->ring[i].flags = 0;
		/* Of every record that counts: a batch with another reason ends in an error. */
		batch->ring[i].raw_reason = loop->raw_reason;
	}
	batch->count = 0;
	batch->index = loop->counted ? &batch->count : &shared->index;
	raw->others = 0;
}

static bool is_learned(const struct raw_vcpu *raw, const struct hv_loop *loop, u64 code)
{
	return raw->sites && raw->site_loop == code && raw->site_reason == loop->raw_reason;
}

enum raw_path raw_path_choose(struct raw_vcpu *raw, struct raw_batch *batch,
			      const struct hv_loop *loop, u64 code, bool can_be_fast)
{
	raw->fast = false;
	if (loop->path != HV_PATH_FAST)
		return RAW_FULL;
	if (!is_learned(raw, loop, code)) {
		raw->site_loop = code;
		raw->site_reason = loop->raw_reason;
		raw->sites = 0;
		return RAW_LEARN;
	}
	if (raw->sites != 1 || !can_be_fast)
		return RAW_FULL;
	raw->fast = true;
	batch->next_rip = raw->site_rip;
	return RAW_FAST;
}

void raw_learn(struct raw_vcpu *raw, u64 next_rip, bool not_fast)
{
	if (!raw->sites || raw->site_rip != next_rip || not_fast)
		raw->sites += not_fast ? 2 : 1;
	raw->site_rip = next_rip;
}

#define APIC_ICR_HIGH 0x310 /* the destination: SDM Vol. 3, "Interrupt Command Register (ICR)" */

static volatile u32 *icr_high(const struct raw_vcpu *raw)
{
	return (volatile u32 *)(raw->apic + APIC_ICR_HIGH);
}

void raw_interrupt_begin(const struct raw_vcpu *raw, struct raw_events *before)
{
	before->of_self = host_interrupts_of_self();
	if (!raw->apic)
		return;
	before->nmis = host_nmis();
	before->icr_high = *icr_high(raw);
}

void raw_apic_restore(const struct raw_vcpu *raw, const struct raw_events *before)
{
	if (raw->apic)
		*icr_high(raw) = before->icr_high;
}

int raw_interrupt_end(struct raw_vcpu *raw, struct raw_batch *batch, struct record *record,
		      u32 reason, const struct raw_events *before, u64 *rax)
{
	bool expected = batch->raw_reason == reason;
	bool own = host_interrupts_of_self() != before->of_self;

	raw_apic_restore(raw, before);
	if (raw->apic && host_nmis() != before->nmis) {
		*rax = 1;
		batch->count++;
	}
	if (!expected || !own) {
		raw->interrupts++;
		record->flags |= RECORD_IRQ;
	}
	if (expected && !own) {
		batch->count--;
		raw->others++;
	}
	return raw_kick_end(raw);
}

int raw_end_of(int end)
{
	if (end == RAW_DONE || end == RAW_KICKED || !host_machine_check_pending())
		return end;
	return RAW_MACHINE_CHECK;
}

int raw_batch_end(struct hv_vcpu *hv, struct raw_vcpu *raw, const struct raw_batch *batch,
		  const struct hv_loop *loop, int end, struct hv_exit *unexpected)
{
	const struct hv_backend *backend = hv->vm->config.backend;
	u32 count = batch->count;

	/* The guest ends a batch by OUT: where I/O is expected, that one was counted with it. */
	if (loop->raw_reason == backend->raw_reason(EXIT_IO) &&
	    (end == RAW_DONE || end == RAW_FAULT))
		count--;
	raw->exits += count + raw->others + 1; /* 1: the exit that ended the batch */
	raw->expected += count;
	switch (end) {
	case RAW_DONE:
		break;
	case RAW_FAULT:
		return hv_guest_fault(hv, unexpected);
	case RAW_KICKED:
		raw->kicked = false;
		host_format(unexpected->why, HV_WHY, "kicked");
		return -EINTR;
	case RAW_MACHINE_CHECK:
		host_format(
			unexpected->why, HV_WHY,
			"a machine check (#MC) hit CPU %u while the guest ran: the run is over, "
			"the host's log has the error",
			host_cpu());
		return -EHWPOISON;
	default:
		return RAW_UNEXPECTED;
	}
	if (!loop->count || loop->count == count)
		return 0;
	unexpected->qualification = count;
	host_format(unexpected->why, HV_WHY, "%u VM exits (%s) were asked for, %u came",
		    loop->count, backend->raw_name(loop->raw_reason), count);
	return -EBADE;
}

int raw_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	(void)device;
	host_format(why, HV_WHY, "%s has no devices in a kernel", vm->config.backend->title);
	return -EOPNOTSUPP;
}

int raw_counts(const struct raw_vcpu *raw, struct hv_counts *counts)
{
	*counts = (struct hv_counts){
		.valid = HV_COUNT_EXITS | HV_COUNT_INTERRUPTS | HV_COUNT_EXPECTED,
		.exits = raw->exits,
		.interrupts = raw->interrupts,
		.expected = raw->expected,
	};
	return 0;
}
