// SPDX-License-Identifier: GPL-2.0-or-later
/* The image: takes a plan, runs its storms on this machine's CPUs, sends what comes of it. */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../../hv/paging.h"
#include "../../trace/stamp.h"
#include "image.h"

#define MEMORY_LEAST	       (32ULL << 20)
#define CPUID_1_ECX_HYPERVISOR (1U << 31)

static u32 cpus = 1;
static const struct hv_backend *backend; /* this CPU's */
static const u8 *guest = guest_image;	 /* with the fences that the plan wants */

static void fail(s32 status, const char *why)
{
	serial_print("\nexitstorm: %s\n", why);
	image_send_end(status, why);
	metal_end();
}

/* The plan, if it is whole; NULL and why. */
static const struct wire_plan *plan_from(const void *module, size_t bytes, char *why)
{
	static struct wire_plan copy; /* aligned, which the module need not be */
	const struct frame *frame = module;
	const char *fault;

	if (!module || bytes < sizeof(*frame) || frame->magic != WIRE_MAGIC) {
		host_format(why, HV_WHY, "no plan was given (a Multiboot module that holds one)");
		return NULL;
	}
	if (frame->version != WIRE_VERSION || frame->type != WIRE_PLAN) {
		host_format(why, HV_WHY, "the plan is of another version");
		return NULL;
	}
	if (bytes < sizeof(*frame) + (u64)frame->length || !wire_intact(frame, frame + 1)) {
		host_format(why, HV_WHY, "the plan is damaged: its checksum is wrong");
		return NULL;
	}
	if (frame->length == sizeof(copy))
		__builtin_memcpy(&copy, frame + 1, sizeof(copy));
	fault = wire_plan_fault(&copy, frame->length);
	if (fault)
		host_format(why, HV_WHY, "%s", fault);
	return fault ? NULL : &copy;
}

static void cpuid(u32 number, void *to)
{
	u32 *leaf = to;

	__asm__ volatile("cpuid"
			 : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
			 : "0"(number), "2"(0));
}

/* SVM is AMD's and Hygon's; who else there is has VMX, or its probe says that there is nothing. */
static const struct hv_backend *backend_of_cpu(void)
{
	static const char *const names[] = {"AuthenticAMD", "HygonGenuine"};
	u32 leaf[4];
	char vendor[12];

	cpuid(0, leaf);
	__builtin_memcpy(vendor, &leaf[1], 4);
	__builtin_memcpy(vendor + 4, &leaf[3], 4);
	__builtin_memcpy(vendor + 8, &leaf[2], 4);
	for (u32 i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!__builtin_memcmp(vendor, names[i], sizeof(vendor)))
			return &hv_svm;
	return &hv_vmx;
}

/* The ticks of CLOCK_LOOP instructions: of ADD, or of IMUL, each waiting for the one before. */
#define CLOCK_LOOP 1000
#define CLOCK_TICKS(name, instruction)                                                             \
	static u64 name(void)                                                                      \
	{                                                                                          \
		u64 began, ended, value = 3;                                                       \
                                                                                                   \
		began = stamp_fenced();                                                            \
		__asm__ volatile(".rept 1000\n\t" instruction "\n\t.endr" : "+r"(value) : : "cc"); \
		ended = stamp_fenced();                                                            \
		return ended - began;                                                              \
	}
CLOCK_TICKS(clock_add, "addq %0, %0")
CLOCK_TICKS(clock_imul, "imulq %0, %0")

/*
 * Where a tick is an instruction, multiplying takes as long as adding and neither time ever varies.
 * On a CPU a chain of multiplications takes about three times as long.
 */
static enum wire_clock clock_kind(const char *hypervisor)
{
	u64 ticks = clock_add();

	for (u32 i = 0; i < 8; i++)
		if (ticks - CLOCK_LOOP > 16 || clock_add() != ticks || clock_imul() != ticks)
			return __builtin_strcmp(hypervisor, "TCGTCGTCGTCG") ? WIRE_CLOCK_TSC
									    : WIRE_CLOCK_EMULATED;
	return WIRE_CLOCK_INSTRUCTIONS;
}

