// SPDX-License-Identifier: GPL-2.0-or-later
#include "kvm_trace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <kvm.skel.h>
#include <kvm_cast.skel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf_explain.h"
#include "bpf_programs.h"
#include "clock.h"
#include "kvm_trace_private.h"

/* 40 MiB of histograms at most: BPF allocates an array as a whole. */
#define HISTOGRAMS     8192
#define HISTOGRAMS_ONE 2048 /* for one process */
#define RIPS	       65536

struct kvm_trace {
	struct kvm_bpf *bpf;
	enum kvm_way way[KVM_HOOK_COUNT];
	const struct traced_slot *slots;
	const struct traced_histogram *histograms;
	size_t slots_size, histograms_size;
	struct clock_anchor rate_since;
	struct ring_buffer *ring;
	int (*on_event)(void *arg, const struct traced_exit *event);
	void *arg;
	bool stopped;
};

bool kvm_trace_built(void)
{
	return true;
}

static struct bpf_program *program_of(const struct kvm_trace *trace, enum kvm_hook hook,
				      enum kvm_way way)
{
	static const char *const stem[] = {
#define KVM_HOOK(ID, program, category, tracepoint) [KVM_HOOK_##ID] = #program,
		KVM_HOOKS
#undef KVM_HOOK
	};
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", stem[hook], kvm_way_name[way]);
	return bpf_object__find_program_by_name(trace->bpf->obj, name);
}

_Static_assert(sizeof(struct kvm_bpf) == sizeof(struct kvm_cast_bpf) &&
		       sizeof(struct kvm_bpf__bss) == sizeof(struct kvm_cast_bpf__bss) &&
		       sizeof(struct kvm_bpf__rodata) == sizeof(struct kvm_cast_bpf__rodata),
	       "skeletons of the same layout");

/* The inode of the caller's PID namespace, which numbers processes; 0: cannot be told. */
static u32 pid_namespace(void)
{
	struct stat own;

	return stat("/proc/self/ns/pid", &own) ? 0 : own.st_ino;
}

/* Sets the programs' constants, map sizes, and which programs are loaded. */
static void configure(struct kvm_trace *trace, const struct kvm_trace_options *options,
		      const struct kernel *kernel)
{
	struct kvm_bpf__rodata *rodata = trace->bpf->rodata;
	u32 histograms = options->pid ? HISTOGRAMS_ONE : HISTOGRAMS;
	struct bpf_program *program;

	rodata->only_tgid = options->pid;
	rodata->pid_namespace = pid_namespace();
	rodata->has_entry = trace->way[KVM_HOOK_ENTRY];
	rodata->has_run = trace->way[KVM_HOOK_RUN];
	rodata->has_away = trace->way[KVM_HOOK_SWITCH] || trace->way[KVM_HOOK_WAKEUP];
	rodata->exit_reason_first = kernel->exit_arguments == 3;
	rodata->vendor_types = kernel->vendor_types;
	rodata->want_events = options->events;
	rodata->slow_ns = options->slow_ns;
	rodata->want_rips = options->rips;
	rodata->histogram_limit = histograms;
	bpf_map__set_max_entries(trace->bpf->maps.histograms, histograms);
	if (options->events || options->slow_ns)
		bpf_map__set_max_entries(
			trace->bpf->maps.events,
			options->buffer
				? options->buffer
				: (options->events ? KVM_TRACE_RING_MIB : KVM_TRACE_SLOW_MIB)
					  << 20);
	if (options->rips)
		bpf_map__set_max_entries(trace->bpf->maps.rips, RIPS);
	bpf_object__for_each_program(program, trace->bpf->obj)
		bpf_program__set_autoload(program, false);
	for (int hook = 0; hook < KVM_HOOK_COUNT; hook++)
		if (trace->way[hook])
			bpf_program__set_autoload(program_of(trace, hook, trace->way[hook]), true);
}

static int on_ring_entry(void *arg, void *data, size_t size)
{
	struct kvm_trace *trace = arg;

	(void)size;
	return trace->on_event(trace->arg, data);
}

static const void *map_array(struct bpf_map *map, size_t *size, int *error)
{
	long page = sysconf(_SC_PAGESIZE);
	void *memory;

	*size = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
	*size = (*size + page - 1) / page * page;
	memory = mmap(NULL, *size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory != MAP_FAILED)
		return memory;
	*error = -errno;
	return NULL;
}

