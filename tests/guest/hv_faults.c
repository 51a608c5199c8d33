// SPDX-License-Identifier: GPL-2.0-or-later
/* Batches that end early, on the real /dev/kvm: crashes, hangs, kicks, signals. */
#include "machine.h"

#include <signal.h>
#include <sys/time.h>
#include <string.h>

static void test_unexpected_exit_is_named(void **state)
{
	struct machine machine;
	struct hv_loop loop = {.count = 1};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_MMIO);
	ask(&machine, "port", 1)->arg[0] = 0x1234;
	assert_int_equal(run(&machine, loop), -EPROTO);
	assert_int_equal(machine.exit.kind, EXIT_IO);
	assert_non_null(strstr(machine.exit.why, "OUT to port 0x1234"));
	assert_non_null(strstr(machine.exit.why, "rip 0x1"));
	hv_vm_destroy(machine.vm);
}

static void test_exception_is_named_with_its_place(void **state)
{
	static const struct {
		const char *body, *text;
	} crash[] = {
		{"ud2", "vector 6 (#UD, invalid opcode)"},
		{"page_fault", "cr2 0x50000000"},
		{"divide", "vector 0 (#DE, divide error)"},
	};
	struct machine machine;

	for (u32 i = 0; i < COUNT(crash); i++) {
		boot_kind(&machine, state);
		ask(&machine, crash[i].body, 1);
		assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
		assert_int_equal(machine.exit.kind, EXIT_EXCEPTION);
		assert_non_null(strstr(machine.exit.why, crash[i].text));
		if (i == 0)
			assert_int_equal(machine.exit.rip, guest_address(hv_guest_ud2));
		hv_vm_destroy(machine.vm);
	}
}

/* The gate of INT3 has DPL 3. KVM's emulator, which kvm-pvm uses at CPL 0, does not implement INT3.
 */
static void test_int3_is_let_through_or_named(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "int3", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	if (machine.exit.kind == EXIT_ERROR) {
		assert_int_equal(kind->cpl, 0);
		assert_non_null(strstr(machine.exit.why, "could not emulate an instruction"));
		assert_non_null(strstr(machine.exit.why, "bytes cc"));
		assert_non_null(strstr(machine.exit.why, "cpl=3"));
	} else {
		assert_non_null(strstr(machine.exit.why, "vector 3 (#BP, breakpoint)"));
	}
	hv_vm_destroy(machine.vm);
}

static void test_triple_fault_is_a_shutdown_with_its_place(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	for (u32 vector = 0; vector < 32; vector++)
		hv_set_gate(machine.vm, vector, 1ULL << 63); /* not canonical */
	ask(&machine, "ud2", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	assert_int_equal(machine.exit.kind, EXIT_SHUTDOWN);
	assert_non_null(strstr(machine.exit.why, "triple fault"));
	assert_non_null(strstr(machine.exit.why, "rip 0x"));
	hv_vm_destroy(machine.vm);
}

static void test_gate_leads_to_its_handler(void **state)
{
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	hv_set_gate(machine.vm, 6, guest_address(hv_guest_handler));
	shared = ask(&machine, "ud2", 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->count, 1);
	hv_vm_destroy(machine.vm);
}

/* us: long enough to enter the guest on a busy machine, too. */
#define IN_THE_GUEST 400000

/* A timer whose signal kicks the vCPU, or only interrupts it. */
static struct hv_vcpu *kicked;
static volatile sig_atomic_t ticks;

static void on_alarm(int number)
{
	(void)number;
	ticks++;
	if (kicked)
		hv_kick(kicked);
}

static void timer(struct hv_vcpu *vcpu, int first_us, int interval_us)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval value = {
		.it_value.tv_usec = first_us,
		.it_interval.tv_usec = interval_us,
	};

	kicked = vcpu;
	ticks = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &value, NULL), 0);
}

static void timer_off(void)
{
	struct itimerval value = {0};

	assert_int_equal(setitimer(ITIMER_REAL, &value, NULL), 0);
}

