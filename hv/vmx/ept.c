// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, "The Extended Page Table Mechanism". */
#include "ept.h"

#include "../host.h"

#define CAP_LEVELS_4   (1ULL << 6)
#define CAP_WRITE_BACK (1ULL << 14)
#define CAP_2M	       (1ULL << 16)
#define CAP_1G	       (1ULL << 17)

/* Device registers: memory type 0, uncacheable. */
void vmx_ept_apic(struct vmx_vm *vmx, u64 physical)
{
	u64 page_bytes;

	*paging_leaf(&vmx->slat.tables, GUEST_APIC, &page_bytes) =
		physical | paging_ept.granted[PAGING_READ] | paging_ept.granted[PAGING_WRITE];
}

int vmx_ept_build(struct hv_vm *vm, struct vmx_vm *vmx, char *why)
{
	u64 can = vmx->capabilities.ept_vpid;
	const struct slat_ability ability = {
		.format = &paging_ept,
		.name = "EPT",
		.pages_2m = can & CAP_2M,
		.pages_1g = can & CAP_1G,
	};
	int err;

	if (!(can & CAP_LEVELS_4) || !(can & CAP_WRITE_BACK)) {
		host_format(why, HV_WHY,
			    "this CPU's EPT has no 4-level or no write-back tables "
			    "(IA32_VMX_EPT_VPID_CAP is 0x%llx)",
			    (unsigned long long)can);
		return -EOPNOTSUPP;
	}
	err = slat_build(vm, &vmx->slat, &ability, why);
	if (err)
		return err;
	/*
	 * Without APIC virtualization an access to this page does not exit, but for the rights that
	 * are missing.
	 */
	err = paging_map(
		&vmx->slat.tables, GUEST_APIC,
		host_physical(vmx->pages + VMX_PAGE_APIC_ACCESS * PAGING_4K), PAGING_4K, PAGING_4K,
		PAGING_BIT(PAGING_READ) | PAGING_BIT(PAGING_WRITE) | PAGING_BIT(PAGING_CACHED));
	if (err)
		host_format(why, HV_WHY, "EPT does not fit the room made for it");
	vmx->ept_pointer = vmcs_ept_pointer(host_physical(vmx->slat.tables.area), can);
	return err;
}
