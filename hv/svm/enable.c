// SPDX-License-Identifier: GPL-2.0-or-later
/* Enabling and disabling SVM. AMD APM Vol. 2, "Enabling SVM". */
#include "enable.h"

#include "../host.h"
#include "cpu.h"
#include "memory.h"
#include "setup.h"

#define LEAF_EXTENDED	   0x80000000
#define LEAF_FEATURES	   0x80000001
#define LEAF_ADDRESSES	   0x80000008
#define LEAF_SVM	   0x8000000a
#define LEAF_MORE_FEATURES 0x80000021
#define FEATURES_ECX_SVM   (1U << 2)
#define FEATURES_EDX_1G	   (1U << 26)
#define LFENCE_SERIALIZES  (1U << 2)
#define CPUID_1_HYPERVISOR (1U << 31)
#define CPUID_7_ECX_CET	   (1U << 7)

static struct {
	void *save; /* the page of VM_HSAVE_PA; NULL: SVM is not enabled here */
	void *host; /* the page for VMSAVE of the host's state */
	struct svm_vcpu *last;
	u64 save_was, vm_cr_was, tsc_ratio_was; /* values before; vm_cr_was 0: not changed */
	bool lfence_was_not;			/* LFENCE was not serializing */
} cpus[SVM_MAX_CPUS];

static u32 largest_leaf(void)
{
	u32 leaf[4];

	cpu_cpuid(LEAF_EXTENDED, 0, leaf);
	return leaf[0];
}

static bool has_svm(void)
{
	u32 leaf[4];

	if (largest_leaf() < LEAF_SVM)
		return false;
	cpu_cpuid(LEAF_FEATURES, 0, leaf);
	return leaf[2] & FEATURES_ECX_SVM;
}

void svm_capabilities_read(struct svm_capabilities *can)
{
	u32 leaf[4];

	*can = (struct svm_capabilities){0};
	cpu_cpuid(LEAF_SVM, 0, leaf);
	can->asids = leaf[1];
	can->features = leaf[3];
	can->more_features = leaf[2];
	cpu_cpuid(LEAF_ADDRESSES, 0, leaf);
	can->physical_bits = leaf[0] & 0xff;
	cpu_cpuid(LEAF_FEATURES, 0, leaf);
	can->pages_1g = leaf[3] & FEATURES_EDX_1G;
	cpu_cpuid(0, 0, leaf);
	if (leaf[0] < 7)
		return;
	cpu_cpuid(7, 0, leaf);
	can->cet = leaf[2] & CPUID_7_ECX_CET;
}

/* VM_CR.SVMDIS disables SVM; once locked only firmware can clear it (APM Vol. 2, "VM_CR MSR"). */
static int vm_cr(bool set, const struct svm_capabilities *can, char *why)
{
	u64 value = cpu_rdmsr(MSR_VM_CR);

	if (!(value & VM_CR_SVMDIS))
		return 0;
	if (can->features & SVM_FEATURE_LOCK && value & VM_CR_LOCK) {
		host_format(why, HV_WHY,
			    "the firmware has locked SVM off (VM_CR is 0x%llx): switch "
			    "virtualization on in its set-up",
			    (unsigned long long)value);
		return -EPERM;
	}
	if (set) {
		cpus[host_cpu()].vm_cr_was = value;
		cpu_wrmsr(MSR_VM_CR, value & ~(u64)VM_CR_SVMDIS);
	}
	return 0;
}

int svm_probe(char *why)
{
	struct svm_capabilities can;
	int err;

	if (!has_svm()) {
		host_format(why, HV_WHY, "this CPU has no SVM (CPUID Fn8000_0001 ECX[2] is 0)");
		return -EOPNOTSUPP;
	}
	svm_capabilities_read(&can);
	if (!(can.features & SVM_FEATURE_NESTED_PAGING)) {
		host_format(why, HV_WHY,
			    "this CPU's SVM has no nested paging (CPUID Fn8000_000A EDX is 0x%x), "
			    "which is needed",
			    can.features);
		return -EOPNOTSUPP;
	}
	if (can.asids < 2) {
		host_format(why, HV_WHY, "this CPU's SVM has no ASID for a guest (there are %u)",
			    can.asids);
		return -EOPNOTSUPP;
	}
	err = svm_memory_check(why);
	return err ? err : vm_cr(false, &can, why);
}

/* Stamps need a serializing LFENCE. Under another hypervisor the MSR is left alone. */
static void serialize_lfence(void)
{
	u32 leaf[4];
	u64 value;

	cpu_cpuid(1, 0, leaf);
	if (leaf[2] & CPUID_1_HYPERVISOR)
		return;
	if (largest_leaf() >= LEAF_MORE_FEATURES) {
		cpu_cpuid(LEAF_MORE_FEATURES, 0, leaf);
		if (leaf[0] & LFENCE_SERIALIZES)
			return;
	}
	value = cpu_rdmsr(MSR_DE_CFG);
	if (value & DE_CFG_LFENCE_SERIALIZE)
		return;
	cpus[host_cpu()].lfence_was_not = true;
	cpu_wrmsr(MSR_DE_CFG, value | DE_CFG_LFENCE_SERIALIZE);
}

