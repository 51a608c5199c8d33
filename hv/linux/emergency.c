// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A panic, or an emergency restart, while VMX or SVM is on. INIT is blocked in VMX operation and a
 * MOV to CR4 without CR4.VMXE is a #GP there (SDM Vol. 3, "Restrictions on VMX Operation"): the
 * restart would hang and the crash kernel would not boot. The kernel calls one callback on each
 * CPU, with interrupts off or in an NMI. It is KVM's while KVM is loaded, and KVM's leaves VMX and
 * SVM whoever uses them.
 */
#include <asm/asm.h>
#include <asm/msr-index.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>

#include "kernel.h"
#include "linux.h"

/*
 * Faults are ignored: an NMI may come between the write of CR4 or EFER and VMXON or VMXOFF, where
 * VMXOFF or STGI is a #UD.
 */
#define RUN_OR_FAULT(instruction) \
	asm volatile("1: " instruction "\n2:\n" _ASM_EXTABLE(1b, 2b) : : : "cc", "memory")

/* No VMCLEAR: the memory that the CPU may still write a VMCS to is not the crash kernel's. */
static void leave_vmx(void)
{
	if (!(__read_cr4() & X86_CR4_VMXE))
		return;
	RUN_OR_FAULT("vmxoff");
	kernel_cr4(0, X86_CR4_VMXE);
}

/* STGI: INIT and NMIs are blocked while GIF is 0 (APM Vol. 2, "Global Interrupt Flag"). */
static void leave_svm(void)
{
	u64 efer = kernel_rdmsr(MSR_EFER);

	if (!(efer & EFER_SVME))
		return;
	RUN_OR_FAULT("stgi");
	kernel_wrmsr(MSR_VM_HSAVE_PA, 0);
	kernel_wrmsr(MSR_EFER, efer & ~(u64)EFER_SVME);
}

static struct {
	struct mutex lock;
	bool run;	 /* VMX or SVM may be on */
	bool kvm;	 /* KVM is loaded: the callback is its own */
	bool registered; /* ours is */
} emergency;

/*
 * A second callback is a warning of the kernel's, so ours gives way. A KVM that is loaded has its
 * own registered up to 6.11 and, unless kvm.enable_virt_at_load=0, later.
 */
static void update_locked(void)
{
	bool wanted = emergency.run && !emergency.kvm;

	if (wanted == emergency.registered)
		return;
	emergency.registered = wanted;
	kernel_emergency(boot_cpu_has(X86_FEATURE_VMX) ? leave_vmx : leave_svm, wanted);
}

void linux_emergency_begin(void)
{
	mutex_lock(&emergency.lock);
	emergency.run = true;
	update_locked();
	if (emergency.kvm && KERNEL_HAS_EMERGENCY)
		pr_warn_once("exitstorm: KVM is loaded: after a panic in this run a crash kernel "
			     "boots only if KVM leaves VMX and SVM\n");
	mutex_unlock(&emergency.lock);
}

void linux_emergency_end(void)
{
	mutex_lock(&emergency.lock);
	emergency.run = false;
	update_locked();
	mutex_unlock(&emergency.lock);
}

static const char *kvm_name(void)
{
	return boot_cpu_has(X86_FEATURE_VMX) ? "kvm_intel" : "kvm_amd";
}

/* KVM is being loaded; or it is unloaded, or its loading has failed. */
static int module_notify(struct notifier_block *block, unsigned long action, void *data)
{
	struct module *module = data;

	if (strcmp(module->name, kvm_name()) ||
	    (action != MODULE_STATE_COMING && action != MODULE_STATE_GOING))
		return NOTIFY_DONE;
	mutex_lock(&emergency.lock);
	emergency.kvm = action == MODULE_STATE_COMING;
	update_locked();
	mutex_unlock(&emergency.lock);
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = {.notifier_call = module_notify};

/* /sys/module has KVM, whether a module or linked into the kernel. */
static bool kvm_is_loaded(void)
{
	struct kobject *found = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, kvm_name());

	kobject_put(found);
	return found;
}

int linux_emergency_init(void)
{
	int err;

	mutex_init(&emergency.lock);
	err = register_module_notifier(&module_notifier);
	if (err)
		return err;
	mutex_lock(&emergency.lock);
	emergency.kvm |= kvm_is_loaded();
	mutex_unlock(&emergency.lock);
	return 0;
}

void linux_emergency_exit(void)
{
	unregister_module_notifier(&module_notifier);
}
