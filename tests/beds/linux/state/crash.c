// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state in which a panic leaves the CPU that panics, after the function by which the kernel
 * leaves VMX and SVM. On the CPUs that its NMI stops no kretprobe runs.
 */
#include "crash.h"

#include <asm/processor.h>
#include <asm/special_insns.h>
#include <hv/linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/smp.h>

static int cpu_has_left(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	bool svm = boot_cpu_has(X86_FEATURE_SVM);
	bool on = __read_cr4() & X86_CR4_VMXE || kernel_rdmsr(MSR_EFER) & EFER_SVME;

	pr_alert("state: CPU %d goes down, VMX and SVM are %s, VM_HSAVE_PA is %llx\n",
		 raw_smp_processor_id(), on ? "on" : "off",
		 svm ? kernel_rdmsr(MSR_VM_HSAVE_PA) : 0);
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "cpu_emergency_disable_virtualization",
	.handler = cpu_has_left,
};

int crash_watch(void)
{
	return register_kretprobe(&probe);
}

void crash_watch_end(void)
{
	unregister_kretprobe(&probe);
}
