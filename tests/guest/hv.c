// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv on the real /dev/kvm: a guest of our own (hv_guest.S) boots, exits, crashes and hangs, at CPL0
 * and CPL3, with and without irqchip.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <dirent.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/hv.h"
#include "../../trace/stamp.h"

/* hv_guest.S spells these. */
#define OFFSET(field, value) _Static_assert(offsetof(struct guest_shared, field) == value, #field)
OFFSET(loop, 0);
OFFSET(batch, 8);
OFFSET(ring, 16);
OFFSET(arg, 24);
OFFSET(index, 56);
OFFSET(vector, 60);
OFFSET(error, 64);
OFFSET(rip, 72);
OFFSET(cr2, 80);
OFFSET(count, 104);

enum { SECONDS = 50, OPERATIONS = 200 };

extern u8 hv_guest[], hv_guest_end[], hv_guest_ud2[], hv_guest_handler[];

static u64 guest_address(const u8 *label)
{
	return GUEST_IMAGE + (u64)(label - hv_guest);
}

/* A VM of one of the four kinds, its vCPU 0, and what the last hv_run said. */
struct machine {
	struct hv_vm *vm;
	struct hv_vcpu *vcpu;
	struct hv_exit exit;
	char why[HV_WHY];
};

struct kind {
	u8 cpl;
	bool irqchip;
};
static struct kind kinds[] = {{0, false}, {0, true}, {3, false}, {3, true}};

static struct hv_config config_of(const struct kind *kind)
{
	return (struct hv_config){
		.backend = &hv_kvm,
		.image = hv_guest,
		.image_size = hv_guest_end - hv_guest,
		.vcpus = 1,
		.cpl = kind->cpl,
		.irqchip = kind->irqchip,
	};
}

static int run(struct machine *machine, struct hv_loop loop)
{
	return hv_run(machine->vcpu, &loop, &machine->exit);
}

static void must(int err, const char *why)
{
	if (err)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
}

static void boot(struct machine *machine, const struct hv_config *config)
{
	memset(machine, 0, sizeof(*machine));
	must(hv_vm_create(&machine->vm, config, machine->why), machine->why);
	machine->vcpu = hv_vcpu(machine->vm, 0);
	must(run(machine, (struct hv_loop){0}), machine->exit.why);
}

static void boot_kind(struct machine *machine, void **state)
{
	struct hv_config config = config_of(*state);

	boot(machine, &config);
}

static struct guest_shared *ask(struct machine *machine, const char *body, u32 batch)
{
	struct guest_shared *shared = hv_shared(machine->vcpu);
	const struct guest_storm *storm = hv_guest_storm(machine->vm, body);

	assert_non_null(storm);
	shared->loop = storm->storm;
	shared->batch = batch;
	return shared;
}

static struct hv_loop io(struct machine *machine, u32 count, bool stamped)
{
	return (struct hv_loop){
		.count = count,
		.raw_reason = hv_raw_reason(machine->vm, EXIT_IO),
		.stamped = stamped,
	};
}

static void test_boots_and_shuts_down_without_leak(void **state)
{
	struct machine machine;
	int before = 0, after = 0;
	DIR *fds;

	for (int round = 0; round < 3; round++) {
		boot_kind(&machine, state);
		hv_vm_destroy(machine.vm);
		fds = opendir("/proc/self/fd");
		assert_non_null(fds);
		after = 0;
		while (readdir(fds))
			after++;
		closedir(fds);
		if (!before)
			before = after;
	}
	assert_int_equal(before, after);
}

static void test_starts_at_the_cpl_asked_for(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	shared = ask(&machine, "state", 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->arg[1] & 3, kind->cpl);
	hv_vm_destroy(machine.vm);
}

static void test_guest_and_host_have_one_clock(void **state)
{
	struct machine machine;
	struct guest_shared *shared;
	u64 before, after;

	boot_kind(&machine, state);
	shared = ask(&machine, "state", 1);
	before = stamp_fenced();
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	after = stamp_fenced();
	assert_in_range(shared->arg[2], before, after);
	hv_vm_destroy(machine.vm);
}

