// SPDX-License-Identifier: GPL-2.0-or-later
/* A trace's output: tables, JSON, OpenMetrics. */
#include "../../bench/tracer/output.h"
#include "fake_aggregate.h"

/* Two vCPUs of a VM and one of another, ten seconds; times whose places in a table are known. */
static void make_three(void)
{
	struct traced_histogram *kernel;

	fake.way[KVM_HOOK_EXIT] = KVM_WAY_TRACEPOINT;
	fake.way[KVM_HOOK_ENTRY] = fake.way[KVM_HOOK_USERSPACE_EXIT] = KVM_WAY_TP_BTF;
	thread_here(1, 0x1000, 0);
	thread_here(2, 0x1000, 1);
	thread_here(3, 0x2000, 0);
	for (u16 slot = 1; slot <= 2; slot++) {
		kernel =
			fake_histogram(slot, TRACE_HARDWARE, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
		fake_add(kernel, 1000, 1000 * slot);
		kernel = fake_histogram(slot, TRACE_HARDWARE, TRACE_BEFORE, CPUID_SVM,
					TRACE_ISA_SVM);
		fake_add(kernel, 500000, 1000 * slot);
		kernel->exits = 1000 * slot + 1; /* of one the time is not known */
	}
	kernel = fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, NPF, TRACE_ISA_SVM);
	fake_add(kernel, 10000000, 10);
	kernel = fake_histogram(1, TRACE_HARDWARE, TRACE_BEFORE, NPF, TRACE_ISA_SVM);
	kernel->exits = 10;
	kernel = fake_histogram(1, TRACE_HARDWARE, TRACE_HALTED, NPF, TRACE_ISA_SVM);
	fake_add(kernel, 2 * SECOND, 1);
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_AFTER, CPUID_SVM, TRACE_ISA_SVM);
	fake_add(kernel, 2000, 4);
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_BEFORE, CPUID_SVM, TRACE_ISA_SVM);
	kernel->exits = 4;
	kernel = fake_histogram(1, TRACE_KVM, TRACE_AFTER, KVM_IO, TRACE_ISA_SVM);
	fake_add(kernel, SECOND, 3);
	kernel->exits = 0;
	kernel = fake_histogram(1, TRACE_KVM, TRACE_BEFORE, KVM_IO, TRACE_ISA_SVM);
	kernel->exits = 3;
	kernel = fake_histogram(3, TRACE_HARDWARE, TRACE_PERIOD, 0xfff0, TRACE_ISA_VMX);
	fake_add(kernel, 100, 1);
	kernel->exits = 2000000;
	look(110);
}

static char *table(enum group_by by, bool total, int rows)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(output_table(out, &aggregate, by, total, rows), 0);
	fclose(out);
	return text;
}

static int lines(const char *text)
{
	int count = 0;

	while ((text = strchr(text, '\n')))
		text++, count++;
	return count;
}

static void assert_has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no \"%s\" in\n%s", line, text);
}

static void test_table(void **state)
{
	char title[128], *text;

	(void)state;
	make_three();
	text = table(BY_VM, true, 0);
	snprintf(title, sizeof(title), "VM 1: test_tracer, process %d, 2 vCPUs\n", getpid());
	assert_memory_equal(text, title, strlen(title));
	assert_has(
		text,
		"\n  exit: handler           count      /s time%    min    p50    p99  p99.9    "
		"max\n"
		"  NPF                        10       1   0.5 10.0ms 10.0ms 10.0ms 10.0ms 10.0ms\n"
		"  CPUID                    3002     300   0.0 1.00us 1.00us 1.00us 1.00us 1.00us\n"
		"  L2 CPUID                    4       0   0.0 2.00us 2.00us 2.00us 2.00us 2.00us\n"
		"  to userspace: user      count      /s time%    min    p50    p99  p99.9    max\n"
		"  KVM_EXIT_IO                 3       0  15.0  1.00s  1.00s  1.00s  1.00s  1.00s\n"
		"  of the vCPUs' time: guest 7.5 %, handler 0.5 %, user 15.0 %, halted 10.0 %\n"
		"\nVM 2: ");
	assert_has(text, "\n  exit: period            count ");
	assert_has(text, "\n  REASON_0xfff0           2000k  200000   0.0  100ns ");
	free(text);
	text = table(BY_VCPU, true, 0);
	assert_has(text, "VM 1, vCPU 1: test_tracer, process ");
	assert_has(text, "\n  CPUID                    2001     200   0.0 1.00us ");
	free(text);
	text = table(BY_ALL, true, 0);
	assert_has(text, "2 VMs, 3 vCPUs\n");
	free(text);
	/* A terminal has so many lines: what there was no room for is said. */
	text = table(BY_ALL, true, 6);
	assert_has(text, "  (and 4 more)\n");
	assert_null(strstr(text, "KVM_EXIT_IO"));
	assert_int_equal(lines(text), 5);
	free(text);
	text = table(BY_VCPU, true, 14);
	assert_has(text, "\n(and 1 more vCPUs)\n");
	assert_true(lines(text) <= 14);
	free(text);
	look(111);
	text = table(BY_VM, false, 0);
	assert_string_equal(text, "no exits seen\n");
	free(text);
}

