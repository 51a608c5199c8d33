// SPDX-License-Identifier: GPL-2.0-or-later
#include "tracer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../results/notice.h"
#include "../../results/tried.h"
#include "../../results/why.h"
#include "../../trace/bpf_explain.h"
#include "../machine/limits.h"
#include "save_events.h"

#define STEP_S 0.05 /* period of the loop that drains events and checks the time */

struct tracer {
	const struct tracer_request *request;
	struct kvm_trace *trace;
	struct aggregate aggregate;
	struct child child;
	int pidfd; /* of request->trace.pid: readable when it has ended; -1: none */
	struct save *save;
	double began, updated; /* s */
	bool screen;	       /* clear the terminal before each table */
	int metrics_error;     /* of the last time that metrics were written */
	char started[32];
	char *why;
};

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal)
{
	(void)signal;
	stop_requested = 1;
}

static u64 now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static double now(void)
{
	return now_ns() / 1e9;
}

static int no_memory(char *why)
{
	snprintf(why, RUN_WHY, "no memory");
	return -ENOMEM;
}

static int on_event(void *arg, const struct traced_exit *event)
{
	struct tracer *tracer = arg;
	const struct tracer_request *request = tracer->request;

	if (request->trace.slow_ns && event->time >= request->trace.slow_ns && !request->json)
		output_slow(stdout, &tracer->aggregate, event, event->from / 1e9 - tracer->began);
	if (tracer->save && request->every)
		return save_event(tracer->save, &tracer->aggregate, event);
	return 0;
}

static int drain(struct tracer *tracer)
{
	if (!tracer->request->trace.events && !tracer->request->trace.slow_ns)
		return 0;
	if (tracer->save && tracer->request->every)
		save_anchor(tracer->save);
	return kvm_trace_drain(tracer->trace, on_event, tracer);
}

static int screen_rows(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 8 ? size.ws_row - 2
									       : 0;
}

static int show_interval(struct tracer *tracer)
{
	const struct tracer_request *request = tracer->request;
	struct kvm_trace_lost lost = kvm_trace_lost(tracer->trace);
	int error;

	if (request->json)
		return output_json(stdout, &tracer->aggregate, false);
	if (tracer->screen)
		fputs("\033[H\033[J", stdout);
	printf("%s%.1f s\n", tracer->screen ? "exitstorm trace: " : "\nat ",
	       tracer->updated - tracer->began);
	error = output_table(stdout, &tracer->aggregate, request->by, false,
			     tracer->screen ? screen_rows() - 1 : 0);
	output_lost(stdout, &lost);
	return error;
}

/*
 * Metrics are beside the trace: a passing error, a disk that is full for a while, is reported once
 * and does not end it. It decides the exit status only if it lasts to the end.
 */
static void update_metrics(struct tracer *tracer, bool running)
{
	char why[RUN_WHY];
	int error;

	if (!tracer->request->metrics)
		return;
	error = output_metrics(tracer->request->metrics, &tracer->aggregate, running, why);
	if (error && !running)
		snprintf(tracer->why, RUN_WHY, "%s", why);
	else if (error && !tracer->metrics_error)
		notice("%s (the trace goes on)", why);
	else if (!error && tracer->metrics_error)
		notice("%s: is written again", why_path(tracer->request->metrics));
	tracer->metrics_error = error;
}

static int update(struct tracer *tracer)
{
	u64 at = now_ns();
	int error = aggregate_update(&tracer->aggregate, at);

	tracer->updated = at / 1e9;
	if (error)
		return no_memory(tracer->why);
	if (tracer->save)
		error = save_interval(tracer->save, &tracer->aggregate, tracer->why);
	if (!error)
		update_metrics(tracer, true);
	return error;
}

static bool is_over(struct tracer *tracer)
{
	const struct tracer_request *request = tracer->request;

	if (stop_requested || (request->duration && now() - tracer->began >= request->duration))
		return true;
	/* Nothing reads the output any more, and nothing else is written. */
	if (ferror(stdout) && !tracer->save && !request->metrics)
		return true;
	if (request->command)
		return child_over(&tracer->child);
	return tracer->pidfd >= 0 && poll(&(struct pollfd){tracer->pidfd, POLLIN, 0}, 1, 0) == 1;
}

static int trace_loop(struct tracer *tracer)
{
	const struct tracer_request *request = tracer->request;
	const struct timespec step = {.tv_nsec = STEP_S * 1e9};
	int error = 0;

	tracer->aggregate.updated = now_ns();
	tracer->began = tracer->updated = tracer->aggregate.updated / 1e9;
	while (!error && !is_over(tracer)) {
		nanosleep(&step, NULL);
		error = drain(tracer);
		if (error || now() - tracer->updated < request->interval)
			continue;
		error = update(tracer);
		if (!error && request->live && show_interval(tracer))
			error = no_memory(tracer->why);
		fflush(stdout);
	}
	return error;
}