static void send_hello(const struct wire_plan *plan)
{
	struct wire_hello hello = {
		.size = sizeof(hello),
		.tables = wire_tables(),
		.cpus = cpus,
		.granularity = runner_granularity(),
		.memory_bytes = metal_memory_free(),
	};
	u32 leaf[4];

	host_format(hello.backend, sizeof(hello.backend), "%s", backend->name);
	cpuid(0, leaf);
	__builtin_memcpy(hello.vendor, &leaf[1], 4);
	__builtin_memcpy(hello.vendor + 4, &leaf[3], 4);
	__builtin_memcpy(hello.vendor + 8, &leaf[2], 4);
	cpuid(1, leaf);
	hello.signature = leaf[0];
	if (leaf[2] & CPUID_1_ECX_HYPERVISOR) {
		cpuid(0x40000000, leaf);
		__builtin_memcpy(hello.hypervisor, &leaf[1], 12);
	}
	for (u32 i = 0; i < 3; i++)
		cpuid(0x80000002 + i, hello.brand + 16 * i);
	hello.clock = clock_kind(hello.hypervisor);
	image_send(WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello));
	image_send(WIRE_PLAN, WIRE_NO_STORM, plan, sizeof(*plan));
}

static struct hv_config config_for(const struct plan *plan, const struct storm *storm)
{
	static const u64 slat_page[] = {PAGING_4K, PAGING_2M, PAGING_1G};
	u8 cpl = plan->setting[SETTING_CPL];

	return (struct hv_config){
		.backend = backend,
		.image = guest,
		.image_size = guest_image_end - guest_image,
		.vcpus = runner_vcpus(storm, plan),
		.cpl = cpl == CPL_3 || (cpl == CPL_AUTO && storm->needs & NEED_CPL3) ? 3 : 0,
		.mode = storm->mode,
		.irqchip = storm->needs & (NEED_IRQCHIP | NEED_X2APIC),
		.x2apic = storm->needs & NEED_X2APIC,
		.no_vpid = plan->setting[SETTING_VPID] == VPID_OFF,
		.vmload_batch = plan->setting[SETTING_VMLOAD] == VMLOAD_BATCH,
		.unrestricted = plan->setting[SETTING_UNRESTRICTED] == UNRESTRICTED_ON,
		.slat_page_bytes = slat_page[plan->setting[SETTING_SLAT_PAGE]],
	};
}

/* A storm that ends before its VM exists. */
static void send_none(u32 storm, u16 repeat, int err, const char *why)
{
	struct storm_result result = {
		.size = sizeof(result),
		.storm = storm,
		.repeat = repeat,
		.status = err == -EOPNOTSUPP ? STORM_SKIPPED : STORM_FAILED,
		.native = ~0U,
		.raw_reason = ~0U,
	};

	host_format(result.why, sizeof(result.why), "%s", why);
	image_sink.result(NULL, &result);
}

static void relax(void)
{
	__asm__ volatile("pause");
}

static void wake(void *arg, u32 vcpu)
{
	hv_kick(hv_vcpu(arg, vcpu));
}

/* One vCPU on the CPU that this is called on. */
static void run_here(void *arg)
{
	struct runner *runner = arg;
	char why[HV_WHY];

	if (host_cpu() && backend->cpu_on(why)) {
		runner_group_break(runner->group, why);
		return;
	}
	runner_run(runner);
	if (host_cpu())
		backend->cpu_off(); /* its VMCS goes back to memory, too */
}

