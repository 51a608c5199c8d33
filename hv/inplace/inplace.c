// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The loops are the same bytes as in a VM, because none depends on its address: they are called at
 * the host's addresses of image, shared page and ring, with the host's page tables, stack and
 * interrupt handlers. Interrupts are off, unless a loop enables them itself. Control registers and
 * DR7 are checked after each loop, so that one that an exception has ended leaves nothing changed.
 */
#include "inplace.h"

#include "../cpu.h"
#include "../host.h"

struct inplace_vcpu {
	u64 rsp; /* of guest_call, while the loop runs */
	u32 cpu;
	bool up, running, kicked;
	struct host_fault fault;
};

/* The VM whose loops run, and where they are. */
static struct {
	struct hv_vm *vm;
	u8 *code;
	u64 bytes;
} inplace;

/* The state that no loop may leave changed. */
struct kept {
	u64 cr0, cr3, cr4, dr7;
};

static u64 read_dr7(void)
{
	u64 value;

	__asm__ volatile("mov %%dr7, %0" : "=r"(value));
	return value;
}

static struct kept keep(void)
{
	return (struct kept){cpu_read_cr0(), cpu_read_cr3(), cpu_read_cr4(), read_dr7()};
}

static void restore(const struct kept *kept)
{
	__asm__ volatile("cli" : : : "memory");
	if (cpu_read_cr0() != kept->cr0)
		cpu_write_cr0(kept->cr0);
	if (cpu_read_cr3() != kept->cr3)
		cpu_write_cr3(kept->cr3);
	if (cpu_read_cr4() != kept->cr4)
		cpu_write_cr4(kept->cr4);
	if (read_dr7() != kept->dr7)
		__asm__ volatile("mov %0, %%dr7" : : "r"(kept->dr7) : "memory");
}

/* The address of code in the image at which it can be executed. */
static u8 *code_at(u64 guest_address)
{
	return inplace.code + (guest_address - GUEST_IMAGE);
}

/* In the host's handler of an exception: one of a loop leaves it. */
static bool faulted(struct host_fault *fault)
{
	u64 at = fault->rip - (u64)inplace.code;

	if (!inplace.code || at >= inplace.bytes)
		return false;
	for (u32 i = 0; i < inplace.vm->vcpus_created; i++) {
		struct inplace_vcpu *vcpu = inplace.vm->vcpu[i].priv;

		if (!vcpu->running || vcpu->cpu != host_cpu())
			continue;
		vcpu->fault = *fault;
		vcpu->fault.rip = GUEST_IMAGE + at;
		fault->rip = (u64)code_at(inplace.vm->header.left);
		fault->rsp = vcpu->rsp;
		return true;
	}
	return false;
}

static int inplace_probe(char *why)
{
	(void)why;
	return 0;
}

static int inplace_cpu_on(char *why)
{
	(void)why;
	return 0;
}

static void inplace_cpu_off(void)
{
}

static int inplace_vm_create(struct hv_vm *vm, char *why)
{
	u64 bytes = (vm->header.size + 0xfffULL) & ~0xfffULL;

	inplace.code = host_code_map(vm->memory + GUEST_IMAGE, bytes);
	if (!inplace.code) {
		host_format(why, HV_WHY, "not enough memory for code");
		return -ENOMEM;
	}
	inplace.vm = vm;
	inplace.bytes = bytes;
	host_faults(faulted);
	return 0;
}

static void inplace_vm_destroy(struct hv_vm *vm)
{
	(void)vm;
	host_faults(NULL);
	host_code_unmap(inplace.code, inplace.bytes);
	inplace.code = NULL;
	inplace.vm = NULL;
}

static int inplace_vcpu_create(struct hv_vcpu *vcpu, char *why)
{
	struct guest_shared *shared = hv_shared(vcpu);

	vcpu->priv = host_alloc(sizeof(struct inplace_vcpu));
	if (!vcpu->priv) {
		host_format(why, HV_WHY, "not enough memory");
		return -ENOMEM;
	}
	shared->apic = host_apic();
	return 0;
}

static void inplace_vcpu_destroy(struct hv_vcpu *vcpu)
{
	host_free(vcpu->priv, sizeof(struct inplace_vcpu));
}

static int inplace_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	(void)vm;
	(void)feature;
	host_format(why, HV_WHY, "needs a VM of ours");
	return -EOPNOTSUPP;
}

