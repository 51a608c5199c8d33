/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers for the guest's part of rows: instructions without a C equivalent, the local APIC,
 * handlers of guest_entry.S. Numbers: Intel SDM Vol. 3A, "Advanced Programmable Interrupt
 * Controller (APIC)", and Vol. 4 (MSRs).
 */
#ifndef BENCH_GUEST_PROCESSOR_H
#define BENCH_GUEST_PROCESSOR_H

#include "loops.h"
#include "../storms/values.h"

enum msr {
	MSR_IA32_APIC_BASE = 0x1b,
	MSR_IA32_TSC_ADJUST = 0x3b,
	MSR_IA32_SPEC_CTRL = 0x48,
	MSR_IA32_PRED_CMD = 0x49,
	MSR_IA32_TSX_CTRL = 0x122,
	MSR_IA32_MISC_ENABLE = 0x1a0,
	MSR_IA32_PAT = 0x277,
	MSR_IA32_TSC_DEADLINE = 0x6e0,
	MSR_X2APIC_ID = 0x802,
	MSR_X2APIC_EOI = 0x80b,
	MSR_X2APIC_SVR = 0x80f,
	MSR_X2APIC_CURRENT_COUNT = 0x839,
	MSR_X2APIC_SELF_IPI = 0x83f,
};
#define MSR_KERNEL_GS_BASE 0xc0000102U
#define MSR_IA32_EFER	   0xc0000080U

enum { SPEC_CTRL_IBRS = 1 << 0, PRED_CMD_IBPB = 1 << 0 };
enum {
	CR0_TS = 1 << 3,
	CR0_WP = 1 << 16,
	CR4_PGE = 1 << 7,
	CR4_OSFXSR = 1 << 9,
	CR4_SMXE = 1 << 14,
	CR4_OSXSAVE = 1 << 18,
	CR4_KL = 1 << 19
};
enum { XCR0_X87 = 1 << 0 };
enum { DR7_RESET = 1 << 10 }; /* bit 10 is always 1; no breakpoint is enabled */
/* Breakpoint 0: local, on writes, of 8 bytes. */
enum { DR7_WATCH = DR7_RESET | 1 << 0 | 1 << 16 | 2 << 18 };
enum { EXCEPTION_DE = 0, EXCEPTION_DB = 1, EXCEPTION_GP = 13 };
enum { EXCEPTION_BP = 3, EXCEPTION_UD = 6, EXCEPTION_PF = 14 };
/*
 * A hypercall's number in RAX (KVM, Xen) and input value in RCX (Hyper-V, whose call code is its
 * low half) that no hypervisor has a function for.
 */
#define HYPERCALL_UNKNOWN 0x4558fffeUL
enum { KVM_HC_MAP_GPA_RANGE = 12 }; /* Linux, Documentation/virt/kvm/x86/hypercalls.rst */
enum {
	PORT_ELCR = 0x4d0,    /* edge/level control register of the PIC */
	PORT_PMTIMER = 0x608, /* ACPI PM timer, at the address of QEMU's q35 */
};
/* A canonical address that is never mapped. */
#define HOLE 0x600000000000UL

/* Offsets of the local APIC's registers from GUEST_APIC; APIC_EOI is in offsets.h. */
enum {
	APIC_ID = 0x20,
	APIC_LDR = 0xd0,
	APIC_SVR = 0xf0,
	APIC_ICR_LOW = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_INITIAL_COUNT = 0x380,
	APIC_CURRENT_COUNT = 0x390,
	APIC_DIVIDE = 0x3e0,
};
enum { ICR_NMI = 4 << 8 };
enum { SVR_ENABLE = 0x1ff, ICR_ASSERT = 1 << 14, ICR_SELF = 1 << 18, DIVIDE_BY_1 = 0xb };
enum { LVT_ONE_SHOT = 0, LVT_TSC_DEADLINE = 1 << 18 };
enum { VECTOR_IPI = 0xb0, VECTOR_TIMER = 0xb1 };

/* guest_entry.S */
extern const u8 handler_skip2[], handler_skip2_error[], handler_return[], guest_return[];
extern const u8 handler_xapic[], handler_x2apic[];

GUEST_INLINE u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

GUEST_INLINE void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

GUEST_INLINE u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

GUEST_INLINE void write_cr0(u64 value)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

GUEST_INLINE u64 read_cr0(void)
{
	u64 value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value));
	return value;
}

GUEST_INLINE u64 read_cr3(void)
{
	u64 value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value));
	return value;
}

GUEST_INLINE u64 read_cr4(void)
{
	u64 value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value));
	return value;
}