static void run_vm(struct hv_vm *vm, const struct wire_plan *wire, const struct storm *storm,
		   u16 repeat)
{
	static struct runner runner[METAL_MAX_CPUS];
	static struct runner_shelf shelf[METAL_MAX_CPUS];
	static struct runner_group group;
	u32 vcpus = hv_vm_config(vm)->vcpus;

	group = (struct runner_group){.relax = relax, .wake = wake, .arg = vm};
	runner_group_init(&group, storm, vcpus);
	for (u32 i = vcpus; i-- > 0;) {
		runner[i] = (struct runner){
			.vcpu = hv_vcpu(vm, i),
			.storm = storm,
			.plan = &wire->plan,
			.repeat = repeat,
			.sink = &image_sink,
			.group = &group,
			.shelf = &shelf[i],
		};
		if (i)
			metal_cpu_run(i, run_here, &runner[i]);
	}
	run_here(&runner[0]);
	for (u32 i = 1; i < vcpus; i++)
		metal_cpu_wait(i);
}

static void run_storm(const struct wire_plan *wire, u32 index, u16 repeat)
{
	const struct storm *storm = &storms[index];
	struct hv_config config = config_for(&wire->plan, storm);
	struct wire_part part = {.repeat = repeat};
	struct hv_vm *vm = NULL;
	char why[HV_WHY];
	int err;

	if (image_over(index))
		return; /* it would be so again */
	image_send(WIRE_BEGIN, index, &part, sizeof(part));
	if (runner_cpus(storm, &wire->plan) > cpus) {
		host_format(why, sizeof(why), "needs %u CPUs, there are %u",
			    runner_cpus(storm, &wire->plan), cpus);
		send_none(index, repeat, -EOPNOTSUPP, why);
		return;
	}
	if (storm->needs & (config.cpl ? NEED_CPL0 : NEED_CPL3)) {
		host_format(why, sizeof(why), "needs cpl=%u, the run has cpl=%u",
			    config.cpl ? 0 : 3, config.cpl);
		send_none(index, repeat, -EOPNOTSUPP, why);
		return;
	}
	err = hv_vm_create(&vm, &config, why);
	if (!err)
		err = runner_prepare_told(vm, storm, &image_sink, why);
	if (err)
		send_none(index, repeat, err, why);
	else
		run_vm(vm, wire, storm, repeat);
	hv_vm_destroy(vm);
}

static void run_plan(const struct wire_plan *wire)
{
	u32 size = guest_image_end - guest_image;
	u8 *copy = host_pages_alloc(size);

	if (copy) {
		__builtin_memcpy(copy, guest_image, size);
		storm_fence(copy, size, wire->plan.setting[SETTING_FENCE]);
		if (backend == &hv_svm)
			storm_vmmcall(copy, size);
		guest = copy;
	}
	if (wire->together)
		for (u32 i = 0; i < wire->storms; i++)
			for (u32 repeat = 0; repeat < wire->repeats; repeat++)
				run_storm(wire, wire->storm[i], wire->first_repeat + repeat);
	else
		for (u32 repeat = 0; repeat < wire->repeats; repeat++)
			for (u32 i = 0; i < wire->storms; i++)
				run_storm(wire, wire->storm[i], wire->first_repeat + repeat);
}

void metal_main(const void *module, size_t module_bytes)
{
	const struct wire_plan *wire;
	char why[HV_WHY];
	int err;

	if (metal_memory_free() < MEMORY_LEAST) {
		host_format(why, sizeof(why),
			    "too little memory: %llu MiB are free, %llu are needed",
			    (unsigned long long)metal_memory_free() >> 20, MEMORY_LEAST >> 20);
		fail(-ENOMEM, why);
	}
	backend = backend_of_cpu();
	err = backend->probe(why);
	if (err)
		fail(err, why);
	wire = plan_from(module, module_bytes, why);
	if (!wire)
		fail(-EINVAL, why);
	if (wire->cpus > 1)
		cpus = metal_cpus_start();
	err = backend->cpu_on(why);
	if (err)
		fail(err, why);
	send_hello(wire);
	run_plan(wire);
	backend->cpu_off();
	send_hello(wire); /* what a damaged capture is worth nothing without */
	image_send_end(0, "");
}
