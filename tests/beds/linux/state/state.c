// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.ko, for tests: what a guest or a VM exit may leave changed of a CPU.
 *
 * /proc/exitstorm_state    a line for each part of each CPU's state now. Writing to it changes some
 * of that, so that the test is seen to fail. /proc/exitstorm_batches  writing to it begins to watch
 * exitstorm.ko's batches, reading ends that and says how many they were and what was not as before
 * after the first that changed something. What a kernel thread has 0 of, and so would not miss, has
 * other values meanwhile. At reboot and power-off the console is told on how many CPUs VMX or SVM
 * still is on.
 */
#include <asm/desc.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/pkru.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/suspend.h>

/* Emulators read as 0 what the CPU has not: so by CPUID, or by the kernel's word for it where it is
 * old enough. */
struct feature {
	u32 known; /* X86_FEATURE_* */
	u32 leaf, subleaf, of, bit;
};
#define KNOWN(word)                \
	{                          \
		X86_FEATURE_##word \
	}
#define SHADOW                        \
	{                             \
		0, 7, 0, CPUID_ECX, 7 \
	}
#define FRED                           \
	{                              \
		0, 7, 1, CPUID_EAX, 17 \
	}

static const struct {
	const char *name;
	u32 number;
	struct feature feature;
} msrs[] = {
	{"APIC_BASE", MSR_IA32_APICBASE},
	{"SYSENTER_CS", MSR_IA32_SYSENTER_CS},
	{"SYSENTER_ESP", MSR_IA32_SYSENTER_ESP},
	{"SYSENTER_EIP", MSR_IA32_SYSENTER_EIP},
	{"DEBUGCTL", MSR_IA32_DEBUGCTLMSR},
	{"PAT", MSR_IA32_CR_PAT},
	{"EFER", MSR_EFER},
	{"STAR", MSR_STAR},
	{"LSTAR", MSR_LSTAR},
	{"CSTAR", MSR_CSTAR},
	{"SFMASK", MSR_SYSCALL_MASK},
	{"GS_BASE", MSR_GS_BASE},
	{"FS_BASE", MSR_FS_BASE},
	{"KERNEL_GS_BASE", MSR_KERNEL_GS_BASE},
	{"TSC_AUX", MSR_TSC_AUX, KNOWN(RDTSCP)},
	{"SPEC_CTRL", MSR_IA32_SPEC_CTRL, KNOWN(MSR_SPEC_CTRL)},
	{"XSS", MSR_IA32_XSS, KNOWN(XSAVES)},
	{"U_CET", 0x6a0, SHADOW},
	{"S_CET", 0x6a2, SHADOW},
	{"PL0_SSP", 0x6a4, SHADOW},
	{"PL1_SSP", 0x6a5, SHADOW},
	{"PL2_SSP", 0x6a6, SHADOW},
	{"PL3_SSP", 0x6a7, SHADOW},
	{"SSP_TABLE", 0x6a8, SHADOW},
	{"FRED_RSP0", 0x1cc, FRED},
	{"FRED_RSP1", 0x1cd, FRED},
	{"FRED_RSP2", 0x1ce, FRED},
	{"FRED_RSP3", 0x1cf, FRED},
	{"FRED_STKLVLS", 0x1d0, FRED},
	{"FRED_SSP1", 0x1d1, FRED},
	{"FRED_SSP2", 0x1d2, FRED},
	{"FRED_SSP3", 0x1d3, FRED},
	{"FRED_CONFIG", 0x1d4, FRED},
	{"FEATURE_CONTROL", MSR_IA32_FEAT_CTL, KNOWN(VMX)},
	{"VM_HSAVE_PA", MSR_VM_HSAVE_PA, KNOWN(SVM)},
	{"VM_CR", MSR_VM_CR, KNOWN(SVM)},
	{"TSC_ADJUST", MSR_IA32_TSC_ADJUST, KNOWN(TSC_ADJUST)},
};

#define MAX_LINES 72

struct state {
	u32 count;
	struct {
		const char *name;
		u64 value;
	} line[MAX_LINES];
};

static void add(struct state *state, const char *name, u64 value)
{
	if (state->count == MAX_LINES)
		return;
	state->line[state->count].name = name;
	state->line[state->count++].value = value;
}

static u64 dr(int number)
{
	unsigned long value;

	get_debugreg(value, number);
	return value;
}

static bool has(const struct feature *feature)
{
	u32 leaf[4];

	if (!feature->leaf)
		return !feature->known || boot_cpu_has(feature->known);
	cpuid_count(feature->leaf, feature->subleaf, &leaf[0], &leaf[1], &leaf[2], &leaf[3]);
	return feature->leaf <= boot_cpu_data.cpuid_level && leaf[feature->of] >> feature->bit & 1;
}

/* RDSSP does nothing where there are no shadow stacks for the kernel. */
static u64 ssp(void)
{
	u64 value = 0;

	asm volatile("rdsspq %0" : "+r"(value));
	return value;
}

