// SPDX-License-Identifier: GPL-2.0-or-later
/* Machine checks on bare metal: the first one ends the image, with what the banks hold. */
#include "machine_check.h"

#include "../host.h"
#include "mca.h"
#include "metal.h"
#include "trap.h"

#define TEXT 400

bool host_machine_check_pending(void)
{
	return cpu_read_cr4() & CR4_MCE && cpu_rdmsr(MSR_MCG_STATUS) & MCG_STATUS_MCIP;
}

void host_machine_check(void)
{
	char text[TEXT] = "";
	size_t used = 0;

	for (u32 bank = 0; bank < mca_banks() && used < sizeof(text) - 1; bank++) {
		u64 status = cpu_rdmsr(MSR_MC_STATUS(bank)), address = 0;

		if (!(status & MC_STATUS_VALID))
			continue;
		if (status & MC_STATUS_ADDRESS)
			address = cpu_rdmsr(MSR_MC_ADDR(bank));
		host_format(text + used, sizeof(text) - used,
			    ", MC%u_STATUS 0x%llx, MC%u_ADDR 0x%llx", bank,
			    (unsigned long long)status, bank, (unsigned long long)address);
		used = __builtin_strlen(text);
	}
	metal_panic("machine check on CPU %u: IA32_MCG_STATUS 0x%llx%s", host_cpu(),
		    (unsigned long long)cpu_rdmsr(MSR_MCG_STATUS), text);
}

static void handle_trap(struct metal_trap *trap)
{
	(void)trap;
	host_machine_check();
}

void machine_check_init(void)
{
	metal_trap_set(VECTOR_MACHINE_CHECK, handle_trap);
}