static void test_stamps_are_in_order(void **state)
{
	struct machine machine;
	const struct record *record;

	boot_kind(&machine, state);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++, record++) {
		assert_true(record->guest_out && record->guest_out < record->host_in);
		assert_true(record->host_in < record->host_out);
		assert_true(record->host_out < record->guest_in);
		if (i)
			assert_true(record[-1].guest_in < record->guest_out);
	}
	assert_int_equal(record->host_in, 0);
	hv_vm_destroy(machine.vm);
}

static void test_unstamped_leaves_no_host_stamps(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, false)), machine.exit.why);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_int_equal(hv_ring(machine.vcpu)[i].host_in, 0);
		assert_int_equal(hv_ring(machine.vcpu)[i].host_out, 0);
		assert_true(hv_ring(machine.vcpu)[i].guest_in > 0);
	}
	hv_vm_destroy(machine.vm);
}

static void test_several_exits_keep_first_in_and_last_out(void **state)
{
	struct machine machine;
	const struct record *record;
	u64 single = 0, triple = 0;

	boot_kind(&machine, state);
	ask(&machine, "outs", OPERATIONS)->arg[0] = 1;
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++)
		single += record[i].host_out - record[i].host_in;
	ask(&machine, "outs", OPERATIONS)->arg[0] = 3;
	must(run(&machine, io(&machine, 3 * OPERATIONS, true)), machine.exit.why);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_true(record[i].host_in < record[i].host_out);
		if (i)
			assert_true(record[i - 1].host_out < record[i].host_in);
		triple += record[i].host_out - record[i].host_in;
	}
	/* Two whole visits to the guest lie within, each far longer than the handler. */
	assert_true(triple > 5 * single);
	hv_vm_destroy(machine.vm);
}

static void test_wrong_count_is_said_with_both_numbers(void **state)
{
	static const u32 asked[] = {7, 0, OPERATIONS - 1, OPERATIONS + 1};
	struct machine machine;
	char number[32];

	boot_kind(&machine, state);
	for (u32 i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		ask(&machine, "out", OPERATIONS);
		assert_int_equal(run(&machine, io(&machine, asked[i], false)), -EBADE);
		assert_int_equal(machine.exit.qualification, OPERATIONS);
		snprintf(number, sizeof(number), "not %u", asked[i]);
		assert_non_null(strstr(machine.exit.why, number));
		assert_non_null(strstr(machine.exit.why, "made 200 exits"));
	}
	hv_vm_destroy(machine.vm);
}

static void test_mmio_exits_are_counted(void **state)
{
	struct machine machine;
	struct hv_loop loop = {.count = 2 * OPERATIONS, .stamped = true};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_MMIO);
	ask(&machine, "mmio", OPERATIONS);
	must(run(&machine, loop), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

static void test_unexpected_exit_is_named(void **state)
{
	struct machine machine;
	struct hv_loop loop = {.count = 1};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_MMIO);
	ask(&machine, "port", 1)->arg[0] = 0x1234;
	assert_int_equal(run(&machine, loop), -EPROTO);
	assert_int_equal(machine.exit.kind, EXIT_IO);
	assert_non_null(strstr(machine.exit.why, "OUT to port 0x1234"));
	assert_non_null(strstr(machine.exit.why, "rip 0x1"));
	hv_vm_destroy(machine.vm);
}

static void test_exception_is_named_with_its_place(void **state)
{
	static const struct {
		const char *body, *text;
	} crash[] = {
		{"ud2", "vector 6 (#UD, invalid opcode)"},
		{"page_fault", "cr2 0x50000000"},
		{"divide", "vector 0 (#DE, divide error)"},
	};
	struct machine machine;

	for (u32 i = 0; i < sizeof(crash) / sizeof(crash[0]); i++) {
		boot_kind(&machine, state);
		ask(&machine, crash[i].body, 1);
		assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
		assert_int_equal(machine.exit.kind, EXIT_EXCEPTION);
		assert_non_null(strstr(machine.exit.why, crash[i].text));
		if (i == 0)
			assert_int_equal(machine.exit.rip, guest_address(hv_guest_ud2));
		hv_vm_destroy(machine.vm);
	}
}