/* As wide as columns get: a month of a million exits a second, by long names. */
static void test_fits_80_columns(void **state)
{
	struct traced_histogram *kernel;
	char *text, *line;

	(void)state;
	thread_here(1, 0x1000, 2147483647);
	memset(fake.slot[1].comm, 'm', TRACE_COMM);
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_AFTER, 0x4e, TRACE_ISA_SVM);
	fake_add(kernel, 999949, 1000000);
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_BEFORE, 0x4e, TRACE_ISA_SVM);
	kernel->exits = 2592000000000;
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_HALTED, 0x4e, TRACE_ISA_SVM);
	fake_add(kernel, 1ULL << 40, 1000);
	kernel = fake_histogram(1, TRACE_NESTED, TRACE_OFF, 0x4e, TRACE_ISA_SVM);
	fake_add(kernel, 1ULL << 40, 1000);
	kernel = fake_histogram(1, TRACE_HARDWARE, TRACE_AFTER, 33, TRACE_ISA_VMX);
	fake_add(kernel, 99949, 1000000);
	kernel = fake_histogram(1, TRACE_KVM, TRACE_AFTER, 0x7fffffff, 0);
	fake_add(kernel, 1ULL << 40, 1000);
	look(2592100);
	for (enum group_by by = BY_VM; by <= BY_ALL; by++) {
		text = table(by, true, 0);
		for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			if (strlen(line) > 80)
				fail_msg("%zu columns: %s", strlen(line), line);
		free(text);
	}
}

static void test_rips(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	make_three();
	fake.rip[0].rip = (struct traced_rip){0xfff0, CPUID_SVM, 1, TRACE_HARDWARE, TRACE_ISA_SVM};
	fake.rip[0].count = 40;
	fake.rip[1].rip = (struct traced_rip){0xfff0, CPUID_SVM, 2, TRACE_HARDWARE, TRACE_ISA_SVM};
	fake.rip[1].count = 20; /* the same VM's other vCPU */
	fake.rip[2].rip = (struct traced_rip){0xfff0, CPUID_SVM, 1, TRACE_NESTED, TRACE_ISA_SVM};
	fake.rip[2].count = 10;
	fake.rip[3].rip = (struct traced_rip){0xfff0, CPUID_SVM, 3, TRACE_HARDWARE, TRACE_ISA_SVM};
	fake.rip[3].count = 30;
	fake.rips = 4;
	assert_int_equal(output_rips(out, &aggregate), 0);
	fclose(out);
	assert_string_equal(text, "\n  guest RIP            count     %  exit\n"
				  "  0x000000000000fff0      60  60.0  CPUID, VM 1\n"
				  "  0x000000000000fff0      30  30.0  CPUID, VM 2\n"
				  "  0x000000000000fff0      10  10.0  L2 CPUID, VM 1\n");
	free(text);
}

