// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of events, counting in this very thread, sums over repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../bench/session/counter_totals.h"
#include "../../trace/counter_event.h"

static char why[COUNTERS_WHY];

static void test_names(void **state)
{
	static const struct {
		const char *name;
		u32 type;
		u64 config;
		enum counter_sides sides;
		bool no_user, no_kernel;
	} names[] = {
		{"cycles", PERF_TYPE_HARDWARE, 0, COUNTER_SIDES_APART, false, false},
		{"instructions:k", PERF_TYPE_HARDWARE, 1, COUNTER_SIDES_APART, true, false},
		{"cycles:u", PERF_TYPE_HARDWARE, 0, COUNTER_SIDES_APART, false, true},
		{"cycles:uk", PERF_TYPE_HARDWARE, 0, COUNTER_SIDES_APART, false, false},
		{"r01c2", PERF_TYPE_RAW, 0x1c2, COUNTER_SIDES_APART, false, false},
		{"dTLB-load-misses", PERF_TYPE_HW_CACHE, 3 | 0 << 8 | 1 << 16, COUNTER_SIDES_APART,
		 false, false},
		{"page-faults", PERF_TYPE_SOFTWARE, 2, COUNTER_SIDES_HOST, false, false},
		{"task-clock", PERF_TYPE_SOFTWARE, 1, COUNTER_SIDES_BOTH, false, false},
		{"cpu-cycles", PERF_TYPE_HARDWARE, 0, COUNTER_SIDES_APART, false, false},
		{"branch-instructions", PERF_TYPE_HARDWARE, 4, COUNTER_SIDES_APART, false, false},
		{"idle-cycles-frontend", PERF_TYPE_HARDWARE, 7, COUNTER_SIDES_APART, false, false},
		{"idle-cycles-backend", PERF_TYPE_HARDWARE, 8, COUNTER_SIDES_APART, false, false},
		{"cs", PERF_TYPE_SOFTWARE, 3, COUNTER_SIDES_HOST, false, false},
		{"migrations:u", PERF_TYPE_SOFTWARE, 4, COUNTER_SIDES_HOST, false, true},
		{"faults", PERF_TYPE_SOFTWARE, 2, COUNTER_SIDES_HOST, false, false},
		{"cgroup-switches", PERF_TYPE_SOFTWARE, 11, COUNTER_SIDES_HOST, false, false},
		{"L1-dcache-stores", PERF_TYPE_HW_CACHE, 0 | 1 << 8, COUNTER_SIDES_APART, false,
		 false},
		{"L1-data-speculative-read-miss", PERF_TYPE_HW_CACHE, 0 | 2 << 8 | 1 << 16,
		 COUNTER_SIDES_APART, false, false},
		{"l1i", PERF_TYPE_HW_CACHE, 1, COUNTER_SIDES_APART, false, false},
		{"llc-miss", PERF_TYPE_HW_CACHE, 2 | 1 << 16, COUNTER_SIDES_APART, false, false},
		{"Data-TLB-write:k", PERF_TYPE_HW_CACHE, 3 | 1 << 8, COUNTER_SIDES_APART, true,
		 false},
		{"branch-load-misses", PERF_TYPE_HW_CACHE, 5 | 1 << 16, COUNTER_SIDES_APART, false,
		 false},
		{"node-prefetch-misses", PERF_TYPE_HW_CACHE, 6 | 2 << 8 | 1 << 16,
		 COUNTER_SIDES_APART, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct counter_event event;
		const char *at = names[i].name;

		assert_int_equal(counter_event_next(&at, &event, why), 0);
		assert_string_equal(event.name, names[i].name);
		assert_int_equal(event.attr.type, names[i].type);
		assert_int_equal(event.attr.config, names[i].config);
		assert_int_equal(event.sides, names[i].sides);
		assert_int_equal(event.attr.exclude_user, names[i].no_user);
		assert_int_equal(event.attr.exclude_kernel, names[i].no_kernel);
		assert_int_equal(*at, 0);
	}
}

static void test_lists(void **state)
{
	static const struct {
		const char *list, *says; /* says NULL: it is one */
	} lists[] = {
		{"cycles", NULL},
		{"cycles,instructions+page-faults", NULL},
		{"kvm:no_such_tracepoint", NULL}, /* said of the machine, not of the user */
		{"no_such_pmu/event/", NULL},
		{"", "is not the name"},
		{"cycles,", "is not the name"},
		{",cycles", "is not the name"},
		{"cycles,,cycles", "is not the name"},
		{"cyclez", "no event is called 'cyclez'"},
		{"L1-icache-stores", "no event is called"}, /* nor in perf */
		{"L1-dcache-", "no event is called"},
		{"L1-dcachex", "no event is called"},
		{"LLC-load-misses-x", "no event is called"},
		{"iTLB-store", "no event is called"},
		{"cycles:z", NULL}, /* the form of a tracepoint */
		{"kvm:", "no event is called"},
		{":kvm_exit", "no event is called"},
		{"/tsc/", "no event is called"},
		{"msr//", "no event is called"},
		{"../../etc/passwd/", "is not the name"},
		{"r", "no event is called"},
		{"r1g", "no event is called"},
		{"a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a", "no event is called"},
		{"r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1,r1", "at most 16"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int err = counters_check(lists[i].list, why);

		if (!lists[i].says) {
			assert_int_equal(err, 0);
			continue;
		}
		assert_int_equal(err, -EINVAL);
		if (!strstr(why, lists[i].says))
			fail_msg("'%s': %s", lists[i].list, why);
	}
}

static void touch_pages(size_t pages)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	madvise(memory, pages * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		*(volatile char *)(memory + i * page) = 1;
	munmap(memory, pages * page);
}

static void test_counts_between_begin_and_end_only(void **state)
{
	struct counter_value value[COUNTERS_VALUES];
	struct counters *counters;

	(void)state;
	if (counters_missing)
		skip();
	assert_int_equal(counters_open(&counters, "page-faults,no_such_pmu/event/", why), 0);
	touch_pages(50);
	for (int i = 0; i < 2; i++) {
		counters_begin(counters);
		touch_pages(100);
		counters_end(counters);
		touch_pages(50);
	}
	assert_int_equal(counters_read(counters, value), 2);
	if (!value[0].counted && strstr(value[0].why, "not allowed"))
		skip();
	assert_true(value[0].counted);
	assert_int_equal(value[0].side, COUNTER_HOST);
	assert_int_equal(value[0].batches, 2);
	assert_true(value[0].count >= 200 && value[0].count < 220);
	assert_true(value[0].empty < 1);
	assert_false(value[1].counted);
	assert_non_null(strstr(value[1].why, "no PMU called no_such_pmu"));
	counters_close(counters);
}

/* Replaces libperf's function while `made_up` is set, as CI machines have no PMU to multiplex. */
struct made_up {
	u64 val, ena, run;
};
static const struct made_up *made_up;

int __real_perf_evsel__read(void *evsel, int cpu, int thread, u64 *counts) __attribute__((weak));
int __wrap_perf_evsel__read(void *evsel, int cpu, int thread, u64 *counts);
int __wrap_perf_evsel__read(void *evsel, int cpu, int thread, u64 *counts)
{
	if (!made_up)
		return __real_perf_evsel__read(evsel, cpu, thread, counts);
	memcpy(counts, made_up, sizeof(*made_up)); /* perf_counts_values begins with these */
	return 0;
}

static struct counter_value read_one(struct counters *counters, u64 val, u64 ena, u64 run)
{
	struct counter_value value[COUNTERS_VALUES];
	const struct made_up counts = {val, ena, run};

	made_up = &counts;
	assert_int_equal(counters_read(counters, value), 1);
	made_up = NULL;
	return value[0];
}

/* A multiplexed event is scaled, as in perf, and the run has its share of time. */
static void test_events_that_share_a_pmu(void **state)
{
	const struct made_up nothing = {0};
	struct counters *counters;
	struct counter_value value;
	struct counter_totals totals = {0};
	json_t *json, *side;

	(void)state;
	if (counters_missing)
		skip();
	made_up = &nothing;
	assert_int_equal(counters_open(&counters, "page-faults", why), 0);
	value = read_one(counters, 1000, 200, 50);
	if (!value.counted && strstr(value.why, "not allowed"))
		skip();
	assert_true(value.counted && value.count == 4000);
	assert_true(value.enabled_ns == 200 && value.running_ns == 50);
	counter_totals_add(&totals, &value, 1);
	json = counter_totals_json(&totals, 100, 0);
	side = json_object_get(json_object_get(json, "page-faults"), "host");
	assert_true(json_number_value(json_object_get(side, "per_op")) == 40);
	assert_true(json_number_value(json_object_get(side, "running")) == 0.25);
	json_decref(json);
	/* Counted all of the time: not scaled. */
	value = read_one(counters, 1001, 200, 200);
	assert_true(value.counted && value.count == 1001);
	/* Never counted: no value, but the reason. */
	value = read_one(counters, 0, 200, 0);
	assert_false(value.counted);
	assert_string_equal(value.why,
			    "the PMU never had a free counter for it: ask for fewer events");
	counters_close(counters);
}

static void test_sums(void **state)
{
	static const struct counter_value values[] = {
		{.name = "cycles",
		 .side = COUNTER_GUEST,
		 .counted = true,
		 .count = 3000,
		 .empty = 2,
		 .batches = 5,
		 .enabled_ns = 100,
		 .running_ns = 50},
		{.name = "cycles", .side = COUNTER_HOST, .why = "no PMU"},
	};
	struct counter_totals totals = {0};
	json_t *json, *wanted;

	(void)state;
	counter_totals_add(&totals, values, 2);
	counter_totals_add(&totals, values, 2);
	json = counter_totals_json(&totals, 100, 0);
	wanted = json_pack("{s:{s:{s:n, s:f, s:f, s:f, s:f}, s:{s:s}}}", "cycles", "guest",
			   "per_exit", "per_op", 60.0, "looking_per_op", 0.2, "count", 6000.0,
			   "running", 0.5, "host", "why", "no PMU");
	assert_true(json_equal(json, wanted));
	json_decref(wanted);
	wanted = json_object_get(json_object_get(json, "cycles"), "guest");
	json_decref(json);
	json = counter_totals_json(&totals, 100, 50);
	wanted = json_object_get(json_object_get(json, "cycles"), "guest");
	assert_true(json_number_value(json_object_get(wanted, "per_exit")) == 120);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_counts_between_begin_and_end_only),
		cmocka_unit_test(test_events_that_share_a_pmu),
		cmocka_unit_test(test_sums),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
