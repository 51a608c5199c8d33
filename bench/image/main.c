// SPDX-License-Identifier: GPL-2.0-or-later
/* The image: takes a plan, runs its storms on this machine's CPUs, sends what comes of it. */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../../hv/paging.h"
#include "../../trace/stamp.h"
#include "image.h"

#define MEMORY_LEAST (32ULL << 20)

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
	const struct wire_plan *plan = &copy;

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
	if (plan->size != sizeof(*plan) || plan->storms > WIRE_MAX_STORMS) {
		host_format(why, HV_WHY, "the plan is one of another build of exitstorm");
		return NULL;
	}
	for (u32 i = 0; i < plan->storms; i++)
		if (plan->storm[i] >= storm_count) {
			host_format(why, HV_WHY, "the plan names storm %u, there are %u",
				    plan->storm[i], storm_count);
			return NULL;
		}
	return plan;
}

/* The vendor's name, as CPUID has it; 0 at the end. */
static void cpu_vendor(char vendor[13])
{
	u32 leaf[4];

	__asm__ volatile("cpuid"
			 : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
			 : "0"(0), "2"(0));
	__builtin_memcpy(vendor, &leaf[1], 4);
	__builtin_memcpy(vendor + 4, &leaf[3], 4);
	__builtin_memcpy(vendor + 8, &leaf[2], 4);
	vendor[12] = 0;
}

/* SVM is AMD's and Hygon's; who else there is has VMX, or its probe says that there is nothing. */
static const struct hv_backend *backend_of_cpu(void)
{
	char vendor[13];

	cpu_vendor(vendor);
	return !__builtin_memcmp(vendor, "AuthenticAMD", 12) ||
			       !__builtin_memcmp(vendor, "HygonGenuine", 12)
		       ? &hv_svm
		       : &hv_vmx;
}

static void send_hello(void)
{
	struct wire_hello hello = {
		.size = sizeof(hello),
		.storm_count = storm_count,
		.cpus = cpus,
		.memory_bytes = metal_memory_free(),
	};

	host_format(hello.backend, sizeof(hello.backend), "%s", backend->name);
	cpu_vendor(hello.vendor);
	for (u32 i = 0; i < 3; i++)
		__asm__ volatile("cpuid"
				 : "=a"(*(u32 *)&hello.brand[16 * i]),
				   "=b"(*(u32 *)&hello.brand[16 * i + 4]),
				   "=c"(*(u32 *)&hello.brand[16 * i + 8]),
				   "=d"(*(u32 *)&hello.brand[16 * i + 12])
				 : "0"(0x80000002 + i), "2"(0));
	image_send(WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello));
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
		.irqchip = storm->needs & (NEED_IRQCHIP | NEED_X2APIC),
		.x2apic = storm->needs & NEED_X2APIC,
		.no_vpid = plan->setting[SETTING_VPID] == VPID_OFF,
		.vmload_batch = plan->setting[SETTING_VMLOAD] == VMLOAD_BATCH,
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
	struct hv_vm *vm = NULL;
	char why[HV_WHY];
	int err;

	if (config.vcpus > cpus) {
		host_format(why, sizeof(why), "needs %u CPUs, there are %u", config.vcpus, cpus);
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
		err = runner_prepare(vm, storm, why);
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
	wire = plan_from(module, module_bytes, why);
	if (!wire)
		fail(-EINVAL, why);
	backend = backend_of_cpu();
	err = backend->probe(why);
	if (err)
		fail(err, why);
	if (wire->plan.cpu_count > 1)
		cpus = metal_cpus_start();
	err = backend->cpu_on(why);
	if (err)
		fail(err, why);
	send_hello();
	run_plan(wire);
	backend->cpu_off();
	image_send_end(0, "");
}
