// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a VM can be told to have beyond the usual: controls, the pages they need, and for exits that
 * nobody in the guest can make by an instruction what the guest's VMCALL sets off ("arms"). Where
 * the SDM wants more than a control, its section stands beside it.
 */
#include "feature.h"

#include "../host.h"
#include "access.h"
#include "cpu.h"
#include "ept.h"
#include "event.h"
#include "exit.h"
#include "intrin.h"
#include "setup.h"

#define PAGE		 0x1000
#define PLE_GAP		 128
#define PLE_WINDOW	 32
#define VTPR		 0x80 /* offset in the virtual-APIC page */
#define VISR		 0x100
#define SHADOW_VMCS	 (1U << 31)
#define EPTP_SWITCHING	 1
#define ENTRY_BROKEN_MSR 0xc0000100 /* FS base: may not be in the list (SDM, "Loading MSRs") */
#define EOI_VECTOR	 0x41

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

static void arm_interrupt_window(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS, vcpu->vm->controls.value[VMX_PROCESSOR] |
						    VMX_PROCESSOR_INTERRUPT_WINDOW_EXITING);
}

static void arm_nmi_window(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS,
		   vcpu->vm->controls.value[VMX_PROCESSOR] | VMX_PROCESSOR_NMI_WINDOW_EXITING);
}

static void arm_monitor_trap(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS,
		   vcpu->vm->controls.value[VMX_PROCESSOR] | VMX_PROCESSOR_MONITOR_TRAP_FLAG);
}

/* At 0 it expires before the guest's first instruction. */
static void arm_timer(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PREEMPTION_TIMER, 0);
	vmcs_write(VMCS_PIN_CONTROLS, vmx_pin_controls(vcpu) | VMX_PIN_PREEMPTION_TIMER);
}

static void arm_interrupt(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	host_interrupt_self(); /* interrupts are off here: it waits for the guest */
}

/* RFLAGS with a 0 in the bit that is always 1. */
static void arm_bad_state(struct vmx_vcpu *vcpu)
{
	vcpu->broken = vmcs_read(VMCS_GUEST_RFLAGS);
	vmcs_write(VMCS_GUEST_RFLAGS, vcpu->broken & ~2ULL);
}

static void arm_bad_msr(struct vmx_vcpu *vcpu)
{
	vcpu->broken = vmcs_read(VMCS_GUEST_RFLAGS);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 1);
}

static u8 *page_of(const struct vmx_vcpu *vcpu, enum vmx_page page)
{
	return vcpu->vm->pages + page * PAGE;
}

/* TPR high, so that the guest's next MOV to CR8 falls below the threshold. */
static void arm_tpr(struct vmx_vcpu *vcpu)
{
	*(volatile u32 *)(page_of(vcpu, VMX_PAGE_VIRTUAL_APIC) + VTPR) = 0xf0;
	vmcs_write(VMCS_TPR_THRESHOLD, 1);
}

/* An interrupt is in service, whose end is to exit. */
static void arm_eoi(struct vmx_vcpu *vcpu)
{
	volatile u32 *visr = (volatile u32 *)(page_of(vcpu, VMX_PAGE_VIRTUAL_APIC) + VISR +
					      EOI_VECTOR / 32 * 16);

	*visr |= 1U << EOI_VECTOR % 32;
	vmcs_write(VMCS_GUEST_INTERRUPT_STATUS, EOI_VECTOR << 8);
}

/*
 * Room for one entry: of two pages that the guest's store makes dirty, the second finds the log
 * full (SDM Vol. 3, "Page-Modification Logging"). Full from here on would be enough for a CPU,
 * which exits only where a dirty flag is to be set. Bochs 2.7 does so with whatever it has to look
 * up in EPT, be it the guest's next instruction, and thus before the store.
 */
static void arm_pml(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_PML_INDEX, 0);
}

/* The guest does nothing until the signal of another CPU comes. */
static void await_signal(struct vmx_vcpu *vcpu, u32 activity, enum host_signal signal)
{
	vcpu->signal_awaited = true;
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0); /* or it may not be inactive */
	vmcs_write(VMCS_GUEST_ACTIVITY, activity);
	host_signal_begin(signal);
}