static int map_all(struct kvm_trace *trace)
{
	int error = 0;

	trace->slots = map_array(trace->bpf->maps.slots, &trace->slots_size, &error);
	trace->histograms = map_array(trace->bpf->maps.histograms, &trace->histograms_size, &error);
	if (error)
		return error;
	trace->ring =
		ring_buffer__new(bpf_map__fd(trace->bpf->maps.events), on_ring_entry, trace, NULL);
	return trace->ring ? 0 : -errno;
}

static int attach_all(struct kvm_trace *trace, char *why)
{
	/* Ends of legs before their beginnings, so that no leg is left open. */
	for (int hook = KVM_HOOK_COUNT - 1; hook >= 0; hook--) {
		struct bpf_program *program;
		struct bpf_link *link;

		if (!trace->way[hook])
			continue;
		program = program_of(trace, hook, trace->way[hook]);
		link = bpf_program__attach(program);
		if (!link)
			return kernel_explain(-errno, kvm_hook_name[hook], trace->way[hook], why);
		/* The skeleton owns the link: its destruction detaches. */
		for (int i = 0; i < trace->bpf->skeleton->prog_cnt; i++)
			if (*trace->bpf->skeleton->progs[i].prog == program)
				*trace->bpf->skeleton->progs[i].link = link;
	}
	return 0;
}

/*
 * All hooks in one way; kvm_exit by tracepoint where the way cannot give the reason or RIP. Hooks
 * that KVM calls with preemption enabled by tracepoint where the kernel would skip other ways'
 * programs.
 */
static void choose_ways(struct kvm_trace *trace, const struct kvm_trace_options *options,
			const struct kernel *kernel, enum kvm_way way)
{
	static const enum kvm_hook preempted[] = {KVM_HOOK_USERSPACE_EXIT, KVM_HOOK_RUN,
						  KVM_HOOK_NESTED, KVM_HOOK_WAKEUP};

	for (int hook = 0; hook < KVM_HOOK_COUNT; hook++)
		trace->way[hook] = kernel->hooks & 1U << hook ? way : KVM_WAY_NONE;
	for (size_t i = 0; i < sizeof(preempted) / sizeof(*preempted); i++)
		if (kernel->preempted && !options->way && trace->way[preempted[i]])
			trace->way[preempted[i]] = KVM_WAY_TRACEPOINT;
	/* Without a reason in the arguments or in the vCPU only the event's fields have it. */
	if (trace->way[KVM_HOOK_EXIT] &&
	    !(kernel->exit_arguments == 3 || (kernel->exit_arguments == 2 && kernel->vendor_types)))
		trace->way[KVM_HOOK_EXIT] = KVM_WAY_TRACEPOINT;
	if (trace->way[KVM_HOOK_EXIT] && kernel->vmx && (options->rips || options->slow_ns) &&
	    !options->way)
		trace->way[KVM_HOOK_EXIT] = KVM_WAY_TRACEPOINT;
}

static int try_way(struct kvm_trace *trace, const struct kvm_trace_options *options,
		   const struct kernel *kernel, enum kvm_way way, char *why)
{
	int error;

	trace->rate_since = clock_anchor(0);
	choose_ways(trace, options, kernel, way);
	trace->bpf = kernel->put_time ? (struct kvm_bpf *)kvm_cast_bpf__open() : kvm_bpf__open();
	if (!trace->bpf || !trace->bpf->rodata)
		return kernel_explain(errno ? -errno : -ENOMEM, NULL, way, why);
	configure(trace, options, kernel);
	error = kvm_bpf__load(trace->bpf);
	if (!error && !trace->bpf->bss) {
		snprintf(why, KVM_TRACE_WHY, BPF_NOT_MAPPED);
		return -ENOMEM;
	}
	if (error)
		return kernel_explain(error, NULL, way, why);
	error = map_all(trace);
	if (error)
		return kernel_explain(error, NULL, way, why);
	if (kernel->put_time)
		trace->bpf->bss->ns_per_tick = clock_rate(&trace->rate_since, TRACE_TICK_SHIFT);
	return attach_all(trace, why);
}

static void release(struct kvm_trace *trace)
{
	ring_buffer__free(trace->ring);
	if (trace->slots)
		munmap((void *)trace->slots, trace->slots_size);
	if (trace->histograms)
		munmap((void *)trace->histograms, trace->histograms_size);
	kvm_bpf__destroy(trace->bpf);
	*trace = (struct kvm_trace){0};
}

