// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loops of the guest image in this kernel: where they lie, and the exceptions that their instructions
 * raise, which the kernel's handlers pass on.
 */
#include "../host.h"

#include <asm/apic.h>
#include <asm/ptrace.h>
#include <linux/kdebug.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "linux.h"

/*
 * Room in this module's code, because modules can get executable memory in no other way. stubs.S
 * fills it with INT3.
 */
extern u8 linux_code[], linux_code_end[];

/* The same pages, so that they can be written. NULL: out of memory. */
static void *code_alias(void)
{
	u8 *first = (u8 *)((u64)linux_code & PAGE_MASK);
	u32 count = DIV_ROUND_UP(linux_code_end - first, PAGE_SIZE);
	struct page **list = kvcalloc(count, sizeof(*list), GFP_KERNEL);
	void *alias = NULL;

	for (u32 i = 0; list && i < count; i++)
		list[i] = vmalloc_to_page(first + i * PAGE_SIZE);
	if (list)
		alias = vmap(list, count, VM_MAP, PAGE_KERNEL);
	kvfree(list);
	return alias;
}

/* Other CPUs that execute it are woken first, which serialises them. */
static bool code_write(const void *from, size_t bytes)
{
	void *alias = code_alias();
	u8 *to = alias + offset_in_page(linux_code);

	if (!alias)
		return false;
	if (from)
		memcpy(to, from, bytes);
	else
		memset(to, 0xcc, bytes);
	vunmap(alias);
	return true;
}

void *host_code_map(const void *code, size_t bytes)
{
	if (bytes > linux_code_end - linux_code || !code_write(code, bytes))
		return NULL;
	return linux_code;
}

void host_code_unmap(void *code, size_t bytes)
{
	code_write(NULL, bytes);
}

static bool (*taken)(struct host_fault *fault);

void host_faults(bool (*function)(struct host_fault *fault))
{
	WRITE_ONCE(taken, function);
}

static int pass_on(struct notifier_block *block, unsigned long action, void *data)
{
	bool (*take)(struct host_fault *) = READ_ONCE(taken);
	const struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	struct host_fault fault;

	if (!take || (action != DIE_GPF && action != DIE_TRAP) || !regs || user_mode(regs))
		return NOTIFY_DONE;
	fault = (struct host_fault){args->trapnr, args->err, regs->ip, regs->sp};
	if (!take(&fault))
		return NOTIFY_DONE;
	regs->ip = fault.rip;
	regs->sp = fault.rsp;
	return NOTIFY_STOP;
}

static struct notifier_block die_notifier = {.notifier_call = pass_on};

int linux_faults_init(void)
{
	return register_die_notifier(&die_notifier);
}

void linux_faults_exit(void)
{
	unregister_die_notifier(&die_notifier);
}

u64 host_apic(void)
{
	return boot_cpu_has(X86_FEATURE_APIC) && !x2apic_enabled() ? APIC_BASE : 0;
}
