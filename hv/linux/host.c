// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Linux kernel as host. Guests run in kernel threads only, which have no user FS and GS, no I/O
 * permission bitmap, and no x87 and vector state of their own.
 */
#include "../host.h"

#include <asm/apic.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nmi.h>
#include <asm/perf_event.h>
#include <asm/smp.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include "kernel.h"
#include "linux.h"

#define CONTIGUOUS (1 << 20) /* up to this size memory is physically contiguous */

static bool has_smi_count;
static DEFINE_PER_CPU(bool, nmi_expected); /* the batch's guest sends NMIs */
/* Until when (jiffies) an NMI may be linux_poke's, or a guest's that comes late. */
static DEFINE_PER_CPU(unsigned long, nmi_claimed);
static DEFINE_PER_CPU(u32, nmis);

void *host_alloc(size_t bytes)
{
	return vzalloc(bytes);
}

void host_free(void *memory, size_t bytes)
{
	vfree(memory);
}

void *host_pages_alloc(size_t bytes)
{
	if (bytes <= CONTIGUOUS)
		return alloc_pages_exact(bytes, GFP_KERNEL | __GFP_ZERO);
	return vzalloc(bytes);
}

/* Memory of host_pages_reserve: 2 MiB pages, mapped contiguously. */
struct reserve {
	struct list_head list;
	void *memory;
	u32 pieces;
	struct page *piece[];
};
#define PIECE_ORDER 9
#define PIECE_PAGES (1 << PIECE_ORDER)

static LIST_HEAD(reserves);
static DEFINE_MUTEX(reserves_lock);

static void reserve_free(struct reserve *reserve)
{
	if (reserve->memory)
		vunmap(reserve->memory);
	while (reserve->pieces > 0)
		__free_pages(reserve->piece[--reserve->pieces], PIECE_ORDER);
	kvfree(reserve);
}