static void look(void *arg)
{
	struct state *state = arg;
	struct desc_ptr table;
	u64 value;
	u16 selector;

	asm volatile("sgdt %0" : "=m"(table));
	add(state, "GDTR.base", table.address);
	add(state, "GDTR.limit", table.size);
	store_idt(&table);
	add(state, "IDTR.base", table.address);
	add(state, "IDTR.limit", table.size);
	store_tr(selector);
	add(state, "TR", selector);
	asm("sldt %0" : "=r"(selector));
	add(state, "LDTR", selector);
	asm("mov %%ds, %0" : "=r"(selector));
	add(state, "DS", selector);
	asm("mov %%es, %0" : "=r"(selector));
	add(state, "ES", selector);
	asm("mov %%fs, %0" : "=r"(selector));
	add(state, "FS", selector);
	asm("mov %%gs, %0" : "=r"(selector));
	add(state, "GS", selector);
	add(state, "CR0", read_cr0());
	add(state, "CR2", native_read_cr2());
	add(state, "CR4", __read_cr4());
	add(state, "CR4.copy", cr4_read_shadow());
	asm("mov %%cr8, %0" : "=r"(value));
	add(state, "CR8", value);
	for (int i = 0; i < 4; i++)
		add(state, (const char *[]){"DR0", "DR1", "DR2", "DR3"}[i], dr(i));
	add(state, "DR7", dr(7));
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		add(state, "XCR0", xgetbv(XCR_XFEATURE_ENABLED_MASK));
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		add(state, "PKRU", read_pkru());
	if (has(&(struct feature)SHADOW))
		add(state, "SSP", ssp());
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++)
		if (has(&msrs[i].feature) && !rdmsrl_safe(msrs[i].number, &value))
			add(state, msrs[i].name, value);
}

/* These are each process's own: a reader has others than the one before. */
static bool of_the_reader(const char *name)
{
	return !strcmp(name, "CR2") || !strcmp(name, "FS_BASE") ||
	       !strcmp(name, "KERNEL_GS_BASE") || !strcmp(name, "PKRU");
}

static int show(struct seq_file *file, void *data)
{
	int cpu;

	for_each_online_cpu(cpu)
	{
		struct state *state = kzalloc(sizeof(*state), GFP_KERNEL);

		if (!state)
			return -ENOMEM;
		smp_call_function_single(cpu, look, state, 1);
		for (u32 i = 0; i < state->count; i++)
			if (!of_the_reader(state->line[i].name))
				seq_printf(file, "%d %s %llx\n", cpu, state->line[i].name,
					   state->line[i].value);
		kfree(state);
	}
	return 0;
}

/* Watching batches */

/* A CPU's. */
struct watch {
	struct state before, after;
	bool inside;
	u32 batches;
	u16 fs;
	u64 fs_base, kernel_gs_base, cr2, cr8, dr[4], dr7, debugctl;
	u32 pkru;
};
static struct watch *watch; /* of all CPUs; NULL: nobody watches */

static void write_dr(int number, u64 value)
{
	set_debugreg(value, number);
}

static void write_cr8(u64 value)
{
	asm volatile("mov %0, %%cr8" : : "r"(value));
}

/* Odd values, none of which does anything while interrupts are off. DR0 is where nothing is
 * executed. */
static void make_odd(struct watch *watch)
{
	asm("mov %%fs, %0" : "=r"(watch->fs));
	rdmsrl(MSR_FS_BASE, watch->fs_base);
	rdmsrl(MSR_KERNEL_GS_BASE, watch->kernel_gs_base);
	rdmsrl(MSR_IA32_DEBUGCTLMSR, watch->debugctl);
	watch->cr2 = native_read_cr2();
	asm volatile("mov %%cr8, %0" : "=r"(watch->cr8));
	for (int i = 0; i < 4; i++)
		watch->dr[i] = dr(i);
	watch->dr7 = dr(7);
	loadsegment(fs, __KERNEL_DS); /* of RPL 0: VMX takes no other as a host's */
	wrmsrl(MSR_FS_BASE, 0x123456789000);
	wrmsrl(MSR_KERNEL_GS_BASE, 0x13579bdf1000);
	wrmsrl_safe(MSR_IA32_DEBUGCTLMSR, watch->debugctl | DEBUGCTLMSR_LBR);
	native_write_cr2(0x23456789a000);
	write_cr8(watch->cr8 + 1);
	for (int i = 0; i < 4; i++)
		write_dr(i, 0x1000 * (i + 1));
	write_dr(7, watch->dr7 | 1);
	if (boot_cpu_has(X86_FEATURE_OSPKE)) {
		watch->pkru = read_pkru();
		wrpkru(0x11111110);
	}
}

static void make_even(const struct watch *watch)
{
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		wrpkru(watch->pkru);
	write_dr(7, watch->dr7);
	for (int i = 0; i < 4; i++)
		write_dr(i, watch->dr[i]);
	write_cr8(watch->cr8);
	native_write_cr2(watch->cr2);
	wrmsrl_safe(MSR_IA32_DEBUGCTLMSR, watch->debugctl);
	loadsegment(fs, watch->fs);
	wrmsrl(MSR_FS_BASE, watch->fs_base);
	wrmsrl(MSR_KERNEL_GS_BASE, watch->kernel_gs_base);
}