static void test_hanging_guest_is_ended(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "hang", 1);
	timer(machine.vcpu, IN_THE_GUEST, 0);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EINTR);
	assert_int_equal(ticks, 1);
	/* RIP is at PAUSE or at the jump back to it. */
	assert_in_range(machine.exit.rip, guest_address(hv_guest_hang),
			guest_address(hv_guest_hang) + 2);
	hv_vm_destroy(machine.vm);
}

/* HLT needs CPL 0. */
static void test_halted_guest(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;
	struct hv_loop loop = {.count = 10, .stamped = true};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_HLT);
	ask(&machine, "hlt", 10);
	if (kind->irqchip) { /* it blocks in KVM, and no interrupt comes */
		timer(machine.vcpu, IN_THE_GUEST, 0);
		assert_int_equal(run(&machine, loop), -EINTR);
	} else {
		must(run(&machine, loop), machine.exit.why);
	}
	hv_vm_destroy(machine.vm);
}

static void test_kick_before_the_run_is_not_lost(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	hv_kick(machine.vcpu);
	ask(&machine, "out", OPERATIONS);
	assert_int_equal(run(&machine, io(&machine, OPERATIONS, true)), -EINTR);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

static void test_batch_goes_on_after_kicks(void **state)
{
	struct machine machine;
	u32 kicks = 0;
	int err;

	boot_kind(&machine, state);
	ask(&machine, "out", GUEST_RING_RECORDS);
	timer(machine.vcpu, 3000, 3000);
	while ((err = run(&machine, io(&machine, GUEST_RING_RECORDS, true))) == -EINTR)
		kicks++;
	timer_off();
	must(err, machine.exit.why);
	assert_true(kicks > 0);
	for (u32 i = 0; i < GUEST_RING_RECORDS; i++)
		assert_true(hv_ring(machine.vcpu)[i].host_in < hv_ring(machine.vcpu)[i].host_out);
	hv_vm_destroy(machine.vm);
}

/* In these batches hv sets immediate_exit itself. That must not hide a kick. */
static void test_kick_within_immediate_is_not_lost(void **state)
{
	struct machine machine;
	struct hv_loop loop = {.count = GUEST_RING_RECORDS, .action = HV_ACTION_IMMEDIATE};
	int err;

	boot_kind(&machine, state);
	for (int round = 0; round < 3; round++) {
		timer(machine.vcpu, 2000, 0);
		do
			err = run(&machine, loop);
		while (!err && !ticks);
		/* If the kick came during a batch that was completed, the next one does not begin.
		 */
		if (!err)
			err = run(&machine, loop);
		assert_int_equal(err, -EINTR);
	}
	hv_vm_destroy(machine.vm);
}

static void test_signal_flags_its_record_and_no_other(void **state)
{
	struct machine machine;
	u32 flagged = 0;

	boot_kind(&machine, state);
	ask(&machine, "out", GUEST_RING_RECORDS);
	timer(NULL, 3000, 3000);
	must(run(&machine, io(&machine, GUEST_RING_RECORDS, true)), machine.exit.why);
	timer_off();
	for (u32 i = 0; i < GUEST_RING_RECORDS; i++)
		flagged += hv_ring(machine.vcpu)[i].flags == RECORD_EXTRA_EXIT;
	/* A signal between two entries interrupts the next one. */
	assert_in_range(flagged, 1, ticks);
	hv_vm_destroy(machine.vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_unexpected_exit_is_named),
		EACH(test_exception_is_named_with_its_place),
		EACH(test_int3_is_let_through_or_named),
		EACH(test_triple_fault_is_a_shutdown_with_its_place),
		EACH(test_gate_leads_to_its_handler),
		EACH(test_hanging_guest_is_ended),
		ROW(test_halted_guest, CPL0),
		ROW(test_halted_guest, CPL0_IRQCHIP),
		EACH(test_kick_before_the_run_is_not_lost),
		EACH(test_batch_goes_on_after_kicks),
		EACH(test_kick_within_immediate_is_not_lost),
		EACH(test_signal_flags_its_record_and_no_other),
	};

	return machine_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