/* Its gate has DPL 3. KVM's emulator, which kvm-pvm uses at CPL0, does not know it. */
static void test_int3_is_let_through_or_named(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "int3", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	if (machine.exit.kind == EXIT_ERROR) {
		assert_int_equal(kind->cpl, 0);
		assert_non_null(strstr(machine.exit.why, "could not emulate an instruction"));
		assert_non_null(strstr(machine.exit.why, "bytes cc"));
		assert_non_null(strstr(machine.exit.why, "cpl=3"));
	} else {
		assert_non_null(strstr(machine.exit.why, "vector 3 (#BP, breakpoint)"));
	}
	hv_vm_destroy(machine.vm);
}

static void test_triple_fault_is_a_shutdown_with_its_place(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	for (u32 vector = 0; vector < 32; vector++)
		hv_set_gate(machine.vm, vector, 1ULL << 63); /* not canonical */
	ask(&machine, "ud2", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	assert_int_equal(machine.exit.kind, EXIT_SHUTDOWN);
	assert_non_null(strstr(machine.exit.why, "triple fault"));
	assert_non_null(strstr(machine.exit.why, "rip 0x"));
	hv_vm_destroy(machine.vm);
}

static void test_gate_leads_to_its_handler(void **state)
{
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	hv_set_gate(machine.vm, 6, guest_address(hv_guest_handler));
	shared = ask(&machine, "ud2", 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->count, 1);
	hv_vm_destroy(machine.vm);
}

/* SYSRET leads to CPL3 only. */
static void test_syscall_comes_back(void **state)
{
	struct machine machine;
	struct guest_shared *shared;

	boot_kind(&machine, state);
	shared = ask(&machine, "syscall", OPERATIONS);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	assert_int_equal(shared->count, OPERATIONS);
	hv_vm_destroy(machine.vm);
}

/* A timer that kicks, or only interrupts. */
static struct hv_vcpu *kicked;
static volatile sig_atomic_t ticks;

static void on_alarm(int number)
{
	(void)number;
	ticks++;
	if (kicked)
		hv_kick(kicked);
}

static void timer(struct hv_vcpu *vcpu, int first_us, int interval_us)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval value = {
		.it_value.tv_usec = first_us,
		.it_interval.tv_usec = interval_us,
	};

	kicked = vcpu;
	ticks = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &value, NULL), 0);
}

static void timer_off(void)
{
	struct itimerval value = {0};

	assert_int_equal(setitimer(ITIMER_REAL, &value, NULL), 0);
}

static void test_hanging_guest_is_ended(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	ask(&machine, "hang", 1);
	timer(machine.vcpu, 50000, 0);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EINTR);
	assert_int_equal(ticks, 1);
	hv_vm_destroy(machine.vm);
}

/* HLT is of CPL0. */
static void test_halted_guest(void **state)
{
	const struct kind *kind = *state;
	struct machine machine;
	struct hv_loop loop = {.count = 10, .stamped = true};

	boot_kind(&machine, state);
	loop.raw_reason = hv_raw_reason(machine.vm, EXIT_HLT);
	ask(&machine, "hlt", 10);
	if (kind->irqchip) { /* sleeps in the kernel, nothing wakes it */
		timer(machine.vcpu, 50000, 0);
		assert_int_equal(run(&machine, loop), -EINTR);
	} else {
		must(run(&machine, loop), machine.exit.why);
	}
	hv_vm_destroy(machine.vm);
}

