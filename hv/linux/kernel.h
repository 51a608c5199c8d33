/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differences between kernels: the only file that tests LINUX_VERSION_CODE. Kbuild looks functions
 * up in Module.symvers and defines KERNEL_EXPORTS_<function> where it is exported to all modules.
 * kernels.def lists the kernels that this was compiled for and run on.
 */
#ifndef HV_LINUX_KERNEL_H
#define HV_LINUX_KERNEL_H

#include <asm/apic.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/irq_vectors.h>
#include <asm/mce.h>
#include <asm/msr-index.h>
#include <asm/perf_event.h>
#include <asm/reboot.h>
#include <asm/tlbflush.h>
#include <asm/trapnr.h>
#include <linux/hrtimer.h>
#include <linux/smp.h>
#include <linux/version.h>
#if __has_include(<asm/cpuid/api.h>) /* cpuid_count: before 6.17 in asm/processor.h */
#include <asm/cpuid/api.h>
#endif
#if __has_include(<asm/fred.h>)
#include <asm/fred.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "exitstorm.ko is for Linux 6.1 and later"
#endif

/* False: of another line than those of kernels.def. */
static inline bool kernel_was_tried(void)
{
#define KERNEL(major, minor, debian, gcc, flavours, beds)    \
	if (LINUX_VERSION_CODE >> 8 == (major << 8 | minor)) \
		return true;
#include "kernels.def"
#undef KERNEL
	return false;
}

/* Access to MSRs: the kernel's functions have other names since 6.16. _try: false after a #GP. */
static inline u64 kernel_rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void kernel_wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline bool kernel_rdmsr_try(u32 msr, u64 *value)
{
	u32 low = 0, high = 0, done = 0;

	asm volatile("1: rdmsr\n\tmov $1, %0\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+r"(done), "+a"(low), "+d"(high)
		     : "c"(msr));
	*value = (u64)high << 32 | low;
	return done;
}

/*
 * The kernel keeps a shadow of CR4: the next change of any bit clears bits that are not in it,
 * which for CR4.VMXE in VMX operation is a #GP. cr4_update_irqsoff changes both. Where it is not
 * exported (since 6.19 to KVM only) VMX is on within a batch only, with interrupts off.
 */
#ifdef KERNEL_EXPORTS_cr4_update_irqsoff
#define KERNEL_HAS_CR4 1
static inline void kernel_cr4(unsigned long set, unsigned long clear)
{
	cr4_update_irqsoff(set, clear);
}
#else
#define KERNEL_HAS_CR4 0
static inline void kernel_cr4(unsigned long set, unsigned long clear)
{
	unsigned long cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = (cr4 | set) & ~clear;
	asm volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
}
#endif

/*
 * The callback by which a panic leaves VMX and SVM on each CPU (6.6, and 6.1 with its updates).
 * Without it 6.1 looks at CR4 and EFER itself. Since 6.19 it is KVM's only, and a kernel that is
 * built without KVM has none.
 */
#ifdef KERNEL_EXPORTS_cpu_emergency_register_virt_callback
#define KERNEL_HAS_EMERGENCY 1
static inline void kernel_emergency(void (*callback)(void), bool on)
{
	if (on)
		cpu_emergency_register_virt_callback(callback);
	else
		cpu_emergency_unregister_virt_callback(callback);
}
#else
#define KERNEL_HAS_EMERGENCY 0
static inline void kernel_emergency(void (*callback)(void), bool on)
{
}
#endif

/*
 * VMXON disables Intel PT on CPUs that cannot trace in VMX operation, and a WRMSR that enables it
 * there is a #GP (SDM Vol. 3, "VMX-Specific Capabilities to Control Intel PT", IA32_VMX_MISC[14]).
 * So perf is notified before VMXON and after VMXOFF, as KVM does, and begins no trace between them.
 * Where that is not exported (since 6.19), VMX is on with interrupts off only. A trace that runs is
 * not ended: hv/vmx refuses VMXON then.
 */
static inline void kernel_pt(bool vmx_on)
{
#ifdef KERNEL_EXPORTS_intel_pt_handle_vmx
	intel_pt_handle_vmx(vmx_on);
#endif
}

/*
 * With FRED (6.9) there is no IDT: fred_entry_from_kvm delivers an event in its place. Where that
 * is not exported (since 6.19), a CPU that uses FRED has no run.
 */
#ifndef EVENT_TYPE_NMI
#define EVENT_TYPE_EXTINT 0 /* Intel SDM Vol. 3, "Event Injection": interruption types */
#define EVENT_TYPE_NMI	  2
#define EVENT_TYPE_HWEXC  3
#endif
#if IS_ENABLED(CONFIG_X86_FRED)
static inline bool kernel_uses_fred(void)
{
	return cpu_feature_enabled(X86_FEATURE_FRED);
}
#else
static inline bool kernel_uses_fred(void)
{
	return false;
}
#endif

#if defined(KERNEL_EXPORTS_asm_fred_entry_from_kvm) && IS_ENABLED(CONFIG_X86_FRED)
#define KERNEL_HAS_FRED 1
static inline bool kernel_fred(unsigned int type, unsigned int vector)
{
	if (!kernel_uses_fred())
		return false;
	fred_entry_from_kvm(type, vector);
	return true;
}

/*
 * fred_entry_from_kvm only knows interrupts and NMIs, and INT n is another event than an exception:
 * KVM calls do_machine_check instead. Without it the error must not be passed over: the next
 * machine check would shut the CPU down.
 */
static inline bool kernel_fred_machine_check(void)
{
	struct pt_regs regs __maybe_unused = {.cs = __KERNEL_CS};

	if (!kernel_uses_fred())
		return false;
#ifdef KERNEL_EXPORTS_do_machine_check
	do_machine_check(&regs);
#else
	panic("machine check on CPU %u in a guest of exitstorm's", raw_smp_processor_id());
#endif
	return true;
}
#else
#define KERNEL_HAS_FRED 0
static inline bool kernel_fred(unsigned int type, unsigned int vector)
{
	return false;
}

static inline bool kernel_fred_machine_check(void)
{
	return false;
}
#endif

/* A timer whose function runs in hard interrupt context, also with PREEMPT_RT. */
static inline void kernel_timer_init(struct hrtimer *timer,
				     enum hrtimer_restart (*function)(struct hrtimer *timer))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = function;
#endif
}

/* Since 6.4 smp_send_reschedule is a macro with a tracepoint: the parentheses avoid it. */
static inline void kernel_send_reschedule(unsigned int cpu)
{
	(smp_ops.smp_send_reschedule)(cpu);
}

/* Since 6.6 the functions of struct apic are static calls. */
static inline void kernel_send_nmi(unsigned int cpu)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	__apic_send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
#else
	apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
#endif
}

#endif
