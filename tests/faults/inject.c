// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inject LIBRARY SECONDS NUMBER REPORT COMMAND...
 *
 * Runs the command with faults.so and lets one of its system calls fail: the NUMBER-th of those in
 * the table below that it makes in main(), in all of its threads but not in its children. NUMBER 0
 * only counts. Into the file REPORT go the number of calls and the name of the one that failed;
 * with FAULT_STACKS=1 one line for each of them follows: its name and a hash of its callers. NUMBER
 * -1: no system call is looked at, which is faster. Ends with the command's status, 128 + signal,
 * or 124 if it is killed after SECONDS.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#define OPTIONS (PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
#define THREADS 256
#define CALLS	100000
#define STACK	4096 /* bytes of it in which callers are looked for */

/* The call is made all the same: an error of close() and fsync() comes after their work. */
#define DONE 1

static const struct call {
	long number;
	const char *name;
	int error, done;
} calls[] = {
	{SYS_open, "open", EMFILE, 0},
	{SYS_openat, "openat", EMFILE, 0},
	{SYS_read, "read", EIO, 0},
	{SYS_pread64, "pread", EIO, 0},
	{SYS_write, "write", ENOSPC, 0},
	{SYS_pwrite64, "pwrite", ENOSPC, 0},
	{SYS_writev, "writev", ENOSPC, 0},
	{SYS_close, "close", EIO, DONE},
	{SYS_fsync, "fsync", EIO, DONE},
	{SYS_ftruncate, "ftruncate", EIO, 0},
	{SYS_lseek, "lseek", EIO, 0},
	{SYS_rename, "rename", EIO, 0},
	{SYS_renameat2, "rename", EIO, 0},
	{SYS_unlink, "unlink", EIO, 0},
	{SYS_unlinkat, "unlink", EIO, 0},
	{SYS_rmdir, "rmdir", EIO, 0},
	{SYS_mkdir, "mkdir", ENOSPC, 0},
	{SYS_getdents64, "getdents", EIO, 0},
	{SYS_newfstatat, "stat", EIO, 0},
	{SYS_stat, "stat", EIO, 0},
	{SYS_lstat, "stat", EIO, 0},
	{SYS_fstat, "stat", EIO, 0},
	{SYS_statfs, "statfs", EIO, 0},
	{SYS_access, "access", EIO, 0},
	{SYS_faccessat2, "access", EIO, 0},
	{SYS_readlink, "readlink", EIO, 0},
	{SYS_getcwd, "getcwd", EIO, 0},
	{SYS_chdir, "chdir", EIO, 0},
	{SYS_flock, "flock", ENOLCK, 0},
	{SYS_getrandom, "getrandom", ENOSYS, 0},
	{SYS_mmap, "mmap", ENOMEM, 0},
	{SYS_brk, "brk", ENOMEM, 0},
	{SYS_mprotect, "mprotect", ENOMEM, 0},
	{SYS_clone, "clone", EAGAIN, 0},
	{SYS_clone3, "clone", EAGAIN, 0},
	{SYS_vfork, "clone", EAGAIN, 0},
	{SYS_pipe2, "pipe", EMFILE, 0},
	{SYS_dup2, "dup", EMFILE, 0},
	{SYS_poll, "poll", ENOMEM, 0},
	{SYS_ppoll, "poll", ENOMEM, 0},
	{SYS_eventfd2, "eventfd", EMFILE, 0},
	{SYS_pidfd_open, "pidfd_open", EMFILE, 0},
	{SYS_perf_event_open, "perf_event_open", EMFILE, 0},
	{SYS_bpf, "bpf", ENOMEM, 0},
	{SYS_epoll_create1, "epoll", EMFILE, 0},
	{SYS_epoll_ctl, "epoll", ENOMEM, 0},
	{SYS_sched_setaffinity, "sched_setaffinity", EINVAL, 0},
	{SYS_sched_getaffinity, "sched_getaffinity", EINVAL, 0},
	{SYS_sysinfo, "sysinfo", EFAULT, 0},
	{SYS_uname, "uname", EFAULT, 0},
	{SYS_getrusage, "getrusage", EINVAL, 0},
	{SYS_ioctl, "ioctl", EIO, 0},
	{SYS_fcntl, "fcntl", EINVAL, 0},
	{SYS_madvise, "madvise", EINVAL, 0},
	{SYS_mremap, "mremap", ENOMEM, 0},
	{SYS_prlimit64, "prlimit", EPERM, 0},
	{SYS_fchmod, "fchmod", EPERM, 0},
	{SYS_fchown, "fchown", EPERM, 0},
};

static long count, failing;
static char failed[64] = "none";
static int armed, stacks;
static pid_t child;
static struct {
	const char *name;
	unsigned long callers;
} made[CALLS];
static unsigned long text_begin, text_end; /* the command's code */

static struct thread {
	pid_t tid;
	const struct call *fails; /* between entry and exit of its call */
	unsigned long argument;
	int inside;
} thread[THREADS];

static struct thread *thread_of(pid_t tid)
{
	struct thread *free_one = NULL;

