/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watchdog for programs whose calls may hang in the kernel: a process that sees no progress for
 * STALL_SECONDS of the guest's clock prints the kernel's log with the stacks of blocked tasks
 * (sysrq w), of all CPUs (l) and of all tasks (t).
 */
#ifndef TESTS_BEDS_LINUX_STALL_H
#define TESTS_BEDS_LINUX_STALL_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#define STALL_SECONDS 60

static volatile unsigned long *stall_count;

static inline void stall_progress(void)
{
	++*stall_count;
}

static inline void stall_dump(void)
{
	static char log[1 << 20];
	int bytes, trigger = open("/proc/sysrq-trigger", O_WRONLY);

	for (const char *key = "wlt"; *key; key++) {
		klogctl(5 /* SYSLOG_ACTION_CLEAR */, NULL, 0);
		if (write(trigger, key, 1) != 1)
			perror("/proc/sysrq-trigger");
		sleep(2);
		bytes = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof(log));
		printf("sysrq %c:\n%.*s\n", *key, bytes < 0 ? 0 : bytes, log);
		fflush(stdout);
	}
}

/* The watching process ends with this one. */
static inline void stall_watch(void)
{
	stall_count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stall_count == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	fflush(stdout);
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 3; i < 64; i++)
		close(i); /* it must not keep the device open */
	for (unsigned long last = 0, seconds = 0;; sleep(1)) {
		seconds = *stall_count == last ? seconds + 1 : 0;
		last = *stall_count;
		if (seconds != STALL_SECONDS)
			continue;
		printf("no progress for %d s after %lu steps\n", STALL_SECONDS, last);
		stall_dump();
	}
}

#endif
