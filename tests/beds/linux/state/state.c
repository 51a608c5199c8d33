// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.ko, for tests: /proc/exitstorm_state has a line for each part of each CPU's state that a guest
 * or a VM exit may leave changed. Writing to it changes some of that, so that the test is seen to fail.
 */
#include <asm/desc.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

static const struct {
	const char *name;
	u32 number;
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
	{"TSC_AUX", MSR_TSC_AUX},
	{"SPEC_CTRL", MSR_IA32_SPEC_CTRL},
	{"XSS", MSR_IA32_XSS},
	{"U_CET", 0x6a0},
	{"S_CET", 0x6a2},
	{"PL0_SSP", 0x6a4},
	{"FRED_RSP0", 0x1cc},
	{"FRED_CONFIG", 0x1d4},
	{"FEATURE_CONTROL", MSR_IA32_FEAT_CTL},
	{"VM_HSAVE_PA", MSR_VM_HSAVE_PA},
	{"VM_CR", MSR_VM_CR},
	{"TSC_ADJUST", MSR_IA32_TSC_ADJUST},
};

#define MAX_LINES 48

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

static void look(void *arg)
{
	struct state *state = arg;
	struct desc_ptr table;
	unsigned long limit;
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
	asm("lsl %1, %0" : "=r"(limit) : "r"((unsigned long)selector));
	add(state, "TSS.limit", limit);
	asm("sldt %0" : "=r"(selector));
	add(state, "LDTR", selector);
	asm("mov %%fs, %0" : "=r"(selector));
	add(state, "FS", selector);
	asm("mov %%gs, %0" : "=r"(selector));
	add(state, "GS", selector);
	add(state, "CR0", read_cr0());
	add(state, "CR4", __read_cr4());
	add(state, "CR4.copy", cr4_read_shadow());
	asm("mov %%cr8, %0" : "=r"(value));
	add(state, "CR8", value);
	for (int i = 0; i < 4; i++)
		add(state, (const char *[]){"DR0", "DR1", "DR2", "DR3"}[i], dr(i));
	add(state, "DR7", dr(7));
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		add(state, "XCR0", xgetbv(XCR_XFEATURE_ENABLED_MASK));
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++)
		if (!rdmsrl_safe(msrs[i].number, &value))
			add(state, msrs[i].name, value);
}

static int show(struct seq_file *file, void *data)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct state *state = kzalloc(sizeof(*state), GFP_KERNEL);

		if (!state)
			return -ENOMEM;
		smp_call_function_single(cpu, look, state, 1);
		for (u32 i = 0; i < state->count; i++)
			seq_printf(file, "%d %s %llx\n", cpu, state->line[i].name, state->line[i].value);
		kfree(state);
	}
	return 0;
}

static int state_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

/* Harmless while nobody makes system calls of 32 bits. */
static ssize_t state_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	u64 value;

	rdmsrl(MSR_CSTAR, value);
	wrmsrl(MSR_CSTAR, value ^ 0x10);
	return count;
}

static const struct proc_ops operations = {
	.proc_open = state_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = state_write,
};

static int __init state_begin(void)
{
	return proc_create("exitstorm_state", 0600, NULL, &operations) ? 0 : -ENOMEM;
}

static void __exit state_end(void)
{
	remove_proc_entry("exitstorm_state", NULL);
}

module_init(state_begin);
module_exit(state_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("exitstorm: state of CPUs, for tests");