/*
 * Guest and host have one TSC rate, whatever another hypervisor has left (APM Vol. 2, "TSC Ratio
 * MSR").
 */
static void clock_is_one(const struct svm_capabilities *can)
{
	u32 cpu = host_cpu();

	cpus[cpu].tsc_ratio_was = TSC_RATIO_ONE;
	if (!(can->features & SVM_FEATURE_TSC_RATIO))
		return;
	cpus[cpu].tsc_ratio_was = cpu_rdmsr(MSR_TSC_RATIO);
	if (cpus[cpu].tsc_ratio_was != TSC_RATIO_ONE)
		cpu_wrmsr(MSR_TSC_RATIO, TSC_RATIO_ONE);
}

/* Restores MSRs; SVM is disabled, so VM_CR can be written. */
static void put_back(u32 cpu)
{
	if (cpus[cpu].tsc_ratio_was != TSC_RATIO_ONE)
		cpu_wrmsr(MSR_TSC_RATIO, cpus[cpu].tsc_ratio_was);
	if (cpus[cpu].lfence_was_not)
		cpu_wrmsr(MSR_DE_CFG, cpu_rdmsr(MSR_DE_CFG) & ~(u64)DE_CFG_LFENCE_SERIALIZE);
	if (cpus[cpu].vm_cr_was)
		cpu_wrmsr(MSR_VM_CR, cpus[cpu].vm_cr_was);
	cpus[cpu].lfence_was_not = false;
	cpus[cpu].vm_cr_was = 0;
}

static void pages_free(u32 cpu)
{
	host_pages_free(cpus[cpu].save, 0x1000);
	host_pages_free(cpus[cpu].host, 0x1000);
	cpus[cpu].save = NULL;
	cpus[cpu].host = NULL;
}

/*
 * False: EFER.SVME is set already, so another hypervisor uses this CPU. Interrupts are disabled, so
 * it cannot start between the check and the write.
 */
static bool switch_on(void)
{
	u64 flags = cpu_interrupts_off();
	u64 efer = cpu_rdmsr(MSR_EFER);

	if (!(efer & EFER_SVME))
		cpu_wrmsr(MSR_EFER, efer | EFER_SVME);
	cpu_interrupts_restore(flags);
	return !(efer & EFER_SVME);
}

int svm_cpu_on(char *why)
{
	u32 cpu = host_cpu();
	struct svm_capabilities can;
	int err = svm_probe(why);

	if (err)
		return err;
	if (cpu >= SVM_MAX_CPUS) {
		host_format(why, HV_WHY, "CPU %u is beyond the %d that hv/svm knows", cpu,
			    SVM_MAX_CPUS);
		return -EOPNOTSUPP;
	}
	if (cpus[cpu].save) {
		host_format(why, HV_WHY, "SVM is already on on CPU %u, for another vCPU", cpu);
		return -EBUSY;
	}
	svm_capabilities_read(&can);
	cpus[cpu].save = svm_pages_alloc(0x1000);
	cpus[cpu].host = svm_pages_alloc(0x1000);
	if (!cpus[cpu].save || !cpus[cpu].host) {
		host_format(why, HV_WHY, "no memory for the host's save areas");
		pages_free(cpu);
		return -ENOMEM;
	}
	err = vm_cr(true, &can, why);
	if (err) {
		pages_free(cpu);
		return err;
	}
	if (!switch_on()) {
		host_format(why, HV_WHY, "another hypervisor uses SVM on CPU %u (EFER.SVME is set)",
			    cpu);
		pages_free(cpu);
		return -EBUSY;
	}
	cpus[cpu].last = NULL;
	cpus[cpu].save_was = cpu_rdmsr(MSR_VM_HSAVE_PA);
	cpu_wrmsr(MSR_VM_HSAVE_PA, host_physical(cpus[cpu].save));
	serialize_lfence();
	clock_is_one(&can);
	return 0;
}

void svm_cpu_off(void)
{
	u32 cpu = host_cpu();
	u64 flags;

	if (cpu >= SVM_MAX_CPUS || !cpus[cpu].save)
		return;
	flags = cpu_interrupts_off();
	cpu_wrmsr(MSR_VM_HSAVE_PA, cpus[cpu].save_was);
	cpu_wrmsr(MSR_EFER, cpu_rdmsr(MSR_EFER) & ~(u64)EFER_SVME);
	put_back(cpu);
	cpu_interrupts_restore(flags);
	pages_free(cpu);
}

int svm_vcpu_load(struct svm_vcpu *vcpu, char *why)
{
	u32 cpu = host_cpu();

	if (cpu >= SVM_MAX_CPUS || !cpus[cpu].save) {
		host_format(why, HV_WHY, "SVM is not on on CPU %u", cpu);
		return -EINVAL;
	}
	vcpu->frame.host = host_physical(cpus[cpu].host);
	if (vcpu->cpu == cpu && cpus[cpu].last == vcpu)
		return 0;
	/* This CPU has not cached the VMCB, and the ASID may have been another vCPU's. */
	vcpu->cpu = cpu;
	cpus[cpu].last = vcpu;
	vmcb_changed(vcpu, VMCB_CLEAN_ALL);
	vcpu->flush = true;
	return 0;
}
