// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamps.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stamps.skel.h>
#include <stamps_tsc.skel.h>

#include "bpf_explain.h"
#include "bpf_programs.h"
#include "clock.h"
#include "stamps_event.h"

/* Half an anchor's width in ticks; wider ones mean that the kernel's clock is not the TSC. */
#define KTIME_GOOD 1000

const char *const stamps_missing = NULL;

/* One thread. */
struct slot {
	u64 began;		   /* ring->head at stamps_begin */
	struct clock_anchor begin; /* STAMPS_KTIME */
	u64 base;		   /* STAMPS_EVENT: the TSC when the event of this CPU began */
	u32 error;
};

struct stamps {
	struct stamps_bpf *bpf;
	struct bpf_link *link[2];
	enum stamps_place place;
	enum stamps_clock clock;
	bool events_only;		/* the kernel would skip raw_tp programs */
	const struct stamps_ring *ring; /* by slot */
	size_t ring_bytes;
	u32 threads, joined;
	u32 narrow; /* half the width of the best anchor on this machine */
	int *event; /* by CPU; -1: none */
	int events;
	struct slot slot[STAMPS_SLOTS];
};

static int refuse(char *why, const char *step, int err)
{
	const int head = snprintf(why, STAMPS_WHY, "ebpf=on: ");

	return bpf_explain(err, step, !strncmp(step, "attaching tp/", 13), why + head,
			   STAMPS_WHY - head);
}

static void look_at_kernel(bool *kfunc, bool *preempted)
{
	struct btf *btf;

	bpf_explain_listen();
	btf = btf__load_vmlinux_btf();
	*kfunc = btf && btf__find_by_name_kind(btf, "bpf_get_cpu_time_counter", BTF_KIND_FUNC) > 0;
	*preempted = bpf_programs_preempted(btf);
	btf__free(btf);
}

static int open_events(struct stamps *stamps, char *why)
{
	const char *step;
	int err = stamps_event_open(bpf_map__fd(stamps->bpf->maps.tsc), stamps->event,
				    stamps->events, &step);

	return err ? refuse(why, step, err) : 0;
}

/* By stamps_place; the second row of a place: perf's trace events. */
static const char *const program_name[STAMPS_PLACES][2][2] = {
	{{"stamp_exit", "stamp_entry"}, {"stamp_exit", "stamp_entry"}},
	{{"stamp_to_user", "stamp_from_user"}, {"stamp_to_user_event", "stamp_from_user_event"}},
};

static struct bpf_program *program_of(const struct stamps *stamps, int end, bool event)
{
	return bpf_object__find_program_by_name(stamps->bpf->obj,
						program_name[stamps->place][event][end]);
}

/* Without tracefs raw_tp remains, whose skipped calls are counted. */
static int attach(struct stamps *stamps, char *why)
{
	for (int end = 0; end < 2; end++) {
		struct bpf_program *program = program_of(stamps, end, stamps->events_only);
		char step[64];

		stamps->link[end] = bpf_program__attach(program);
		if (!stamps->link[end] && stamps->events_only) {
			program = program_of(stamps, end, false);
			stamps->link[end] = bpf_program__attach(program);
		}
		snprintf(step, sizeof(step), "attaching %s", bpf_program__section_name(program));
		if (!stamps->link[end])
			return refuse(why, step, -errno);
	}
	return 0;
}

/* Both objects are built from stamps.bpf.c. */
_Static_assert(sizeof(struct stamps_bpf) == sizeof(struct stamps_tsc_bpf),
	       "skeletons of the same layout");

static struct stamps_bpf *open_object(enum stamps_clock clock)
{
	return clock == STAMPS_KFUNC ? (struct stamps_bpf *)stamps_tsc_bpf__open()
				     : stamps_bpf__open();
}

static int map_rings(struct stamps *stamps, char *why)
{
	void *rings;

	stamps->ring_bytes = (size_t)stamps->threads * sizeof(struct stamps_ring);
	rings = mmap(NULL, stamps->ring_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE,
		     bpf_map__fd(stamps->bpf->maps.rings), 0);
	if (rings == MAP_FAILED)
		return refuse(why, "mapping the stamps", -errno);
	stamps->ring = rings;
	return 0;
}