/* Sets CR4.OSXSAVE, without which XSETBV is #UD; #GP if the CPU has no XSAVE. Returns XCR0 at
 * reset. */
GUEST_INLINE u64 xsave_on(void)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(read_cr4() | CR4_OSXSAVE) : "memory");
	return XCR0_X87;
}

/* Sets CR4.KL, without which LOADIWKEY is #UD. */
GUEST_INLINE u64 key_locker_on(void)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(read_cr4() | CR4_OSFXSR | CR4_KL) : "memory");
	return 0;
}

/* Sets CR4.SMXE, without which GETSEC is #UD. */
GUEST_INLINE u64 safer_mode_on(void)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(read_cr4() | CR4_SMXE) : "memory");
	return 0;
}

GUEST_INLINE void sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

GUEST_INLINE void cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

GUEST_INLINE void xapic_write(u32 offset, u32 value)
{
	*(volatile u32 *)(u64)(GUEST_APIC + offset) = value;
}

/* Software-enables the APIC, without which it ignores fixed interrupts. Returns its address. */
GUEST_INLINE u64 xapic_on(void)
{
	xapic_write(APIC_SVR, SVR_ENABLE);
	return GUEST_APIC;
}

/* Sets this vCPU as the destination of the next IPI: an NMI cannot use the self shorthand. */
GUEST_INLINE u64 xapic_to_self(void)
{
	xapic_on();
	xapic_write(APIC_ICR_HIGH, *(volatile u32 *)(u64)(GUEST_APIC + APIC_ID));
	return GUEST_APIC + APIC_ICR_LOW;
}

/* Sets an APIC ID that no vCPU has as the destination of the next IPI. */
GUEST_INLINE u64 xapic_to_absent(void)
{
	xapic_write(APIC_ICR_HIGH, 0xfeU << 24);
	return GUEST_APIC + APIC_ICR_LOW;
}

GUEST_INLINE u64 x2apic_on(void)
{
	wrmsr(MSR_X2APIC_SVR, SVR_ENABLE);
	return MSR_X2APIC_SELF_IPI;
}

GUEST_INLINE u64 interrupts_on(u64 value)
{
	sti();
	return value;
}

/* Sets the timer's mode and vector, and enables interrupts. */
GUEST_INLINE u64 xapic_timer_on(u32 mode)
{
	xapic_on();
	xapic_write(APIC_DIVIDE, DIVIDE_BY_1);
	xapic_write(APIC_LVT_TIMER, mode | VECTOR_TIMER);
	/* The deadline's WRMSR may pass the store to the LVT (SDM Vol. 3A, "TSC-Deadline Mode"). */
	__asm__ volatile("mfence" : : : "memory");
	return interrupts_on(GUEST_APIC);
}

/* #UD if CPUID has no TSC deadline: the guest would wait forever. */
GUEST_INLINE u64 tsc_deadline_on(void)
{
	u32 a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c & 1 << 24))
		__asm__ volatile("ud2");
	return xapic_timer_on(LVT_TSC_DEADLINE);
}

/* Waits until the interrupt count differs from `seen`. Without PAUSE, which may exit. */
GUEST_INLINE void wait_interrupt(const struct guest_shared *shared, u64 seen)
{
	while (shared->count == seen)
		;
}

GUEST_INLINE void wait_ticks(u64 ticks)
{
	u64 until = rdtsc() + ticks;

	while (rdtsc() < until)
		;
}

/*
 * Parts of templates for self-IPIs. A self-IPI does not need ICR high; it is written because
 * kvm-unit-tests does so, with whose figures ours are compared.
 */
#define TPR_RAISE   "movq %[raised], %%cr8\n\t"
#define TPR_LOWER   "movq %[lowered], %%cr8\n\t"
#define XAPIC_SEND  "movl %[high], %c[icr_high](%[apic])\n\tmovl %[low], %c[icr_low](%[apic])\n\t"
#define X2APIC_SEND "wrmsr\n\t"
#define CLI	    "cli\n\t"
#define STI_NOP	    "sti\n\tnop"
#define STI_HLT	    "sti\n\thlt"
#define XAPIC_OPERANDS                                                                        \
	[apic] "r"(value), [high] "r"(VECTOR_IPI << 24),                                      \
		[low] "r"(ICR_ASSERT | ICR_SELF | VECTOR_IPI), [icr_high] "i"(APIC_ICR_HIGH), \
		[icr_low] "i"(APIC_ICR_LOW)
