// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds /dev/exitstorm open, for tests of what that does to its module.
 *
 * hold            begins a run that does not end by itself and forks a child, which inherits the
 *                 file and the mapping of the ring. Then does one step for each line of stdin, and
 *                 prints its name: the parent closes the file; unmaps the ring; kills the child.
 * hold SECONDS    four processes open, call, map and close again and again for so long.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "start.h"

#define MAP_BYTES (EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES)

static int begin(int fd)
{
	static struct wire_plan plan;
	struct exitstorm_start call = start_of(&plan, 600);

	plan_begin(&plan, 1000000000, 10);
	plan.storm[plan.storms++] = storm_find("cpuid") - storms;
	return ioctl(fd, EXITSTORM_START, &call);
}

static void *map_ring(int fd)
{
	return mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* Waits for a line. */
static void next_line(void)
{
	char byte = 0;

	while (byte != '\n' && read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void report(const char *step)
{
	puts(step);
	fflush(stdout);
}

static int hold(void)
{
	int fd = open(EXITSTORM_DEVICE, O_RDWR);
	struct exitstorm_ring *ring = fd < 0 ? MAP_FAILED : map_ring(fd);
	pid_t child;

	if (ring == MAP_FAILED || begin(fd)) {
		perror(EXITSTORM_DEVICE);
		return 1;
	}
	while (!__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE))
		ioctl(fd, EXITSTORM_WAIT);
	child = fork();
	if (!child)
		for (;;)
			pause();
	next_line();
	close(fd);
	report("closed");
	next_line();
	munmap(ring, MAP_BYTES);
	report("unmapped");
	next_line();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	report("killed");
	next_line();
	return 0;
}

static void once(void)
{
	struct exitstorm_info info = {.size = sizeof(info), .version = EXITSTORM_VERSION};
	int fd = open(EXITSTORM_DEVICE, O_RDWR);
	void *ring;

	if (fd < 0)
		return;
	ring = map_ring(fd);
	begin(fd);
	for (int i = 0; i < 3; i++) {
		ioctl(fd, EXITSTORM_WAIT);
		ioctl(fd, EXITSTORM_INFO, &info);
	}
	if (ring != MAP_FAILED)
		munmap(ring, MAP_BYTES);
	close(fd);
}

/* With pauses of up to 0.1 s: else the device would hardly ever be unused. */
static int hammer(time_t seconds)
{
	time_t until = time(NULL) + seconds;

	for (int i = 0; i < 3; i++)
		if (!fork())
			break;
	srand(getpid());
	while (time(NULL) < until) {
		once();
		usleep(rand() % 100000);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 ? hammer(atoi(argv[1])) : hold();
}
