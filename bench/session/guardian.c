// SPDX-License-Identifier: GPL-2.0-or-later
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../machine/clock.h"
#include "stop.h"

#define POLL_MS	   100
#define TERM_POLLS 20	/* then SIGKILL */
#define UNDO	   "\1" /* a request, in place of a command */

/* In the guardian */

static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};

static void signals_to(void (*handler)(int))
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], handler);
}

/* `output` receives stdout and stderr: thousands of rounds would flood a terminal. */
static pid_t start(const char *command, int output)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	signals_to(SIG_DFL);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static double children_cpu(void)
{
	struct rusage usage = {0};

	getrusage(RUSAGE_CHILDREN, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Waits for the end of a command, at most TERM_POLLS polls after the parent wants it ended. */
static int wait_for(pid_t pid, int parent)
{
	int fd = syscall(SYS_pidfd_open, pid, 0), status = 0, polls = 0;
	struct pollfd polled[] = {{.fd = fd, .events = POLLIN}, {.fd = parent, .events = POLLIN}};

	while (waitpid(pid, &status, fd < 0 && parent < 0 ? 0 : WNOHANG) != pid) {
		poll(polled, 2, POLL_MS);
		/* The parent speaks while a command runs only if it is to end; or it is gone. */
		if (!polls && polled[1].revents) {
			kill(-pid, SIGTERM);
			polled[1].fd = -1;
			polls = 1;
		}
		if (polls && ++polls == TERM_POLLS)
			kill(-pid, SIGKILL);
	}
	if (fd >= 0)
		close(fd);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void keep_output(int output, char text[GUARDIAN_OUTPUT])
{
	off_t size = lseek(output, 0, SEEK_END);
	ssize_t got = 0;

	if (size > 0)
		got = pread(output, text, GUARDIAN_OUTPUT - 1,
			    size >= GUARDIAN_OUTPUT ? size - GUARDIAN_OUTPUT + 1 : 0);
	text[got > 0 ? got : 0] = '\0';
	for (got--; got >= 0 && strchr(" \n\t", text[got]); got--)
		text[got] = '\0';
}

static void run(const char *command, int parent, struct guardian_step *step)
{
	int output = memfd_create("output", MFD_CLOEXEC);
	double began = clock_seconds(), cpu = children_cpu();
	pid_t pid = start(command, output);

	memset(step, 0, sizeof(*step));
	step->status = pid < 0 ? 127 : wait_for(pid, parent);
	step->seconds = clock_seconds() - began;
	step->cpu = children_cpu() - cpu;
	keep_output(output, step->output);
	if (output >= 0)
		close(output);
}

/* After the parent's end: reports on its terminal. */
static void undo_alone(const char *undo, char *command)
{
	struct guardian_step step;

	if (!undo)
		return;
	run(undo, -1, &step);
	snprintf(command, BUFSIZ, "exitstorm ab: was killed; the undo command has run, status %d\n",
		 step.status);
	if (write(STDERR_FILENO, command, strlen(command)) < 0)
		return;
}

static void guard(int parent, const char *undo)
{
	char command[BUFSIZ];
	struct guardian_step step;
	ssize_t size;

	setsid();
	signals_to(SIG_IGN);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	/* A pipe on stdout ends when the parent does. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	for (;;) {
		size = recv(parent, command, sizeof(command) - 1, 0);
		if (size <= 0)
			break;
		command[size] = '\0';
		if (!strcmp(command, UNDO)) {
			run(undo, -1, &step);
			step.undone = true;
			send(parent, &step, sizeof(step), MSG_NOSIGNAL);
			_exit(0);
		}
		run(command, parent, &step);
		send(parent, &step, sizeof(step), MSG_NOSIGNAL);
	}
	undo_alone(undo, command);
	_exit(0);
}

/* In the parent */

/* At the end by fatal(): this process has not been killed, and waits for the undo command. */
static void end_hooked(void *arg)
{
	struct guardian_step step;

	guardian_end(arg, &step);
}

int guardian_start(struct guardian *guardian, const char *undo)
{
	int pair[2];

	*guardian = (struct guardian){.socket = -1, .undo = undo};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	guardian->pid = fork();
	if (guardian->pid == 0) {
		close(pair[0]);
		guard(pair[1], undo);
	}
	close(pair[1]);
	if (guardian->pid < 0) {
		close(pair[0]);
		return -errno;
	}
	guardian->socket = pair[0];
	fatal_hook(&guardian->hook, end_hooked, guardian);
	return 0;
}

/* Waits for the answer. -ECANCELED: a stop is requested. */
static int answer(struct guardian *guardian, struct guardian_step *step, bool stoppable)
{
	struct pollfd polled = {.fd = guardian->socket, .events = POLLIN};

	while (poll(&polled, 1, POLL_MS) <= 0)
		if (stoppable && stop_is_requested())
			return -ECANCELED;
	return recv(guardian->socket, step, sizeof(*step), 0) == sizeof(*step) ? 0 : -EPIPE;
}

static int request(struct guardian *guardian, const char *command)
{
	ssize_t size = strlen(command);

	if (size >= BUFSIZ)
		return -E2BIG;
	return send(guardian->socket, command, size, MSG_NOSIGNAL) == size ? 0 : -EPIPE;
}

int guardian_run(struct guardian *guardian, const char *command, struct guardian_step *step)
{
	int err = request(guardian, command);

	return err ? err : answer(guardian, step, true);
}

/* The answer to a command that was broken off may come before. */
static int undo(struct guardian *guardian, struct guardian_step *step)
{
	int err = request(guardian, UNDO);

	do
		err = err ? err : answer(guardian, step, false);
	while (!err && !step->undone);
	return err;
}

static void leave(struct guardian *guardian)
{
	fatal_unhook(&guardian->hook);
	close(guardian->socket);
	guardian->socket = -1;
	waitpid(guardian->pid, NULL, 0);
}

int guardian_end(struct guardian *guardian, struct guardian_step *step)
{
	const char *command = guardian->undo;
	int err = -ENOENT;

	if (guardian->socket < 0)
		return -ENOENT;
	if (command)
		err = undo(guardian, step);
	leave(guardian);
	if (!err || !command || guardian_start(guardian, command))
		return err;
	/* The guardian was killed: another one undoes. */
	err = undo(guardian, step);
	leave(guardian);
	return err;
}
