/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differences between kernels: the only file that tests LINUX_VERSION_CODE. hv/README.md lists the
 * kernels that this was compiled for and run on.
 */
#ifndef HV_LINUX_KERNEL_H
#define HV_LINUX_KERNEL_H

#include <asm/apic.h>
#include <asm/asm.h>
#include <asm/irq_vectors.h>
#include <asm/tlbflush.h>
#include <asm/trapnr.h>
#include <linux/hrtimer.h>
#include <linux/smp.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "exitstorm.ko is for Linux 6.1 and later"
#endif

/*
 * Access to MSRs: the kernel's functions have other names since 6.16. kernel_rdmsr_try: false where
 * RDMSR raises #GP.
 */
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

static inline bool kernel_rdmsr_try(u32 msr)
{
	u32 low, high, done = 0;

	asm volatile("1: rdmsr\n\tmov $1, %0\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+r"(done), "=&a"(low), "=&d"(high)
		     : "c"(msr));
	return done;
}

/*
 * The kernel keeps a shadow of CR4: the next change of any bit clears bits that are not in it,
 * which for CR4.VMXE in VMX operation is a #GP. cr4_update_irqsoff changes both and is exported up
 * to 6.18. Without it VMX is on within a batch only, with interrupts off. Tests define
 * KERNEL_HAS_CR4 as 0.
 */
#ifndef KERNEL_HAS_CR4
#define KERNEL_HAS_CR4 (LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0))
#endif
#if KERNEL_HAS_CR4
static inline void kernel_cr4(unsigned long set, unsigned long clear)
{
	cr4_update_irqsoff(set, clear);
}
#else
static inline void kernel_cr4(unsigned long set, unsigned long clear)
{
	unsigned long cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = (cr4 | set) & ~clear;
	asm volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
}
#endif

/*
 * The callback by which a panic leaves VMX and SVM on each CPU came with 6.6, and to 6.1 with its
 * updates. A 6.1 without it, where the symbol is 0, looks at CR4 and EFER itself. From 6.19 on the
 * callback is KVM's only, and a kernel since 6.6 that is built without KVM has none.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define KERNEL_HAS_EMERGENCY 1
void cpu_emergency_register_virt_callback(void (*callback)(void)) __weak;
void cpu_emergency_unregister_virt_callback(void (*callback)(void)) __weak;
static inline void kernel_emergency(void (*callback)(void), bool on)
{
	void (*call)(void (*callback)(void)) =
		on ? cpu_emergency_register_virt_callback : cpu_emergency_unregister_virt_callback;

	if (call)
		call(callback);
}
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#include <asm/reboot.h>
#define KERNEL_HAS_EMERGENCY (IS_ENABLED(CONFIG_KVM_INTEL) || IS_ENABLED(CONFIG_KVM_AMD))
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

/* With FRED (6.9) there is no IDT: fred_entry_from_kvm delivers an event in its place. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0) && IS_ENABLED(CONFIG_X86_FRED)
#include <asm/fred.h>
#include <asm/cpufeature.h>
#include <asm/mce.h>
static inline bool kernel_fred(unsigned int type, unsigned int vector)
{
	if (!cpu_feature_enabled(X86_FEATURE_FRED))
		return false;
	fred_entry_from_kvm(type, vector);
	return true;
}

/*
 * fred_entry_from_kvm only knows interrupts and NMIs, and INT n is another event than an exception:
 * KVM calls do_machine_check instead, which is exported to all up to 6.18. Without it the error
 * must not be passed over: the next machine check would shut the CPU down.
 */
static inline bool kernel_fred_machine_check(void)
{
	struct pt_regs regs = {.cs = __KERNEL_CS};

	if (!cpu_feature_enabled(X86_FEATURE_FRED))
		return false;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
	do_machine_check(&regs);
#else
	panic("machine check on CPU %u in a guest of exitstorm's", raw_smp_processor_id());
#endif
	return true;
}
#else
#ifndef EVENT_TYPE_NMI
#define EVENT_TYPE_EXTINT 0 /* Intel SDM Vol. 3, "Event Injection": interruption types */
#define EVENT_TYPE_NMI	  2
#define EVENT_TYPE_HWEXC  3
#endif
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
