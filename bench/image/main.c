// SPDX-License-Identifier: GPL-2.0-or-later
/* The bootable image: reads the plan, runs its storms, sends results by the serial line. */
#include "../../hv/backend.h"
#include "../../hv/cpu.h"
#include "../../hv/host.h"
#include "../../hv/inplace/inplace.h"
#include "../../hv/metal/metal.h"
#include "../agent/agent.h"
#include "image.h"

#define MEMORY_MIN (32ULL << 20)

#define MSR_MICROCODE	       0x8b
#define CPUID_1_ECX_HYPERVISOR (1U << 31)
#define CPUID_EXTENDED	       0x80000000
#define CPUID_POWER	       0x80000007 /* "Advanced Power Management Information" */

static const struct hv_backend *backend; /* VMX or SVM, as the CPU has */
static const struct wire_plan *asked;	 /* as it came */
static u32 cpus = 1;
static bool is_instructions; /* the clock's kind */

static void fail(s32 status, const char *why)
{
	serial_print("\nexitstorm: %s\n", why);
	agent_send_end(status, why);
	metal_end();
}

/* The plan in a Multiboot module, checked; NULL and why. */
static const struct wire_plan *plan_from(const void *module, size_t bytes, char *why)
{
	static struct wire_plan copy; /* the module may be unaligned */
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

_Static_assert(WIRE_APIC_IDS >= METAL_MAX_CPUS, "struct wire_hello");

static u32 microcode(void)
{
	u32 leaf[4];
	u64 value = 0;

	/* SDM Vol. 3, "Update Signature and Verification"; AMD has the number in the low half. */
	cpu_cpuid(1, 0, leaf);
	if (!metal_rdmsr(MSR_MICROCODE, &value))
		return 0;
	return value >> 32 ? value >> 32 : value;
}

/* Facts that stay the same for as long as the image runs. */
static void describe(struct wire_hello *hello)
{
	static const char *source;
	static u64 hz;
	u32 leaf[4];

	/* Measured once. A clock of instructions has no rate. */
	if (!source && hello->clock.kind != CLOCK_INSTRUCTIONS)
		hz = metal_tsc_hz(&source);
	hello->tsc_hz = hz;
	host_format(hello->tsc_source, sizeof(hello->tsc_source), "%s", source ? source : "");
	cpu_cpuid(CPUID_EXTENDED, 0, leaf);
	if (leaf[0] >= CPUID_POWER) {
		cpu_cpuid(CPUID_POWER, 0, leaf);
		hello->tsc_invariant = leaf[3] >> 8 & 1;
	}
	hello->microcode = microcode();
	hello->memory_bytes = metal_memory_free();
}

static void send_hello(void)
{
	struct wire_hello hello;

	agent_hello(&hello, backend, cpus);
	describe(&hello);
	is_instructions = hello.clock.kind == CLOCK_INSTRUCTIONS;
	/* In emulators CPUs that do not run yet take their turns, too. */
	if (asked->cpus > cpus)
		hello.clock.cpus = asked->cpus;
	for (u32 cpu = 0; cpu < cpus; cpu++)
		hello.apic_id[cpu] = metal_apic_id(cpu);
	agent_send(WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello));
	agent_send(WIRE_PLAN, WIRE_NO_STORM, asked, sizeof(*asked));
}

/* CPUs start when the first storm needs them. The clock is checked again beside them. */
u32 agent_cpus(u32 wanted)
{
	u32 run = metal_cpus_start(wanted);

	if (run > cpus) {
		cpus = run;
		send_hello();
	}
	return run;
}

/* Whether there is a hypervisor below: QEMU's TCG is none. */
static bool is_vm(void)
{
	static const char tcg[] = "TCGTCGTCGTCG";
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	if (!(leaf[2] & CPUID_1_ECX_HYPERVISOR))
		return false;
	cpu_cpuid(0x40000000, 0, leaf);
	return __builtin_memcmp(&leaf[1], tcg, sizeof(tcg) - 1);
}

/* In place if it was asked for, and in a VM that has neither VMX nor SVM. */
static const struct hv_backend *choose_backend(char *why)
{
	const struct hv_backend *raw = agent_backend();
	int err;

	if (asked->plan.setting[SETTING_PLACE] == PLACE_IMAGE)
		return &hv_image;
	err = raw->probe(why);
	if (!err)
		return raw;
	if (err == -EOPNOTSUPP && is_vm())
		return &hv_image;
	fail(err, why);
	return NULL;
}

void metal_main(const void *module, size_t module_bytes)
{
	static struct wire_plan run;
	char why[HV_WHY];
	int err;

	if (metal_memory_free() < MEMORY_MIN) {
		host_format(why, sizeof(why),
			    "too little memory: %llu MiB are free, %llu are needed",
			    (unsigned long long)metal_memory_free() >> 20, MEMORY_MIN >> 20);
		fail(-ENOMEM, why);
	}
	asked = plan_from(module, module_bytes, why);
	if (!asked)
		fail(-EINVAL, why);
	backend = choose_backend(why);
	metal_on_end(backend->cpu_off);
	err = backend->cpu_on(why);
	if (err)
		fail(err, why);
	send_hello();
	watchdog_init(is_instructions);
	run = *asked;
	run.plan.setting[SETTING_IRQS] = IRQS_ON; /* the watchdog's are the only ones */
	why[0] = 0;
	err = agent_perform(&run, backend, why);
	backend->cpu_off();
	send_hello(); /* again, in case the first one was damaged */
	agent_send_end(err, why);
	serial_print("\nexitstorm: all is sent\n"); /* for a user at a terminal */
}
