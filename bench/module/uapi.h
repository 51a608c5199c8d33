/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/exitstorm: the interface between exitstorm.ko and the command. One open file at a time, root
 * only. START begins a plan; its results are the frames of bench/wire/wire.h in a ring that the
 * command maps, up to an END frame; WAIT returns when there is more. The last close ends a run.
 * While the file is open or the ring is mapped the module cannot be removed.
 */
#ifndef BENCH_MODULE_UAPI_H
#define BENCH_MODULE_UAPI_H

#include "../wire/wire.h"

#define EXITSTORM_DEVICE  "/dev/exitstorm"
#define EXITSTORM_VERSION 3

/* The machine as the module sees it. The caller fills in `size` and `version`. */
struct exitstorm_info {
	u32 size, version;
	s32 status;  /* of the backend: 0, or -errno and `why` says why no storm can run now */
	u32 irqs_on; /* 1: irqs=on is possible */
	struct wire_hello hello;
	char why[HV_WHY];
};

struct exitstorm_start {
	u32 size, version;
	u64 plan; /* address of a struct wire_plan */
	u32 plan_bytes;
	u32 seconds; /* the run is ended after this time; 1 to EXITSTORM_MAX_SECONDS */
};
#define EXITSTORM_MAX_SECONDS 86400

/*
 * Page 0 of the mapping; EXITSTORM_RING_BYTES of frames follow it. `head` bytes have been written
 * so far; the command keeps `tail`, the bytes read. Byte n is at n % EXITSTORM_RING_BYTES.
 */
struct exitstorm_ring {
	u64 head, tail;
	u32 over; /* EXITSTORM_OVER_*: the run has ended, nothing more comes */
};
#define EXITSTORM_OVER_DONE   1
#define EXITSTORM_OVER_ENDED  2 /* before its time: a CPU went offline, suspend, reboot, STOP */
#define EXITSTORM_RING_OFFSET 4096
#define EXITSTORM_RING_BYTES  (1 << 20)

/* _IOC of Linux: direction, size, type, number. The size is part of the number. */
#define EXITSTORM_IOC(direction, number, size) \
	((u32)(direction) << 30 | (u32)(size) << 16 | 0xe5 << 8 | (number))
#define EXITSTORM_INFO	EXITSTORM_IOC(3, 1, sizeof(struct exitstorm_info))
#define EXITSTORM_START EXITSTORM_IOC(1, 2, sizeof(struct exitstorm_start))
#define EXITSTORM_STOP	EXITSTORM_IOC(0, 3, 0)
#define EXITSTORM_WAIT	EXITSTORM_IOC(0, 4, 0) /* at most 0.1 s */

#endif
