// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals that instructions of a loop raise: they end the loop, not the process. */
#include <ucontext.h>

#include "vm.h"

/* The signals that the kernel sends for exceptions of instructions. */
static const struct {
	int signal;
	const char *name;
} faults[] = {
	{SIGILL, "SIGILL"}, {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},
	{SIGFPE, "SIGFPE"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))
_Static_assert(FAULTS == PROCESS_FAULTS, "a place for the handler before ours, of each");

__thread struct process_vcpu *process_own;

static void faulted(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *state = context;

	if (process_own && process_own->running) {
		process_own->running = 0;
		process_own->rip = state->uc_mcontext.gregs[REG_RIP];
		process_own->address = (u64)info->si_addr;
		siglongjmp(process_own->leave, signal);
	}
	/* Not in a loop: the default action, when the instruction is executed again. */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	if (info->si_code <= 0) /* sent by a process: there is no such instruction */
		raise(signal);
}

bool process_guarded(void (*call)(void *arg), void *arg)
{
	struct process_vcpu guard = {.running = 0};

	process_own = &guard;
	if (sigsetjmp(guard.leave, 1)) {
		process_own = NULL;
		return false;
	}
	guard.running = 1;
	call(arg);
	guard.running = 0;
	process_own = NULL;
	return true;
}

void process_signals_handle(struct process_vm *process)
{
	struct sigaction action = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};

	for (; process->handled < FAULTS; process->handled++)
		sigaction(faults[process->handled].signal, &action,
			  &process->before[process->handled]);
}

void process_signals_restore(struct process_vm *process)
{
	while (process->handled) {
		process->handled--;
		sigaction(faults[process->handled].signal, &process->before[process->handled],
			  NULL);
	}
}

/* A signal that an instruction raises ends the process if the thread blocks it. */
void process_signals_unblock(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < FAULTS; i++)
		sigaddset(&set, faults[i].signal);
	sigaddset(&set, GUEST_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

const char *process_signal_name(int signal)
{
	for (size_t i = 0; i < FAULTS; i++)
		if (faults[i].signal == signal)
			return faults[i].name;
	return "a signal";
}
