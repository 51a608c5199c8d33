// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into the command: system calls of new threads, KVM_RUN among them, take SLOWER_TICKS
 * TSC ticks more while the file SLOWER_FLAG begins with '1'. A seccomp filter takes the time: it
 * belongs to its thread, and exitstorm measures each repeat on a new one.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define MAX_LENGTH (BPF_MAXINSNS - 2) /* of one filter; a thread may have several */
#define MAX_ALL	   28000
#define TRY_LENGTH 2000
#define TRIES	   2000

typedef int (*create_function)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

struct thread {
	void *(*routine)(void *);
	void *arg;
	unsigned length; /* of the filter */
};

static create_function create;
static double ticks_each; /* of an instruction of the filter */

/* A filter that reads an argument is not cached by the kernel as one that allows the call. */
static void install(unsigned length)
{
	struct sock_filter *code = calloc(length + 2, sizeof(*code));
	struct sock_fprog program = {.len = length + 2, .filter = code};

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, args[1]));
	for (unsigned i = 1; i <= length; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3);
	code[length + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &program)) {
		perror("slower: seccomp");
		_exit(99);
	}
	free(code);
}

static unsigned long long fastest_call(void)
{
	unsigned long long best = ~0ULL;

	for (int i = 0; i < TRIES; i++) {
		unsigned long long began = __rdtsc(), ticks;

		syscall(SYS_ioctl, -1, 0, 0);
		ticks = __rdtsc() - began;
		best = ticks < best ? ticks : best;
	}
	return best;
}

static void *calibrate(void *arg)
{
	unsigned long long without;

	(void)arg;
	install(1);
	without = fastest_call();
	install(TRY_LENGTH);
	ticks_each = (double)(fastest_call() - without) / TRY_LENGTH;
	return NULL;
}

__attribute__((constructor)) static void begin(void)
{
	pthread_t thread;

	create = (create_function)dlsym(RTLD_NEXT, "pthread_create");
	if (!getenv("SLOWER_FLAG"))
		return;
	if (create(&thread, NULL, calibrate, NULL) || pthread_join(thread, NULL))
		_exit(99);
	if (getenv("SLOWER_SHOW"))
		fprintf(stderr, "slower: %.3f ticks each\n", ticks_each);
}

static unsigned wanted(void)
{
	const char *path = getenv("SLOWER_FLAG"), *ticks = getenv("SLOWER_TICKS");
	char flag = '0';
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	double length;

	if (fd < 0)
		return 0;
	if (read(fd, &flag, 1) != 1)
		flag = '0';
	close(fd);
	length = flag == '1' && ticks && ticks_each > 0 ? atof(ticks) / ticks_each : 0;
	return length < MAX_ALL ? (unsigned)length : MAX_ALL;
}

static void *begin_thread(void *arg)
{
	struct thread thread = *(struct thread *)arg;

	free(arg);
	/* Both sides have a filter: that there is one costs time, too. */
	for (unsigned left = thread.length + 1, length; left; left -= length) {
		length = left < MAX_LENGTH ? left : MAX_LENGTH;
		install(length);
	}
	return thread.routine(thread.arg);
}

int pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*routine)(void *), void *arg)
{
	struct thread *thread;

	if (!getenv("SLOWER_FLAG"))
		return create(id, attr, routine, arg);
	thread = malloc(sizeof(*thread));
	*thread = (struct thread){routine, arg, wanted()};
	return create(id, attr, begin_thread, thread);
}