static void test_kick_before_the_run_is_not_lost(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	hv_kick(machine.vcpu);
	ask(&machine, "out", OPERATIONS);
	assert_int_equal(run(&machine, io(&machine, OPERATIONS, true)), -EINTR);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

static void test_batch_goes_on_after_kicks(void **state)
{
	struct machine machine;
	u32 kicks = 0;
	int err;

	boot_kind(&machine, state);
	ask(&machine, "out", GUEST_RING_RECORDS);
	timer(machine.vcpu, 3000, 3000);
	while ((err = run(&machine, io(&machine, GUEST_RING_RECORDS, true))) == -EINTR)
		kicks++;
	timer_off();
	must(err, machine.exit.why);
	assert_true(kicks > 0);
	for (u32 i = 0; i < GUEST_RING_RECORDS; i++)
		assert_true(hv_ring(machine.vcpu)[i].host_in < hv_ring(machine.vcpu)[i].host_out);
	hv_vm_destroy(machine.vm);
}

static void test_signal_flags_its_record_and_no_other(void **state)
{
	struct machine machine;
	u32 flagged = 0;

	boot_kind(&machine, state);
	ask(&machine, "out", GUEST_RING_RECORDS);
	timer(NULL, 3000, 3000);
	must(run(&machine, io(&machine, GUEST_RING_RECORDS, true)), machine.exit.why);
	timer_off();
	for (u32 i = 0; i < GUEST_RING_RECORDS; i++)
		flagged += hv_ring(machine.vcpu)[i].flags == RECORD_EXTRA_EXIT;
	/* A signal between two entries is seen by the next one. */
	assert_in_range(flagged, 1, ticks);
	hv_vm_destroy(machine.vm);
}

static void test_immediate_stamps_every_entry(void **state)
{
	struct machine machine;
	struct hv_loop loop = {
		.count = OPERATIONS,
		.action = HV_ACTION_IMMEDIATE,
		.stamped = true,
	};
	const struct record *record;

	boot_kind(&machine, state);
	must(run(&machine, loop), machine.exit.why);
	record = hv_ring(machine.vcpu);
	for (u32 i = 0; i < OPERATIONS; i++) {
		assert_true(record[i].host_in && record[i].host_in < record[i].host_out);
		if (i)
			assert_true(record[i - 1].host_out < record[i].host_in);
	}
	assert_int_equal(record[OPERATIONS].host_in, 0);
	/* And leaves the vCPU as it was. */
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	hv_kick(machine.vcpu);
	assert_int_equal(run(&machine, loop), -EINTR);
	must(run(&machine, loop), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

static void test_coalesced_writes_stay_in_the_kernel(void **state)
{
	const struct hv_device device = {
		.type = HV_DEVICE_COALESCED,
		.port = true,
		.address = GUEST_PORT_STORM,
		.size = 4,
	};
	struct machine machine;
	int err;

	boot_kind(&machine, state);
	must(hv_device_add(machine.vm, &device, machine.why), machine.why);
	for (int round = 0; round < 3; round++) {
		ask(&machine, "port", HV_COALESCED_WRITES)->arg[0] = GUEST_PORT_STORM;
		must(run(&machine, io(&machine, 0, false)), machine.exit.why);
	}
	ask(&machine, "port", HV_COALESCED_WRITES + 3);
	err = run(&machine, io(&machine, 0, false));
	assert_int_equal(err, -EBADE);
	assert_int_equal(machine.exit.qualification, 3);
	hv_vm_destroy(machine.vm);
}

static void test_eventfd_takes_what_matches(void **state)
{
	const struct hv_device device = {
		.type = HV_DEVICE_EVENTFD,
		.port = true,
		.address = GUEST_PORT_STORM,
	};
	struct machine machine;

	boot_kind(&machine, state);
	must(hv_device_add(machine.vm, &device, machine.why), machine.why);
	ask(&machine, "port", OPERATIONS)->arg[0] = GUEST_PORT_STORM;
	must(run(&machine, io(&machine, 0, false)), machine.exit.why);
	ask(&machine, "port", OPERATIONS)->arg[0] = GUEST_PORT_STORM + 4;
	must(run(&machine, io(&machine, OPERATIONS, false)), machine.exit.why);
	hv_vm_destroy(machine.vm);
}

/* Exits that writing `pages` pages makes beyond those of an empty batch. */
static u64 page_exits(struct machine *machine, u32 pages)
{
	struct hv_counts before, after;

	ask(machine, "pages", pages)->arg[0] = GUEST_FILL;
	assert_int_equal(hv_counts(machine->vcpu, &before), 0);
	must(run(machine, (struct hv_loop){0}), machine->exit.why);
	assert_int_equal(hv_counts(machine->vcpu, &after), 0);
	assert_true(before.valid & HV_COUNT_EXITS);
	return after.exits - before.exits;
}

/* At CPL3: an interpreted guest writes without faults. */
static void test_pages_fault_once_after_each_change(void **state)
{
	/* What the host has mapped KVM maps 8 at a time (PTE_PREFETCH_NUM). */
	static const struct {
		enum hv_pages state;
		u32 pages_a_fault;
	} change[] = {{HV_PAGES_ABSENT, 1}, {HV_PAGES_UNMAPPED, 8}, {HV_PAGES_CLEAN, 1}};
	enum { PAGES = 512 };
	struct machine machine;
	u64 again, first;

	boot_kind(&machine, state);
	for (u32 i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		/* The first use of the log comes with mappings of its own. */
		must(hv_pages(machine.vcpu, change[i].state, machine.why), machine.why);
		page_exits(&machine, PAGES);
		for (int round = 0; round < 2; round++) {
			again = page_exits(&machine, PAGES);
			must(hv_pages(machine.vcpu, change[i].state, machine.why), machine.why);
			first = page_exits(&machine, PAGES);
			assert_in_range(first - again, PAGES / change[i].pages_a_fault, 2 * PAGES);
		}
	}
	hv_vm_destroy(machine.vm);
}

static void test_absent_pages_are_zero_and_unmapped_ones_are_kept(void **state)
{
	struct machine machine;

	boot_kind(&machine, state);
	page_exits(&machine, 4);
	must(hv_pages(machine.vcpu, HV_PAGES_UNMAPPED, machine.why), machine.why);
	assert_int_equal(machine.vm->fill[0x3000], 1);
	must(hv_pages(machine.vcpu, HV_PAGES_ABSENT, machine.why), machine.why);
	assert_int_equal(machine.vm->fill[0x3000], 0);
	hv_vm_destroy(machine.vm);
}

static void test_vcpus_have_their_own_pages(void **state)
{
	struct hv_config config = config_of(*state);
	struct machine machine;

	config.vcpus = 2;
	config.x2apic = config.irqchip;
	boot(&machine, &config);
	machine.vcpu = hv_vcpu(machine.vm, 1);
	must(run(&machine, (struct hv_loop){0}), machine.exit.why);
	ask(&machine, "out", OPERATIONS);
	must(run(&machine, io(&machine, OPERATIONS, true)), machine.exit.why);
	assert_int_equal(hv_shared(machine.vcpu)->vcpu, 1);
	assert_true(hv_ring(machine.vcpu)[0].host_in > 0);
	assert_int_equal(hv_ring(hv_vcpu(machine.vm, 0))[0].host_in, 0);
	/* The crash of one is told from its own page. */
	ask(&machine, "ud2", 1);
	assert_int_equal(run(&machine, (struct hv_loop){0}), -EPROTO);
	assert_non_null(strstr(machine.exit.why, "#UD"));
	assert_null(hv_vcpu(machine.vm, 2));
	hv_vm_destroy(machine.vm);
}

static void test_features_can_be_enabled(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY] = "";
	struct hv_vm *vm;
	int err;

	must(hv_vm_create(&vm, &config, why), why);
	err = hv_enable(vm, HV_FEATURE_HYPERCALL_EXIT, why);
	assert_true(err == 0 || err == -EOPNOTSUPP);
	assert_true(err == 0 || strstr(why, "KVM_CAP_EXIT_HYPERCALL"));
	assert_null(hv_guest_storm(vm, "no such storm"));
	assert_int_equal(hv_raw_reason(vm, EXIT_CPUID), ~0U);
	assert_int_equal(hv_raw_reason(vm, EXIT_MSR_READ), ~0U);
	hv_vm_destroy(vm);
}

static void test_bad_images_are_refused(void **state)
{
	struct hv_config config = config_of(*state);
	const u32 size = config.image_size;
	union {
		struct guest_header header;
		u8 bytes[GUEST_IMAGE_SIZE + 1];
	} *copy = calloc(1, sizeof(*copy));
	const struct {
		const char *text;
		u32 image_size;
		struct guest_header change; /* a byte that is not 0 is flipped in */
	} bad[] = {
		{"shorter than its header", 0, {0}},
		{"shorter than its header", sizeof(struct guest_header) - 1, {0}},
		{"longer than the room", GUEST_IMAGE_SIZE + 1, {0}},
		{"magic number", size, {.magic = 1}},
		{"another version", size, {.version = 0x100}},
		{"wrong size", size, {.size = 0x80000000}},
		{"points out of it", size, {.entry64 = 1ULL << 63}},
		{"points out of it", size, {.vectors = 0x400000}},
		{"points out of it", size, {.table = 1ULL << 40}},
		{"points out of it", size, {.storms = 0x80000000}},
		{"not aligned", size, {.table = 1}},
	};
	char why[HV_WHY];
	struct hv_vm *vm;

	assert_non_null(copy);
	config.image = copy;
	for (u32 i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const u8 *change = (const u8 *)&bad[i].change;

		memcpy(copy->bytes, hv_guest, size);
		for (u32 byte = 0; byte < sizeof(copy->header); byte++)
			copy->bytes[byte] ^= change[byte];
		config.image_size = bad[i].image_size;
		assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
		assert_null(vm);
		assert_non_null(strstr(why, bad[i].text));
	}
	config.image = NULL;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	free(copy);
}

static void test_bad_configurations_are_refused(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY];
	struct hv_vm *vm;

	config.vcpus = 0;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.vcpus = GUEST_MAX_VCPUS + 1;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.vcpus = 1;
	config.cpl = 1;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	config.cpl = 0;
	config.irqchip = false;
	config.x2apic = true;
	assert_int_equal(hv_vm_create(&vm, &config, why), -EINVAL);
	assert_non_null(strstr(why, "irqchip=on"));
	hv_vm_destroy(NULL);
}

static void test_most_vcpus_fit(void **state)
{
	struct hv_config config = config_of(*state);
	char why[HV_WHY] = "";
	struct hv_vm *vm;
	int err;

	config.vcpus = GUEST_MAX_VCPUS;
	err = hv_vm_create(&vm, &config, why);
	must(err, why);
	hv_vm_destroy(vm);
}

/* Each on all four kinds of VM. */
#define ROW(test, kind)                                              \
	{                                                            \
#test " (" #kind ")", test, NULL, NULL, &kinds[kind] \
	}
enum { CPL0, CPL0_IRQCHIP, CPL3, CPL3_IRQCHIP };
#define EACH(test) \
	ROW(test, CPL0), ROW(test, CPL0_IRQCHIP), ROW(test, CPL3), ROW(test, CPL3_IRQCHIP)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_boots_and_shuts_down_without_leak),
		EACH(test_starts_at_the_cpl_asked_for),
		EACH(test_guest_and_host_have_one_clock),
		EACH(test_stamps_are_in_order),
		EACH(test_unstamped_leaves_no_host_stamps),
		EACH(test_several_exits_keep_first_in_and_last_out),
		EACH(test_wrong_count_is_said_with_both_numbers),
		EACH(test_mmio_exits_are_counted),
		EACH(test_unexpected_exit_is_named),
		EACH(test_exception_is_named_with_its_place),
		EACH(test_int3_is_let_through_or_named),
		EACH(test_triple_fault_is_a_shutdown_with_its_place),
		EACH(test_gate_leads_to_its_handler),
		ROW(test_syscall_comes_back, CPL3),
		ROW(test_syscall_comes_back, CPL3_IRQCHIP),
		EACH(test_hanging_guest_is_ended),
		ROW(test_halted_guest, CPL0),
		ROW(test_halted_guest, CPL0_IRQCHIP),
		EACH(test_kick_before_the_run_is_not_lost),
		EACH(test_batch_goes_on_after_kicks),
		EACH(test_signal_flags_its_record_and_no_other),
		EACH(test_immediate_stamps_every_entry),
		EACH(test_coalesced_writes_stay_in_the_kernel),
		EACH(test_eventfd_takes_what_matches),
		ROW(test_pages_fault_once_after_each_change, CPL3),
		ROW(test_pages_fault_once_after_each_change, CPL3_IRQCHIP),
		EACH(test_absent_pages_are_zero_and_unmapped_ones_are_kept),
		EACH(test_vcpus_have_their_own_pages),
		ROW(test_features_can_be_enabled, CPL0),
		ROW(test_bad_images_are_refused, CPL0),
		ROW(test_bad_configurations_are_refused, CPL0),
		ROW(test_most_vcpus_fit, CPL3_IRQCHIP),
	};
	char why[HV_WHY];

	if (hv_probe(&hv_kvm, why)) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	/* SIGALRM is the tests' own; this ends a test that does not end. */
	struct itimerval limit = {.it_value.tv_sec = SECONDS};

	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
