// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"

#include "host.h"
#include "instruction.h"

int access_init(struct access *access, const struct hv_vm *vm, char *why)
{
	*access = (struct access){.vm = vm, .bytes = vm->header.size};
	access->length = host_pages_alloc(access->bytes);
	if (access->length)
		return 0;
	host_format(why, HV_WHY, "not enough memory for the lengths of the guest's instructions");
	return -ENOMEM;
}

void access_free(struct access *access)
{
	if (access->length)
		host_pages_free(access->length, access->bytes);
	access->length = NULL;
}

/* Without a lock: vCPUs that decode the same instruction at once write the same byte. */
u32 access_decode(struct access *access, u64 at)
{
	const struct hv_vm *vm = access->vm;
	struct instruction insn;

	if (!instruction_decode(vm->memory + GUEST_IMAGE + at, vm->config.mode == HV_MODE_64,
				&insn) ||
	    !instruction_is_access(&insn))
		return 0;
	access->length[at] = insn.length;
	return insn.length;
}