static bool same(const struct watch *watch)
{
	for (u32 i = 0; i < watch->before.count; i++)
		if (watch->before.line[i].value != watch->after.line[i].value)
			return false;
	return true;
}

static int batch_begin(struct kprobe *probe, struct pt_regs *regs)
{
	struct watch *here = &watch[raw_smp_processor_id()];

	if (here->inside || !same(here)) /* the first change is kept */
		return 0;
	here->inside = true;
	make_odd(here);
	here->before.count = 0;
	look(&here->before);
	return 0;
}

static int batch_end(struct kprobe *probe, struct pt_regs *regs)
{
	struct watch *here = &watch[raw_smp_processor_id()];

	if (!here->inside || strncmp(current->comm, "exitstorm/", 10))
		return 0;
	here->after.count = 0;
	look(&here->after);
	make_even(here);
	here->batches++;
	here->inside = false;
	return 0;
}

/* A batch has begun, and nothing of the host is put away yet; all of it is back, and nothing else
 * ran. */
static struct kprobe probes[] = {
	{.symbol_name = "exitstorm:vmx_vcpu_load", .pre_handler = batch_begin},
	{.symbol_name = "exitstorm:svm_vcpu_load", .pre_handler = batch_begin},
	{.symbol_name = "kernel_fpu_end", .pre_handler = batch_end},
};

static void watch_end(void)
{
	struct watch *of = watch;

	if (!of)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
	watch = NULL;
	kvfree(of);
}

static int watch_begin(void)
{
	int err = 0;

	watch_end();
	watch = kvcalloc(nr_cpu_ids, sizeof(*watch), GFP_KERNEL);
	if (!watch)
		return -ENOMEM;
	for (u32 i = 0; i < ARRAY_SIZE(probes) && !err; i++) {
		probes[i].addr = NULL;
		probes[i].flags = 0;
		err = register_kprobe(&probes[i]);
		while (err && i--)
			unregister_kprobe(&probes[i]);
		if (err)
			break;
	}
	if (err) {
		kvfree(watch);
		watch = NULL;
	}
	return err;
}

static int show_batches(struct seq_file *file, void *data)
{
	u32 batches = 0;

	if (!watch)
		return -EINVAL;
	for (u32 cpu = 0; cpu < nr_cpu_ids; cpu++) {
		const struct watch *of = &watch[cpu];

		batches += of->batches;
		for (u32 i = 0; i < of->before.count && !of->inside; i++)
			if (of->before.line[i].value != of->after.line[i].value)
				seq_printf(file, "%d %s %llx %llx\n", cpu, of->before.line[i].name,
					   of->before.line[i].value, of->after.line[i].value);
	}
	seq_printf(file, "batches %u\n", batches);
	watch_end();
	return 0;
}

static int batches_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, show_batches, NULL, 1 << 16);
}

static ssize_t batches_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	int err = watch_begin();

	return err ? err : count;
}

static const struct proc_ops batches_operations = {
	.proc_open = batches_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = batches_write,
};

static int state_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

/* Harmless while nobody makes system calls of 32 bits. */
static void change(void *nobody)
{
	u64 value;

	rdmsrl(MSR_CSTAR, value);
	wrmsrl(MSR_CSTAR, value ^ 0x10);
}

static ssize_t state_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	smp_call_function_single(0, change, NULL, 1);
	return count;
}

static const struct proc_ops operations = {
	.proc_open = state_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = state_write,
};

/* After exitstorm.ko's own: reboot and poweroff tell who has the lowest number last. */
static void is_on(void *count)
{
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	if (__read_cr4() & X86_CR4_VMXE || efer & EFER_SVME)
		atomic_inc(count);
}

static int at_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	atomic_t count = ATOMIC_INIT(0);

	on_each_cpu(is_on, &count, 1);
	pr_alert("state: %d of %u CPUs have VMX or SVM on at the end\n", atomic_read(&count),
		 num_online_cpus());
	return NOTIFY_DONE;
}

static int at_sleep(struct notifier_block *block, unsigned long action, void *data)
{
	return action == PM_SUSPEND_PREPARE ? at_reboot(block, action, data) : NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = {.notifier_call = at_reboot, .priority = INT_MIN};
static struct notifier_block sleep_notifier = {.notifier_call = at_sleep, .priority = INT_MIN};

static int __init state_begin(void)
{
	register_reboot_notifier(&reboot_notifier);
	register_pm_notifier(&sleep_notifier);
	if (proc_create("exitstorm_state", 0600, NULL, &operations) &&
	    proc_create("exitstorm_batches", 0600, NULL, &batches_operations))
		return 0;
	remove_proc_subtree("exitstorm_state", NULL);
	unregister_pm_notifier(&sleep_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	return -ENOMEM;
}

static void __exit state_end(void)
{
	remove_proc_entry("exitstorm_batches", NULL);
	remove_proc_entry("exitstorm_state", NULL);
	unregister_pm_notifier(&sleep_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	watch_end();
}

module_init(state_begin);
module_exit(state_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: state of CPUs, for tests");
