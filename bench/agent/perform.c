// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the storms of a plan on this machine's CPUs. Image and module share it. */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/paging.h"
#include "../../trace/clock_check.h"
#include "agent.h"

#define CPUID_1_ECX_HYPERVISOR (1U << 31)

static const struct hv_backend *backend; /* the CPU's: VMX or SVM; or one in place */
static const u8 *guest;			 /* the image, with the plan's fences */
static struct histogram_cache cache[GUEST_MAX_VCPUS];
static bool machine_check; /* one has ended the plan */
static char machine_check_why[HV_WHY];

static void cpuid(u32 number, void *to)
{
	u32 *leaf = to;

	__asm__ volatile("cpuid"
			 : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
			 : "0"(number), "2"(0));
}

/* AMD and Hygon have SVM. All others are probed for VMX. */
const struct hv_backend *agent_backend(void)
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

/* The clock's finding; its step is the runner's, which all storms report. */
static void check_clock(const char *hypervisor, u32 step, struct clock_finding *finding)
{
	static struct clock_readings readings;

	clock_read(&readings);
	readings.step = step;
	readings.tcg = !__builtin_strcmp(hypervisor, "TCGTCGTCGTCG");
	clock_classify(&readings, finding);
}

void agent_hello(struct wire_hello *hello, const struct hv_backend *of, u32 cpu_count)
{
	u32 leaf[4];

	*hello = (struct wire_hello){
		.size = sizeof(*hello),
		.tables = wire_tables(),
		.cpus = cpu_count,
	};
	host_format(hello->backend, sizeof(hello->backend), "%s", of->name);
	cpuid(0, leaf);
	__builtin_memcpy(hello->vendor, &leaf[1], 4);
	__builtin_memcpy(hello->vendor + 4, &leaf[3], 4);
	__builtin_memcpy(hello->vendor + 8, &leaf[2], 4);
	cpuid(1, leaf);
	hello->signature = leaf[0];
	if (leaf[2] & CPUID_1_ECX_HYPERVISOR) {
		cpuid(0x40000000, leaf);
		__builtin_memcpy(hello->hypervisor, &leaf[1], 12);
	}
	for (u32 i = 0; i < 3; i++)
		cpuid(0x80000002 + i, hello->brand + 16 * i);
	check_clock(hello->hypervisor, runner_granularity(), &hello->clock);
	hello->clock.cpus = cpu_count;
}

static struct hv_config config_for(const struct plan *plan, const struct storm *storm)
{
	static const u64 slat_page[] = {PAGING_4K, PAGING_2M, PAGING_1G};

	return (struct hv_config){
		.backend = backend,
		.image = guest,
		.image_size = guest_image_end - guest_image,
		.vcpus = runner_vcpus(storm, plan),
		.cpl = backend->place == HV_PLACE_VM ? runner_cpl(storm, plan) : 0,
		.mode = storm->mode,
		.irqchip = storm->needs & (NEED_IRQCHIP | NEED_X2APIC),
		.x2apic = storm->needs & NEED_X2APIC,
		.no_vpid = plan->setting[SETTING_VPID] == VPID_OFF,
		.vmload_batch = plan->setting[SETTING_VMLOAD] == VMLOAD_BATCH,
		.unrestricted = plan->setting[SETTING_UNRESTRICTED] == UNRESTRICTED_ON,
		.stored_tsc = plan->setting[SETTING_CHECK] == CHECK_HOST_LOAD,
		.irqs_off = plan->setting[SETTING_IRQS] == IRQS_OFF,
		.slat_page_bytes = slat_page[plan->setting[SETTING_SLAT_PAGE]],
	};
}

/* Reports a storm that was not run. */
static void send_none(u32 storm, u16 repeat, int err, const char *why)
{
	struct storm_result result = storm_result_not_run(
		storm, repeat, err == -EOPNOTSUPP ? STORM_SKIPPED : STORM_FAILED);

	host_format(result.why, sizeof(result.why), "%s", why);
	agent_sink.result(NULL, &result);
}

