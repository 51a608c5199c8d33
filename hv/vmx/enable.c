// SPDX-License-Identifier: GPL-2.0-or-later
/* Entering and leaving VMX operation. Intel SDM Vol. 3, "Enabling and Entering VMX Operation". */
#include "enable.h"

#include "../host.h"
#include "capabilities.h"
#include "cpu.h"
#include "flush.h"
#include "intrin.h"
#include "setup.h"

#define CPUID_1_ECX_VMX (1U << 5)
#define CPUID_7_EBX_PT	(1U << 25)
#define MISC_PT		(1U << 14) /* Intel PT can be used in VMX operation */
#define BASIC_REVISION	0x7fffffff

static struct {
	unsigned long long *region; /* VMXON region; NULL: not in VMX operation */
	struct vmx_vcpu *current;
	bool inside; /* in VMX operation: while `region` is set, or during a batch only
			(!host_keeps_cr4) */
} cpus[VMX_MAX_CPUS];

/* IA32_FEATURE_CONTROL has to be locked with VMX enabled, or not be locked yet. */
static int feature_control(bool set, char *why)
{
	u64 value = cpu_rdmsr(MSR_FEATURE_CONTROL);

	if (value & FEATURE_CONTROL_LOCK) {
		if (value & FEATURE_CONTROL_VMX)
			return 0;
		host_format(why, HV_WHY,
			    "the firmware has locked VMX off (IA32_FEATURE_CONTROL is 0x%llx): "
			    "switch virtualization on in its set-up",
			    (unsigned long long)value);
		return -EPERM;
	}
	if (set)
		cpu_wrmsr(MSR_FEATURE_CONTROL, value | FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX);
	return 0;
}

/*
 * Without IA32_VMX_MISC[14] VMXON ends a trace by Intel PT, and a WRMSR that begins one is a #GP
 * until VMXOFF (SDM Vol. 3, "VMX-Specific Capabilities to Control Intel PT").
 */
static int check_trace(const struct vmx_capabilities *can, char *why)
{
	u32 leaf[4];

	cpu_cpuid(0, 0, leaf);
	if (leaf[0] < 7 || can->misc & MISC_PT)
		return 0;
	cpu_cpuid(7, 0, leaf);
	if (!(leaf[1] & CPUID_7_EBX_PT) || !(cpu_rdmsr(MSR_RTIT_CTL) & RTIT_CTL_TRACE))
		return 0;
	host_format(why, HV_WHY,
		    "Intel PT traces CPU %u, and this CPU cannot trace while VMX is on: end the "
		    "trace (perf's event intel_pt)",
		    host_cpu());
	return -EBUSY;
}

int vmx_probe(char *why)
{
	struct vmx_capabilities can;
	struct vmx_controls controls;
	struct vmx_requested_controls requested;
	u32 leaf[4];
	int err;

	cpu_cpuid(1, 0, leaf);
	if (!(leaf[2] & CPUID_1_ECX_VMX)) {
		host_format(why, HV_WHY, "this CPU has no VMX (CPUID.1:ECX[5] is 0)");
		return -EOPNOTSUPP;
	}
	err = feature_control(false, why);
	if (err)
		return err;
	vmx_capabilities_read(&can);
	err = check_trace(&can, why);
	if (err)
		return err;
	vmx_default_controls(&requested);
	return vmx_controls_fit(&can, &requested, &controls, why);
}

/*
 * Enters VMX operation, with CR0 and CR4 as it requires. False: CR4.VMXE is set already, so another
 * hypervisor uses this CPU (interrupts are disabled, so it cannot start between this check and
 * VMXON); or CR4 has a bit that VMX does not allow, on which VMXON would raise #GP (SDM Vol. 3,
 * "Restrictions on VMX Operation").
 */
static bool operation_begin(const struct vmx_capabilities *can, unsigned long long region)
{
	u64 flags = cpu_interrupts_off();
	u64 cr4 = cpu_read_cr4();
	bool first = !(cr4 & CR4_VMXE) && !(cr4 & ~can->cr4_fixed1);
	u64 cr0 = cpu_read_cr0(), wanted = (cr0 | can->cr0_fixed0) & can->cr0_fixed1;

	if (first) {
		if (cr0 != wanted)
			cpu_write_cr0(wanted);
		host_cr4(CR4_VMXE | can->cr4_fixed0, 0);
		if (__vmx_on(&region)) {
			host_cr4(0, CR4_VMXE);
			first = false;
		}
	}
	cpu_interrupts_restore(flags);
	return first;
}

static int operation_enter(u32 cpu, char *why)
{
	struct vmx_capabilities can;
	int err;

	if (cpus[cpu].inside)
		return 0;
	vmx_capabilities_read(&can);
	err = check_trace(&can, why);
	if (err)
		return err;
	cpus[cpu].inside = operation_begin(&can, host_physical(cpus[cpu].region));
	if (cpus[cpu].inside)
		return 0;
	host_format(
		why, HV_WHY,
		"another hypervisor uses VMX on CPU %u, or VMX does not allow its state (CR4 is "
		"0x%llx, IA32_VMX_CR4_FIXED1 0x%llx; or VMXON failed)",
		cpu, (unsigned long long)cpu_read_cr4(), (unsigned long long)can.cr4_fixed1);
	return -EBUSY;
}

