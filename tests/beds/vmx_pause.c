// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PAUSE-loop exiting with PAUSEs of several lengths, as an image that prints TAP on COM1. In Bochs
 * a PAUSE takes one tick, on CPUs about 10 or 140: here other instructions follow each one.
 */
#include "../../hv/backend.h"
#include "../../hv/metal/metal.h"
#include "../../hv/vmx/vmx.h"

#define OPERATIONS 64
#define PAUSES	   34 /* as the storm has */

extern const u8 guest_image[], guest_image_end[];

static u8 *put(u8 *at, u8 a, u8 b)
{
	at[0] = a;
	at[1] = b;
	return at + 2;
}

static u8 *put32(u8 *at, u32 value)
{
	__builtin_memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

/* PAUSE and more instructions, `ticks` in all: NOP, or MOV EDX and a loop of DEC and JNZ. */
static u8 *put_pause(u8 *at, u32 ticks)
{
	at = put(at, 0xf3, 0x90);
	if (ticks % 2 == 0 && ticks > 2) {
		*at++ = 0xba;
		at = put32(at, (ticks - 2) / 2);
		at = put(at, 0xff, 0xca);
		return put(at, 0x75, 0xfc);
	}
	for (u32 i = 1; i < ticks; i++)
		*at++ = 0x90;
	return at;
}

/* The storm's loop: for each operation, LEA RBX of the end, then the PAUSEs. */
static void write_loop(u8 *code, u32 ticks)
{
	u8 *at = code, *again, *distance;

	*at++ = 0x53; /* PUSH RBX */
	*at++ = 0xb9; /* MOV ECX */
	at = put32(at, OPERATIONS);
	again = at;
	at = put(at, 0x48, 0x8d); /* LEA RBX, [RIP + distance] */
	*at++ = 0x1d;
	distance = at;
	at += 4;
	for (u32 i = 0; i < PAUSES; i++)
		at = put_pause(at, ticks);
	put32(distance, at - (distance + 4));
	at = put(at, 0xff, 0xc9); /* DEC ECX */
	at = put(at, 0x0f, 0x85); /* JNZ again */
	at = put32(at, again - (at + 4));
	put(at, 0x5b, 0xc3); /* POP RBX, RET */
}

static int run(u32 ticks, char *why)
{
	static struct hv_exit unexpected;
	struct hv_config config = {
		.backend = &hv_vmx,
		.image = guest_image,
		.image_size = guest_image_end - guest_image,
		.vcpus = 1,
	};
	struct hv_loop loop = {.path = HV_PATH_FULL};
	struct hv_vcpu *vcpu;
	struct hv_vm *vm;
	u64 code;
	int err = hv_vm_create(&vm, &config, why);

	if (err)
		return err;
	err = hv_enable(vm, HV_FEATURE_PAUSE_LOOP, why);
	vcpu = hv_vcpu(vm, 0);
	code = hv_guest_storm(vm, "pause_loop")->storm;
	if (!err)
		err = hv_run(vcpu, &loop, &unexpected);
	write_loop(vm->memory + code, ticks);
	hv_shared(vcpu)->loop = code;
	hv_shared(vcpu)->batch = OPERATIONS;
	loop.raw_reason = VMX_EXIT_PAUSE;
	loop.count = OPERATIONS;
	loop.stamped = true;
	loop.counted = true;
	if (!err)
		err = hv_run(vcpu, &loop, &unexpected);
	__builtin_memcpy(why, unexpected.why, HV_WHY);
	hv_vm_destroy(vm);
	return err;
}

void metal_main(const void *module, size_t module_bytes)
{
	static const u32 ticks[] = {1, 2, 5, 9, 10, 44, 100, 140, 400};
	char why[HV_WHY];

	(void)module;
	(void)module_bytes;
	if (hv_vmx.probe(why) || hv_vmx.cpu_on(why))
		metal_panic("%s", why);
	for (u32 i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++) {
		int err = run(ticks[i], why);

		if (err)
			serial_print("# %s\n", why);
		serial_print("%sok %u - PAUSEs of %u ticks exit once per operation\n",
			     err ? "not " : "", i + 1, ticks[i]);
	}
	serial_print("1..%u\n", (u32)(sizeof(ticks) / sizeof(ticks[0])));
	hv_vmx.cpu_off();
}
