// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into the command: one allocation fails, the FAULT_ALLOCATION-th of its process after
 * the begin of main(); with FAULT_LASTING=1 all that follow, too. FAULT_REPORT: the file that gets
 * the number of allocations at the process's end; with FAULT_STACKS=1 one line for each of them
 * follows, a hash of its callers. Children and what they execute get memory as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

#define ALLOCATIONS 100000
#define FRAMES	    30

static pid_t process; /* 0: main() has not begun */
static long number, failing;
static int lasting, stacks;
static unsigned long callers[ALLOCATIONS];
static char report[512];

/* Addresses are the same for all allocations of a process, and in no other. */
static unsigned long hash_callers(void)
{
	unsigned long hash = 0xcbf29ce484222325;
	void *frames[FRAMES];
	int count = backtrace(frames, FRAMES);

	for (int i = 0; i < count; i++)
		hash = (hash ^ (unsigned long)frames[i]) * 0x100000001b3;
	return hash;
}

static int fails(void)
{
	long now;

	if (!process || syscall(SYS_getpid) != process)
		return 0;
	now = __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
	if (stacks && now < ALLOCATIONS)
		callers[now] = hash_callers();
	if (!failing || (lasting ? now < failing : now != failing))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, bytes);
}

void *memalign(size_t align, size_t size)
{
	return fails() ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
	void *made = memalign(align, size);

	if (!made)
		return ENOMEM;
	*memory = made;
	return 0;
}

static int (*real_main)(int, char **, char **);

static int armed_main(int argc, char **argv, char **environment)
{
	const char *text = getenv("FAULT_ALLOCATION");

	failing = text ? atol(text) : 0;
	text = getenv("FAULT_LASTING");
	lasting = text && *text == '1';
	text = getenv("FAULT_REPORT");
	snprintf(report, sizeof(report), "%s", text ? text : "");
	text = getenv("FAULT_STACKS");
	stacks = text && *text == '1';
	if (stacks)
		hash_callers(); /* the first one allocates */
	unsetenv("LD_PRELOAD");
	prctl(FAULT_MARK, 0, 0, 0, 0);
	process = syscall(SYS_getpid);
	return real_main(argc, argv, environment);
}

__attribute__((destructor)) static void write_report(void)
{
	FILE *file;

	if (!process || syscall(SYS_getpid) != process || !*report)
		return;
	process = 0;
	file = fopen(report, "w");
	if (!file)
		return;
	fprintf(file, "%ld\n", number);
	for (long i = 1; stacks && i <= number && i < ALLOCATIONS; i++)
		fprintf(file, "%lx\n", callers[i]);
	fclose(file);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		      void (*begin)(void), void (*end)(void), void (*unload)(void), void *stack)
{
	int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
		     void (*)(void), void *) = dlsym(RTLD_NEXT, "__libc_start_main");

	real_main = main;
	return start(armed_main, argc, argv, begin, end, unload, stack);
}
