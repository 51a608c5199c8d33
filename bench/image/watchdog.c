// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends a batch that takes too long: its guest hangs, or exits for ever. The APIC timer of the
 * vCPU's CPU runs during each batch, so that it does not fire in one that ends in time. It needs no
 * instruction on the path of an exit: external-interrupt exiting (VMX) or the INTR intercept (SVM)
 * is on in all batches of an image.
 */
#include "image.h"

#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../agent/agent.h"

/*
 * Batches are sized for 2^21 ticks; those of slow operations in an emulator take 2^25. An emulator
 * whose clock goes on while it is stopped, or gets no CPU, shows that as one long period: only
 * several of them that follow each other are a batch that does not end. Where the clock counts
 * instructions there is one period, as Bochs 2.7 takes no second interrupt in a guest that hangs.
 */
#define TICKS		   (1ULL << 29)
#define PERIODS		   16
#define TICKS_INSTRUCTIONS (1ULL << 26)

static struct {
	struct runner *runners; /* by vCPU; NULL: none run */
	u32 count;
	u64 ticks;
	u32 periods;
	u32 fired[METAL_MAX_CPUS]; /* in this CPU's batch */
} watched;

/* In an interrupt on the CPU of the vCPU with this number. */
static void fire(void)
{
	u32 vcpu = host_cpu();

	if (vcpu >= watched.count || !watched.runners[vcpu].heartbeat.entered)
		return;
	if (++watched.fired[vcpu] < watched.periods) {
		metal_timer_start(watched.ticks);
		return;
	}
	runner_group_break(watched.runners[vcpu].group,
			   "the guest hangs or exits for ever: its batch does not end");
	for (u32 i = 0; i < watched.count; i++)
		agent_wake(hv_vcpu_vm(watched.runners[i].vcpu), i);
}

void watchdog_init(bool instructions)
{
	watched.ticks = instructions ? TICKS_INSTRUCTIONS : TICKS;
	watched.periods = instructions ? 1 : PERIODS;
	metal_timer_init(fire);
}

void agent_watchdog(struct runner *runners, u32 count)
{
	watched.count = 0;
	watched.runners = runners;
	watched.count = count;
}

void agent_batch_begins(void)
{
	watched.fired[host_cpu()] = 0;
	metal_timer_start(watched.ticks);
}

void agent_batch_ends(void)
{
	metal_timer_stop();
}
