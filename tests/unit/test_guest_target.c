// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines on which target guest has something to measure, and the words of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "../../bench/targets/guest.h"
#include "../../hv/hv.h"
#include "../../trace/clock_check.h"

static const struct {
	struct guest_facts facts;
	const char *said; /* NULL: it can be measured */
} machines[] = {
	{{"KVM", false, CLOCK_TSC, 2000}, NULL},
	/* An emulator's VM of a KVM inside it. */
	{{"KVM (QEMU)", false, CLOCK_EMULATED, 90000}, NULL},
	/* A hypervisor that hides the bit. */
	{{"", false, CLOCK_TSC, 1900}, NULL},
	{{"", false, CLOCK_TSC, 120},
	 "no hypervisor below: nothing to measure here (CPUID takes 120 ticks)"},
	{{"", false, CLOCK_TSC, 120}, "use -t kvm or -t module"},
	{{"QEMU's TCG", true, CLOCK_EMULATED, 900}, "this CPU is emulated (QEMU's TCG)"},
	{{"Bochs, an emulator", true, CLOCK_INSTRUCTIONS, 1},
	 "this CPU is emulated (Bochs, an emulator)"},
	/* TCG without the bit: CPUID takes long there, too. */
	{{"", false, CLOCK_EMULATED, 5000}, "the clock is not that of hardware"},
};

static void test_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		char why[HV_WHY] = "";
		int err = guest_possible(&machines[i].facts, why);

		assert_int_equal(err, machines[i].said ? -EOPNOTSUPP : 0);
		if (machines[i].said)
			assert_non_null(strstr(why, machines[i].said));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_machines)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