#define X2APIC_OPERANDS "c"((u32)value), "a"(VECTOR_IPI), "d"(0)
#define TPR_OPERANDS	[raised] "r"(15UL), [lowered] "r"(0UL)

/* The operands of WRMSR. */
#define WRMSR(msr, value) "c"(msr), "a"((u32)(value)), "d"((u32)((value) >> 32)) : "memory"

/* An otherwise unused word of the shared page. */
GUEST_INLINE volatile u64 *scratch(struct guest_shared *shared)
{
	return (volatile u64 *)((u8 *)shared + 0x800);
}

GUEST_INLINE u64 fill_base(const struct guest_shared *shared)
{
	return GUEST_FILL + (u64)shared->vcpu * GUEST_FILL_SIZE;
}

GUEST_INLINE u64 large_base(const struct guest_shared *shared)
{
	return GUEST_LARGE + (u64)shared->vcpu * GUEST_LARGE_SIZE;
}

/* A body that makes the exit in which the host requests an event. */
#define ARM ASM(GUEST_HYPERCALL, : : "a"(0) : "memory")

GUEST_INLINE void vmcall(void)
{
	__asm__ volatile(GUEST_HYPERCALL : : "a"(0) : "memory");
}

GUEST_INLINE void peek(u64 address)
{
	__asm__ volatile("movb (%0), %%al" : : "r"(address) : "eax", "memory");
}

GUEST_INLINE void call(u64 address)
{
	__asm__ volatile("call *%0" : : "r"(address) : "memory");
}

GUEST_INLINE void touch(u64 address)
{
	__asm__ volatile("movb $1, %0" : "=m"(*(volatile u8 *)address));
}

/* Stores to the last byte of a page and the first byte of the next one. */
GUEST_INLINE void touch_two(u64 last)
{
	__asm__ volatile("movw $1, %0" : "=m"(*(volatile u16 *)last));
}

/*
 * #DB in an endless loop. DR0 watches the stack slot that the delivery of #DB writes, on a stack of
 * its own (IST1): each delivery raises the next #DB before the handler's first instruction.
 */
GUEST_INLINE u64 debug_loop(struct guest_shared *shared)
{
	u64 stack = (u64)shared + 0x800, *ist1;

	ist1 = (u64 *)(GUEST_TSSS + GUEST_TSS_STRIDE * (u64)shared->vcpu + 36);
	__builtin_memcpy(ist1, &stack, sizeof(stack));
	*(volatile u8 *)(GUEST_IDT + 16UL * EXCEPTION_DB + 4) = 1; /* the gate's IST */
	__asm__ volatile("movq %0, %%dr0; movq %1, %%dr7"
			 :
			 : "r"(stack - 8), "r"((u64)DR7_WATCH)
			 : "memory");
	return stack;
}

/* Arms the deadline `ticks` from now and waits for its interrupt. */
GUEST_INLINE void deadline_in(const struct guest_shared *shared, u64 ticks)
{
	u64 seen = shared->count;

	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + ticks);
	wait_interrupt(shared, seen);
}

/* guest_smp.c */
void partner_spin(struct guest_shared *shared);
void partner_halt(struct guest_shared *shared);

/* Waits until the partner accepts interrupts. Returns its guest_shared. */
GUEST_INLINE u64 partner_ready(const struct guest_shared *shared)
{
	volatile struct guest_shared *partner =
		(struct guest_shared *)(GUEST_SHARED + 0x1000UL * (shared->vcpu ^ 1));

	xapic_on();
	while (!partner->index)
		;
	return (u64)partner;
}

/* The APIC ID is the vCPU's index. Returns when the partner's handler has run. */
GUEST_INLINE void ipi(struct guest_shared *partner)
{
	u64 seen = partner->count;

	xapic_write(APIC_ICR_HIGH, partner->vcpu << 24);
	xapic_write(APIC_ICR_LOW, ICR_ASSERT | VECTOR_IPI);
	wait_interrupt(partner, seen);
}

/* The guest_shared of the vCPU whose turn follows. */
GUEST_INLINE u64 round_next(const struct guest_shared *shared)
{
	u32 next = shared->vcpu + 1;

	return GUEST_SHARED + 0x1000UL * (next < shared->vcpus ? next : 0);
}

/* count: turns given to this vCPU; scratch: turns that it has taken. vCPU 0 has the first turn. */
GUEST_INLINE void round_turn(struct guest_shared *shared, struct guest_shared *next)
{
	u64 taken = (*scratch(shared))++;

	while (shared->count + (shared->vcpu == 0) <= taken)
		__asm__ volatile("pause" : : : "memory");
	next->count++;
}

#endif
