// SPDX-License-Identifier: GPL-2.0-or-later
/* exitstorm trace: which exits the VMs of this host take, and how long each takes. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tracer/tracer.h"
#include "cli.h"

#define ALL_HOOKS ((1U << KVM_HOOK_COUNT) - 1)

enum {
	OPTION_BY = 256,
	OPTION_RIPS,
	OPTION_SLOW,
	OPTION_RECORD,
	OPTION_BUFFER,
	OPTION_JSON,
	OPTION_METRICS,
	OPTION_HOOKS,
	OPTION_ATTACH
};

static const struct option options[] = {
	CLI_HELP,
	{"pid", required_argument, NULL, 'p'},
	{"duration", required_argument, NULL, 'd'},
	{"interval", required_argument, NULL, 'i'},
	{"output", required_argument, NULL, 'o'},
	{"quiet", no_argument, NULL, 'q'},
	{"by", required_argument, NULL, OPTION_BY},
	{"rips", no_argument, NULL, OPTION_RIPS},
	{"slow", required_argument, NULL, OPTION_SLOW},
	{"record", required_argument, NULL, OPTION_RECORD},
	{"buffer", required_argument, NULL, OPTION_BUFFER},
	{"json", no_argument, NULL, OPTION_JSON},
	{"openmetrics", required_argument, NULL, OPTION_METRICS},
	{"hooks", required_argument, NULL, OPTION_HOOKS},
	{"attach", required_argument, NULL, OPTION_ATTACH},
	{},
};

/* "10", "2.5", "100us": seconds, or with one of these units. */
static int parse_time(const char *option, const char *text, double *seconds)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"min", 60}};
	char *end;
	double number = strtod(text, &end);

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(end, units[i].unit) && number > 0 && number < 1e9) {
			*seconds = number * units[i].seconds;
			return STATUS_OK;
		}
	return cli_usage(&cmd_trace, "%s '%s' is not a time above 0 (10, 0.5, 100us)", option, text);
}

static int parse_pid(const char *text, u32 *pid)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end || number <= 0 || number > INT_MAX)
		return cli_usage(&cmd_trace, "-p '%s' is not the number of a process", text);
	if (kill((pid_t)number, 0) && errno == ESRCH)
		return cli_fail("there is no process %s", text);
	*pid = (u32)number;
	return STATUS_OK;
}

/* "64k", "16M": a ring buffer is a power of two of pages. */
static int parse_buffer(const char *text, u32 *bytes)
{
	char *end;
	double number = strtod(text, &end);

	if (end != text && (*end == 'k' || *end == 'M'))
		number *= *end++ == 'k' ? 1 << 10 : 1 << 20;
	if (end == text || *end || !(number >= 1) || number > 1 << 30)
		return cli_usage(&cmd_trace, "--buffer '%s' is not a size up to 1024M (64k, 16M)", text);
	for (*bytes = sysconf(_SC_PAGESIZE); *bytes < number; *bytes *= 2)
		;
	return STATUS_OK;
}

static int parse_by(const char *text, enum group_by *by)
{
	static const char *const name[] = {[BY_VM] = "vm", [BY_VCPU] = "vcpu", [BY_ALL] = "all"};

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (!strcmp(text, name[i])) {
			*by = i;
			return STATUS_OK;
		}
	return cli_usage(&cmd_trace, "--by takes vm, vcpu or all, not '%s'", text);
}

static int parse_way(const char *text, enum kvm_way *way)
{
	for (int i = KVM_WAY_TP_BTF; i < KVM_WAYS; i++)
		if (!strcmp(text, kvm_way_name[i])) {
			*way = i;
			return STATUS_OK;
		}
	return cli_usage(&cmd_trace, "--attach takes tp_btf, raw_tp or tracepoint, not '%s'", text);
}

static int parse_hooks(const char *text, u32 *hooks)
{
	char *copy = strdup(text), *rest = copy, *word;
	int status = STATUS_OK;

	*hooks = 0;
	while (copy && status == STATUS_OK && (word = strsep(&rest, ","))) {
		const char *nearest = cli_nearest(word, kvm_hook_name, KVM_HOOK_COUNT);
		int hook = 0;

		while (hook < KVM_HOOK_COUNT && strcmp(word, kvm_hook_name[hook]))
			hook++;
		if (hook < KVM_HOOK_COUNT)
			*hooks |= 1U << hook;
		else if (nearest)
			status = cli_usage(&cmd_trace, "unknown hook '%s'; did you mean '%s'?", word,
					   nearest);
		else
			status = cli_usage(&cmd_trace, "unknown hook '%s': see --help", word);
	}
	free(copy);
	if (status == STATUS_OK && !(*hooks & (1U << KVM_HOOK_EXIT | 1U << KVM_HOOK_USERSPACE_EXIT)))
		status = cli_usage(&cmd_trace,
				   "--hooks needs kvm_exit or kvm_userspace_exit: without one no exit "
				   "is seen");
	return status;
}