static int load(struct stamps *stamps, char *why)
{
	bool kfunc;
	int err;

	look_at_kernel(&kfunc, &stamps->events_only);
	stamps->bpf = open_object(stamps->clock);
	if (!stamps->bpf || !stamps->bpf->rodata)
		return refuse(why, "opening the programs", errno ? -errno : -ENOMEM);
	stamps->bpf->rodata->clock = stamps->clock;
	err = bpf_map__set_max_entries(stamps->bpf->maps.rings, stamps->threads);
	if (!err)
		err = bpf_map__set_max_entries(stamps->bpf->maps.tsc, stamps->events);
	if (!err)
		err = stamps_bpf__load(stamps->bpf);
	if (!err && !stamps->bpf->bss) {
		snprintf(why, STAMPS_WHY, "ebpf=on: " BPF_NOT_MAPPED);
		return -ENOMEM;
	}
	return err ? refuse(why, "loading the programs", err) : 0;
}

int stamps_open_clock(struct stamps **made, u32 threads, enum stamps_place place,
		      enum stamps_clock clock, char *why)
{
	struct stamps *stamps = calloc(1, sizeof(*stamps));
	int err;

	*made = NULL;
	if (!stamps)
		return refuse(why, "no memory", -ENOMEM);
	stamps->place = place;
	stamps->clock = clock;
	stamps->threads = threads < STAMPS_SLOTS ? threads : STAMPS_SLOTS;
	stamps->events = libbpf_num_possible_cpus();
	if (stamps->events < 1) /* no /sys */
		stamps->events = sysconf(_SC_NPROCESSORS_CONF);
	stamps->event = calloc(stamps->events, sizeof(*stamps->event));
	for (int cpu = 0; stamps->event && cpu < stamps->events; cpu++)
		stamps->event[cpu] = -1;
	err = stamps->event ? load(stamps, why) : refuse(why, "no memory", -ENOMEM);
	if (!err)
		err = map_rings(stamps, why);
	if (!err && clock == STAMPS_EVENT)
		err = open_events(stamps, why);
	if (!err)
		err = attach(stamps, why);
	if (err) {
		stamps_close(stamps);
		return err;
	}
	stamps->narrow = clock_anchor(0).half;
	*made = stamps;
	return 0;
}

int stamps_open(struct stamps **stamps, u32 threads, enum stamps_place place, char *why)
{
	bool kfunc, preempted;

	look_at_kernel(&kfunc, &preempted);
	if (kfunc && !stamps_open_clock(stamps, threads, place, STAMPS_KFUNC, why))
		return 0;
	/*
	 * Where the kernel's clock is the TSC, its ns convert to ticks more exactly than the event,
	 * whose base is only bounded by the stamps around a system call.
	 */
	if (clock_anchor(0).half > KTIME_GOOD &&
	    !stamps_open_clock(stamps, threads, place, STAMPS_EVENT, why))
		return 0;
	return stamps_open_clock(stamps, threads, place, STAMPS_KTIME, why);
}

void stamps_close(struct stamps *stamps)
{
	if (!stamps)
		return;
	for (int i = 0; i < 2; i++)
		bpf_link__destroy(stamps->link[i]);
	if (stamps->ring)
		munmap((void *)stamps->ring, stamps->ring_bytes);
	for (int cpu = 0; stamps->event && cpu < stamps->events; cpu++)
		if (stamps->event[cpu] >= 0)
			close(stamps->event[cpu]);
	stamps_bpf__destroy(stamps->bpf);
	free(stamps->event);
	free(stamps);
}

static int find_base(struct stamps *stamps, struct slot *slot, char *why)
{
	const char *step;
	int err = stamps_event_base(bpf_program__fd(stamps->bpf->progs.stamp_probe),
				    &stamps->bpf->bss->probed, stamps->narrow, &slot->base,
				    &slot->error, &step);

	return err ? refuse(why, step, err) : 0;
}

/*
 * The number by which the programs know the calling thread: in a PID namespace it is not
 * gettid()'s. A program that runs for this thread reads it.
 */
