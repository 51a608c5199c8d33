// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of a VM's features: the controls that each needs, and the functions that set it up.
 * Where the SDM requires more than a control, its section is named.
 */
#include "feature.h"

#include "../host.h"
#include "arm.h"
#include "cpu.h"
#include "ept.h"
#include "event.h"
#include "exit.h"

/* Activity states that an entry may have (SDM Vol. 3, appendix "Miscellaneous Data"). */
#define MISC_HLT	   (1 << 6)
#define MISC_WAIT_FOR_SIPI (1 << 8)

#define APIC_BASE_ADDRESS     0xffffff000ULL
#define APIC_BASE_X2APIC      (1 << 10)
#define APIC_BASE_ENABLED     (1 << 11)
#define CPUID_XSAVE	      0xd
#define CPUID_D_1_EAX_XSAVES  (1 << 3)
#define CPUID_7_ECX_CET_SS    (1 << 7)
#define CPUID_7_1_ECX_MSR_IMM (1 << 5)
#define XSS_CET_U	      (1ULL << 11)

#define CPUID_7_EDX_CORE_CAPABILITIES (1U << 30)
#define MSR_CORE_CAPABILITIES	      0xcf
#define CORE_SPLIT_LOCK_DISABLE	      (1 << 5)
#define MSR_TEST_CTRL		      0x33
#define TEST_CTRL_SPLIT_LOCK	      (1 << 29)

/*
 * The state components that IA32_XSS can enable (SDM Vol. 1, "Enumeration of CPU Support for
 * XSAVE"). Bochs 2.7 implements CET's and does not list it.
 */
static u64 supervisor_states(void)
{
	u32 leaf[4];
	u64 states;

	cpu_cpuid(CPUID_XSAVE, 1, leaf);
	if (!(leaf[0] & CPUID_D_1_EAX_XSAVES))
		return 0;
	states = leaf[2] | (u64)leaf[3] << 32;
	cpu_cpuid(7, 0, leaf);
	return leaf[2] & CPUID_7_ECX_CET_SS ? states | XSS_CET_U : states;
}

/*
 * Any one state component: XSAVES and XRSTORS exit if it is requested, enabled in IA32_XSS and set
 * in the XSS-exiting bitmap (SDM Vol. 3, "Instructions That Cause VM Exits Conditionally").
 */
static int prepare_xss(struct vmx_vm *vmx, char *why)
{
	u64 can = supervisor_states();

	if (!can) {
		host_format(why, HV_WHY,
			    "this CPU's XSAVES has no supervisor state (CPUID.0DH: IA32_XSS can "
			    "only be 0), so that XSAVES and XRSTORS cannot exit");
		return -EOPNOTSUPP;
	}
	vmx->xss = can & -can;
	return 0;
}

static int prepare_host_apic(struct vmx_vm *vmx, char *why)
{
	u64 base = cpu_rdmsr(MSR_APIC_BASE);

	if ((base & (APIC_BASE_ENABLED | APIC_BASE_X2APIC)) != APIC_BASE_ENABLED) {
		host_format(why, HV_WHY,
			    "the host's local APIC is not in xAPIC mode (IA32_APIC_BASE is 0x%llx)",
			    (unsigned long long)base);
		return -EOPNOTSUPP;
	}
	vmx->apic = host_apic();
	vmx_ept_apic(vmx, base & APIC_BASE_ADDRESS);
	return 0;
}

/* Not CPUID.01H:ECX[6]: Bochs 2.7 has SMX on two models and does not list it there. */
static int prepare_safer_mode(struct vmx_vm *vmx, char *why)
{
	if (vmx->capabilities.cr4_fixed1 & CR4_SMXE)
		return 0;
	host_format(why, HV_WHY,
		    "this CPU has no safer mode extensions: GETSEC is #UD (IA32_VMX_CR4_FIXED1[14] "
		    "is 0)");
	return -EOPNOTSUPP;
}

/*
 * With split-lock detection on the access raises #AC instead, in the guest too: the MSR is not
 * switched (SDM Vol. 3, "Features to Disable Bus Locks").
 */
static int prepare_bus_lock(struct vmx_vm *vmx, char *why)
{
	u32 leaf[4];

	(void)vmx;
	cpu_cpuid(7, 0, leaf);
	if (!(leaf[3] & CPUID_7_EDX_CORE_CAPABILITIES) ||
	    !(cpu_rdmsr(MSR_CORE_CAPABILITIES) & CORE_SPLIT_LOCK_DISABLE) ||
	    !(cpu_rdmsr(MSR_TEST_CTRL) & TEST_CTRL_SPLIT_LOCK))
		return 0;
	host_format(why, HV_WHY,
		    "split-lock detection is on (MSR_TEST_CTRL[29] is 1): a bus lock raises #AC "
		    "before it can exit (Linux: boot with split_lock_detect=off)");
	return -EOPNOTSUPP;
}