	for (int i = 0; i < THREADS; i++) {
		if (thread[i].tid == tid)
			return &thread[i];
		if (!thread[i].tid && !free_one)
			free_one = &thread[i];
	}
	if (!free_one)
		exit(125);
	*free_one = (struct thread){.tid = tid};
	return free_one;
}

static const struct call *find(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

static void find_text(void)
{
	char path[64], line[512], flags[8], program[256], name[256] = "";
	unsigned long begin, end;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)child);
	if (readlink(path, name, sizeof(name) - 1) < 0)
		exit(125);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &begin, &end, flags, program) ==
			    4 &&
		    flags[2] == 'x' && !strcmp(program, name)) {
			text_begin = begin;
			text_end = end;
		}
	if (!maps || !text_end)
		exit(125);
	fclose(maps);
}

/* Of the words on the stack that point into the command's code: callers, and a few that were. */
static unsigned long hash_callers(pid_t tid, const struct user_regs_struct *regs)
{
	unsigned long words[STACK / sizeof(unsigned long)], hash = 0xcbf29ce484222325;
	struct iovec here = {words, sizeof(words)}, there = {(void *)regs->rsp, sizeof(words)};
	ssize_t size = process_vm_readv(tid, &here, 1, &there, 1, 0);

	for (ssize_t i = 0; i < size / (ssize_t)sizeof(*words); i++)
		if (words[i] >= text_begin && words[i] < text_end)
			hash = (hash ^ (words[i] - text_begin)) * 0x100000001b3;
	return hash;
}

static void at_entry(struct thread *of, struct user_regs_struct *regs)
{
	const struct call *call = find(regs->orig_rax);

	if (regs->orig_rax == SYS_prctl && regs->rdi == FAULT_MARK) {
		armed = 1;
		find_text();
	}
	if (!armed || !call)
		return;
	count++;
	if (stacks && count < CALLS) {
		made[count].name = call->name;
		made[count].callers = hash_callers(of->tid, regs);
	}
	if (count != failing)
		return;
	of->fails = call;
	snprintf(failed, sizeof(failed), "%s", call->name);
	if (call->done)
		return;
	if (call->number == SYS_brk) { /* which fails by a return of the end as it is */
		of->argument = regs->rdi;
		regs->rdi = 0;
	} else {
		regs->orig_rax = -1;
	}
	ptrace(PTRACE_SETREGS, of->tid, 0, regs);
}

static void at_exit_of(struct thread *of, struct user_regs_struct *regs)
{
	if (!of->fails)
		return;
	if (of->fails->number == SYS_brk)
		regs->rdi = of->argument;
	else
		regs->rax = -of->fails->error;
	of->fails = NULL;
	ptrace(PTRACE_SETREGS, of->tid, 0, regs);
}

static void at_call(struct thread *of)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, of->tid, 0, &regs))
		return;
	of->inside = !of->inside;
	if (of->inside)
		at_entry(of, &regs);
	else
		at_exit_of(of, &regs);
}

static void start(char **argv, const char *library)
{
	child = fork();
	if (child)
		return;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("LD_PRELOAD", library, 1);
	if (failing >= 0)
		ptrace(PTRACE_TRACEME, 0, 0, 0);
	if (failing >= 0)
		raise(SIGSTOP);
	execvp(argv[0], argv);
	_exit(126);
}

static void on_alarm(int signal)
{
	(void)signal;
	kill(child, SIGKILL);
	snprintf(failed + strlen(failed), sizeof(failed) - strlen(failed), " (killed: hangs)");
}

static int trace(void)
{
	int status, signal;
	pid_t tid;

	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return 125;
		if (!WIFSTOPPED(status)) {
			if (tid == child)
				return WIFEXITED(status) ? WEXITSTATUS(status)
							 : 128 + WTERMSIG(status);
			thread_of(tid)->tid = 0;
			continue;
		}
		signal = WSTOPSIG(status);
		if (signal == (SIGTRAP | 0x80)) {
			at_call(thread_of(tid));
			signal = 0;
		} else if (signal == SIGTRAP || signal == SIGSTOP) {
			signal = 0; /* of the start, of exec, of a new thread */
		}
		ptrace(PTRACE_SYSCALL, tid, 0, signal);
	}
}

static int begin_trace(void)
{
	int status;

	if (waitpid(child, &status, __WALL) != child)
		return -1;
	ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS);
	thread_of(child);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	return 0;
}

static int write_report(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	fprintf(file, "%ld %s\n", count, failed);
	for (long i = 1; stacks && i <= count && i < CALLS; i++)
		fprintf(file, "%s %lx\n", made[i].name, made[i].callers);
	return fclose(file);
}

int main(int argc, char **argv)
{
	const char *text = getenv("FAULT_STACKS");
	int status;

	if (argc < 6)
		return 125;
	failing = atol(argv[3]);
	stacks = text && *text == '1';
	signal(SIGALRM, on_alarm);
	start(argv + 5, argv[1]);
	if (child < 0 || (failing >= 0 && begin_trace()))
		return 125;
	alarm(atoi(argv[2]));
	status = trace();
	return write_report(argv[4]) ? 125 : status;
}