static void arm_init(struct vmx_vcpu *vcpu)
{
	await_signal(vcpu, VMX_ACTIVITY_HLT, HOST_SIGNAL_INIT);
}

static void arm_sipi(struct vmx_vcpu *vcpu)
{
	await_signal(vcpu, VMX_ACTIVITY_WAIT_FOR_SIPI, HOST_SIGNAL_SIPI);
}

static u64 physical_page(const struct vmx_vcpu *vcpu, enum vmx_page page)
{
	return host_physical(page_of(vcpu, page));
}

static void load_virtual_apic(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_VIRTUAL_APIC_ADDRESS, physical_page(vcpu, VMX_PAGE_VIRTUAL_APIC));
	vmcs_write(VMCS_APIC_ACCESS_ADDRESS, physical_page(vcpu, VMX_PAGE_APIC_ACCESS));
	vmcs_write(VMCS_TPR_THRESHOLD, 0);
}

static void load_eoi(struct vmx_vcpu *vcpu)
{
	load_virtual_apic(vcpu);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_0, 0);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_1, 1ULL << (EOI_VECTOR - 64));
	vmcs_write(VMCS_EOI_EXIT_BITMAP_2, 0);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_3, 0);
	vmcs_write(VMCS_GUEST_INTERRUPT_STATUS, 0);
}

static void load_pml(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PML_ADDRESS, physical_page(vcpu, VMX_PAGE_PML));
	vmcs_write(VMCS_PML_INDEX, VMX_PML_EMPTY);
}

static void load_ple(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_PLE_GAP, PLE_GAP);
	vmcs_write(VMCS_PLE_WINDOW, PLE_WINDOW);
}

static void load_eptp_list(struct vmx_vcpu *vcpu)
{
	*(u64 *)page_of(vcpu, VMX_PAGE_EPTP_LIST) = vcpu->vm->ept_pointer;
	vmcs_write(VMCS_EPTP_LIST_ADDRESS, physical_page(vcpu, VMX_PAGE_EPTP_LIST));
	vmcs_write(VMCS_VM_FUNCTION_CONTROLS, EPTP_SWITCHING);
}

/* The guest's VMREAD goes to this one (SDM, "Shadow-VMCS Indicator"); bitmaps of 0: none exits. */
static void load_shadow(struct vmx_vcpu *vcpu)
{
	unsigned long long shadow = physical_page(vcpu, VMX_PAGE_SHADOW_VMCS);
	u32 *region = (u32 *)page_of(vcpu, VMX_PAGE_SHADOW_VMCS);

	region[0] = (vcpu->vm->capabilities.basic & 0x7fffffff) | SHADOW_VMCS;
	__vmx_vmclear(&shadow);
	vmcs_write(VMCS_VMREAD_BITMAP, physical_page(vcpu, VMX_PAGE_ZEROS));
	vmcs_write(VMCS_VMWRITE_BITMAP, physical_page(vcpu, VMX_PAGE_ZEROS));
	vmcs_write(VMCS_VMCS_LINK_POINTER, shadow);
}

static void load_bad_msr(struct vmx_vcpu *vcpu)
{
	u32 *entry = (u32 *)page_of(vcpu, VMX_PAGE_MSRS);

	entry[0] = ENTRY_BROKEN_MSR;
	vmcs_write(VMCS_ENTRY_MSR_LOAD_ADDRESS, physical_page(vcpu, VMX_PAGE_MSRS));
}

/* A table of 4 levels like EPT's (SDM Vol. 3, "Sub-Page Write Permissions"): nothing is in it. */
static void load_sub_page(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_SUB_PAGE_PERMISSION_TABLE, physical_page(vcpu, VMX_PAGE_ZEROS));
}

static void load_encls(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_ENCLS_EXITING_BITMAP, ~0ULL);
}

/* The states that IA32_XSS can have (SDM Vol. 1, "Enumeration of CPU Support for XSAVE"). Bochs 2.7
 * does not list that of CET, which it has. */
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

