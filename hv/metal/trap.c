// SPDX-License-Identifier: GPL-2.0-or-later
/* IDT, TSS and exceptions on bare metal. */
#include "trap.h"

#include "../host.h"
#include "apic.h"
#include "mca.h"
#include "metal.h"

#define CPUID_1_ECX_PCID    (1 << 17)
#define CPUID_1_EDX_MCE	    (1U << 7)
#define CPUID_1_EDX_MCA	    (1U << 14)
#define CR4_PCIDE	    (1 << 17)
#define GATE_INTERRUPT	    0x8e
#define DESCRIPTOR_TSS	    0x89
#define IST_DOUBLE_FAULT    1
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_GP	    13
#define FIRST_INTERRUPT	    32
#define RDMSR_BYTES	    2

struct gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_middle;
	u32 offset_high, reserved;
};

struct tss {
	u32 reserved0;
	u64 rsp[3], reserved1, ist[7], reserved2;
	u16 reserved3, io_bitmap;
} __attribute__((packed));

struct table_pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

extern const u8 metal_trap_stubs[];
extern u64 metal_gdt[];

static struct gate idt[256];
static struct tss tss[METAL_MAX_CPUS];
static u8 fault_stack[METAL_MAX_CPUS][4096] __attribute__((aligned(16)));
static void (*handlers[256])(struct metal_trap *trap);

static const char *const exception_name[32] = {
	"#DE", "debug", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "",	"#TS",
	"#NP", "#SS",	"#GP", "#PF", "",    "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
};

static void idt_fill(void)
{
	for (u32 vector = 0; vector < 256; vector++) {
		u64 stub = (u64)metal_trap_stubs + vector * METAL_TRAP_STUB_SIZE;

		idt[vector] = (struct gate){
			.offset_low = stub,
			.selector = METAL_CS,
			.ist = vector == VECTOR_DOUBLE_FAULT ? IST_DOUBLE_FAULT : 0,
			.type = GATE_INTERRUPT,
			.offset_middle = stub >> 16,
			.offset_high = stub >> 32,
		};
	}
}

/*
 * A PCID other than 0, as with a kernel as host, so that a wrong host CR3 in the backend is
 * noticed. CR4.PCIDE can be set while CR3[11:0] is 0 (Intel SDM Vol. 3, "Enabling and Disabling
 * PCIDs").
 */
static void pcid_use(u32 pcid)
{
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	if (!(leaf[2] & CPUID_1_ECX_PCID))
		return;
	cpu_write_cr4(cpu_read_cr4() | CR4_PCIDE);
	cpu_write_cr3(cpu_read_cr3() | pcid);
}

/*
 * SDM Vol. 3, "Machine-Check Initialization". Errors that are older than this boot are not the
 * image's.
 */
static void machine_checks_enable(void)
{
	u32 leaf[4];

	cpu_cpuid(1, 0, leaf);
	if (~leaf[3] & (CPUID_1_EDX_MCE | CPUID_1_EDX_MCA))
		return;
	if (cpu_rdmsr(MSR_MCG_CAP) & MCG_CAP_CTL)
		cpu_wrmsr(MSR_MCG_CTL, ~0ULL);
	for (u32 bank = 0; bank < mca_banks(); bank++) {
		cpu_wrmsr(MSR_MC_CTL(bank), ~0ULL);
		cpu_wrmsr(MSR_MC_STATUS(bank), 0);
	}
	cpu_write_cr4(cpu_read_cr4() | CR4_MCE);
}

void metal_cpu_init(u32 cpu)
{
	struct table_pointer pointer = {sizeof(idt) - 1, (u64)idt};
	u16 selector = METAL_TSS + 16 * cpu;
	u64 base = (u64)&tss[cpu];

	if (!idt[0].selector)
		idt_fill();
	tss[cpu].ist[IST_DOUBLE_FAULT - 1] = (u64)fault_stack[cpu] + sizeof(fault_stack[cpu]);
	tss[cpu].io_bitmap = sizeof(struct tss);
	metal_gdt[selector / 8] = (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 |
				  (u64)DESCRIPTOR_TSS << 40 | (base >> 24 & 0xff) << 56;
	metal_gdt[selector / 8 + 1] = base >> 32;
	__asm__ volatile("lidt %0" : : "m"(pointer));
	__asm__ volatile("ltr %0" : : "r"(selector));
	pcid_use(1 + cpu);
	machine_checks_enable();
	apic_init();
}

static volatile bool no_msr;

static void skip_rdmsr(struct metal_trap *trap)
{
	trap->rip += RDMSR_BYTES;
	no_msr = true;
}

bool metal_rdmsr(u32 msr, u64 *value)
{
	u64 read;

	no_msr = false;
	metal_trap_set(VECTOR_GP, skip_rdmsr);
	__asm__ volatile("" : : : "memory"); /* RDMSR does not tell that it may use the handler */
	read = cpu_rdmsr(msr);
	__asm__ volatile("" : : : "memory");
	metal_trap_set(VECTOR_GP, NULL);
	if (!no_msr)
		*value = read;
	return !no_msr;
}

void metal_trap_set(u8 vector, void (*handler)(struct metal_trap *trap))
{
	handlers[vector] = handler;
}

u32 metal_strays;

/* Not fatal: the figures of the batch are flagged by the exit. */
static void handle_stray(u32 vector)
{
	__atomic_add_fetch(&metal_strays, 1, __ATOMIC_RELAXED);
	if (vector != APIC_SPURIOUS) /* which needs no EOI */
		apic_write(APIC_EOI, 0);
}

static bool (*taken)(struct host_fault *fault);

void host_faults(bool (*function)(struct host_fault *fault))
{
	taken = function;
}

static bool pass_on(struct metal_trap *trap)
{
	struct host_fault fault = {trap->vector, trap->error, trap->rip, trap->rsp};

	if (!taken || trap->vector >= FIRST_INTERRUPT || !taken(&fault))
		return false;
	trap->rip = fault.rip;
	trap->rsp = fault.rsp;
	return true;
}

void metal_trap(struct metal_trap *trap)
{
	const char *name = trap->vector < 32 ? exception_name[trap->vector] : NULL;
	u64 cr2;

	if (handlers[trap->vector]) {
		handlers[trap->vector](trap);
		return;
	}
	if (trap->vector >= FIRST_INTERRUPT) {
		handle_stray(trap->vector);
		return;
	}
	if (pass_on(trap))
		return;
	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	metal_panic("vector %llu (%s), error code 0x%llx, rip 0x%llx, cr2 0x%llx, rsp 0x%llx",
		    (unsigned long long)trap->vector, name ? name : "",
		    (unsigned long long)trap->error, (unsigned long long)trap->rip,
		    (unsigned long long)cr2, (unsigned long long)trap->rsp);
}
