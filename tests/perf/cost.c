// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost FILE COMMAND...: runs COMMAND, writes wall seconds and peak resident KiB (of its largest
 * process) to FILE. Exits with COMMAND's status.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double began = now();
	struct rusage usage;
	FILE *file;
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: cost FILE COMMAND...\n");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror("cost");
		return 1;
	}
	file = fopen(argv[1], "w");
	if (!file || fprintf(file, "%.3f %ld\n", now() - began, usage.ru_maxrss) < 0 ||
	    fclose(file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
