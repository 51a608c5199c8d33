// SPDX-License-Identifier: GPL-2.0-or-later
/* host_interrupt_self on bare metal, with a local APIC that is slow to show the interrupt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../hv/host.h"
#include "../../hv/metal/apic.h"
#include "../../hv/metal/metal.h"
#include "../../hv/metal/trap.h"

#define NEVER ~0U

bool apic_is_x2apic;
volatile u8 *apic_page;
static u8 registers[0x1000];
static u64 trapped;	      /* the vector */
static u32 sent, reads, slow; /* slow: reads of IRR that do not show it yet */

void apic_send(u32 id, u32 command)
{
	(void)id;
	assert_int_equal(command & 0xff, METAL_VECTOR_SELF);
	sent++;
}

bool apic_pending(u32 vector)
{
	assert_int_equal(vector, METAL_VECTOR_SELF);
	return ++reads > slow && slow != NEVER;
}

void metal_trap_set(u8 vector, void (*handler)(struct metal_trap *trap))
{
	(void)vector;
	(void)handler;
}

void metal_trap(struct metal_trap *trap)
{
	trapped = trap->vector;
}

void metal_stop_in_panic(void)
{
}

u32 host_cpu(void)
{
	return 0;
}

static void test_slow_apic(void **state)
{
	static const u32 delays[] = {0, 1, 7, 1000};

	(void)state;
	for (u32 i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		sent = reads = 0;
		slow = delays[i];
		host_interrupt_self();
		assert_int_equal(sent, 1);
		assert_int_equal(reads, slow + 1); /* it returns when the interrupt is there */
	}
}

/* Of an interrupt that a VM exit has acknowledged. */
static void test_end_runs_the_handler(void **state)
{
	u32 before = host_interrupts_of_self();

	(void)state;
	apic_page = registers;
	trapped = 0;
	host_interrupt_end(METAL_VECTOR_SELF);
	assert_int_equal(host_interrupts_of_self(), before + 1);
	assert_int_equal(trapped, 0);
	host_interrupt_end(METAL_VECTOR_WATCHDOG);
	assert_int_equal(host_interrupts_of_self(), before + 1);
	assert_int_equal(trapped, METAL_VECTOR_WATCHDOG);
}

static void test_wait_is_bounded(void **state)
{
	(void)state;
	sent = reads = 0;
	slow = NEVER;
	host_interrupt_self();
	assert_int_equal(sent, 1);
	assert_in_range(reads, 1000, 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_apic),
		cmocka_unit_test(test_wait_is_bounded),
		cmocka_unit_test(test_end_runs_the_handler),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
