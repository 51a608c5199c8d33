// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has /dev/exitstorm open when its module goes.
 *
 * hold            begins a run that does not end by itself, and forks a process that inherits all.
 * When their stdin ends (by then the module has gone) both say what becomes of each call, of the
 * ring, and that they closed the device. hold SECONDS    four processes open, call, map and close
 * for so long, whatever comes of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static const char *outcome(int result)
{
	return result < 0 ? strerror(errno) : "done";
}

static void say(const char *who, int fd, const struct exitstorm_ring *ring)
{
	struct exitstorm_info info = {.size = sizeof(info), .version = EXITSTORM_VERSION};
	struct pollfd event = {.fd = fd, .events = POLLIN};
	const u32 *bytes = (const void *)((const char *)ring + EXITSTORM_RING_OFFSET);
	char byte;

	printf("%s info: %s\n", who, outcome(ioctl(fd, EXITSTORM_INFO, &info)));
	printf("%s start: %s\n", who, outcome(begin(fd)));
	printf("%s stop: %s\n", who, outcome(ioctl(fd, EXITSTORM_STOP)));
	printf("%s wait: %s\n", who, outcome(ioctl(fd, EXITSTORM_WAIT)));
	printf("%s read: %s\n", who, outcome(read(fd, &byte, 1)));
	printf("%s poll: %s\n", who, outcome(poll(&event, 1, 0)));
	printf("%s ring: %s, a frame %s\n", who, ring->over ? "over" : "not over",
	       *bytes == WIRE_MAGIC ? "is there" : "is not there");
	printf("%s close: %s\n", who, outcome(close(fd)));
	fflush(stdout);
}

static int hold(void)
{
	int fd = open(EXITSTORM_DEVICE, O_RDWR);
	struct exitstorm_ring *ring = fd < 0 ? MAP_FAILED : map_ring(fd);
	pid_t child;
	char byte;

	if (ring == MAP_FAILED || begin(fd)) {
		perror(EXITSTORM_DEVICE);
		return 1;
	}
	while (!__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE))
		ioctl(fd, EXITSTORM_WAIT);
	child = fork();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	if (!child) {
		say("child", fd, ring);
		_exit(0);
	}
	if (waitpid(child, NULL, 0) < 0)
		return 1;
	say("parent", fd, ring);
	munmap(ring, MAP_BYTES);
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

static int hammer(time_t seconds)
{
	time_t until = time(NULL) + seconds;

	for (int i = 0; i < 3; i++)
		if (!fork())
			break;
	while (time(NULL) < until)
		once();
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 ? hammer(atoi(argv[1])) : hold();
}