static int find_tid(struct stamps *stamps, u32 *tid, char *why)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int err = bpf_prog_test_run_opts(bpf_program__fd(stamps->bpf->progs.stamp_probe), &options);

	*tid = stamps->bpf->bss->probed.tid;
	return err ? refuse(why, "finding out the thread's number in the kernel", err) : 0;
}

int stamps_join(struct stamps *stamps, char *why)
{
	static pthread_mutex_t one_by_one = PTHREAD_MUTEX_INITIALIZER;
	int err = 0, index;
	u32 tid;

	/* All threads share `probed`, and slots must be filled without a gap. */
	pthread_mutex_lock(&one_by_one);
	index = stamps->joined;
	if (index == (int)stamps->threads)
		err = refuse(why, "too many threads", -ENOSPC);
	else if (stamps->clock == STAMPS_EVENT)
		err = find_base(stamps, &stamps->slot[index], why);
	if (!err)
		err = find_tid(stamps, &tid, why);
	if (!err) {
		stamps->bpf->bss->tid[index] = tid;
		stamps->joined++;
	}
	pthread_mutex_unlock(&one_by_one);
	return err ? err : index;
}

u64 stamps_seen(const struct stamps *stamps, u32 slot)
{
	return __atomic_load_n(&stamps->ring[slot].head, __ATOMIC_ACQUIRE) -
	       stamps->slot[slot].began;
}

u64 stamps_missed(const struct stamps *stamps)
{
	return bpf_programs_missed(stamps->bpf->obj);
}

enum stamps_place stamps_place(const struct stamps *stamps)
{
	return stamps->place;
}

enum stamps_clock stamps_clock(const struct stamps *stamps)
{
	return stamps->clock;
}

u32 stamps_error(const struct stamps *stamps)
{
	u32 worst = 0;

	for (u32 i = 0; i < stamps->joined; i++)
		if (stamps->slot[i].error > worst)
			worst = stamps->slot[i].error;
	return worst;
}

void stamps_begin(struct stamps *stamps, u32 slot)
{
	struct slot *own = &stamps->slot[slot];

	if (stamps->clock == STAMPS_KTIME)
		own->begin = clock_anchor(2 * stamps->narrow);
	own->began = stamps->ring[slot].head;
}

static struct clock_scale scale_of(struct stamps *stamps, struct slot *slot)
{
	struct clock_anchor end;
	struct clock_scale scale;
	u32 half;

	if (stamps->clock != STAMPS_KTIME)
		return (struct clock_scale){0, slot->base, 1};
	end = clock_anchor(2 * stamps->narrow);
	scale = clock_scale(&slot->begin, &end);
	half = slot->begin.half > end.half ? slot->begin.half : end.half;
	half += (u32)scale.slope + 1; /* a reading is a whole ns, rounded down */
	if (half > slot->error)
		slot->error = half;
	return scale;
}

void stamps_end(struct stamps *stamps, u32 index, struct record *record, u32 records,
		bool one_clock)
{
	const struct stamps_ring *ring = &stamps->ring[index];
	struct slot *slot = &stamps->slot[index];
	u64 at = slot->began, head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	struct clock_scale scale = scale_of(stamps, slot);

	if (head - at > STAMPS_ENTRIES) /* overwritten: their records get no stamps */
		at = head - STAMPS_ENTRIES;
	for (u32 i = 0; i < records; i++) {
		struct record *one = &record[i];
		bool to_next = !one_clock || !one->guest_in;
		u64 from = i ? record[i - 1].host_out : 0, to = to_next ? ~0ULL : one->guest_in;

		if (one_clock && one->guest_out)
			from = one->guest_out;
		for (; at < head; at++) {
			u64 entry = ring->entry[at & (STAMPS_ENTRIES - 1)];
			u64 ticks = clock_ticks(&scale, entry >> 1);

			/* Without a guest stamp the next STAMP_IN belongs to the next record. */
			if (ticks > to ||
			    (to_next && (entry & 1) == STAMP_IN && ticks > one->host_out))
				break;
			if (ticks < from)
				continue;
			if ((entry & 1) == STAMP_OUT && ticks >= one->host_out)
				one->kernel_out = ticks;
			else if ((entry & 1) == STAMP_IN && !one->kernel_in)
				one->kernel_in = ticks;
		}
	}
}
