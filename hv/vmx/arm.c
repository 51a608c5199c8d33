// SPDX-License-Identifier: GPL-2.0-or-later
#include "arm.h"

#include "../host.h"
#include "intrin.h"
#include "setup.h"

#define PAGE	       0x1000
#define PLE_GAP	       4096 /* ticks: a PAUSE takes 1 in Bochs, about 10 before Skylake, 140 since */
#define PLE_WINDOW     32   /* ticks: 34 PAUSEs are enough if each takes one */
#define VTPR	       0x80 /* offset in the virtual-APIC page */
#define VISR	       0x100
#define SHADOW_VMCS    (1U << 31)
#define EPTP_SWITCHING 1
#define ENTRY_BROKEN_MSR \
	0xc0000100 /* FS base is not allowed in the list (SDM Vol. 3, "Loading MSRs") */
#define EOI_VECTOR 0x41

void vmx_arm_interrupt_window(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS, vcpu->vm->controls.value[VMX_PROCESSOR] |
						    VMX_PROCESSOR_INTERRUPT_WINDOW_EXITING);
}

void vmx_arm_nmi_window(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS,
		   vcpu->vm->controls.value[VMX_PROCESSOR] | VMX_PROCESSOR_NMI_WINDOW_EXITING);
}

void vmx_arm_monitor_trap(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PROCESSOR_CONTROLS,
		   vcpu->vm->controls.value[VMX_PROCESSOR] | VMX_PROCESSOR_MONITOR_TRAP_FLAG);
}

/* At 0 it expires before the guest's first instruction. */
void vmx_arm_timer(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PREEMPTION_TIMER, 0);
	vmcs_write(VMCS_PIN_CONTROLS, vmx_pin_controls(vcpu) | VMX_PIN_PREEMPTION_TIMER);
}

void vmx_arm_interrupt(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	host_interrupt_self(); /* pending until the entry: interrupts are disabled here */
}

/* RFLAGS with a 0 in the bit that is always 1. */
void vmx_arm_bad_state(struct vmx_vcpu *vcpu)
{
	vcpu->broken = vmcs_read(VMCS_GUEST_RFLAGS);
	vmcs_write(VMCS_GUEST_RFLAGS, vcpu->broken & ~2ULL);
}

void vmx_arm_bad_msr(struct vmx_vcpu *vcpu)
{
	vcpu->broken = vmcs_read(VMCS_GUEST_RFLAGS);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 1);
}

static u8 *page_of(const struct vmx_vcpu *vcpu, enum vmx_page page)
{
	return vcpu->vm->pages + page * PAGE;
}

/* TPR is high: the guest's next MOV to CR8 lowers it below the threshold. */
void vmx_arm_tpr(struct vmx_vcpu *vcpu)
{
	*(volatile u32 *)(page_of(vcpu, VMX_PAGE_VIRTUAL_APIC) + VTPR) = 0xf0;
	vmcs_write(VMCS_TPR_THRESHOLD, 1);
}

/* An interrupt in service, whose EOI exits. */
void vmx_arm_eoi(struct vmx_vcpu *vcpu)
{
	volatile u32 *visr = (volatile u32 *)(page_of(vcpu, VMX_PAGE_VIRTUAL_APIC) + VISR +
					      EOI_VECTOR / 32 * 16);

	*visr |= 1U << EOI_VECTOR % 32;
	vmcs_write(VMCS_GUEST_INTERRUPT_STATUS, EOI_VECTOR << 8);
}

/*
 * One free entry: of two pages that the guest dirties, the second finds the log full (SDM Vol. 3,
 * "Page-Modification Logging"). A full log would be enough on a CPU, which exits only when it has
 * to set a dirty flag. Bochs 2.7 exits on any EPT walk, even for the guest's next instruction
 * fetch, before the store.
 */
void vmx_arm_pml(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_PML_INDEX, 0);
}

/* The guest is inactive until another CPU's signal comes. */
static void await_signal(struct vmx_vcpu *vcpu, u32 activity, enum host_signal signal)
{
	vcpu->signal_awaited = true;
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0); /* blocking allows no inactive state */
	vmcs_write(VMCS_GUEST_ACTIVITY, activity);
	host_signal_begin(signal);
}

