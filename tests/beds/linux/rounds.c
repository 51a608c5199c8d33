// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rounds MODULE ROUNDS KILLS SEED: loads exitstorm.ko, makes a run of 50 exits of cpuid and removes
 * it, ROUNDS times. Then, KILLS times: loads it, begins a run in another process, is refused to
 * remove it, kills that process with SIGKILL at a random time, finds no thread of the module left,
 * and removes it. Calls the kernel itself, without the command: a round takes a hundredth of the
 * time. Stops at the first that fails. Prints how many did not.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stall.h"
#include "start.h"

#define MAP_BYTES (EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES)

static const char *module;
static int *running; /* shared with the process that is killed */

static bool failed(const char *step)
{
	printf("%s: %s\n", step, strerror(errno));
	return false;
}

static bool load(void)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && !syscall(SYS_finit_module, fd, "", 0);

	if (fd >= 0)
		close(fd);
	return ok || failed("load");
}

static int unload(void)
{
	return syscall(SYS_delete_module, "exitstorm", O_NONBLOCK) ? errno : 0;
}

/* The device and its ring, and a run of cpuid on it. */
static int begin(u64 exits, u32 seconds, u32 irqs, u32 path, u32 cpu, struct exitstorm_ring **ring)
{
	static struct wire_plan plan;
	struct exitstorm_start call = start_of(&plan, seconds);
	int fd = open(EXITSTORM_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return failed(EXITSTORM_DEVICE), -1;
	*ring = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	plan_begin(&plan, exits, 10);
	plan.storm[plan.storms++] = storm_find("cpuid") - storms;
	plan.plan.cpu_count = 1;
	plan.plan.cpu[0] = cpu;
	plan.plan.setting[SETTING_IRQS] = irqs;
	plan.plan.setting[SETTING_PATH] = path;
	if (*ring != MAP_FAILED && !ioctl(fd, EXITSTORM_START, &call))
		return fd;
	failed("start");
	close(fd);
	return -1;
}

/* The ring has an END frame without an error and a result that was measured. */
static bool was_measured(const struct exitstorm_ring *ring)
{
	const u8 *bytes = (const u8 *)ring + EXITSTORM_RING_OFFSET;
	bool measured = false;

	for (u64 at = 0; at + sizeof(struct frame) <= ring->head && at < EXITSTORM_RING_BYTES;) {
		const struct frame *frame = (const void *)(bytes + at);
		const struct storm_result *result = (const void *)(frame + 1);
		const struct wire_end *end = (const void *)(frame + 1);

		if (frame->type == WIRE_RESULT)
			measured = result->status == STORM_MEASURED && result->seen == 50;
		if (frame->type == WIRE_END)
			return measured && !end->status;
		at += sizeof(*frame) + frame->length;
	}
	return false;
}

static bool round_once(void)
{
	struct exitstorm_ring *ring;
	bool ok;
	int fd;

	if (!load())
		return false;
	fd = begin(50, 60, IRQS_OFF, PATH_FAST, 0, &ring);
	if (fd < 0)
		return false;
	while (!__atomic_load_n(&ring->over, __ATOMIC_ACQUIRE))
		ioctl(fd, EXITSTORM_WAIT);
	ok = was_measured(ring);
	if (!ok)
		printf("the run is not whole\n");
	munmap(ring, MAP_BYTES);
	close(fd);
	errno = unload();
	return ok && (!errno || failed("unload"));
}

static void be_killed(u32 turn)
{
	static const u32 irqs[] = {IRQS_ON, IRQS_OFF, IRQS_OFF},
			 path[] = {PATH_FAST, PATH_FAST, PATH_FULL};
	struct exitstorm_ring *ring;
	int fd = begin(1000000000, 600, irqs[turn % 3], path[turn % 3],
		       turn / 3 % sysconf(_SC_NPROCESSORS_ONLN), &ring);
	u64 begun = 0;

	while (fd >= 0) {
		ioctl(fd, EXITSTORM_WAIT);
		begun = begun ? begun : ring->head;
		ring->tail = ring->head;
		*running = begun != 0;
	}
	*running = -1;
	_exit(1);
}

static u32 threads(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	u32 count = 0;

	while ((entry = readdir(proc))) {
		char path[300], name[16] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0)
			count += !strncmp(name, "exitstorm/", 10);
		close(fd);
	}
	closedir(proc);
	return count;
}

static bool kill_once(u32 turn)
{
	pid_t child;
	u32 at_work;
	int refused;

	if (!load())
		return false;
	*running = 0;
	fflush(stdout);
	child = fork();
	if (!child)
		be_killed(turn);
	while (!*(volatile int *)running)
		usleep(1000);
	usleep(rand() % 50000);
	refused = unload();
	at_work = threads();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (*running < 0 || !at_work || refused != EWOULDBLOCK || threads()) {
		printf("turn %u: running %d, %u threads, unload gives %d, %u threads afterwards\n",
		       turn, *running, at_work, refused, threads());
		return false;
	}
	errno = unload();
	return !errno || failed("unload after a kill");
}

int main(int argc, char **argv)
{
	u32 rounds, kills, done = 0, killed = 0;

	if (argc != 5)
		return 2;
	module = argv[1];
	rounds = atoi(argv[2]);
	kills = atoi(argv[3]);
	srand(atoi(argv[4]));
	running = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (running == MAP_FAILED)
		return 1;
	stall_watch();
	for (; done < rounds && round_once(); done++)
		stall_progress();
	printf("%u rounds\n", done);
	for (; done == rounds && killed < kills && kill_once(killed); killed++)
		stall_progress();
	printf("%u kills\n", killed);
	return done < rounds || killed < kills;
}