static int prepare_msr_immediate(struct vmx_vm *vmx, char *why)
{
	u32 leaf[4];

	(void)vmx;
	cpu_cpuid(7, 0, leaf);
	if (leaf[0])
		cpu_cpuid(7, 1, leaf);
	else
		leaf[2] = 0;
	if (leaf[2] & CPUID_7_1_ECX_MSR_IMM)
		return 0;
	host_format(why, HV_WHY,
		    "this CPU has no RDMSR and WRMSRNS with an immediate operand "
		    "(CPUID.(07H,1):ECX[5] is 0)");
	return -EOPNOTSUPP;
}

static const struct vmx_feature {
	enum hv_feature feature;
	u32 processor, secondary;	/* set in the VM's controls */
	u32 without;			/* primary processor-based, cleared */
	u32 pin_later, processor_later; /* needed when arming: must be available, not set */
	u32 exit;			/* set in the VM-exit controls */
	u32 misc;			/* activity states needed when arming, by MISC_* */
	bool other_cpu;			/* needs an idle CPU */
	bool interrupts;		/* external-interrupt exiting stays on */
	u32 tertiary;
	/* Requirements beside controls, and what has to be prepared. 0, or -EOPNOTSUPP and why. */
	int (*prepare)(struct vmx_vm *vmx, char *why);
	void (*load)(struct vmx_vcpu *vcpu); /* once per vCPU, its VMCS is current */
	void (*arm)(struct vmx_vcpu *vcpu);
	int (*handler)(struct vmx_frame *frame); /* in place of vmx_exit_handler's */
} features[] = {
	{HV_FEATURE_RDTSC_EXIT, .processor = VMX_PROCESSOR_RDTSC_EXITING},
	{HV_FEATURE_ARM_INTERRUPT_WINDOW, .processor_later = VMX_PROCESSOR_INTERRUPT_WINDOW_EXITING,
	 .interrupts = true, .arm = vmx_arm_interrupt_window},
	{HV_FEATURE_ARM_NMI_WINDOW, .pin_later = VMX_PIN_VIRTUAL_NMIS,
	 .processor_later = VMX_PROCESSOR_NMI_WINDOW_EXITING, .arm = vmx_arm_nmi_window},
	{HV_FEATURE_ARM_MONITOR_TRAP, .processor_later = VMX_PROCESSOR_MONITOR_TRAP_FLAG,
	 .arm = vmx_arm_monitor_trap},
	{HV_FEATURE_ARM_TIMER, .pin_later = VMX_PIN_PREEMPTION_TIMER, .arm = vmx_arm_timer},
	{HV_FEATURE_ARM_INTERRUPT, .interrupts = true, .arm = vmx_arm_interrupt},
	{HV_FEATURE_ARM_INTERRUPT_ACKNOWLEDGED, .exit = VMX_EXIT_ACKNOWLEDGE_INTERRUPT,
	 .interrupts = true, .arm = vmx_arm_interrupt},
	{HV_FEATURE_ARM_BAD_STATE, .arm = vmx_arm_bad_state},
	{HV_FEATURE_ARM_BAD_MSR, .load = vmx_load_bad_msr, .arm = vmx_arm_bad_msr},
	{HV_FEATURE_LAUNCH, .handler = vmx_handle_and_vmclear},
	{HV_FEATURE_ARM_TPR, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .without = VMX_PROCESSOR_CR8_LOAD_EXITING | VMX_PROCESSOR_CR8_STORE_EXITING,
	 .load = vmx_load_virtual_apic, .arm = vmx_arm_tpr},
	{HV_FEATURE_APIC_ACCESS, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES, .load = vmx_load_virtual_apic},
	{HV_FEATURE_APIC_WRITE, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES |
		      VMX_SECONDARY_APIC_REGISTER_VIRTUALIZATION,
	 .load = vmx_load_virtual_apic},
	{HV_FEATURE_ARM_EOI, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES |
		      VMX_SECONDARY_APIC_REGISTER_VIRTUALIZATION |
		      VMX_SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
	 .interrupts = true, /* required by virtual-interrupt delivery (SDM Vol. 3, "VM-Execution
				Control Fields") */
	 .load = vmx_load_eoi, .arm = vmx_arm_eoi},
	{HV_FEATURE_ARM_DIRTY_LOG, .secondary = VMX_SECONDARY_PML, .load = vmx_load_pml,
	 .arm = vmx_arm_pml},
	{HV_FEATURE_ARM_INIT, .other_cpu = true, .misc = MISC_HLT, .arm = vmx_arm_init},
	{HV_FEATURE_ARM_SIPI, .other_cpu = true, .misc = MISC_WAIT_FOR_SIPI, .arm = vmx_arm_sipi},
	{HV_FEATURE_PAUSE_LOOP, .secondary = VMX_SECONDARY_PAUSE_LOOP_EXITING,
	 .without = VMX_PROCESSOR_PAUSE_EXITING, .load = vmx_load_ple,
	 .handler = vmx_handle_pause_loop},
	{HV_FEATURE_EPTP_SWITCHING, .secondary = VMX_SECONDARY_VM_FUNCTIONS,
	 .load = vmx_load_eptp_list},
	{HV_FEATURE_SHADOW_VMCS, .secondary = VMX_SECONDARY_VMCS_SHADOWING,
	 .load = vmx_load_shadow},
	{HV_FEATURE_USER_WAIT, .processor = VMX_PROCESSOR_RDTSC_EXITING,
	 .secondary = VMX_SECONDARY_USER_WAIT_PAUSE},
	{HV_FEATURE_ENCLS, .secondary = VMX_SECONDARY_ENCLS_EXITING, .load = vmx_load_encls},
	{HV_FEATURE_BUS_LOCK, .secondary = VMX_SECONDARY_BUS_LOCK_DETECTION,
	 .prepare = prepare_bus_lock},
	{HV_FEATURE_HOST_APIC, .prepare = prepare_host_apic, .handler = vmx_handle_nmi},
	{HV_FEATURE_XSAVES, .secondary = VMX_SECONDARY_XSAVES, .prepare = prepare_xss,
	 .load = vmx_load_xss},
	{HV_FEATURE_NOTIFY, .secondary = VMX_SECONDARY_INSTRUCTION_TIMEOUT,
	 .without = VMX_PROCESSOR_MOV_DR_EXITING, .load = vmx_load_notify},
	{HV_FEATURE_LOADIWKEY, .processor = VMX_PROCESSOR_TERTIARY_CONTROLS,
	 .tertiary = VMX_TERTIARY_LOADIWKEY_EXITING},
	{HV_FEATURE_GETSEC, .prepare = prepare_safer_mode},
	{HV_FEATURE_MSR_IMMEDIATE, .prepare = prepare_msr_immediate},
	{HV_FEATURE_MSR_LIST, .processor = VMX_PROCESSOR_TERTIARY_CONTROLS,
	 .tertiary = VMX_TERTIARY_MSR_LIST_INSTRUCTIONS},
	{HV_FEATURE_SUB_PAGE, .secondary = VMX_SECONDARY_SUB_PAGE_WRITE, .load = vmx_load_sub_page},
};