static u8 read_port(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Ports whose number is fixed: CPL 0 may read them, and reading has no effect. */
static int inplace_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	if (device->type != HV_DEVICE_MACHINE || !device->port || device->size != 1 ||
	    device->address > 0xffff)
		return inplace_enable(vm, 0, why);
	if (!device->match || read_port(device->address) != 0xff)
		return 0;
	host_format(why, HV_WHY, "nothing answers at port 0x%llx: it reads as all ones",
		    (unsigned long long)device->address);
	return -EOPNOTSUPP;
}

static int inplace_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why)
{
	(void)state;
	return inplace_enable(vcpu->vm, 0, why);
}

static int left_by_fault(struct hv_vcpu *vcpu, struct hv_exit *unexpected)
{
	const struct inplace_vcpu *inside = vcpu->priv;
	struct guest_shared *shared = hv_shared(vcpu);

	shared->vector = inside->fault.vector;
	shared->error = inside->fault.error;
	shared->rip = inside->fault.rip;
	shared->cr2 = cpu_read_cr2();
	return hv_guest_fault(vcpu, unexpected);
}

/* 0: the loop has returned. */
static int call(struct inplace_vcpu *inside, struct guest_shared *shared)
{
	int (*enter)(u64 * rsp, void *loop, struct guest_shared *shared) =
		(void *)code_at(inplace.vm->header.call);
	struct kept kept = keep();
	int left;

	inside->cpu = host_cpu();
	__atomic_store_n(&inside->running, true, __ATOMIC_RELEASE);
	left = enter(&inside->rsp, code_at(shared->loop), shared);
	__atomic_store_n(&inside->running, false, __ATOMIC_RELEASE);
	restore(&kept);
	return left;
}

/* The first call of a vCPU, up to its first "batch done", has nothing to start here. */
int inplace_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	struct inplace_vcpu *inside = vcpu->priv;
	struct guest_shared *shared = hv_shared(vcpu);

	(void)loop;
	*unexpected = (struct hv_exit){.raw_reason = ~0U};
	if (!inside->up) {
		inside->up = true;
		return 0;
	}
	if (__atomic_exchange_n(&inside->kicked, false, __ATOMIC_ACQ_REL)) {
		unexpected->kind = EXIT_EXTERNAL_INTERRUPT;
		host_format(unexpected->why, HV_WHY, "the loop was stopped from outside");
		return -EINTR;
	}
	shared->ring = (u64)hv_ring(vcpu);
	return call(inside, shared) ? left_by_fault(vcpu, unexpected) : 0;
}

/* A loop that runs is not ended: it has no exit of ours, and a batch is short. */
static void inplace_kick(struct hv_vcpu *vcpu)
{
	struct inplace_vcpu *inside = vcpu->priv;

	__atomic_store_n(&inside->kicked, true, __ATOMIC_RELEASE);
}

static int inplace_counts(struct hv_vcpu *vcpu, struct hv_counts *counts)
{
	(void)vcpu;
	*counts = (struct hv_counts){0};
	return 0;
}

static u32 inplace_raw_reason(enum exit_kind kind)
{
	(void)kind;
	return ~0U;
}

static const char *inplace_raw_name(u32 raw_reason)
{
	(void)raw_reason;
	return NULL;
}

#define BACKEND(where, words)                                                                     \
	{                                                                                         \
		.name = "none", .title = words, .raw_space = "none", .vendor = HV_VENDOR_NONE,    \
		.place = where, .probe = inplace_probe, .cpu_on = inplace_cpu_on,                 \
		.cpu_off = inplace_cpu_off, .vm_create = inplace_vm_create,                       \
		.vm_destroy = inplace_vm_destroy, .vcpu_create = inplace_vcpu_create,             \
		.vcpu_destroy = inplace_vcpu_destroy, .enable = inplace_enable,                   \
		.device_add = inplace_device_add, .pages = inplace_pages, .run = inplace_run,     \
		.kick = inplace_kick, .counts = inplace_counts, .raw_reason = inplace_raw_reason, \
		.raw_name = inplace_raw_name,                                                     \
	}

const struct hv_backend hv_kernel = BACKEND(HV_PLACE_KERNEL, "this kernel");
const struct hv_backend hv_image = BACKEND(HV_PLACE_IMAGE, "this image");
