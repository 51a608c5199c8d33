// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spin CPU INSTRUCTIONS: what that many instructions of the delay's loop (hv/kvm/run.c) take on this
 * CPU, in TSC ticks: the median of many, less an empty pair of stamps. The truth that a run with
 * --set delay=INSTRUCTIONS must show.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../trace/stamp.h"

#define ROUNDS 2001

static int compare(const void *one, const void *other)
{
	const u64 *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

static double median(u32 turns)
{
	static u64 took[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		u64 began = stamp_fenced();
		u32 left = turns;

		if (turns)
			__asm__ volatile("1: dec %0; jnz 1b" : "+r"(left) : : "cc");
		took[i] = stamp_fenced() - began;
	}
	qsort(took, ROUNDS, sizeof(*took), compare);
	return took[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	cpu_set_t set;

	if (argc != 3) {
		fprintf(stderr, "usage: spin CPU INSTRUCTIONS\n");
		return 2;
	}
	CPU_ZERO(&set);
	CPU_SET(atoi(argv[1]), &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("spin: sched_setaffinity");
		return 1;
	}
	median(atoi(argv[2]) / 2); /* the core is awake then */
	printf("%.0f\n", median(atoi(argv[2]) / 2) - median(0));
	return 0;
}
