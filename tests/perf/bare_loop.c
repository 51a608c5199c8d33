// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reference of `make perf`: nothing but the loop of KVM_RUN. It shares no code with exitstorm,
 * so that the difference is exitstorm's own cost.
 *
 * bare_loop jmp|unrolled|immediate|cpuid CPL CPU BATCH BATCHES: makes BATCHES batches of BATCH
 * exits and prints the median batch's TSC ticks an exit. The guest is `out; jmp` or, unrolled by
 * eight, the instructions of exitstorm's own pio_out loop; immediate enters no guest at all; cpuid
 * makes no VM, its CPUIDs exit to the hypervisor below.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#define MEMORY_SIZE 0x10000
#define TABLES	    0x1000 /* three pages: PML4, PDPT, PD */
#define CODE	    0x8000
#define PORT	    0x5e4
#define MAX_BATCHES 10000

extern const uint8_t guest_jmp[], guest_jmp_end[], guest_unrolled[], guest_unrolled_end[];
__asm__(".pushsection .rodata\n"
	"guest_jmp: out %al, %dx; jmp guest_jmp\n"
	"guest_jmp_end:\n"
	"guest_unrolled: .rept 8; out %al, %dx; .endr; sub $8, %ecx; cmp $7, %ecx; ja "
	"guest_unrolled\n"
	"guest_unrolled_end:\n"
	".popsection\n");

static uint8_t *memory;
static struct kvm_run *run;
static int vcpu, batch;

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bare_loop: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* 2 MiB at linear = physical 0, for kernel and user alike. */
static void make_tables(void)
{
	uint64_t *table = (uint64_t *)(memory + TABLES);

	table[0] = (TABLES + 0x1000) | 7;
	table[512] = (TABLES + 0x2000) | 7;
	table[1024] = 0x87 | 0x60; /* present, writable, user, accessed, dirty, 2 MiB */
}

static void set_state(int cpl)
{
	struct kvm_segment code = {.limit = ~0u, .selector = 0x8 | cpl, .type = 0xb, .present = 1};
	struct kvm_segment data = {.limit = ~0u, .selector = 0x10 | cpl, .type = 3, .present = 1};
	struct kvm_regs regs = {.rip = CODE, .rflags = 0x2, .rdx = PORT, .rsp = CODE, .rcx = ~0u};
	struct kvm_sregs sregs;

	must(ioctl(vcpu, KVM_GET_SREGS, &sregs) == 0, "KVM_GET_SREGS");
	code.s = code.l = code.g = data.s = data.db = data.g = 1;
	code.dpl = data.dpl = cpl; /* KVM takes the CPL from SS */
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr3 = TABLES;
	sregs.cr4 = 0x20;	/* PAE */
	sregs.cr0 = 0x80000033; /* PG NE ET MP PE */
	sregs.efer = 0x500;	/* LME LMA */
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs) == 0, "KVM_SET_SREGS");
	if (cpl == 3)
		regs.rflags |= 0x3000; /* IOPL 3: OUT is allowed */
	must(ioctl(vcpu, KVM_SET_REGS, &regs) == 0, "KVM_SET_REGS");
}

static void set_cpuid(int kvm)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[256];
	} cpuid = {.head.nent = 256};

	must(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) == 0, "KVM_GET_SUPPORTED_CPUID");
	must(ioctl(vcpu, KVM_SET_CPUID2, &cpuid) == 0, "KVM_SET_CPUID2");
}

static void make_vm(const uint8_t *code, const uint8_t *end, int cpl)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY_SIZE};
	int size;

	must(kvm >= 0, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	must(vm >= 0, "KVM_CREATE_VM");
	must(ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000ul) == 0, "KVM_SET_TSS_ADDR");
	memory =
		mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED, "mmap");
	region.userspace_addr = (uint64_t)(uintptr_t)memory;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0, "KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	must(vcpu >= 0, "KVM_CREATE_VCPU");
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	must(size > 0, "KVM_GET_VCPU_MMAP_SIZE");
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	must(run != MAP_FAILED, "mmap of the vCPU");
	make_tables();
	memcpy(memory + CODE, code, end - code);
	set_cpuid(kvm);
	set_state(cpl);
}

/* The ioctl, and a check of the exit reason. */
static double batch_pio(void)
{
	uint64_t began = __rdtsc();
	int i;

	for (i = 0; i < batch; i++) {
		must(ioctl(vcpu, KVM_RUN, 0) == 0, "KVM_RUN");
		must(run->exit_reason == KVM_EXIT_IO && run->io.port == PORT, "not the OUT");
	}
	return (double)(__rdtsc() - began) / batch;
}

static double batch_immediate(void)
{
	uint64_t began = __rdtsc();
	int i;

	for (i = 0; i < batch; i++)
		must(ioctl(vcpu, KVM_RUN, 0) == -1 && errno == EINTR, "not immediate");
	return (double)(__rdtsc() - began) / batch;
}

static double batch_cpuid(void)
{
	uint64_t began = __rdtsc();

	for (int i = 0; i < batch; i++) {
		uint32_t a = 0, b, c, d;

		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	}
	return (double)(__rdtsc() - began) / batch;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double ticks[MAX_BATCHES];
	double (*run_batch)(void) = batch_pio;
	int i, cpuid, immediate, jmp, batches;
	cpu_set_t cpus;

	if (argc < 6 || argc > 7 || atoi(argv[4]) < 1 || atoi(argv[5]) < 1 ||
	    atoi(argv[5]) > MAX_BATCHES) {
		fprintf(stderr,
			"usage: bare_loop jmp|unrolled|immediate|cpuid CPL CPU BATCH BATCHES "
			"[PERCENT]\n");
		return 2;
	}
	immediate = strcmp(argv[1], "immediate") == 0;
	cpuid = strcmp(argv[1], "cpuid") == 0;
	jmp = strcmp(argv[1], "unrolled") != 0;
	batch = atoi(argv[4]);
	batches = atoi(argv[5]);
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[3]), &cpus);
	must(sched_setaffinity(0, sizeof(cpus), &cpus) == 0, "no such CPU");
	if (cpuid) {
		run_batch = batch_cpuid;
	} else {
		make_vm(jmp ? guest_jmp : guest_unrolled, jmp ? guest_jmp_end : guest_unrolled_end,
			atoi(argv[2]));
		run->immediate_exit = immediate;
		if (immediate)
			run_batch = batch_immediate;
	}
	for (i = 0; i < 1 + batches; i++) /* the first is the warm-up */
		ticks[i ? i - 1 : 0] = run_batch();
	qsort(ticks, batches, sizeof(*ticks), by_value);
	if (argc == 7) /* for a busy machine: a low percentile, batches without an interruption */
		printf("%.1f\n", ticks[(int)(atof(argv[6]) / 100 * (batches - 1))]);
	else
		printf("%.1f\n", (ticks[(batches - 1) / 2] + ticks[batches / 2]) / 2);
	return 0;
}