static void test_slow_and_lost_and_head(void **state)
{
	struct traced_exit exit = {.time = 1234567,
				   .rip = 0xfff0,
				   .reason = CPUID_SVM,
				   .slot = 1,
				   .space = TRACE_HARDWARE,
				   .isa = TRACE_ISA_SVM};
	const struct kvm_trace_lost lost = {.events = 7, .rips = 2, .missed = 9};
	char *text, line[128];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	make_three();
	output_slow(out, &aggregate, &exit, 1.5);
	exit.vcpu_id = -1;
	output_slow(out, &aggregate, &exit, 1.5);
	output_lost(out, &lost);
	output_head(out, &aggregate);
	fclose(out);
	snprintf(line, sizeof(line),
		 "slow:   1.500000 s   1.23ms handler CPUID                rip 0xfff0 pid %d vCPU "
		 "0\n",
		 getpid());
	assert_has(text, line);
	snprintf(line, sizeof(line), "rip 0xfff0 pid %d tid %d\n", getpid(),
		 (int)syscall(SYS_gettid));
	assert_has(text, line);
	assert_has(text, "\n7 events were lost: the ring buffer was full\n9 calls of hooks were "
			 "skipped by the "
			 "kernel: up to that many exits or times are missing\n2 exits' RIPs were "
			 "not counted");
	assert_null(strstr(text, "histogram was left"));
	assert_has(text, "10.0 s in all; hooks: kvm_exit (tracepoint) kvm_entry "
			 "kvm_userspace_exit\n  (tp_btf)\n");
	free(text);
}

static void test_note_where_kvm_exit_never_fires(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	thread_here(1, 0x1000, 0);
	output_note(out, &aggregate);
	fflush(out);
	assert_int_equal(size, 0); /* nothing is known yet */
	seen(1);
	look(101);
	aggregate.wants_exits = false;
	output_note(out, &aggregate);
	fflush(out);
	assert_int_equal(size, 0);
	aggregate.wants_exits = true;
	output_note(out, &aggregate);
	fclose(out);
	assert_has(text, "kvm_exit never fires on this KVM");
	free(text);
}

static void test_json(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *json, *vcpu, *row, *leg;

	(void)state;
	fake.lost = (struct kvm_trace_lost){1, 2, 3, 4, 5};
	make_three();
	assert_int_equal(output_json(out, &aggregate, true), 0);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1); /* one line */
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "kind")), "total");
	assert_true(json_number_value(json_object_get(json, "seconds")) == 10);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "hooks"), "kvm_exit")),
		"tracepoint");
	assert_int_equal(json_object_size(json_object_get(json, "hooks")), 3);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "lost"), "rips")),
			 4);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(json, "lost"), "missed")), 5);
	assert_int_equal(json_array_size(json_object_get(json, "vcpus")), 3);
	vcpu = json_array_get(json_object_get(json, "vcpus"), 0);
	assert_int_equal(json_integer_value(json_object_get(vcpu, "pid")), getpid());
	assert_true(json_number_value(json_object_get(vcpu, "seconds")) == 10);
	row = json_array_get(json_object_get(vcpu, "reasons"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "reason")), "NPF");
	assert_string_equal(json_string_value(json_object_get(row, "raw_space")), "svm");
	assert_int_equal(json_integer_value(json_object_get(row, "raw_reason")), NPF);
	assert_int_equal(json_integer_value(json_object_get(row, "exits")), 10);
	assert_true(json_is_false(json_object_get(row, "nested")));
	leg = json_object_get(json_object_get(row, "legs"), "handler");
	assert_int_equal(json_integer_value(json_object_get(leg, "count")), 10);
	assert_int_equal(json_integer_value(json_object_get(leg, "sum_ns")), 100000000);
	assert_true(json_number_value(json_object_get(leg, "mean_ns")) == 10000000);
	assert_true(json_number_value(json_object_get(leg, "p999_ns")) == 10000000);
	assert_non_null(json_object_get(json_object_get(row, "legs"), "halted"));
	row = json_array_get(json_object_get(vcpu, "reasons"), 2);
	assert_string_equal(json_string_value(json_object_get(row, "reason")), "L2 CPUID");
	assert_true(json_is_true(json_object_get(row, "nested")));
	row = json_array_get(json_object_get(vcpu, "reasons"), 3);
	assert_string_equal(json_string_value(json_object_get(row, "raw_space")), "kvm");
	assert_non_null(json_object_get(json_object_get(row, "legs"), "user"));
	json_decref(json);
	free(text);
}

