// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm trace: the exits of this host's VMs and their latency, by eBPF. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../tracer/tracer.h"
#include "options.h"

#define ALL_HOOKS ((1U << KVM_HOOK_COUNT) - 1)

enum { BUFFER_MAX = 1 << 30 };
#define INTERVAL      1 /* s */
#define INTERVAL_TEXT OPTION_TEXT_OF(INTERVAL)
#define RING	      OPTION_TEXT_OF(KVM_TRACE_RING_MIB) "M"
#define RING_SLOW     OPTION_TEXT_OF(KVM_TRACE_SLOW_MIB) "M"

struct trace_values {
	struct tracer_request request;
	u64 pid, buffer;
	double slow;
	int by, way;
	const char *save, *record;
};

static const char *const by_name[] = {[BY_VM] = "vm", [BY_VCPU] = "vcpu", [BY_ALL] = "all"};

static const struct cli_option options[] = {
	{.kind = OPTION_OPERAND,
	 .value = "-- COMMAND...",
	 .max = UINT32_MAX,
	 .text = "start COMMAND when the trace runs, and trace its VMs until it ends"},
	{.letter = 'p',
	 .name = "pid",
	 .value = "PID",
	 .kind = OPTION_COUNT,
	 .at = offsetof(struct trace_values, pid),
	 .min = 1,
	 .max = INT_MAX,
	 .text = "trace the VMs of this process and its descendants until it ends; default: all "
		 "VMs of this host, until Ctrl-C"},
	{.letter = 'd',
	 .name = "duration",
	 .value = "TIME",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct trace_values, request.duration),
	 .text = "end after TIME (10, 1.5, 2min); COMMAND is terminated then"},
	{.letter = 'i',
	 .name = "interval",
	 .value = "TIME",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct trace_values, request.interval),
	 .low = 0.05,
	 .text = "print a table after each TIME (default on a terminal: " INTERVAL_TEXT
		 " s; elsewhere one table at the end)"},
	{.name = "by",
	 .value = "WHAT",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct trace_values, by),
	 .words = by_name,
	 .word_count = sizeof(by_name) / sizeof(by_name[0]),
	 .text = "vm: a table for each VM (default); vcpu: for each vCPU thread; all: one table"},
	{.name = "rips",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct trace_values, request.trace.rips),
	 .text = "print the ten guest RIPs with the most exits"},
	{.name = "slow",
	 .value = "TIME",
	 .kind = OPTION_SECONDS,
	 .at = offsetof(struct trace_values, slow),
	 .text = "print each exit that takes longer than TIME (100us)"},
	{.letter = 'o',
	 .name = "output",
	 .value = "DIR",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct trace_values, save),
	 .complete = COMPLETE_FILE,
	 .text = "write a run folder for show, plot, compare and export"},
	{.name = "record",
	 .value = "DIR",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct trace_values, record),
	 .complete = COMPLETE_FILE,
	 .text = "the same, with a record of every exit"},
	{.name = "buffer",
	 .value = "SIZE",
	 .kind = OPTION_SIZE,
	 .at = offsetof(struct trace_values, buffer),
	 .min = 1,
	 .max = BUFFER_MAX,
	 .text = "size of the ring buffer of --record and --slow (64k; default " RING
		 ", for --slow alone " RING_SLOW
		 "); events that find it full are lost and counted"},
	{.name = "json",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct trace_values, request.json),
	 .text = "print one line of JSON at the end, with -i also one per interval"},
	{.name = "openmetrics",
	 .value = "FILE",
	 .kind = OPTION_TEXT,
	 .at = offsetof(struct trace_values, request.metrics),
	 .complete = COMPLETE_FILE,
	 .text = "write histograms and counters for node_exporter's textfile collector; the file "
		 "is replaced in each interval"},
	{.name = "hooks",
	 .value = "LIST",
	 .kind = OPTION_WORDS,
	 .at = offsetof(struct trace_values, request.trace.hooks),
	 .words = kvm_hook_name,
	 .word_count = KVM_HOOK_COUNT,
	 .text = "attach to these tracepoints only: kvm_exit, kvm_entry, kvm_userspace_exit, "
		 "sys_enter (KVM_RUN), kvm_nested_vmexit, kvm_vcpu_wakeup, sched_switch"},
	{.name = "attach",
	 .value = "TYPE",
	 .kind = OPTION_WORD,
	 .at = offsetof(struct trace_values, way),
	 .number = KVM_WAY_TP_BTF,
	 .words = kvm_way_name + KVM_WAY_TP_BTF,
	 .word_count = KVM_WAYS - KVM_WAY_TP_BTF,
	 .text = "type of the eBPF programs: tp_btf, raw_tp or tracepoint; default: the first of "
		 "these that works here"},
	{.name = "anonymous",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct trace_values, request.anonymous),
	 .text = "leave out processes, pids, tids, and what names host or user"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPTION_FLAG,
	 .at = offsetof(struct trace_values, request.quiet),
	 .text = "print only the path of the run"},
	{},
};

