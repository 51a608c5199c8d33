// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEP_S 0.05 /* between two looks at events, and at the clock */

struct watch_session {
	const struct watch_request *request;
	struct kvm_trace *trace;
	struct gather gather;
	struct child child;
	int watched; /* a pidfd: readable when that process has ended. -1: none */
	struct save *save;
	double began, looked; /* s */
	bool screen;	      /* tables replace each other */
	char started[32];
	int error;
	char *why;
};

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal)
{
	(void)signal;
	stop_asked = 1;
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

/* Events */

static int take_event(void *arg, const struct traced_exit *event)
{
	struct watch_session *session = arg;
	const struct watch_request *request = session->request;

	if (request->trace.slow_ns && event->time >= request->trace.slow_ns && !request->json)
		watch_slow(stdout, &session->gather, event, event->from / 1e9 - session->began);
	if (session->save && request->every)
		return save_event(session->save, &session->gather, event);
	return 0;
}

static int drain(struct watch_session *session)
{
	if (!session->request->trace.events && !session->request->trace.slow_ns)
		return 0;
	return kvm_trace_drain(session->trace, take_event, session);
}

/* Looks */

static int screen_rows(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 8 ? size.ws_row - 2
									       : 0;
}

static int show_interval(struct watch_session *session)
{
	const struct watch_request *request = session->request;
	struct kvm_trace_lost lost = kvm_trace_lost(session->trace);
	int error;

	if (request->json)
		return watch_json(stdout, &session->gather, false);
	if (session->screen)
		fputs("\033[H\033[J", stdout);
	printf("%s%.1f s\n", session->screen ? "exitstorm trace: " : "\nat ",
	       session->looked - session->began);
	error = watch_table(stdout, &session->gather, request->by, false,
			    session->screen ? screen_rows() - 1 : 0);
	watch_lost(stdout, &lost);
	return error;
}

static int look(struct watch_session *session)
{
	const struct watch_request *request = session->request;
	u64 at = now_ns();
	int error = gather_look(&session->gather, at);

	session->looked = at / 1e9;
	if (error)
		return no_memory(session->why);
	if (session->save)
		error = save_interval(session->save, &session->gather, session->why);
	if (!error && request->metrics)
		error = watch_metrics(request->metrics, &session->gather, session->why);
	return error;
}

static bool is_over(struct watch_session *session)
{
	const struct watch_request *request = session->request;

	if (stop_asked || (request->duration && now() - session->began >= request->duration))
		return true;
	if (request->command)
		return child_over(&session->child);
	return session->watched >= 0 && poll(&(struct pollfd){session->watched, POLLIN, 0}, 1, 0) == 1;
}

static int watch_loop(struct watch_session *session)
{
	const struct watch_request *request = session->request;
	const struct timespec step = {.tv_nsec = STEP_S * 1e9};
	int error = 0;

	session->gather.looked = now_ns();
	session->began = session->looked = session->gather.looked / 1e9;
	while (!error && !is_over(session)) {
		nanosleep(&step, NULL);
		error = drain(session);
		if (error || now() - session->looked < request->interval)
			continue;
		error = look(session);
		if (!error && request->live && show_interval(session))
			error = no_memory(session->why);
		fflush(stdout);
	}
	return error;
}

/* What began and did not end belongs to the trace, too: the thread is gone, or still there. */
static int take_pending(struct watch_session *session)
{
	int error = 0;

	for (u32 i = 0; i < TRACE_SLOTS && !error; i++) {
		const struct traced_slot *slot = kvm_trace_slot(session->trace, i);
		struct traced_exit event = {.slot = i, .isa = slot->isa, .rip = slot->rip};

		if (!slot->id || slot->ignored || !session->request->trace.events)
			continue;
		if (slot->user_exit_at && kvm_trace_way(session->trace, KVM_HOOK_RUN)) {
			event.from = slot->user_exit_at;
			event.reason = slot->user_reason;
			event.space = TRACE_KVM;
			error = take_event(session, &event);
		}
		if (!error && slot->exit_at && kvm_trace_way(session->trace, KVM_HOOK_ENTRY)) {
			event.from = slot->exit_at;
			event.reason = slot->exit_reason;
			event.space = slot->nested ? TRACE_NESTED : TRACE_HARDWARE;
			error = take_event(session, &event);
		}
	}
	return error;
}

static void show_total(struct watch_session *session)
{
	const struct watch_request *request = session->request;
	struct kvm_trace_lost lost = kvm_trace_lost(session->trace);

	if (request->json) {
		watch_json(stdout, &session->gather, true);
		return;
	}
	if (request->quiet)
		return;
	if (session->screen)
		fputs("\033[H\033[J", stdout);
	else if (request->live)
		putchar('\n');
	watch_head(stdout, &session->gather);
	watch_table(stdout, &session->gather, request->by, true, 0);
	watch_rips(stdout, &session->gather);
	watch_note(stdout, &session->gather);
	watch_lost(stdout, &lost);
}

static int finish(struct watch_session *session)
{
	const struct save_about about = {session->started, session->request->trace.hooks,
					 session->request->interval, session->request->every};
	int error;

	kvm_trace_stop(session->trace);
	error = drain(session);
	if (!error)
		error = take_pending(session);
	if (!error)
		error = look(session);
	if (error)
		return error;
	show_total(session);
	if (!session->save)
		return 0;
	error = save_commit(session->save, &session->gather, &about, session->why);
	session->save = NULL;
	if (!error && !session->request->json)
		printf("%s%s\n", session->request->quiet ? "" : "\nThe run is in ",
		       session->request->save);
	return error;
}

static int begin(struct watch_session *session)
{
	const struct watch_request *request = session->request;
	struct kvm_trace_options options = request->trace;
	int error = 0;

	if (request->command) {
		error = child_start(&session->child, request->command);
		if (error) {
			snprintf(session->why, RUN_WHY, "cannot start %s: %s",
				 request->command[0], strerror(-error));
			return error;
		}
		options.pid = session->child.pid;
	}
	/* First: what ends while we begin is seen to. */
	if (request->trace.pid) {
		session->watched = syscall(SYS_pidfd_open, request->trace.pid, 0);
		if (session->watched < 0) {
			error = -errno;
			snprintf(session->why, RUN_WHY, "process %u: %s", request->trace.pid,
				 strerror(errno));
			return error;
		}
	}
	if (request->save)
		error = save_open(request->save, request->every, &session->save, session->why);
	if (!error)
		error = kvm_trace_open(&options, &session->trace, session->why);
	session->gather.trace = session->trace;
	session->gather.wants_exits = options.hooks & 1U << KVM_HOOK_EXIT;
	/* A file that cannot be written is found now, not when COMMAND has run for a while. */
	if (!error && request->metrics)
		error = watch_metrics(request->metrics, &session->gather, session->why);
	if (error || !request->command)
		return error;
	error = child_go(&session->child);
	if (error)
		snprintf(session->why, RUN_WHY, "cannot run %s: %s", request->command[0],
			 strerror(-error));
	return error;
}

int watch_session(const struct watch_request *request, char *why)
{
	static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct watch_session session = {.request = request, .watched = -1, .why = why};
	struct sigaction action = {.sa_handler = ask_stop};
	time_t time_now = time(NULL);
	struct tm utc;
	int error;

	*why = '\0';
	strftime(session.started, sizeof(session.started), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&time_now, &utc));
	session.screen = request->live && !request->json && isatty(STDOUT_FILENO) &&
			 !request->trace.slow_ns;
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++)
		sigaction(stop_signals[i], &action, NULL);
	error = begin(&session);
	if (!error)
		error = watch_loop(&session);
	child_end(&session.child);
	if (session.watched >= 0)
		close(session.watched);
	if (!error)
		error = finish(&session);
	if (!error && request->command && !stop_asked)
		error = child_verdict(&session.child, request->command[0], why, RUN_WHY);
	save_abort(session.save);
	kvm_trace_close(session.trace);
	gather_free(&session.gather);
	if (error && !*why)
		snprintf(why, RUN_WHY, "%s", strerror(-error));
	return error;
}