static const struct vmx_feature *find(enum hv_feature feature)
{
	for (u32 i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].feature == feature)
			return &features[i];
	return NULL;
}

/* False, and why: the CPU or the host does not have it. */
static bool available(const struct vmx_vm *vmx, const struct vmx_feature *row, char *why)
{
	struct vmx_requested_controls requested = {
		.required = {[VMX_PIN] = row->pin_later,
			     [VMX_PROCESSOR] = row->processor | row->processor_later,
			     [VMX_SECONDARY] = row->secondary,
			     [VMX_TERTIARY] = row->tertiary,
			     [VMX_EXIT] = row->exit}};
	struct vmx_controls controls;

	if (row->other_cpu && !host_cpu_is_idle()) {
		host_format(why, HV_WHY, "needs a second CPU, which runs no vCPU");
		return false;
	}
	if (row->interrupts && !host_keeps_cr4()) {
		host_format(why, HV_WHY,
			    "takes interrupts of the host's, which this kernel must not have while "
			    "VMX is "
			    "on (cr4_update_irqsoff is not exported)");
		return false;
	}
	if (row->misc & ~vmx->capabilities.misc) {
		host_format(why, HV_WHY, "this CPU's VMX lacks the activity state \"%s\"",
			    row->misc == MISC_HLT ? "HLT" : "wait-for-SIPI");
		return false;
	}
	return !vmx_controls_fit(&vmx->capabilities, &requested, &controls, why);
}

int vmx_feature_enable(struct hv_vm *vm, enum hv_feature feature, char *why)
{
	struct vmx_vm *vmx = vm->priv;
	const struct vmx_feature *row = find(feature);

	if (feature == HV_FEATURE_HYPERCALL_EXIT) /* every VMCALL exits */
		return 0;
	if (feature >= HV_FEATURE_EXCEPTION_EXIT && feature < HV_FEATURE_EXCEPTION_EXIT + 32) {
		vmx->exceptions |= 1U << (feature - HV_FEATURE_EXCEPTION_EXIT);
		return 0;
	}
	if (!row) {
		host_format(why, HV_WHY, "no control for it is known to this build of hv/vmx");
		return -EOPNOTSUPP;
	}
	if (!available(vmx, row, why) || (row->prepare && row->prepare(vmx, why)))
		return -EOPNOTSUPP;
	vmx->controls.value[VMX_PROCESSOR] |= row->processor;
	vmx->controls.value[VMX_PROCESSOR] &= ~(u64)row->without;
	vmx->controls.value[VMX_SECONDARY] |= row->secondary;
	vmx->controls.value[VMX_TERTIARY] |= row->tertiary;
	vmx->controls.value[VMX_EXIT] |= row->exit;
	vmx->arm = row->arm;
	vmx->interrupts = row->interrupts;
	vmx->load = row->load;
	vmx->handler = row->handler;
	return 0;
}

void vmx_feature_load(struct vmx_vcpu *vcpu)
{
	if (vcpu->feature_loaded)
		return;
	vcpu->feature_loaded = true;
	vmcs_write(VMCS_EXIT_CONTROLS, vcpu->vm->controls.value[VMX_EXIT]);
	if (vcpu->vm->load)
		vcpu->vm->load(vcpu);
}
