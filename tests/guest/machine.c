// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* hv_guest.S has these as numbers. */
#define OFFSET(field, value) _Static_assert(offsetof(struct guest_shared, field) == value, #field)
OFFSET(loop, 0);
OFFSET(batch, 8);
OFFSET(ring, 16);
OFFSET(arg, 24);
OFFSET(index, 56);
OFFSET(vector, 60);
OFFSET(error, 64);
OFFSET(rip, 72);
OFFSET(cr2, 80);
OFFSET(count, 104);

enum { SECONDS = 110 };

struct kind kinds[] = {
	[CPL0] = {0, false},
	[CPL0_IRQCHIP] = {0, true},
	[CPL3] = {3, false},
	[CPL3_IRQCHIP] = {3, true},
};

u64 guest_address(const u8 *label)
{
	return GUEST_IMAGE + (u64)(label - hv_guest);
}

struct hv_config config_of(const struct kind *kind)
{
	return (struct hv_config){
		.backend = &hv_kvm,
		.image = hv_guest,
		.image_size = hv_guest_end - hv_guest,
		.vcpus = 1,
		.cpl = kind->cpl,
		.irqchip = kind->irqchip,
	};
}

void must(int err, const char *why)
{
	if (err)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
}

int run(struct machine *machine, struct hv_loop loop)
{
	return hv_run(machine->vcpu, &loop, &machine->exit);
}

void boot(struct machine *machine, const struct hv_config *config)
{
	memset(machine, 0, sizeof(*machine));
	must(hv_vm_create(&machine->vm, config, machine->why), machine->why);
	machine->vcpu = hv_vcpu(machine->vm, 0);
	must(run(machine, (struct hv_loop){0}), machine->exit.why);
}

void boot_kind(struct machine *machine, void **state)
{
	struct hv_config config = config_of(*state);

	boot(machine, &config);
}

struct guest_shared *ask(struct machine *machine, const char *body, u32 batch)
{
	struct guest_shared *shared = hv_shared(machine->vcpu);
	const struct guest_storm *storm = hv_guest_storm(machine->vm, body);

	assert_non_null(storm);
	shared->loop = storm->storm;
	shared->batch = batch;
	return shared;
}

struct hv_loop io(struct machine *machine, u32 count, bool stamped)
{
	return (struct hv_loop){
		.count = count,
		.raw_reason = hv_raw_reason(machine->vm, EXIT_IO),
		.stamped = stamped,
	};
}

/* The time limit of the tests, wherever one hangs. Tests use SIGALRM, so this is another signal. */
static void limit_set(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM};
	const struct itimerspec limit = {.it_value.tv_sec = SECONDS};
	timer_t timer;

	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &limit, NULL), 0);
}

bool machine_ready(void)
{
	char why[HV_WHY];

	if (hv_probe(&hv_kvm, why)) {
		printf("1..0 # SKIP %s\n", why);
		return false;
	}
	limit_set();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return true;
}