int vmx_cpu_on(char *why)
{
	u32 cpu = host_cpu();
	struct vmx_capabilities can;
	u32 *region;
	int err = vmx_probe(why);

	if (err)
		return err;
	if (cpu >= VMX_MAX_CPUS) {
		host_format(why, HV_WHY, "CPU %u is beyond the %d that hv/vmx knows", cpu,
			    VMX_MAX_CPUS);
		return -EOPNOTSUPP;
	}
	if (cpus[cpu].region) {
		host_format(why, HV_WHY, "VMX is already on on CPU %u, for another vCPU", cpu);
		return -EBUSY;
	}
	err = feature_control(true, why);
	if (err)
		return err;
	region = host_pages_alloc(4096);
	if (!region) {
		host_format(why, HV_WHY, "no memory for the VMXON region");
		return -ENOMEM;
	}
	vmx_capabilities_read(&can);
	region[0] = can.basic & BASIC_REVISION;
	cpus[cpu].region = (unsigned long long *)region;
	cpus[cpu].current = NULL;
	err = host_keeps_cr4() ? operation_enter(cpu, why) : 0;
	if (err) {
		host_pages_free(region, 4096);
		cpus[cpu].region = NULL;
	}
	return err;
}

static void operation_leave(u32 cpu)
{
	u64 flags = cpu_interrupts_off();

	if (cpus[cpu].current)
		vmx_vcpu_unload(cpus[cpu].current);
	if (cpus[cpu].inside) {
		__vmx_off();
		host_cr4(0, CR4_VMXE);
	}
	cpus[cpu].inside = false;
	cpu_interrupts_restore(flags);
}

void vmx_batch_end(void)
{
	if (!host_keeps_cr4())
		operation_leave(host_cpu());
}

void vmx_cpu_off(void)
{
	u32 cpu = host_cpu();

	if (cpu >= VMX_MAX_CPUS || !cpus[cpu].region)
		return;
	operation_leave(cpu);
	host_pages_free(cpus[cpu].region, 4096);
	cpus[cpu].region = NULL;
}

int vmx_vcpu_load(struct vmx_vcpu *vcpu, char *why)
{
	u32 cpu = host_cpu();
	unsigned long long vmcs = vcpu->vmcs;
	int err;

	if (cpu < VMX_MAX_CPUS && vcpu->cpu == cpu && cpus[cpu].current == vcpu)
		return 0;
	if (cpu >= VMX_MAX_CPUS || !cpus[cpu].region) {
		host_format(why, HV_WHY, "CPU %u is not in VMX operation", cpu);
		return -EINVAL;
	}
	err = operation_enter(cpu, why);
	if (err)
		return err;
	if (vcpu->cpu != VMX_NO_CPU && vcpu->cpu != cpu) {
		host_format(why, HV_WHY, "the VMCS of vCPU %u is still active on CPU %u",
			    vcpu->vcpu->index, vcpu->cpu);
		return -EBUSY;
	}
	if (vcpu->cpu == VMX_NO_CPU && __vmx_vmclear(&vmcs)) {
		host_format(why, HV_WHY, "VMCLEAR failed on CPU %u", cpu);
		return -EIO;
	}
	if (vcpu->cpu == VMX_NO_CPU)
		vcpu->launched = 0;
	if (__vmx_vmptrld(&vmcs)) {
		host_format(why, HV_WHY, "VMPTRLD failed on CPU %u", cpu);
		return -EIO;
	}
	vcpu->cpu = cpu;
	cpus[cpu].current = vcpu;
	if (!vcpu->set_up)
		vmcs_setup(vcpu);
	vcpu->set_up = true;
	/* Another vCPU may have used this VPID and these tables on this CPU before. */
	vmx_flush_ept(vcpu->vm);
	vmx_flush_vpid(vcpu);
	return 0;
}

/*
 * VMCLEAR of both: the CPU may keep a VMCS that it has used, the shadow VMCS as well, and write it
 * to memory later (SDM Vol. 3, "Software Use of Virtual-Machine Control Structures").
 */
void vmx_vcpu_unload(struct vmx_vcpu *vcpu)
{
	unsigned long long vmcs = vcpu->vmcs, shadow = vcpu->shadow;
	u32 cpu = host_cpu();

	if (vcpu->cpu != cpu)
		return;
	if (shadow)
		__vmx_vmclear(&shadow);
	__vmx_vmclear(&vmcs);
	vcpu->cpu = VMX_NO_CPU;
	if (cpus[cpu].current == vcpu)
		cpus[cpu].current = NULL;
}
