// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz SEED [CALLS [RARE]]: EXITSTORM_START with one thing wrong each, then CALLS (10,000) ioctls
 * on /dev/exitstorm with numbers, sizes, addresses and plans that are random or nearly right, and
 * writes to its ring between them. One call in RARE (16) may be valid and do something: such a call
 * takes a thousand times as long as one that is refused. Prints how many were accepted, and each
 * malformed START that was not refused as it has to be.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stall.h"
#include "start.h"

static u64 state;
static u32 rare = 16;

/* xorshift64* (Vigna, An experimental exploration of Marsaglia's xorshift generators, 2016). */
static u64 any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static void damage(void *data, size_t bytes)
{
	u8 *byte = data;

	for (u64 i = any() % 4; i; i--)
		byte[any() % bytes] = any();
}

static void plan_of(struct wire_plan *plan)
{
	plan_begin(plan, 1 + any() % 50, any() % 20);
	plan->plan.cpu_count = any() % 2 ? any() % 4 : 0;
	for (u32 i = 0; i < plan->plan.cpu_count; i++)
		plan->plan.cpu[i] = any() % 3;
	plan->storms = 1;
	plan->storm[0] = any() % storm_count;
	/* No task switches: they are for other machines, or hang emulators. */
	while (storms[plan->storm[0]].kind == EXIT_TASK_SWITCH)
		plan->storm[0] = any() % storm_count;
}

static void damage_start(struct exitstorm_start *call, struct wire_plan *plan)
{
	damage(plan, any() % 2 ? 80 : sizeof(*plan));
	damage(call, any() % 3 ? 1 : sizeof(*call));
	/* Small numbers: no valid plan may take long. */
	plan->plan.exits %= 100;
	plan->plan.warmup %= 100;
	if (plan->plan.setting[SETTING_DELAY] <= DELAY_MAX)
		plan->plan.setting[SETTING_DELAY] %= 1000;
	if (plan->storm[0] < storm_count && storms[plan->storm[0]].kind == EXIT_TASK_SWITCH)
		plan->storm[0] = 0;
	if (plan->storms > 1)
		plan->storms += WIRE_MAX_STORMS;
}

/* 0: it may be accepted, or be refused for the machine's sake. */
static int error_of(const struct exitstorm_start *call, const struct wire_plan *plan)
{
	if (call->size != sizeof(*call) || call->version != EXITSTORM_VERSION ||
	    call->plan_bytes != sizeof(*plan) || !call->seconds ||
	    call->seconds > EXITSTORM_MAX_SECONDS)
		return EINVAL;
	if (call->plan != (u64)plan)
		return 0;
	return wire_plan_fault(plan, sizeof(*plan)) ? EINVAL : 0;
}

static u32 not_refused;

static int start(int fd, bool whole)
{
	static struct wire_plan plan;
	struct exitstorm_start call = start_of(&plan, 1);
	bool valid = any() % rare == 0;
	int err, wanted;

	plan_of(&plan);
	if (!whole)
		damage_start(&call, &plan);
	wanted = error_of(&call, &plan);
	while (!wanted && !valid) {
		call = start_of(&plan, 1);
		((u8 *)&plan)[any() % sizeof(struct plan)] = any();
		damage_start(&call, &plan);
		wanted = error_of(&call, &plan);
	}
	err = ioctl(fd, EXITSTORM_START, &call);
	if (wanted && (!err || errno != wanted)) {
		not_refused++;
		printf("a malformed START: error %d in place of %d\n", err ? errno : 0, wanted);
	}
	return err;
}