/* Records the exits that had begun and not ended when the trace stopped. */
static int add_pending(struct tracer *tracer)
{
	int error = 0;

	for (u32 i = 0; i < TRACE_SLOTS && !error; i++) {
		const struct traced_slot *slot = kvm_trace_slot(tracer->trace, i);
		struct traced_exit event = {
			.slot = i, .isa = slot->isa, .rip = slot->rip, .vcpu_id = slot->vcpu_id};

		if (!slot->id || slot->ignored || !tracer->request->trace.events)
			continue;
		if (slot->user_exit_at && kvm_trace_way(tracer->trace, KVM_HOOK_RUN)) {
			event.from = slot->user_exit_at;
			event.reason = slot->user_reason;
			event.space = TRACE_KVM;
			error = on_event(tracer, &event);
		}
		if (!error && slot->exit_at && kvm_trace_way(tracer->trace, KVM_HOOK_ENTRY)) {
			event.from = slot->exit_at;
			event.reason = slot->exit_reason;
			event.space = slot->nested ? TRACE_NESTED : TRACE_HARDWARE;
			error = on_event(tracer, &event);
		}
	}
	return error;
}

static void show_total(struct tracer *tracer)
{
	const struct tracer_request *request = tracer->request;
	struct kvm_trace_lost lost = kvm_trace_lost(tracer->trace);

	if (request->json) {
		output_json(stdout, &tracer->aggregate, true);
		return;
	}
	if (request->quiet)
		return;
	if (tracer->screen)
		fputs("\033[H\033[J", stdout);
	else if (request->live)
		putchar('\n');
	output_head(stdout, &tracer->aggregate);
	output_table(stdout, &tracer->aggregate, request->by, true, 0);
	output_rips(stdout, &tracer->aggregate);
	output_note(stdout, &tracer->aggregate);
	output_lost(stdout, &lost);
}

static int finish(struct tracer *tracer)
{
	const struct save_about about = {tracer->started, tracer->request->interval,
					 tracer->request->every};
	char *path = NULL;
	int error;

	kvm_trace_stop(tracer->trace);
	error = drain(tracer);
	if (!error)
		error = add_pending(tracer);
	if (!error)
		error = update(tracer);
	if (error)
		return error;
	show_total(tracer);
	update_metrics(tracer, false);
	if (!tracer->save)
		return tracer->metrics_error;
	error = save_commit(tracer->save, &tracer->aggregate, &about, &path, tracer->why);
	tracer->save = NULL;
	if (!error && !tracer->request->json)
		printf("%s%s\n", tracer->request->quiet ? "" : "\nThe run is in ", path);
	free(path);
	return error ? error : tracer->metrics_error;
}

static int begin(struct tracer *tracer)
{
	const struct tracer_request *request = tracer->request;
	struct kvm_trace_options options = request->trace;
	char text[200];
	int error = 0;

	if (request->command) {
		error = child_start(&tracer->child, request->command);
		if (error) {
			snprintf(tracer->why, RUN_WHY, "cannot start %s: %s", request->command[0],
				 limits_task_error(-error, text, sizeof(text)));
			return error;
		}
		options.pid = tracer->child.pid;
	}
	/* Before the hooks are attached, so that an end of the process meanwhile is noticed. */
	if (request->trace.pid) {
		tracer->pidfd = syscall(SYS_pidfd_open, request->trace.pid, 0);
		if (tracer->pidfd < 0) {
			error = -errno;
			snprintf(tracer->why, RUN_WHY, "process %u: %s", request->trace.pid,
				 strerror(errno));
			return error;
		}
	}
	if (request->save)
		error = save_open(request->save, request->every, &tracer->save, tracer->why);
	tried_notice_kernel();
	tried_notice("libbpf", bpf_library());
	if (!error)
		error = kvm_trace_open(&options, &tracer->trace, tracer->why);
	tracer->aggregate.trace = tracer->trace;
	tracer->aggregate.anonymous = request->anonymous;
	tracer->aggregate.wants_exits = options.hooks & 1U << KVM_HOOK_EXIT;
	/* Writes it once now, so that a wrong path is reported before COMMAND runs. */
	if (!error && request->metrics)
		error = output_metrics(request->metrics, &tracer->aggregate, true, tracer->why);
	if (error || !request->command)
		return error;
	error = child_go(&tracer->child);
	if (error)
		snprintf(tracer->why, RUN_WHY, "cannot run %s: %s", request->command[0],
			 strerror(-error));
	return error;
}

int tracer_run(const struct tracer_request *request, char *why)
{
	static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct tracer tracer = {.request = request, .pidfd = -1, .why = why};
	struct sigaction action = {.sa_handler = request_stop}, before;
	time_t time_now = time(NULL);
	struct tm utc;
	int error;

	*why = '\0';
	strftime(tracer.started, sizeof(tracer.started), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&time_now, &utc));
	tracer.screen =
		request->live && !request->json && isatty(STDOUT_FILENO) && !request->trace.slow_ns;
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++) {
		sigaction(stop_signals[i], NULL, &before);
		/* nohup(1) has the trace survive the end of its terminal. */
		if (stop_signals[i] != SIGHUP || before.sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &action, NULL);
	}
	error = begin(&tracer);
	if (!error)
		error = trace_loop(&tracer);
	child_end(&tracer.child);
	if (tracer.pidfd >= 0)
		close(tracer.pidfd);
	if (!error)
		error = finish(&tracer);
	if (!error && request->command && !stop_requested)
		error = child_verdict(&tracer.child, request->command[0], why, RUN_WHY);
	save_abort(tracer.save);
	kvm_trace_close(tracer.trace);
	aggregate_free(&tracer.aggregate);
	if (error && !*why)
		snprintf(why, RUN_WHY, "%s", strerror(-error));
	return error;
}
