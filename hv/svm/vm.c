// SPDX-License-Identifier: GPL-2.0-or-later
/* Creates and frees VMs and vCPUs, and changes their second-level pages. */
#include "vm.h"

#include "../host.h"
#include "avic.h"
#include "cpu.h"
#include "enable.h"
#include "memory.h"
#include "setup.h"

/*
 * Intercepts of every batch: those that the host needs, and instructions that no storm's loop needs
 * for itself. Instructions of guest stamps and handlers (RDTSC, IRET, PUSHF …) are intercepted only
 * in batches that measure them.
 */
static const u32 always[] = {
	SVM_EXIT_WRITE_CR + 0, SVM_EXIT_WRITE_CR + 3, SVM_EXIT_WRITE_CR + 4, SVM_EXIT_WRITE_CR + 8,
	SVM_EXIT_READ_CR + 8,  SVM_EXIT_WRITE_DR + 7, SVM_EXIT_INTR,	     SVM_EXIT_NMI,
	SVM_EXIT_INIT,	       SVM_EXIT_RDPMC,	      SVM_EXIT_CPUID,	     SVM_EXIT_INVD,
	SVM_EXIT_PAUSE,	       SVM_EXIT_HLT,	      SVM_EXIT_INVLPG,	     SVM_EXIT_INVLPGA,
	SVM_EXIT_IOIO,	       SVM_EXIT_MSR,	      SVM_EXIT_TASK_SWITCH,  SVM_EXIT_SHUTDOWN,
	SVM_EXIT_VMRUN,	       SVM_EXIT_VMMCALL,      SVM_EXIT_VMLOAD,	     SVM_EXIT_VMSAVE,
	SVM_EXIT_STGI,	       SVM_EXIT_CLGI,	      SVM_EXIT_SKINIT,	     SVM_EXIT_WBINVD,
	SVM_EXIT_MONITOR,      SVM_EXIT_MWAIT,	      SVM_EXIT_XSETBV,	     SVM_EXIT_MACHINE_CHECK,
};

void svm_vm_destroy(struct hv_vm *vm)
{
	struct svm_vm *svm = vm->priv;

	if (!svm)
		return;
	slat_free(&svm->slat);
	access_free(&svm->access);
	host_pages_free(svm->fifth, 0x1000);
	host_pages_free(svm->io_map, SVM_IOPM_BYTES);
	host_pages_free(svm->msr_map, SVM_MSRPM_BYTES);
	host_pages_free(svm->page_log, SVM_PAGE_LOG_BYTES);
	svm_avic_free(vm, svm);
	host_free(svm, sizeof(*svm));
	vm->priv = NULL;
}

/*
 * Nested tables have as many levels as the host's, five with CR4.LA57 (APM Vol. 2, "Nested Paging
 * Modes"). Everything that is mapped is below the first entry of the fifth level.
 */
static int tables_build(struct hv_vm *vm, struct svm_vm *svm, char *why)
{
	struct slat_ability can = {.format = &paging_npt,
				   .name = "nested paging",
				   .pages_2m = true,
				   .pages_1g = svm->can.pages_1g};
	int err = slat_build(vm, &svm->slat, &can, why);

	if (err)
		return err;
	svm->nested_cr3 = svm->slat.tables.area_address;
	if (!(cpu_read_cr4() & CR4_LA57))
		return 0;
	svm->fifth = host_pages_alloc(0x1000);
	if (!svm->fifth) {
		host_format(why, HV_WHY, "not enough memory for nested paging");
		return -ENOMEM;
	}
	svm->fifth[0] = svm->nested_cr3 | NPT_TABLE;
	svm->nested_cr3 = host_physical(svm->fifth);
	return 0;
}

static int vm_fill(struct hv_vm *vm, struct svm_vm *svm, char *why)
{
	int err;

	svm->io_map = host_pages_alloc(SVM_IOPM_BYTES);
	svm->msr_map = host_pages_alloc(SVM_MSRPM_BYTES);
	if (!svm->io_map || !svm->msr_map) {
		host_format(why, HV_WHY, "not enough memory for the VM's permission maps");
		return -ENOMEM;
	}
	__builtin_memset(svm->io_map, 0xff, SVM_IOPM_BYTES); /* all ports and all MSRs exit */
	__builtin_memset(svm->msr_map, 0xff, SVM_MSRPM_BYTES);
	for (u32 i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		svm_intercept(svm->intercept, always[i]);
	svm_capabilities_read(&svm->can);
	if (svm->can.asids <= vm->config.vcpus) {
		host_format(why, HV_WHY, "this CPU has %u ASIDs, the host's among them: too few",
			    svm->can.asids);
		return -EOPNOTSUPP;
	}
	err = access_init(&svm->access, vm, why);
	return err ? err : tables_build(vm, svm, why);
}

int svm_vm_create(struct hv_vm *vm, char *why)
{
	struct svm_vm *svm;
	int err = raw_config_check(vm, why);

	if (err)
		return err;
	if (vm->config.stored_tsc) {
		host_format(why, HV_WHY, "SVM has no area that a VM exit stores MSRs in");
		return -EOPNOTSUPP;
	}
	svm = host_alloc(sizeof(*svm));
	if (!svm) {
		host_format(why, HV_WHY, "not enough memory for a VM");
		return -ENOMEM;
	}
	vm->priv = svm;
	err = vm_fill(vm, svm, why);
	if (err)
		svm_vm_destroy(vm);
	return err;
}

void svm_vcpu_destroy(struct hv_vcpu *hv)
{
	struct svm_vcpu *vcpu = hv->priv;

	if (!vcpu)
		return;
	host_pages_free(vcpu->vmcb, sizeof(*vcpu->vmcb));
	host_pages_free(vcpu->saved, sizeof(*vcpu->saved));
	host_pages_free(vcpu, sizeof(*vcpu));
	hv->priv = NULL;
}

int svm_vcpu_create(struct hv_vcpu *hv, char *why)
{
	struct svm_vcpu *vcpu = host_pages_alloc(sizeof(*vcpu));

	hv->priv = vcpu;
	if (vcpu) {
		vcpu->vmcb = svm_pages_alloc(sizeof(*vcpu->vmcb));
		vcpu->saved = host_pages_alloc(sizeof(*vcpu->saved));
	}
	if (!vcpu || !vcpu->vmcb || !vcpu->saved) {
		host_format(why, HV_WHY, "not enough memory for a vCPU");
		svm_vcpu_destroy(hv);
		return -ENOMEM;
	}
	vcpu->vcpu = hv;
	vcpu->vm = hv->vm->priv;
	vcpu->cpu = SVM_NO_CPU;
	vcpu->tlb = hv->vm->config.no_vpid ? VMCB_TLB_ALL : VMCB_TLB_NOTHING;
	vcpu->frame.vmcb = vcpu->vmcb;
	vcpu->frame.vmcb_physical = host_physical(vcpu->vmcb);
	vcpu->frame.batch.ring = hv_ring(hv);
	vcpu->frame.record = vcpu->frame.batch.ring;
	vcpu->frame.vmload_each = !hv->vm->config.vmload_batch;
	vmcb_setup(vcpu);
	return 0;
}

int svm_pages(struct hv_vcpu *hv, enum hv_pages state, char *why)
{
	struct svm_vcpu *vcpu = hv->priv;

	(void)why;
	slat_pages(&vcpu->vm->slat, hv->index, state);
	vcpu->flush = true;
	return 0;
}