void vmx_arm_init(struct vmx_vcpu *vcpu)
{
	await_signal(vcpu, VMX_ACTIVITY_HLT, HOST_SIGNAL_INIT);
}

void vmx_arm_sipi(struct vmx_vcpu *vcpu)
{
	await_signal(vcpu, VMX_ACTIVITY_WAIT_FOR_SIPI, HOST_SIGNAL_SIPI);
}

static u64 physical_page(const struct vmx_vcpu *vcpu, enum vmx_page page)
{
	return host_physical(page_of(vcpu, page));
}

void vmx_load_virtual_apic(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_VIRTUAL_APIC_ADDRESS, physical_page(vcpu, VMX_PAGE_VIRTUAL_APIC));
	vmcs_write(VMCS_APIC_ACCESS_ADDRESS, physical_page(vcpu, VMX_PAGE_APIC_ACCESS));
	vmcs_write(VMCS_TPR_THRESHOLD, 0);
}

void vmx_load_eoi(struct vmx_vcpu *vcpu)
{
	vmx_load_virtual_apic(vcpu);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_0, 0);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_1, 1ULL << (EOI_VECTOR - 64));
	vmcs_write(VMCS_EOI_EXIT_BITMAP_2, 0);
	vmcs_write(VMCS_EOI_EXIT_BITMAP_3, 0);
	vmcs_write(VMCS_GUEST_INTERRUPT_STATUS, 0);
}

void vmx_load_pml(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_PML_ADDRESS, physical_page(vcpu, VMX_PAGE_PML));
	vmcs_write(VMCS_PML_INDEX, VMX_PML_EMPTY);
}

void vmx_load_ple(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_PLE_GAP, PLE_GAP);
	vmcs_write(VMCS_PLE_WINDOW, PLE_WINDOW);
}

void vmx_load_eptp_list(struct vmx_vcpu *vcpu)
{
	*(u64 *)page_of(vcpu, VMX_PAGE_EPTP_LIST) = vcpu->vm->ept_pointer;
	vmcs_write(VMCS_EPTP_LIST_ADDRESS, physical_page(vcpu, VMX_PAGE_EPTP_LIST));
	vmcs_write(VMCS_VM_FUNCTION_CONTROLS, EPTP_SWITCHING);
}

/*
 * The guest's VMREAD accesses this VMCS (SDM Vol. 3, "Shadow-VMCS Indicator"); bitmaps of 0: none
 * exits.
 */
void vmx_load_shadow(struct vmx_vcpu *vcpu)
{
	u32 *region = (u32 *)(vcpu->region + PAGE);
	unsigned long long shadow = host_physical(region);

	region[0] = (vcpu->vm->capabilities.basic & 0x7fffffff) | SHADOW_VMCS;
	__vmx_vmclear(&shadow);
	vcpu->shadow = shadow;
	vmcs_write(VMCS_VMREAD_BITMAP, physical_page(vcpu, VMX_PAGE_ZEROS));
	vmcs_write(VMCS_VMWRITE_BITMAP, physical_page(vcpu, VMX_PAGE_ZEROS));
	vmcs_write(VMCS_VMCS_LINK_POINTER, shadow);
}

void vmx_load_bad_msr(struct vmx_vcpu *vcpu)
{
	u32 *entry = (u32 *)page_of(vcpu, VMX_PAGE_MSRS);

	entry[0] = ENTRY_BROKEN_MSR;
	vmcs_write(VMCS_ENTRY_MSR_LOAD_ADDRESS, physical_page(vcpu, VMX_PAGE_MSRS));
}

/*
 * A table of 4 levels like EPT's (SDM Vol. 3, "Sub-Page Write Permissions"); empty: no write is
 * allowed.
 */
void vmx_load_sub_page(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_SUB_PAGE_PERMISSION_TABLE, physical_page(vcpu, VMX_PAGE_ZEROS));
}

void vmx_load_encls(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_ENCLS_EXITING_BITMAP, ~0ULL);
}

void vmx_load_xss(struct vmx_vcpu *vcpu)
{
	vmcs_write(VMCS_XSS_EXITING_BITMAP, vcpu->vm->xss);
}

/* The minimum: the CPU adds a threshold of its own. */
void vmx_load_notify(struct vmx_vcpu *vcpu)
{
	(void)vcpu;
	vmcs_write(VMCS_INSTRUCTION_TIMEOUT, 0);
}