/* Runs one vCPU on the calling CPU. The backend is already enabled on the first vCPU's. */
static void run_here(void *arg)
{
	struct runner *runner = arg;
	bool first = !hv_vcpu_index(runner->vcpu);
	char why[HV_WHY];

	if (!first && backend->cpu_on(why)) {
		runner_group_break(runner->group, why);
		return;
	}
	if (runner_run(runner) == -EHWPOISON)
		__atomic_store_n(&machine_check, true, __ATOMIC_RELEASE);
	if (!first)
		backend->cpu_off(); /* which also writes the VMCS back to memory */
}

static void run_vm(struct hv_vm *vm, const struct wire_plan *wire, const struct storm *storm,
		   u16 repeat)
{
	static struct runner runner[GUEST_MAX_VCPUS];
	static struct runner_group group;
	u32 vcpus = hv_vm_config(vm)->vcpus;

	group = (struct runner_group){
		.relax = agent_relax,
		.wake = agent_wake,
		.batch_begins = agent_batch_begins,
		.batch_ends = agent_batch_ends,
		.arg = vm,
	};
	runner_group_init(&group, storm, vcpus);
	for (u32 i = vcpus; i-- > 0;) {
		runner[i] = (struct runner){
			.vcpu = hv_vcpu(vm, i),
			.storm = storm,
			.plan = &wire->plan,
			.repeat = repeat,
			.sink = &agent_sink,
			.monitor = &agent_monitor,
			.group = &group,
			.cache = &cache[i],
		};
		if (i)
			agent_cpu_run(i, run_here, &runner[i]);
	}
	agent_watchdog(runner, vcpus);
	run_here(&runner[0]);
	for (u32 i = 1; i < vcpus; i++)
		agent_cpu_wait(i);
	agent_watchdog(NULL, 0);
	if (__atomic_load_n(&machine_check, __ATOMIC_ACQUIRE))
		host_format(machine_check_why, HV_WHY, "%s", group.why);
}

static void run_storm(const struct wire_plan *wire, u32 index, u16 repeat)
{
	const struct storm *storm = &storms[index];
	struct hv_config config = config_for(&wire->plan, storm);
	struct wire_part part = {.repeat = repeat};
	struct hv_vm *vm = NULL;
	char why[HV_WHY];
	u32 cpus;
	int err;

	if (machine_check || agent_over(index) || agent_stopped())
		return; /* a storm that was skipped or failed is not repeated */
	agent_send(WIRE_BEGIN, index, &part, sizeof(part));
	cpus = agent_cpus(runner_cpus(storm, &wire->plan));
	if (runner_cpus(storm, &wire->plan) > cpus) {
		host_format(why, sizeof(why), "needs %u CPUs, there are %u",
			    runner_cpus(storm, &wire->plan), cpus);
		send_none(index, repeat, -EOPNOTSUPP, why);
		return;
	}
	err = backend->place == HV_PLACE_VM ? runner_needs_cpl(storm, config.cpl, why)
					    : runner_needs_place(storm, backend->place, why);
	if (!err)
		err = hv_vm_create(&vm, &config, why);
	if (!err)
		err = runner_prepare_reported(vm, storm, &agent_sink, why);
	if (err)
		send_none(index, repeat, err, why);
	else
		run_vm(vm, wire, storm, repeat);
	hv_vm_destroy(vm);
}

int agent_perform(const struct wire_plan *wire, const struct hv_backend *on, char *why)
{
	u32 size = guest_image_end - guest_image;
	u8 *copy = host_pages_alloc(size);

	machine_check = false;
	backend = on;
	guest = guest_image;
	if (copy) {
		__builtin_memcpy(copy, guest_image, size);
		storm_fence(copy, size, wire->plan.setting[SETTING_FENCE]);
		if (agent_backend() == &hv_svm)
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
	for (u32 i = 0; i < GUEST_MAX_VCPUS; i++)
		histogram_cache_free(&cache[i]);
	host_pages_free(copy, size);
	if (!machine_check)
		return 0;
	host_format(why, HV_WHY, "%s", machine_check_why);
	return -EHWPOISON;
}