static void test_metrics(void **state)
{
	const char *path = in_folder("m.prom");
	char why[RUN_WHY] = "", *text, labels[256], line[512];
	size_t size;

	(void)state;
	make_three();
	memcpy(aggregate.thread[0].process, "a\"b\\c\n\xc3\xa4\xc3", 10);
	write_file(path, "old", 3);
	assert_int_equal(output_metrics(path, &aggregate, true, why), 0);
	assert_int_equal(entries(folder), 1);
	text = read_file(path, &size);
	/* Quote and backslash are escaped; line feed, and bytes that are not UTF-8, are left out.
	 */
	snprintf(labels, sizeof(labels),
		 "{trace=\"m\",process=\"a\\\"b\\\\c\xc3\xa4\",pid=\"%d\",vm=\"1\",tid=\"%d\",vcpu="
		 "\"0\","
		 "space=\"svm\","
		 "reason=\"CPUID\"",
		 getpid(), (int)syscall(SYS_gettid));
	snprintf(line, sizeof(line), "exitstorm_exits_total%s} 1001\n", labels);
	assert_has(text, line);
	/* Buckets add up, and 1,000 ns are below 1,024. */
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_bucket%s,le=\"5.12e-07\"} 0\n",
		 labels);
	assert_has(text, line);
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_bucket%s,le=\"1.024e-06\"} 1000\n",
		 labels);
	assert_has(text, line);
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_bucket%s,le=\"17.179869184\"} 1000\n",
		 labels);
	assert_has(text, line);
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_bucket%s,le=\"+Inf\"} 1000\n",
		 labels);
	assert_has(text, line);
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_sum%s} 0.001000000\n", labels);
	assert_has(text, line);
	snprintf(line, sizeof(line), "exitstorm_handler_seconds_count%s} 1000\n", labels);
	assert_has(text, line);
	assert_has(text, "reason=\"L2 CPUID\",le=\"+Inf\"} 4\n");
	assert_has(text, "# TYPE exitstorm_user_seconds histogram\n");
	free(text);
	assert_int_equal(output_metrics(in_folder("no/such/m.prom"), &aggregate, true, why),
			 -ENOENT);
	assert_says(why, "No such file");
	/* A folder stands there: nothing half written is left beside it. */
	mkdir(in_folder("dir"), 0700);
	write_file(in_folder("dir/x"), "", 0);
	assert_true(output_metrics(in_folder("dir"), &aggregate, true, why) < 0);
	assert_says(why, "dir");
	assert_int_equal(entries(folder), 2);
}

static void test_metrics_on_a_full_disk(void **state)
{
	char why[RUN_WHY] = "";

	(void)state;
	make_three();
	assert_int_equal(output_metrics("/dev/full", &aggregate, true, why), -ENOSPC);
	assert_says(why, "No space left");
}

/* Not replaced but written to; and no series of another trace's file. */
static void test_metrics_of_two_traces(void **state)
{
	char why[RUN_WHY] = "", *text;
	size_t size;

	(void)state;
	make_three();
	assert_int_equal(output_metrics("/dev/null", &aggregate, true, why), 0);
	assert_int_equal(output_metrics(in_folder("a.prom"), &aggregate, true, why), 0);
	text = read_file(in_folder("a.prom"), &size);
	assert_has(text, "exitstorm_trace_running{trace=\"a\"} 1\n");
	assert_has(text, "exitstorm_lost_total{trace=\"a\",what=\"events\"} ");
	free(text);
	assert_int_equal(output_metrics(in_folder("b.x.prom"), &aggregate, false, why), 0);
	text = read_file(in_folder("b.x.prom"), &size);
	assert_has(text, "exitstorm_trace_running{trace=\"b.x\"} 0\n");
	assert_null(strstr(text, "trace=\"a\""));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table),
		TEST(test_fits_80_columns),
		TEST(test_rips),
		TEST(test_slow_and_lost_and_head),
		TEST(test_note_where_kvm_exit_never_fires),
		TEST(test_json),
		TEST(test_metrics),
		TEST(test_metrics_on_a_full_disk),
		TEST(test_metrics_of_two_traces),
		TEST(test_metrics_of_two_traces),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