static int reserve_map(struct reserve *reserve)
{
	u32 count = reserve->pieces * PIECE_PAGES;
	struct page **pages = kvcalloc(count, sizeof(*pages), GFP_KERNEL);

	for (u32 i = 0; pages && i < count; i++)
		pages[i] = reserve->piece[i / PIECE_PAGES] + i % PIECE_PAGES;
	if (pages)
		reserve->memory = vmap(pages, count, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	return reserve->memory ? 0 : -ENOMEM;
}

void *host_pages_reserve(size_t bytes)
{
	u32 pieces = DIV_ROUND_UP(bytes, PIECE_PAGES * PAGE_SIZE);
	struct reserve *reserve = NULL;

	/* At most half of the available memory: other processes need the rest. */
	if (bytes / PAGE_SIZE < si_mem_available() / 2)
		reserve = kvzalloc(struct_size(reserve, piece, pieces), GFP_KERNEL);
	if (!reserve)
		return NULL;
	for (; reserve->pieces < pieces; reserve->pieces++) {
		reserve->piece[reserve->pieces] = alloc_pages(
			GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, PIECE_ORDER);
		if (!reserve->piece[reserve->pieces])
			break;
	}
	if (reserve->pieces < pieces || reserve_map(reserve)) {
		reserve_free(reserve);
		return NULL;
	}
	mutex_lock(&reserves_lock);
	list_add(&reserve->list, &reserves);
	mutex_unlock(&reserves_lock);
	return reserve->memory;
}

static struct reserve *reserve_take(const void *memory)
{
	struct reserve *reserve, *found = NULL;

	mutex_lock(&reserves_lock);
	list_for_each_entry (reserve, &reserves, list)
		if (reserve->memory == memory) {
			found = reserve;
			list_del(&reserve->list);
			break;
		}
	mutex_unlock(&reserves_lock);
	return found;
}

void host_pages_free(void *pages, size_t bytes)
{
	struct reserve *reserve;

	if (!pages)
		return;
	if (!is_vmalloc_addr(pages)) {
		free_pages_exact(pages, bytes);
		return;
	}
	reserve = reserve_take(pages);
	if (reserve)
		reserve_free(reserve);
	else
		vfree(pages);
}

u64 host_physical(const void *memory)
{
	if (is_vmalloc_addr(memory) || !virt_addr_valid(memory))
		return page_to_phys(vmalloc_to_page(memory)) + offset_in_page(memory);
	return virt_to_phys((void *)memory);
}

u32 host_cpu(void)
{
	return raw_smp_processor_id();
}

static DEFINE_PER_CPU(u64, xcr0);

/*
 * kernel_fpu_begin saves user state that is still in the registers, and disables preemption. A VM
 * exit sets the limit of TR to 0x67 (SDM Vol. 3, "Loading Host Segment and Descriptor-Table
 * Registers"), which cuts off the I/O permission bitmap. XCR0: XSETBV does not exit in QEMU 7.2.
 */
void host_batch_begin(void)
{
	kernel_fpu_begin();
	local_irq_disable();
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		this_cpu_write(xcr0, xgetbv(XCR_XFEATURE_ENABLED_MASK));
}

void host_batch_end(void)
{
	if (boot_cpu_has(X86_FEATURE_OSXSAVE) &&
	    xgetbv(XCR_XFEATURE_ENABLED_MASK) != this_cpu_read(xcr0))
		xsetbv(XCR_XFEATURE_ENABLED_MASK, this_cpu_read(xcr0));
	if (boot_cpu_has(X86_FEATURE_VMX))
		force_reload_TR();
	local_irq_enable();
	kernel_fpu_end();
}

void host_cr4(u64 set, u64 clear)
{
	if (set & X86_CR4_VMXE)
		kernel_pt(true);
	kernel_cr4(set, clear);
	if (clear & X86_CR4_VMXE)
		kernel_pt(false);
}

bool host_keeps_cr4(void)
{
	return KERNEL_HAS_CR4;
}

/* An IPI may change CR3: a kernel thread borrows the page tables of the task before it. */
bool host_interrupts_take(void)
{
	local_irq_enable();
	asm volatile("nop");
	local_irq_disable();
	return true;
}

void host_counters(struct host_counters *now)
{
	*now = (struct host_counters){0};
	if (boot_cpu_has(X86_FEATURE_APERFMPERF)) {
		now->aperf = kernel_rdmsr(MSR_IA32_APERF);
		now->mperf = kernel_rdmsr(MSR_IA32_MPERF);
	}
	if (has_smi_count)
		now->smi = kernel_rdmsr(MSR_SMI_COUNT);
}

static DEFINE_PER_CPU(u32, interrupts_of_self);

static void interrupt_work(struct irq_work *work)
{
	this_cpu_inc(interrupts_of_self);
}

u32 host_interrupts_of_self(void)
{
	return this_cpu_read(interrupts_of_self);
}

static DEFINE_PER_CPU(struct irq_work, self_interrupt);

void host_interrupt_self(void)
{
	irq_work_queue(this_cpu_ptr(&self_interrupt));
}

/* For each vector INT n and RET, 16 bytes apart: the handler sees no difference to the event. */
extern const u8 linux_int_stubs[];

static void call_handler(u32 type, u32 vector)
{
	void (*stub)(void) = (void *)(linux_int_stubs + vector * 16);

	if (!kernel_fred(type, vector))
		stub();
}

/* As host_interrupts_take: the interrupt may be any. */
bool host_interrupt_end(u32 vector)
{
	call_handler(EVENT_TYPE_EXTINT, vector);
	return true;
}

void host_nmi_end(void)
{
	call_handler(EVENT_TYPE_NMI, NMI_VECTOR);
}

void host_nmi_expect(bool expect)
{
	if (!expect)
		this_cpu_write(nmi_claimed, jiffies + HZ);
	this_cpu_write(nmi_expected, expect);
}

u32 host_nmis(void)
{
	return this_cpu_read(nmis);
}

/* Linux sets CR4.MCE only where it has set up the machine-check architecture. */
bool host_machine_check_pending(void)
{
	if (!(__read_cr4() & X86_CR4_MCE) || !boot_cpu_has(X86_FEATURE_MCA))
		return false;
	return kernel_rdmsr(MSR_IA32_MCG_STATUS) & MCG_STATUS_MCIP;
}

/*
 * In the handler's eyes it happened in the kernel: right for memory of the kernel's, in a thread of
 * the kernel's, which cannot be killed as a VM's process is.
 */
void host_machine_check(void)
{
	if (__read_cr4() & X86_CR4_MCE && !kernel_fred_machine_check())
		call_handler(EVENT_TYPE_HWEXC, X86_TRAP_MC);
}

/* INIT and SIPI would reset a CPU that the kernel uses. */
bool host_cpu_is_idle(void)
{
	return false;
}

void host_signal_begin(enum host_signal signal)
{
}

void host_signal_end(void)
{
}

void host_format(char *text, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
}

u64 host_context_switches(void)
{
	return current->nvcsw + current->nivcsw;
}

/*
 * The kernel calls all NMI handlers. An NMI does not say who sent it, and of several that are sent
 * to a CPU none, one or two are pending when the first is handled: by a count of those sent one
 * would be taken for an NMI of unknown reason, or a later one be claimed. So each one is claimed
 * for a second after linux_poke, which ends a run, in a batch whose guest sends some, and for a
 * second after that. No others: the kernel does not ask for a hardware error after an NMI that was
 * claimed (port 0x61).
 */
static int nmi_handler(unsigned int type, struct pt_regs *regs)
{
	this_cpu_inc(nmis);
	if (this_cpu_read(nmi_expected) || time_before(jiffies, this_cpu_read(nmi_claimed)))
		return NMI_HANDLED;
	return NMI_DONE;
}

void linux_poke(u32 cpu, bool irqs_off)
{
	if (irqs_off) {
		WRITE_ONCE(per_cpu(nmi_claimed, cpu), jiffies + HZ);
		kernel_send_nmi(cpu);
	} else {
		kernel_send_reschedule(
			cpu); /* has no effect but the exit, and may be sent in an interrupt */
	}
}

struct other_user {
	bool intel;
	u32 cpu; /* one on which VMX or SVM is on; ~0: none */
};

static void find_other_user(void *arg)
{
	struct other_user *others = arg;
	bool on = others->intel ? __read_cr4() & X86_CR4_VMXE : kernel_rdmsr(MSR_EFER) & EFER_SVME;

	if (on)
		WRITE_ONCE(others->cpu, raw_smp_processor_id());
}

int linux_others(const struct cpumask *cpus, char *why, size_t size)
{
	struct other_user others = {.intel = boot_cpu_has(X86_FEATURE_VMX), .cpu = ~0U};
	const char *name = others.intel ? "VMX" : "SVM",
		   *kvm = others.intel ? "kvm_intel" : "kvm_amd";

	if (kernel_uses_fred() && !KERNEL_HAS_FRED) {
		snprintf(why, size,
			 "this kernel lets only KVM pass on events by FRED: boot it with fred=off");
		return -EOPNOTSUPP;
	}
	on_each_cpu_mask(cpus, find_other_user, &others, 1);
	if (others.cpu != ~0U) {
		snprintf(why, size,
			 "another hypervisor uses %s on CPU %u: if it is KVM, end its VMs and "
			 "unload it (rmmod %s; afterwards modprobe %s)",
			 name, others.cpu, kvm, kvm);
		return -EBUSY;
	}
	return 0;
}

int linux_host_init(void)
{
	u64 smi_count;
	int cpu, err;

	/* Not by a static initializer: its pointers in a module's per-CPU section are not
	 * relocated. */
	for_each_possible_cpu(cpu) per_cpu(self_interrupt, cpu) =
		IRQ_WORK_INIT_HARD(interrupt_work);
	has_smi_count = boot_cpu_data.x86_vendor == X86_VENDOR_INTEL &&
			kernel_rdmsr_try(MSR_SMI_COUNT, &smi_count);
	err = linux_faults_init();
	if (err)
		return err;
	err = linux_emergency_init();
	if (err)
		goto no_emergency;
	/* 0 lies in the future for five minutes after boot (INITIAL_JIFFIES). */
	for_each_possible_cpu(cpu) per_cpu(nmi_claimed, cpu) = jiffies;
	err = register_nmi_handler(NMI_LOCAL, nmi_handler, 0, "exitstorm");
	if (!err)
		return 0;
	linux_emergency_exit();
no_emergency:
	linux_faults_exit();
	return err;
}

void linux_host_exit(void)
{
	unregister_nmi_handler(NMI_LOCAL, "exitstorm");
	linux_emergency_exit();
	linux_faults_exit();
}