/* Starts with one thing wrong each, and the error that each has to give. */
static const struct wrong_start {
	const char *text;
	u32 cpus;
	u16 cpu[4];
	u32 size, version, plan_bytes, seconds, tables; /* added to what is right */
	bool no_plan;
	int error;
} wrong_starts[] = {
	{.text = "a CPU twice", .cpus = 2, .error = EINVAL},
	{.text = "a CPU twice, after another", .cpus = 3, .cpu = {1, 0, 0}, .error = EINVAL},
	{.text = "a CPU twice, around another", .cpus = 3, .cpu = {0, 1, 0}, .error = EINVAL},
	{.text = "a CPU twice that does not exist", .cpus = 2, .cpu = {999, 999}, .error = EINVAL},
	{.text = "a CPU that does not exist", .cpus = 1, .cpu = {999}, .error = ENXIO},
	{.text = "one of two that does not exist", .cpus = 2, .cpu = {0, 0xffff}, .error = ENXIO},
	{.text = "too many CPUs", .cpus = PLAN_MAX_CPUS + 1, .error = EINVAL},
	{.text = "the size", .size = 1, .error = EINVAL},
	{.text = "the version", .version = 1, .error = EINVAL},
	{.text = "the plan's size", .plan_bytes = 1, .error = EINVAL},
	{.text = "the plan's build", .tables = 1, .error = EINVAL},
	{.text = "no time", .seconds = -1U, .error = EINVAL},
	{.text = "too much time", .seconds = EXITSTORM_MAX_SECONDS, .error = EINVAL},
	{.text = "no plan", .no_plan = true, .error = EFAULT},
};

static bool start_is_refused(int fd, const struct wrong_start *row)
{
	static struct wire_plan plan;
	struct exitstorm_start call = start_of(&plan, 1);
	int error;

	plan_begin(&plan, 10, 1);
	plan.storms = 1;
	plan.plan.vcpus = row->cpus > 1 ? 2 : 1;
	plan.plan.cpu_count = row->cpus;
	memcpy(plan.plan.cpu, row->cpu, sizeof(row->cpu));
	plan.tables += row->tables;
	call.size += row->size;
	call.version += row->version;
	call.plan_bytes += row->plan_bytes;
	call.seconds += row->seconds;
	if (row->no_plan)
		call.plan = 0;
	error = ioctl(fd, EXITSTORM_START, &call) ? errno : 0;
	if (error != row->error)
		printf("%s: error %d in place of %d\n", row->text, error, row->error);
	return error == row->error;
}

static int call(int fd, u8 *map)
{
	static u8 room[1 << 14];
	struct pollfd events = {.fd = fd, .events = POLLIN};
	struct exitstorm_info info = {.size = sizeof(info), .version = EXITSTORM_VERSION};

	switch (any() % 16) {
	case 0:
		return ioctl(fd, EXITSTORM_IOC(any() % 4, any() % 8, any() & 0x3fff), room);
	case 1:
		return ioctl(fd, (u32)any(), any());
	case 2:
		if (any() % rare)
			info.size += 1 + any() % 1000;
		damage(&info, 8);
		return ioctl(fd, EXITSTORM_INFO, &info);
	case 3:
		return ioctl(fd, EXITSTORM_INFO, any());
	case 4:
		return ioctl(fd, EXITSTORM_START, any());
	case 5:
		return start(fd, true);
	case 6:
		return ioctl(fd, EXITSTORM_STOP, any());
	case 7:
		poll(&events, 1, any() % rare ? 0 : any() % 3);
		return 0;
	case 8:
		((u64 *)map)[any() % 3] = any() % 2 ? any() : 0;
		return 0;
	case 9:
		return munmap(mmap(NULL, (any() % 600) << 12, any() % 8,
				   any() % 2 ? MAP_SHARED : MAP_PRIVATE, fd, (any() % 300) << 12),
			      1 << 12);
	case 10:
		return read(fd, room, any() % sizeof(room)) + write(fd, room, any() % sizeof(room));
	default:
		return start(fd, false);
	}
}

int main(int argc, char **argv)
{
	u32 calls = argc > 2 ? atoi(argv[2]) : 10000, taken = 0, wrong = 0;
	int fd = open(EXITSTORM_DEVICE, O_RDWR);
	u8 *map;

	state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	if (argc > 3)
		rare = atoi(argv[3]);
	if (fd < 0) {
		perror(EXITSTORM_DEVICE);
		return 1;
	}
	map = mmap(NULL, EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES, PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	stall_watch();
	for (u32 i = 0; i < sizeof(wrong_starts) / sizeof(wrong_starts[0]); i++)
		wrong += !start_is_refused(fd, &wrong_starts[i]);
	for (u32 i = 0; i < calls; i++) {
		taken += call(fd, map) >= 0;
		stall_progress();
	}
	printf("%u calls, %u accepted\n", calls, taken);
	return wrong || not_refused || taken == 0 || taken == calls;
}
