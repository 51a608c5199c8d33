// SPDX-License-Identifier: GPL-2.0-or-later
#include "hv.h"
#include "backend.h"
#include "host.h"

int hv_probe(const struct hv_backend *backend, char *why)
{
	return backend->probe(why);
}

static int config_check(const struct hv_config *config, char *why)
{
	if (config->vcpus < 1 || config->vcpus > GUEST_MAX_VCPUS) {
		host_format(why, HV_WHY, "a VM has 1 to %d vCPUs, not %u", GUEST_MAX_VCPUS,
			    config->vcpus);
		return -EINVAL;
	}
	if (config->cpl != 0 && config->cpl != 3) {
		host_format(why, HV_WHY, "a storm runs at CPL 0 or 3, not %u", config->cpl);
		return -EINVAL;
	}
	if (config->x2apic && !config->irqchip) {
		host_format(why, HV_WHY, "x2APIC mode needs the interrupt controller (irqchip=on)");
		return -EINVAL;
	}
	return 0;
}

/*
 * Zeroes the parts that this many vCPUs use. Image and page tables are written whole by machine.c,
 * the rest is never read; in an emulator zeroing all of it would take long.
 */
static void guest_memory_zero(struct hv_vm *vm)
{
	u32 vcpus = vm->config.vcpus;
	const struct {
		u64 from, bytes;
	} used[] = {
		{0, GUEST_TABLES},
		{GUEST_SHARED, vcpus * 0x1000ULL},
		{GUEST_STACK, vcpus * (u64)GUEST_STACK_SIZE},
		{GUEST_RING, vcpus * (u64)GUEST_RING_SIZE},
	};

	for (u32 i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		__builtin_memset(vm->memory + used[i].from, 0, used[i].bytes);
}

static int memory_alloc(struct hv_vm *vm, char *why)
{
	u64 page = vm->config.slat_page_bytes ? vm->config.slat_page_bytes : 0x1000;
	u32 vcpus = vm->config.vcpus;

	vm->memory_bytes = GUEST_RING + (u64)vcpus * GUEST_RING_SIZE;
	/* Large pages map more than the guest's memory: all of it has to be allocated. */
	vm->room_bytes = (vm->memory_bytes + page - 1) / page * page;
	vm->fill_bytes = (u64)vcpus * GUEST_FILL_SIZE;
	vm->vcpu = host_alloc(vcpus * sizeof(*vm->vcpu));
	vm->memory = host_pages_reserve(vm->room_bytes);
	vm->fill = host_pages_reserve(vm->fill_bytes); /* contents do not matter */
	if (vm->vcpu && vm->memory && vm->fill) {
		guest_memory_zero(vm);
		return 0;
	}
	host_format(why, HV_WHY, "not enough memory for a VM of %u vCPUs (%llu MiB)", vcpus,
		    (unsigned long long)(vm->room_bytes + vm->fill_bytes) >> 20);
	return -ENOMEM;
}

static int vcpus_create(struct hv_vm *vm, char *why)
{
	int err = 0;

	for (u32 i = 0; !err && i < vm->config.vcpus; i++) {
		struct hv_vcpu *vcpu = &vm->vcpu[i];

		vcpu->vm = vm;
		vcpu->index = i;
		hv_shared(vcpu)->vcpu = i;
		hv_shared(vcpu)->vcpus = vm->config.vcpus;
		hv_shared(vcpu)->ring = GUEST_RING + (u64)i * GUEST_RING_SIZE;
		err = vm->config.backend->vcpu_create(vcpu, why);
		if (!err)
			vm->vcpus_created++;
	}
	return err;
}

int hv_vm_create(struct hv_vm **result, const struct hv_config *config, char *why)
{
	struct hv_vm *vm;
	int err = config_check(config, why);

	*result = NULL;
	if (err)
		return err;
	vm = host_alloc(sizeof(*vm));
	if (!vm) {
		host_format(why, HV_WHY, "not enough memory for a VM");
		return -ENOMEM;
	}
	vm->config = *config;
	err = memory_alloc(vm, why);
	if (err)
		goto out;
	err = machine_build(vm, why);
	if (err)
		goto out;
	err = config->backend->vm_create(vm, why);
	if (err)
		goto out;
	vm->created = true;
	err = vcpus_create(vm, why);
	if (err)
		goto out;
	*result = vm;
	return 0;
out:
	hv_vm_destroy(vm);
	return err;
}

void hv_vm_destroy(struct hv_vm *vm)
{
	if (!vm)
		return;
	while (vm->vcpus_created > 0)
		vm->config.backend->vcpu_destroy(&vm->vcpu[--vm->vcpus_created]);
	if (vm->created)
		vm->config.backend->vm_destroy(vm);
	host_pages_free(vm->fill, vm->fill_bytes);
	host_pages_free(vm->memory, vm->room_bytes);
	host_free(vm->vcpu, vm->config.vcpus * sizeof(*vm->vcpu));
	host_free(vm, sizeof(*vm));
}

int hv_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	return vm->config.backend->enable(vm, feature, why);
}