/* Returns the status. */
static int parse_option(struct tracer_request *request, int option)
{
	double seconds;
	int status = STATUS_OK;

	switch (option) {
	case 'p':
		return parse_pid(optarg, &request->trace.pid);
	case 'd':
		return parse_time("-d", optarg, &request->duration);
	case 'i':
		request->live = true;
		status = parse_time("-i", optarg, &request->interval);
		if (status == STATUS_OK && request->interval < 0.05)
			status = cli_usage(&cmd_trace, "-i is at least 0.05 (seconds)");
		return status;
	case 'o':
	case OPTION_RECORD:
		if (request->save)
			return cli_usage(&cmd_trace, "-o and --record name one folder, once");
		request->save = optarg;
		request->every = request->trace.events = option == OPTION_RECORD;
		return STATUS_OK;
	case 'q':
		request->quiet = true;
		return STATUS_OK;
	case OPTION_BY:
		return parse_by(optarg, &request->by);
	case OPTION_RIPS:
		request->trace.rips = true;
		return STATUS_OK;
	case OPTION_SLOW:
		status = parse_time("--slow", optarg, &seconds);
		request->trace.slow_ns = status == STATUS_OK ? (u64)fmax(seconds * 1e9, 1) : 0;
		return status;
	case OPTION_BUFFER:
		return parse_buffer(optarg, &request->trace.buffer);
	case OPTION_JSON:
		request->json = true;
		return STATUS_OK;
	case OPTION_METRICS:
		request->metrics = optarg;
		return STATUS_OK;
	case OPTION_HOOKS:
		return parse_hooks(optarg, &request->trace.hooks);
	default:
		return parse_way(optarg, &request->trace.way);
	}
}

static int run(int argc, char **argv)
{
	struct tracer_request request = {.trace.hooks = ALL_HOOKS, .interval = 1};
	int option, status = STATUS_OK;
	char why[RUN_WHY];

	request.live = isatty(STDOUT_FILENO);
	while ((option = cli_option(&cmd_trace, argc, argv, "+p:d:i:o:q", options, &status)) != -1) {
		if (option == CLI_STOP)
			return status;
		status = parse_option(&request, option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		request.command = argv + optind;
	else if (!strcmp(argv[argc - 1], "--"))
		return cli_usage(&cmd_trace, "no command stands behind '--'");
	if (request.command && request.trace.pid)
		return cli_usage(&cmd_trace, "-p and a command: one of them");
	if (request.command && strcmp(argv[optind - 1], "--"))
		return cli_usage(&cmd_trace, "a command stands behind '--': -- %s", argv[optind]);
	if (request.quiet)
		request.live = false;
	return tracer_run(&request, why) ? cli_fail("%s", why) : STATUS_OK;
}

const struct command cmd_trace = {
	.name = "trace",
	.usage = "[OPTION...] [-p PID | -- COMMAND...]",
	.text = "the exits of this host's VMs, and how long each takes (eBPF)",
	.help = "Without -p and COMMAND: all VMs. Times are gathered as histograms in the kernel\n"
		"(3 % wide) and shown once a second on a terminal, elsewhere once, at the end.\n"
		"\n"
		"  -p, --pid PID         the VMs of this process and its descendants\n"
		"  -d, --duration TIME   end after it (10, 1.5, 2min); COMMAND is ended then\n"
		"  -i, --interval TIME   show what each such interval brought (default 1)\n"
		"      --by vm|vcpu|all  a table for each VM (default), each vCPU, or one\n"
		"      --rips            where guests were left most often\n"
		"      --slow TIME       print each exit slower than that (100us)\n"
		"  -o, --output DIR      leave a run: show, plot, compare and export read it\n"
		"      --record DIR      the same, with every single exit in it\n"
		"      --buffer SIZE     of the events that wait for us (64k; default 64M): what\n"
		"                        finds it full is lost, and counted\n"
		"      --json            a line at the end, with -i one for each interval\n"
		"      --openmetrics FILE  histograms and counters for node_exporter's textfile\n"
		"                        collector, replaced whole each interval\n"
		"      --hooks LIST      only these, of kvm_exit, kvm_entry, kvm_userspace_exit,\n"
		"                        sys_enter (KVM_RUN), kvm_nested_vmexit, kvm_vcpu_wakeup,\n"
		"                        sched_switch. One end alone: the time from exit to exit\n"
		"      --attach WAY      tp_btf, raw_tp or tracepoint; default: the cheapest here\n"
		"  -q, --quiet           print nothing but the run's folder\n"
		"\n"
		"handler is the time from kvm_exit to kvm_entry, without what it was in\n"
		"userspace, switched out or halted; guest that from kvm_entry to kvm_exit; user\n"
		"that from the exit to userspace to the next KVM_RUN, and kernel what lies before\n"
		"it. kvm_exit fires after part of the host's state is back, kvm_entry before part\n"
		"of the guest's is: what the hardware and that code take counts as guest.\n"
		"\n"
		"Needs root, or CAP_BPF and CAP_PERFMON.\n",
	.run = run,
};