static int check_pid(u64 pid)
{
	if (kill((pid_t)pid, 0) && errno == ESRCH)
		return cli_fail("there is no process %llu", (unsigned long long)pid);
	return STATUS_OK;
}

/* The kernel takes a power of two of pages. */
static u32 ring_bytes(u64 wanted)
{
	u64 bytes = sysconf(_SC_PAGESIZE);

	while (bytes < wanted)
		bytes *= 2;
	return bytes;
}

static int check(const struct trace_values *chosen, int argc, char **argv)
{
	const u32 ends = 1U << KVM_HOOK_EXIT | 1U << KVM_HOOK_USERSPACE_EXIT;

	if (optind == argc && !strcmp(argv[argc - 1], "--"))
		return cli_usage("no command follows '--'");
	if (optind < argc && strcmp(argv[optind - 1], "--"))
		return cli_usage("a command must follow '--': -- %s", argv[optind]);
	if (optind < argc && chosen->pid)
		return cli_usage("--pid and a command exclude each other");
	if (chosen->save && chosen->record)
		return cli_usage("--output and --record exclude each other");
	if (!(chosen->request.trace.hooks & ends))
		return cli_usage("--hooks needs kvm_exit or kvm_userspace_exit: no other "
				 "tracepoint reports an exit");
	return chosen->pid ? check_pid(chosen->pid) : STATUS_OK;
}

static int run(int argc, char **argv)
{
	struct trace_values chosen = {.request.trace.hooks = ALL_HOOKS};
	struct tracer_request *request = &chosen.request;
	int status = options_parse(&cmd_trace, argc, argv, &chosen);
	char why[RUN_WHY];

	if (status != OPTIONS_PARSED)
		return status;
	status = check(&chosen, argc, argv);
	if (status != STATUS_OK)
		return status;
	request->live = !request->quiet && (request->interval > 0 || isatty(STDOUT_FILENO));
	if (!request->interval)
		request->interval = INTERVAL;
	if (optind < argc)
		request->command = argv + optind;
	request->by = chosen.by;
	request->save = chosen.record ? chosen.record : chosen.save;
	request->every = request->trace.events = chosen.record;
	request->trace.way = chosen.way;
	request->trace.pid = chosen.pid;
	if (chosen.slow > 0)
		request->trace.slow_ns = fmax(chosen.slow * 1e9, 1);
	if (chosen.buffer)
		request->trace.buffer = ring_bytes(chosen.buffer);
	return tracer_run(request, why) ? cli_fail("%s", why) : STATUS_OK;
}

const struct command cmd_trace = {
	.name = "trace",
	.usage = "[OPTION...] [-- COMMAND...]",
	.text = "trace the exits of this host's VMs and their latency (eBPF)",
	.options = options,
	.options_first = true,
	.notes = "Latencies are aggregated in the kernel; the histograms' buckets are 3 % wide.\n"
		 "\n"
		 "handler: kvm_exit to kvm_entry, without userspace, time switched out and halts.\n"
		 "guest: kvm_entry to kvm_exit. user: kvm_userspace_exit to the next KVM_RUN.\n"
		 "kernel: KVM_RUN to kvm_userspace_exit. kvm_exit fires after part of the host's\n"
		 "state is restored, kvm_entry before part of the guest's is loaded: the time of\n"
		 "that code and of the hardware's transition counts as guest.\n"
		 "\n"
		 "Needs root, or CAP_BPF and CAP_PERFMON.\n",
	.run = run,
};
