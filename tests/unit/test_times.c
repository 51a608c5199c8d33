// SPDX-License-Identifier: GPL-2.0-or-later
/* Quantiles and conversion of a trace's times; names of exit reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../bench/tracer/reasons.h"
#include "../../bench/tracer/times.h"

enum { CPUID_SVM = 0x72, NPF = 0x400, CPUID_VMX = 10, KVM_IO = 2 };

static void test_quantiles(void **state)
{
	struct times times = {0};

	(void)state;
	assert_true(isnan(times_quantile(&times, 0.5)));
	times.bucket[histogram_index(1000, TRACE_SUB_BITS)] = 99;
	times.bucket[histogram_index(100000, TRACE_SUB_BITS)] = 1;
	times.count = 100;
	times.min = 1000;
	times.max = 100000;
	assert_true(times_quantile(&times, 0) == 1000);
	assert_true(times_quantile(&times, 0.5) >= 1000 && times_quantile(&times, 0.5) < 1032);
	assert_true(times_quantile(&times, 0.99) < 1032);
	assert_true(times_quantile(&times, 0.991) > 98000);
	assert_true(times_quantile(&times, 1) == 100000);
}

static void test_expanded_it_is_the_same(void **state)
{
	static struct histogram histogram;
	struct times times = {0};

	(void)state;
	times.bucket[histogram_index(1000, TRACE_SUB_BITS)] = 5000;
	times.bucket[histogram_index(70000, TRACE_SUB_BITS)] = 1;
	times.count = 5001;
	times.sum = 5000 * 1000 + 70000;
	times.min = 1000;
	times.max = 70000;
	times_expand(&times, 2.5, &histogram);
	assert_int_equal(histogram.count, 5001);
	assert_int_equal(histogram.min, 2500);
	assert_int_equal(histogram.max, 175000);
	assert_true(histogram.sum == (u64)(times.sum * 2.5));
	/* One: the middle of its bucket, and no beyond of it. */
	times = (struct times){.count = 1, .sum = 1000, .min = 1000, .max = 1000};
	times.bucket[histogram_index(1000, TRACE_SUB_BITS)] = 1;
	times_expand(&times, 1, &histogram);
	assert_int_equal(histogram.min, 1000);
	assert_int_equal(histogram.max, 1000);
}

static void test_names(void **state)
{
	char name[REASON_NAME];

	(void)state;
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_VMX, CPUID_VMX), "CPUID");
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_VMX, 48), "EPT_VIOLATION");
	/* Bit 31: the entry failed (SDM Vol. 3, 25.9.1, "Basic VM-Exit Information"). */
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_VMX, 0x80000021),
			    "INVALID_GUEST_STATE");
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_SVM, CPUID_SVM), "CPUID");
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_SVM, NPF), "NPF");
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_SVM, 0x4e), "EXCEPTION_14");
	assert_string_equal(reason_name(name, TRACE_NESTED, TRACE_ISA_SVM, CPUID_SVM), "L2 CPUID");
	assert_string_equal(reason_storm(name, TRACE_NESTED, TRACE_ISA_SVM, CPUID_SVM), "l2_cpuid");
	assert_string_equal(reason_name(name, TRACE_KVM, 0, KVM_IO), "KVM_EXIT_IO");
	assert_string_equal(reason_storm(name, TRACE_KVM, TRACE_ISA_SVM, KVM_IO), "kvm_exit_io");
	assert_string_equal(reason_name(name, TRACE_KVM, 0, TRACE_KVM_RESTART), "EINTR");
	assert_string_equal(reason_name(name, TRACE_HARDWARE, TRACE_ISA_SVM, 0x3ff),
			    "REASON_0x3ff");
	assert_int_equal(reason_kind(TRACE_HARDWARE, TRACE_ISA_SVM, NPF), EXIT_SLAT_VIOLATION);
	assert_int_equal(reason_kind(TRACE_HARDWARE, TRACE_ISA_VMX, 0x3ff), EXIT_OTHER);
	assert_string_equal(trace_leg_name(TRACE_KVM, TRACE_AFTER), "user");
	assert_string_equal(trace_leg_name(TRACE_NESTED, TRACE_AFTER), "handler");
	assert_string_equal(trace_leg_name(TRACE_KVM, TRACE_BEFORE), "kernel");
	assert_string_equal(trace_leg_name(TRACE_HARDWARE, TRACE_BEFORE), "guest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_expanded_it_is_the_same),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