/* Any of them will do: XSAVES and XRSTORS exit if it is asked for, is in IA32_XSS and in the bitmap
 * (SDM, "Instructions That Cause VM Exits Conditionally"). */
static int need_xss(struct vmx_vm *vmx, char *why)
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

static void load_xss(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_XSS_EXITING_BITMAP, vcpu->vm->xss);
}

/* The least: the CPU adds a threshold of its own to it. */
static void load_notify(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_INSTRUCTION_TIMEOUT, 0);
}

static int need_host_apic(struct vmx_vm *vmx, char *why)
{
	u64 base = cpu_rdmsr(MSR_APIC_BASE);

	if ((base & (APIC_BASE_ENABLED | APIC_BASE_X2APIC)) != APIC_BASE_ENABLED) {
		host_format(why, HV_WHY,
			    "the host's local APIC is not in xAPIC mode (IA32_APIC_BASE is 0x%llx)",
			    (unsigned long long)base);
		return -EOPNOTSUPP;
	}
	vmx_ept_apic(vmx, base & APIC_BASE_ADDRESS);
	return 0;
}

/* CPUID.01H:ECX[6] says so, too; Bochs 2.7 has SMX on two models and does not list it there. */
static int need_safer_mode(struct vmx_vm *vmx, char *why)
{
	if (vmx->capabilities.cr4_fixed1 & CR4_SMXE)
		return 0;
	host_format(why, HV_WHY,
		    "this CPU has no safer mode extensions: GETSEC is #UD (IA32_VMX_CR4_FIXED1[14] "
		    "is 0)");
	return -EOPNOTSUPP;
}

