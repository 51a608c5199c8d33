// SPDX-License-Identifier: GPL-2.0-or-later
#include "batches.h"

#include <asm/pkru.h>
#include <asm/special_insns.h>
#include <hv/linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "cpu.h"

struct batch_check {
	struct cpu_state before, after;
	bool inside;
	u32 batches;
	u16 fs;
	u64 fs_base, kernel_gs_base, cr2, cr8, dr[4], dr7, debugctl;
	u32 pkru;
};
static struct batch_check *checks; /* by CPU; NULL: not checking */

/* False: the CPU has no such MSR, or refuses the value. */
static bool wrmsr_try(u32 msr, u64 value)
{
	u32 done = 0;

	asm volatile("1: wrmsr\n\tmov $1, %0\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+r"(done)
		     : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
		     : "memory");
	return done;
}

static void write_dr(int number, u64 value)
{
	set_debugreg(value, number);
}

static void write_cr8(u64 value)
{
	asm volatile("mov %0, %%cr8" : : "r"(value));
}

/* Values that have no effect while interrupts are off. No code lies at the address in DR0. */
static void set_odd_values(struct batch_check *check)
{
	asm("mov %%fs, %0" : "=r"(check->fs));
	check->fs_base = kernel_rdmsr(MSR_FS_BASE);
	check->kernel_gs_base = kernel_rdmsr(MSR_KERNEL_GS_BASE);
	check->debugctl = kernel_rdmsr(MSR_IA32_DEBUGCTLMSR);
	check->cr2 = native_read_cr2();
	asm volatile("mov %%cr8, %0" : "=r"(check->cr8));
	for (int i = 0; i < 4; i++)
		check->dr[i] = cpu_dr(i);
	check->dr7 = cpu_dr(7);
	loadsegment(fs, __KERNEL_DS); /* of RPL 0: VMX takes no other as a host's */
	kernel_wrmsr(MSR_FS_BASE, 0x123456789000);
	kernel_wrmsr(MSR_KERNEL_GS_BASE, 0x13579bdf1000);
	wrmsr_try(MSR_IA32_DEBUGCTLMSR, check->debugctl | DEBUGCTLMSR_LBR);
	native_write_cr2(0x23456789a000);
	write_cr8(check->cr8 + 1);
	for (int i = 0; i < 4; i++)
		write_dr(i, 0x1000 * (i + 1));
	write_dr(7, check->dr7 | 1);
	if (boot_cpu_has(X86_FEATURE_OSPKE)) {
		check->pkru = read_pkru();
		wrpkru(0x11111110);
	}
}

static void restore_values(const struct batch_check *check)
{
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		wrpkru(check->pkru);
	write_dr(7, check->dr7);
	for (int i = 0; i < 4; i++)
		write_dr(i, check->dr[i]);
	write_cr8(check->cr8);
	native_write_cr2(check->cr2);
	wrmsr_try(MSR_IA32_DEBUGCTLMSR, check->debugctl);
	loadsegment(fs, check->fs);
	kernel_wrmsr(MSR_FS_BASE, check->fs_base);
	kernel_wrmsr(MSR_KERNEL_GS_BASE, check->kernel_gs_base);
}

static bool unchanged(const struct batch_check *check)
{
	for (u32 i = 0; i < check->before.count; i++)
		if (check->before.line[i].value != check->after.line[i].value)
			return false;
	return true;
}

static int batch_begin(struct kprobe *probe, struct pt_regs *regs)
{
	struct batch_check *here = &checks[raw_smp_processor_id()];

	if (here->inside || !unchanged(here)) /* the first change is kept */
		return 0;
	here->inside = true;
	set_odd_values(here);
	here->before.count = 0;
	cpu_state_read(&here->before);
	return 0;
}

static int batch_end(struct kprobe *probe, struct pt_regs *regs)
{
	struct batch_check *here = &checks[raw_smp_processor_id()];

	if (!here->inside || strncmp(current->comm, "exitstorm/", 10))
		return 0;
	here->after.count = 0;
	cpu_state_read(&here->after);
	restore_values(here);
	here->batches++;
	here->inside = false;
	return 0;
}

/* The first function of a batch that comes before host state is saved, the first one after it is
 * restored. */
static struct kprobe probes[] = {
	{.symbol_name = "exitstorm:vmx_vcpu_load", .pre_handler = batch_begin},
	{.symbol_name = "exitstorm:svm_vcpu_load", .pre_handler = batch_begin},
	{.symbol_name = "exitstorm:inplace_run", .pre_handler = batch_begin},
	{.symbol_name = "kernel_fpu_end", .pre_handler = batch_end},
};

void batches_check_stop(void)
{
	struct batch_check *old = checks;

	if (!old)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
	checks = NULL;
	kvfree(old);
}

static int check_start(void)
{
	int err = 0;

	batches_check_stop();
	checks = kvcalloc(nr_cpu_ids, sizeof(*checks), GFP_KERNEL);
	if (!checks)
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
		kvfree(checks);
		checks = NULL;
	}
	return err;
}

static int show_batches(struct seq_file *file, void *data)
{
	u32 batches = 0;

	if (!checks)
		return -EINVAL;
	for (u32 cpu = 0; cpu < nr_cpu_ids; cpu++) {
		const struct batch_check *check = &checks[cpu];

		batches += check->batches;
		for (u32 i = 0; i < check->before.count && !check->inside; i++)
			if (check->before.line[i].value != check->after.line[i].value)
				seq_printf(file, "%d %s %llx %llx\n", cpu,
					   check->before.line[i].name, check->before.line[i].value,
					   check->after.line[i].value);
	}
	seq_printf(file, "batches %u\n", batches);
	batches_check_stop();
	return 0;
}

static int batches_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, show_batches, NULL, 1 << 16);
}

static ssize_t batches_write(struct file *file, const char __user *buffer, size_t count, loff_t *at)
{
	int err = check_start();

	return err ? err : count;
}

const struct proc_ops batches_operations = {
	.proc_open = batches_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = batches_write,
};