int kvm_trace_open(const struct kvm_trace_options *options, struct kvm_trace **trace, char *why)
{
	struct kvm_trace *made = calloc(1, sizeof(*made));
	struct kernel kernel;
	char reason[KVM_TRACE_WHY];
	int error, first = 0;

	*trace = NULL;
	if (!made) {
		snprintf(why, KVM_TRACE_WHY, "no memory");
		return -ENOMEM;
	}
	error = kernel_detect(&kernel, options->hooks, why);
	if (!error && options->pid && !pid_namespace()) {
		snprintf(why, KVM_TRACE_WHY,
			 "process %u cannot be traced: which PID namespace numbers it is not known "
			 "(/proc/self/ns/pid: %s)",
			 options->pid, strerror(errno));
		error = -ENOENT;
	}
	for (int way = KVM_WAY_TP_BTF; !error && way < KVM_WAYS; way++) {
		if (options->way && way != (int)options->way)
			continue;
		if (way == KVM_WAY_TP_BTF && !kernel.btf && !options->way)
			continue;
		error = try_way(made, options, &kernel, way, reason);
		if (error && kernel.put_time) { /* perhaps only bpf_rdonly_cast failed */
			release(made);
			kernel.put_time = false;
			error = try_way(made, options, &kernel, way, reason);
		}
		if (error && kernel.preempted) { /* perhaps the events, which it takes for that */
			release(made);
			kernel.preempted = false;
			error = try_way(made, options, &kernel, way, reason);
		}
		if (!error) {
			*trace = made;
			return 0;
		}
		release(made);
		/* The first way's reason is reported: later ways fail for more remote ones. */
		if (!first) {
			first = error;
			snprintf(why, KVM_TRACE_WHY, "%s", reason);
		}
		error = 0;
	}
	free(made);
	return first ? first : error;
}

void kvm_trace_stop(struct kvm_trace *trace)
{
	if (!trace->stopped)
		kvm_bpf__detach(trace->bpf);
	trace->stopped = true;
}

void kvm_trace_close(struct kvm_trace *trace)
{
	if (!trace)
		return;
	release(trace);
	free(trace);
}

enum kvm_way kvm_trace_way(const struct kvm_trace *trace, enum kvm_hook hook)
{
	return trace->way[hook];
}

struct kvm_trace_lost kvm_trace_lost(const struct kvm_trace *trace)
{
	const volatile struct kvm_bpf__bss *bss = trace->bpf->bss;

	return (struct kvm_trace_lost){bss->lost_events, bss->lost_threads, bss->lost_histograms,
				       bss->lost_rips, bpf_programs_missed(trace->bpf->obj)};
}

u32 kvm_trace_histograms(const struct kvm_trace *trace)
{
	u32 used = *(const volatile u32 *)&trace->bpf->bss->histograms_used;
	u32 limit = trace->bpf->rodata->histogram_limit;

	return used < limit ? used : limit - 1;
}

const struct traced_histogram *kvm_trace_histogram(const struct kvm_trace *trace, u32 number)
{
	return &trace->histograms[number];
}

const struct traced_slot *kvm_trace_slot(const struct kvm_trace *trace, u32 number)
{
	return &trace->slots[number & (TRACE_SLOTS - 1)];
}

int kvm_trace_drain(struct kvm_trace *trace, int (*on_event)(void *arg, const struct traced_exit *),
		    void *arg)
{
	int error;

	if (trace->bpf->bss->ns_per_tick)
		clock_rate_update(&trace->rate_since, &trace->bpf->bss->ns_per_tick,
				  TRACE_TICK_SHIFT);
	trace->on_event = on_event;
	trace->arg = arg;
	error = ring_buffer__consume(trace->ring);
	return error < 0 ? error : 0;
}

int kvm_trace_rips(const struct kvm_trace *trace,
		   int (*on_rip)(void *arg, const struct traced_rip *, u64 count), void *arg)
{
	int fd = bpf_map__fd(trace->bpf->maps.rips), error = 0;
	struct traced_rip key, *last = NULL;
	u64 count;

	while (!error && bpf_map_get_next_key(fd, last, &key) == 0) {
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, &count) == 0)
			error = on_rip(arg, &key, count);
	}
	return error;
}