static int need_msr_immediate(struct vmx_vm *vmx, char *why)
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
	u32 pin_later, processor_later; /* that arming needs: only looked for */
	u32 exit;			/* set in the VM-exit controls */
	u32 misc;			/* activity states that arming needs */
	bool other_cpu;			/* that runs no vCPU */
	bool interrupts;		/* external-interrupt exiting stays on */
	u32 tertiary;
	/* What no control tells of. -EOPNOTSUPP, and why. */
	int (*need)(struct vmx_vm *vmx, char *why);
	void (*load)(struct vmx_vcpu *vcpu); /* once a vCPU, its VMCS is current */
	void (*arm)(struct vmx_vcpu *vcpu);
	int (*handler)(struct vmx_frame *frame); /* in place of the usual one */
} features[] = {
	{HV_FEATURE_RDTSC_EXIT, .processor = VMX_PROCESSOR_RDTSC_EXITING},
	{HV_FEATURE_ARM_INTERRUPT_WINDOW, .processor_later = VMX_PROCESSOR_INTERRUPT_WINDOW_EXITING,
	 .interrupts = true, .arm = arm_interrupt_window},
	{HV_FEATURE_ARM_NMI_WINDOW, .pin_later = VMX_PIN_VIRTUAL_NMIS,
	 .processor_later = VMX_PROCESSOR_NMI_WINDOW_EXITING, .arm = arm_nmi_window},
	{HV_FEATURE_ARM_MONITOR_TRAP, .processor_later = VMX_PROCESSOR_MONITOR_TRAP_FLAG,
	 .arm = arm_monitor_trap},
	{HV_FEATURE_ARM_TIMER, .pin_later = VMX_PIN_PREEMPTION_TIMER, .arm = arm_timer},
	{HV_FEATURE_ARM_INTERRUPT, .interrupts = true, .arm = arm_interrupt},
	{HV_FEATURE_ARM_INTERRUPT_ACKNOWLEDGED, .exit = VMX_EXIT_ACKNOWLEDGE_INTERRUPT,
	 .interrupts = true, .arm = arm_interrupt},
	{HV_FEATURE_ARM_BAD_STATE, .arm = arm_bad_state},
	{HV_FEATURE_ARM_BAD_MSR, .load = load_bad_msr, .arm = arm_bad_msr},
	{HV_FEATURE_LAUNCH, .handler = vmx_handle_and_vmclear},
	{HV_FEATURE_ARM_TPR, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .without = VMX_PROCESSOR_CR8_LOAD_EXITING | VMX_PROCESSOR_CR8_STORE_EXITING,
	 .load = load_virtual_apic, .arm = arm_tpr},
	{HV_FEATURE_APIC_ACCESS, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES, .load = load_virtual_apic},
	{HV_FEATURE_APIC_WRITE, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES |
		      VMX_SECONDARY_APIC_REGISTER_VIRTUALIZATION,
	 .load = load_virtual_apic},
	{HV_FEATURE_ARM_EOI, .processor = VMX_PROCESSOR_TPR_SHADOW,
	 .secondary = VMX_SECONDARY_VIRTUALIZE_APIC_ACCESSES |
		      VMX_SECONDARY_APIC_REGISTER_VIRTUALIZATION |
		      VMX_SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
	 .interrupts = true, /* its control wants external-interrupt exiting (SDM 26.2.1.1) */
	 .load = load_eoi, .arm = arm_eoi},
	{HV_FEATURE_ARM_DIRTY_LOG, .secondary = VMX_SECONDARY_PML, .load = load_pml,
	 .arm = arm_pml},
	{HV_FEATURE_ARM_INIT, .other_cpu = true, .misc = MISC_HLT, .arm = arm_init},
	{HV_FEATURE_ARM_SIPI, .other_cpu = true, .misc = MISC_WAIT_FOR_SIPI, .arm = arm_sipi},
	{HV_FEATURE_PAUSE_LOOP, .secondary = VMX_SECONDARY_PAUSE_LOOP_EXITING,
	 .without = VMX_PROCESSOR_PAUSE_EXITING, .load = load_ple},
	{HV_FEATURE_EPTP_SWITCHING, .secondary = VMX_SECONDARY_VM_FUNCTIONS,
	 .load = load_eptp_list},
	{HV_FEATURE_SHADOW_VMCS, .secondary = VMX_SECONDARY_VMCS_SHADOWING, .load = load_shadow},
	{HV_FEATURE_USER_WAIT, .processor = VMX_PROCESSOR_RDTSC_EXITING,
	 .secondary = VMX_SECONDARY_USER_WAIT_PAUSE},
	{HV_FEATURE_ENCLS, .secondary = VMX_SECONDARY_ENCLS_EXITING, .load = load_encls},
	{HV_FEATURE_BUS_LOCK, .secondary = VMX_SECONDARY_BUS_LOCK_DETECTION},
	{HV_FEATURE_HOST_APIC, .need = need_host_apic, .handler = vmx_handle_nmi},
	{HV_FEATURE_XSAVES, .secondary = VMX_SECONDARY_XSAVES, .need = need_xss, .load = load_xss},
	{HV_FEATURE_NOTIFY, .secondary = VMX_SECONDARY_INSTRUCTION_TIMEOUT,
	 .without = VMX_PROCESSOR_MOV_DR_EXITING, .load = load_notify},
	{HV_FEATURE_LOADIWKEY, .processor = VMX_PROCESSOR_TERTIARY_CONTROLS,
	 .tertiary = VMX_TERTIARY_LOADIWKEY_EXITING},
	{HV_FEATURE_GETSEC, .need = need_safer_mode},
	{HV_FEATURE_MSR_IMMEDIATE, .need = need_msr_immediate},
	{HV_FEATURE_SUB_PAGE, .secondary = VMX_SECONDARY_SUB_PAGE_WRITE, .load = load_sub_page},
};

static const struct vmx_feature *find(enum hv_feature feature)
{
	for (u32 i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].feature == feature)
			return &features[i];
	return NULL;
}

/* False, and why: the CPU cannot. */
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

	if (feature == HV_FEATURE_HYPERCALL_EXIT) /* every VMCALL does */
		return 0;
	if (feature >= HV_FEATURE_EXCEPTION_EXIT && feature < HV_FEATURE_EXCEPTION_EXIT + 32) {
		vmx->exceptions |= 1U << (feature - HV_FEATURE_EXCEPTION_EXIT);
		return 0;
	}
	if (!row) {
		host_format(why, HV_WHY, "no control for it is known to this build of hv/vmx");
		return -EOPNOTSUPP;
	}
	if (!available(vmx, row, why) || (row->need && row->need(vmx, why)))
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