int hv_device_add(struct hv_vm *vm, const struct hv_device *device, char *why)
{
	return vm->config.backend->device_add(vm, device, why);
}

int hv_pages(struct hv_vcpu *vcpu, enum hv_pages state, char *why)
{
	int err;

	host_batch_begin();
	err = vcpu->vm->config.backend->pages(vcpu, state, why);
	host_batch_end();
	return err;
}

u32 hv_controls(const struct hv_vm *vm, struct hv_control *controls)
{
	const struct hv_backend *backend = vm->config.backend;

	return backend->controls ? backend->controls(vm, controls) : 0;
}

struct hv_vcpu *hv_vcpu(struct hv_vm *vm, u32 index)
{
	return index < vm->config.vcpus ? &vm->vcpu[index] : NULL;
}

struct hv_vm *hv_vcpu_vm(struct hv_vcpu *vcpu)
{
	return vcpu->vm;
}

u32 hv_vcpu_index(const struct hv_vcpu *vcpu)
{
	return vcpu->index;
}

const struct hv_config *hv_vm_config(const struct hv_vm *vm)
{
	return &vm->config;
}

enum hv_vendor hv_vm_vendor(const struct hv_vm *vm)
{
	return vm->config.backend->vendor;
}

const char *hv_title(const struct hv_vm *vm)
{
	return vm->config.backend->title;
}

enum hv_place hv_place(const struct hv_vm *vm)
{
	return vm->config.backend->place;
}

bool hv_every_exit(const struct hv_vm *vm)
{
	return vm->config.backend->every_exit;
}

struct guest_shared *hv_shared(struct hv_vcpu *vcpu)
{
	return (struct guest_shared *)(vcpu->vm->memory + GUEST_SHARED + vcpu->index * 0x1000ULL);
}

struct record *hv_ring(struct hv_vcpu *vcpu)
{
	return (struct record *)(vcpu->vm->memory + GUEST_RING +
				 (u64)vcpu->index * GUEST_RING_SIZE);
}

u8 *hv_fill(struct hv_vcpu *vcpu)
{
	return vcpu->vm->fill + (u64)vcpu->index * GUEST_FILL_SIZE;
}

static bool name_is(const struct guest_storm *storm, const char *name)
{
	for (u32 i = 0; i < sizeof(storm->name); i++) {
		if (storm->name[i] != name[i])
			return false;
		if (!name[i])
			return true;
	}
	return false;
}

const struct guest_storm *hv_guest_storm(const struct hv_vm *vm, const char *name)
{
	const struct guest_storm *table =
		(const struct guest_storm *)(vm->memory + vm->header.table);

	for (u32 i = 0; i < vm->header.storms; i++)
		if (name_is(&table[i], name))
			return &table[i];
	return NULL;
}

int hv_run(struct hv_vcpu *vcpu, const struct hv_loop *loop, struct hv_exit *unexpected)
{
	int err;

	host_batch_begin();
	err = vcpu->vm->config.backend->run(vcpu, loop, unexpected);
	host_batch_end();
	return err;
}

void hv_kick(struct hv_vcpu *vcpu)
{
	vcpu->vm->config.backend->kick(vcpu);
}

int hv_counts(struct hv_vcpu *vcpu, struct hv_counts *counts)
{
	return vcpu->vm->config.backend->counts(vcpu, counts);
}

u32 hv_raw_reason(const struct hv_vm *vm, enum exit_kind kind)
{
	return vm->config.backend->raw_reason(kind);
}

int hv_guest_fault(struct hv_vcpu *vcpu, struct hv_exit *unexpected)
{
	const struct guest_shared *shared = hv_shared(vcpu);

	unexpected->kind = EXIT_EXCEPTION;
	unexpected->qualification = shared->error;
	unexpected->rip = shared->rip;
	host_format(unexpected->why, HV_WHY,
		    "the guest met vector %u (%s), error code 0x%llx, at rip 0x%llx, cr2 0x%llx, "
		    "operation %u: not allowed at CPL %u, or not known to this CPU or hypervisor",
		    shared->vector, exception_name(shared->vector),
		    (unsigned long long)shared->error, (unsigned long long)shared->rip,
		    (unsigned long long)shared->cr2, shared->index, vcpu->vm->config.cpl);
	return -EPROTO;
}
