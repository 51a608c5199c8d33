// SPDX-License-Identifier: GPL-2.0-or-later
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_MS		10
#define TERM_TIMEOUT_MS 2000

static void exec_child(int go, int error, char **argv)
{
	char byte;
	int failed;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (read(go, &byte, 1) != 1)
		_exit(126); /* the trace could not start */
	execvp(argv[0], argv);
	failed = errno;
	if (write(error, &failed, sizeof(failed)) != sizeof(failed))
		_exit(126);
	_exit(127);
}

static void end_hooked(void *child)
{
	child_end(child);
}

int child_start(struct child *child, char **argv)
{
	int go[2], error[2];

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		int failed = -errno;

		close(go[0]);
		close(go[1]);
		return failed;
	}
	child->pid = fork();
	if (child->pid > 0)
		fatal_hook(&child->hook, end_hooked, child);
	if (child->pid == 0) {
		close(go[1]);
		close(error[0]);
		exec_child(go[0], error[1], argv);
	}
	close(go[0]);
	close(error[1]);
	child->go = go[1];
	child->error = error[0];
	return child->pid < 0 ? -errno : 0;
}

int child_go(struct child *child)
{
	int failed = 0;
	ssize_t size;

	if (write(child->go, "g", 1) != 1)
		return -errno;
	size = read(child->error, &failed, sizeof(failed));
	close(child->go);
	close(child->error);
	return size == sizeof(failed) ? -failed : 0;
}

bool child_over(struct child *child)
{
	if (child->pid > 0 && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		child->pid = 0;
	return child->pid <= 0;
}

int child_verdict(const struct child *child, const char *name, char *why, size_t size)
{
	if (WIFSIGNALED(child->status))
		snprintf(why, size, "%s was killed: %s", name, strsignal(WTERMSIG(child->status)));
	else if (WEXITSTATUS(child->status))
		snprintf(why, size, "%s has failed: status %d", name, WEXITSTATUS(child->status));
	else
		return 0;
	return -ECHILD;
}

void child_end(struct child *child)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	fatal_unhook(&child->hook);
	if (child->pid <= 0 || child_over(child))
		return;
	kill(child->pid, SIGTERM);
	for (int ms = 0; ms < TERM_TIMEOUT_MS && !child_over(child); ms += STEP_MS)
		nanosleep(&step, NULL);
	child->status = 0; /* its end by our signal is not a failure */
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	child->pid = 0;
}
