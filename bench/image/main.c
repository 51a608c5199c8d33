// SPDX-License-Identifier: GPL-2.0-or-later
/* The bootable image: reads the plan, runs its storms, sends results by the serial line. */
#include "../../hv/backend.h"
#include "../../hv/host.h"
#include "../../hv/metal/metal.h"
#include "../agent/agent.h"

#define MEMORY_MIN (32ULL << 20)

static u32 cpus = 1;
static const struct hv_backend *backend; /* VMX or SVM, as the CPU has */

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

static void send_hello(const struct wire_plan *plan)
{
	struct wire_hello hello;

	agent_hello(&hello, backend, cpus);
	hello.memory_bytes = metal_memory_free();
	agent_send(WIRE_HELLO, WIRE_NO_STORM, &hello, sizeof(hello));
	agent_send(WIRE_PLAN, WIRE_NO_STORM, plan, sizeof(*plan));
}

void metal_main(const void *module, size_t module_bytes)
{
	const struct wire_plan *wire;
	char why[HV_WHY];
	int err;

	if (metal_memory_free() < MEMORY_MIN) {
		host_format(why, sizeof(why),
			    "too little memory: %llu MiB are free, %llu are needed",
			    (unsigned long long)metal_memory_free() >> 20, MEMORY_MIN >> 20);
		fail(-ENOMEM, why);
	}
	backend = agent_backend();
	err = backend->probe(why);
	if (err)
		fail(err, why);
	wire = plan_from(module, module_bytes, why);
	if (!wire)
		fail(-EINVAL, why);
	if (wire->cpus > 1)
		cpus = metal_cpus_start();
	metal_on_end(backend->cpu_off);
	err = backend->cpu_on(why);
	if (err)
		fail(err, why);
	send_hello(wire);
	why[0] = 0;
	err = agent_perform(wire, backend, cpus, why);
	backend->cpu_off();
	send_hello(wire); /* again, in case the first one was damaged */
	agent_send_end(err, why);
	serial_print("\nexitstorm: all is sent\n"); /* for a user at a terminal */
}
