// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 3, "Virtual-Machine Control Structures". */
#include "setup.h"

#include "../host.h"
#include "cpu.h"

#define DR7_AT_RESET	0x400
#define RIGHTS_UNUSABLE (1 << 16)
#define NO_VMCS_LINK	~0ULL

static void write_controls(const struct vmx_vcpu *vcpu)
{
	const struct vmx_vm *vm = vcpu->vm;
	const u64 *value = vm->controls.value;
	u64 bitmap_a = host_physical(vm->io_bitmaps);

	vmcs_write(VMCS_PIN_CONTROLS, value[VMX_PIN]);
	vmcs_write(VMCS_PROCESSOR_CONTROLS, value[VMX_PROCESSOR]);
	vmcs_write(VMCS_SECONDARY_PROCESSOR_CONTROLS, value[VMX_SECONDARY]);
	vmcs_write(VMCS_EXIT_CONTROLS, value[VMX_EXIT]);
	vmcs_write(VMCS_ENTRY_CONTROLS, value[VMX_ENTRY]);
	vmcs_write(VMCS_PAGE_FAULT_ERROR_MASK, 0);
	vmcs_write(VMCS_PAGE_FAULT_ERROR_MATCH, 0);
	vmcs_write(VMCS_CR3_TARGET_COUNT, 0);
	/*
	 * SDM Vol. 3, "VM-Exit Controls for MSRs". The stored TSC is without the guest's offset,
	 * which is 0.
	 */
	vmcs_write(VMCS_EXIT_MSR_STORE_COUNT, vcpu->vcpu->vm->config.stored_tsc);
	vmcs_write(VMCS_EXIT_MSR_STORE_ADDRESS, host_physical(&vcpu->frame.store));
	vmcs_write(VMCS_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write(VMCS_ENTRY_INTERRUPTION_INFO, 0);
	vmcs_write(VMCS_IO_BITMAP_A, bitmap_a);
	vmcs_write(VMCS_IO_BITMAP_B, bitmap_a + 0x1000);
	vmcs_write(VMCS_MSR_BITMAP, host_physical(vm->msr_bitmap));
	vmcs_write(VMCS_EPT_POINTER, vm->ept_pointer);
	if (value[VMX_SECONDARY] & VMX_SECONDARY_VPID)
		vmcs_write(VMCS_VPID, VMX_VPID_FIRST + vcpu->vcpu->index);
	if (value[VMX_SECONDARY] & VMX_SECONDARY_VM_FUNCTIONS)
		vmcs_write(VMCS_VM_FUNCTION_CONTROLS, 0); /* no function: each VMFUNC exits */
	if (value[VMX_SECONDARY] & VMX_SECONDARY_XSAVES)
		vmcs_write(VMCS_XSS_EXITING_BITMAP, 0);
	vmcs_write(VMCS_TSC_OFFSET, 0);
	vmcs_write(VMCS_VMCS_LINK_POINTER, NO_VMCS_LINK);
}

void vmx_controls_write(const struct vmx_vcpu *vcpu)
{
	const u64 *value = vcpu->vm->controls.value;

	vmcs_write(VMCS_PIN_CONTROLS, vmx_pin_controls(vcpu));
	vmcs_write(VMCS_PROCESSOR_CONTROLS, value[VMX_PROCESSOR]);
	vmcs_write(VMCS_SECONDARY_PROCESSOR_CONTROLS, value[VMX_SECONDARY]);
	if (value[VMX_PROCESSOR] & VMX_PROCESSOR_TERTIARY_CONTROLS)
		vmcs_write(VMCS_TERTIARY_PROCESSOR_CONTROLS, value[VMX_TERTIARY]);
	vmcs_write(VMCS_EXCEPTION_BITMAP, vcpu->vm->exceptions);
}

static void write_segments(const struct hv_start *start)
{
	/* In the order of enum hv_segment_name. */
	for (u32 i = 0; i < HV_SEGMENTS; i++) {
		const struct hv_segment *segment = &start->segment[i];
		bool unusable = segment->rights & HV_SEGMENT_UNUSABLE;

		vmcs_write(VMCS_GUEST_ES_SELECTOR + 2 * i, segment->selector);
		vmcs_write(VMCS_GUEST_ES_LIMIT + 2 * i, segment->limit);
		vmcs_write(VMCS_GUEST_ES_BASE + 2 * i, segment->base);
		vmcs_write(VMCS_GUEST_ES_ACCESS_RIGHTS + 2 * i,
			   unusable ? RIGHTS_UNUSABLE : segment->rights);
	}
	vmcs_write(VMCS_GUEST_GDTR_BASE, start->gdt_base);
	vmcs_write(VMCS_GUEST_GDTR_LIMIT, start->gdt_limit);
	vmcs_write(VMCS_GUEST_IDTR_BASE, start->idt_base);
	vmcs_write(VMCS_GUEST_IDTR_LIMIT, start->idt_limit);
}

_Static_assert(HV_ES == 0 && HV_CS == 1 && HV_SS == 2 && HV_DS == 3 && HV_FS == 4 && HV_GS == 5 &&
		       HV_LDTR == 6 && HV_TR == 7,
	       "segments are in the order of the VMCS");

/*
 * CR0 and CR4 bits that VMX requires, and CR4.MCE, are hidden from the guest by mask and read
 * shadow. All bits are host-owned, so each change exits. Without CR4.MCE a machine check would shut
 * the CPU down, intercepted or not (SDM Vol. 3, "Machine-Check Events During VM Entry").
 */
static void write_control_registers(struct vmx_vcpu *vcpu, const struct hv_start *start)
{
	const struct vmx_capabilities *can = &vcpu->vm->capabilities;

	vcpu->cr4_required = can->cr4_fixed0 | (cpu_read_cr4() & CR4_MCE);
	vmcs_write(VMCS_GUEST_CR0, (start->cr0 | can->cr0_fixed0) & can->cr0_fixed1);
	vmcs_write(VMCS_GUEST_CR4, (start->cr4 | vcpu->cr4_required) & can->cr4_fixed1);
	vmcs_write(VMCS_GUEST_CR3, start->cr3);
	vmcs_write(VMCS_CR0_MASK, ~0ULL);
	vmcs_write(VMCS_CR4_MASK, ~0ULL);
	vmcs_write(VMCS_CR0_READ_SHADOW, start->cr0);
	vmcs_write(VMCS_CR4_READ_SHADOW, start->cr4);
}

static void write_guest(struct vmx_vcpu *vcpu)
{
	struct hv_start start;

	hv_start_state(vcpu->vcpu, &start);
	write_segments(&start);
	write_control_registers(vcpu, &start);
	vmcs_write(VMCS_GUEST_EFER, start.efer);
	vmcs_write(VMCS_GUEST_PAT, VMCS_PAT_AT_RESET);
	vmcs_write(VMCS_GUEST_DEBUGCTL, 0);
	vmcs_write(VMCS_GUEST_DR7, DR7_AT_RESET);
	vmcs_write(VMCS_GUEST_RIP, start.rip);
	vmcs_write(VMCS_GUEST_RSP, start.rsp);
	vmcs_write(VMCS_GUEST_RFLAGS, start.rflags);
	vmcs_write(VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(VMCS_GUEST_ACTIVITY, 0);
	vmcs_write(VMCS_GUEST_SYSENTER_CS, 0);
	vmcs_write(VMCS_GUEST_SYSENTER_ESP, 0);
	vmcs_write(VMCS_GUEST_SYSENTER_EIP, 0);
}

void vmcs_setup(struct vmx_vcpu *vcpu)
{
	struct hv_start start;

	hv_start_state(vcpu->vcpu, &start);
	write_controls(vcpu);
	write_guest(vcpu);
	vcpu->frame.rdi = start.rdi;
	vcpu->frame.store.index = MSR_TSC;
	vcpu->star = start.star;
	vcpu->lstar = start.lstar;
	vcpu->sfmask = start.sfmask;
}

/* The base in a system-segment descriptor, which has 16 bytes in 64-bit mode. */
static u64 system_base(u64 gdt_base, u16 selector)
{
	const u64 *entry = (const u64 *)(gdt_base + (selector & ~7));

	return (entry[0] >> 16 & 0xffffff) | (entry[0] >> 56) << 24 | entry[1] << 32;
}

void vmcs_host_tables(void)
{
	vmcs_write(VMCS_HOST_CR3, cpu_read_cr3());
	vmcs_write(VMCS_HOST_CR4, cpu_read_cr4());
}

/*
 * CR3 and CR4 are written as read, PCID included: bit 63 of CR3 reads as 0, exits load all of both,
 * and CR4.PCIDE only requires a 64-bit host (SDM Vol. 3, "Checks on Host Control Registers, MSRs,
 * and SSP"). During a batch only an interrupt of the host can change them.
 */
void vmcs_host_state(const struct vmx_vcpu *vcpu)
{
	struct table_register gdt, idt;
	u16 tr = cpu_tr();

	cpu_sgdt(&gdt);
	cpu_sidt(&idt);
	/* RPL and TI of host selectors must be 0 (SDM Vol. 3, "Checks on Host Segment ..."). */
	vmcs_write(VMCS_HOST_ES_SELECTOR, cpu_es() & ~7);
	vmcs_write(VMCS_HOST_CS_SELECTOR, cpu_cs() & ~7);
	vmcs_write(VMCS_HOST_SS_SELECTOR, cpu_ss() & ~7);
	vmcs_write(VMCS_HOST_DS_SELECTOR, cpu_ds() & ~7);
	vmcs_write(VMCS_HOST_FS_SELECTOR, cpu_fs() & ~7);
	vmcs_write(VMCS_HOST_GS_SELECTOR, cpu_gs() & ~7);
	vmcs_write(VMCS_HOST_TR_SELECTOR, tr & ~7);
	vmcs_write(VMCS_HOST_CR0, cpu_read_cr0());
	vmcs_host_tables();
	vmcs_write(VMCS_HOST_FS_BASE, cpu_rdmsr(MSR_FS_BASE));
	vmcs_write(VMCS_HOST_GS_BASE, cpu_rdmsr(MSR_GS_BASE));
	vmcs_write(VMCS_HOST_TR_BASE, system_base(gdt.base, tr));
	vmcs_write(VMCS_HOST_GDTR_BASE, gdt.base);
	vmcs_write(VMCS_HOST_IDTR_BASE, idt.base);
	vmcs_write(VMCS_HOST_SYSENTER_CS, cpu_rdmsr(MSR_SYSENTER_CS));
	vmcs_write(VMCS_HOST_SYSENTER_ESP, cpu_rdmsr(MSR_SYSENTER_ESP));
	vmcs_write(VMCS_HOST_SYSENTER_EIP, cpu_rdmsr(MSR_SYSENTER_EIP));
	vmcs_write(VMCS_HOST_EFER, cpu_rdmsr(MSR_EFER));
	vmcs_write(VMCS_HOST_PAT, cpu_rdmsr(MSR_PAT));
	vmcs_write(VMCS_HOST_RSP, (u64)&vcpu->frame);
}
