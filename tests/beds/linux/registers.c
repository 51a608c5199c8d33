// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * registers STORM...: starts storms of exitstorm.ko on the CPU that this process runs on, and
 * compares its own registers before and after each wait for them: x87, MXCSR, vectors and all other
 * state of XCR0, the bases of FS and GS, PKRU; and its I/O permissions, which are in the TSS beyond
 * the limit that a VM exit sets (67H). Prints the compared states and the changes.
 */
#include <asm/prctl.h>
#include <cpuid.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "start.h"

#define AREA	   16384
#define LEGACY	   512
#define PKRU_BIT   9
#define BOUND_BITS (3UL << 3)  /* MPX, which kernels no longer use */
#define TILE_BITS  (3UL << 17) /* only with a permission by arch_prctl */

static const struct part {
	const char *name;
	u32 at, bytes;
} legacy[] = {
	{"FCW FSW FTW", 0, 5}, {"MXCSR", 24, 4}, {"ST0", 32, 10},   {"ST1", 48, 10},
	{"ST2", 64, 10},       {"ST3", 80, 10},	 {"ST4", 96, 10},   {"ST5", 112, 10},
	{"ST6", 128, 10},      {"ST7", 144, 10}, {"XMM", 160, 256},
};

static u8 loaded[AREA] __attribute__((aligned(64)));
static u8 found[AREA] __attribute__((aligned(64)));
static u64 states; /* the bits of XCR0 that are compared */

static u64 xcr0(void)
{
	u32 low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low | (u64)high << 32;
}

static u32 pkru(void)
{
	u32 value, high;

	__asm__ volatile("rdpkru" : "=a"(value), "=d"(high) : "c"(0));
	return value;
}

static bool component(u32 number, struct part *part)
{
	u32 ecx, edx;

	__cpuid_count(0xd, number, part->bytes, part->at, ecx, edx);
	return states >> number & 1 && part->bytes && part->at + part->bytes <= AREA;
}

static void fill(const struct part *part)
{
	for (u32 i = 0; i < part->bytes; i++)
		loaded[part->at + i] = 0x11 + 7 * i + part->at / 16;
}

/* All exceptions masked, precision and rounding other than the defaults, a full stack. */
static void make_pattern(void)
{
	static const struct {
		u16 fcw, fsw;
		u8 ftw;
	} head = {0x067f, 0, 0xff};
	static const u32 mxcsr = 0x3f80;
	struct part part;

	for (u32 i = 2; i < sizeof(legacy) / sizeof(legacy[0]); i++)
		fill(&legacy[i]);
	for (u32 i = 2; i < 63; i++)
		if (component(i, &part))
			fill(&part);
	memcpy(loaded, &head, 5);
	memcpy(loaded + 24, &mxcsr, 4);
	memcpy(loaded + LEGACY, &states, sizeof(states));
}

/* One asm statement, so that the compiler uses no register in between. */
static void wait_with_pattern(int fd)
{
	__asm__ volatile(
		"movq %[states], %%rdx\n\tshrq $32, %%rdx\n\tmovl %k[states], %%eax\n\t"
		"xrstor64 %[loaded]\n\t"
		"movl %[call], %%eax\n\tmovl %[fd], %%edi\n\tmovl %[wait], %%esi\n\tsyscall\n\t"
		"movq %[states], %%rdx\n\tshrq $32, %%rdx\n\tmovl %k[states], %%eax\n\t"
		"xsave64 %[found]\n\tfninit"
		: [found] "+m"(found)
		: [loaded] "m"(loaded), [states] "r"(states), [fd] "r"(fd), [call] "i"(SYS_ioctl),
		  [wait] "i"(EXITSTORM_WAIT)
		: "rax", "rdx", "rdi", "rsi", "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2",
		  "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
		  "xmm13", "xmm14", "xmm15");
}

static u32 compare(const struct part *part)
{
	if (!memcmp(loaded + part->at, found + part->at, part->bytes))
		return 0;
	printf("changed: %s\n", part->name);
	return 1;
}

static u32 compare_all(void)
{
	static char name[32];
	struct part part = {.name = name};
	u32 changed = 0;

	for (u32 i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++)
		changed += compare(&legacy[i]);
	for (u32 i = 2; i < 63; i++) {
		snprintf(name, sizeof(name), "state %u of XCR0", i);
		if (component(i, &part))
			changed += compare(&part);
	}
	return changed;
}

#define DELAY_PORT 0x80

static void no_permission(int signal)
{
	static const char text[] = "changed: I/O permissions\n";

	(void)signal;
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) > 0 ? 1 : 2);
}

static int begin(int fd, char **names)
{
	static struct wire_plan plan;
	struct exitstorm_start call = start_of(&plan, 100);

	plan_begin(&plan, 100, 10);
	plan.plan.cpu_count = 1;
	for (; *names && storm_find(*names) && plan.storms < WIRE_MAX_STORMS; names++)
		plan.storm[plan.storms++] = storm_find(*names) - storms;
	return ioctl(fd, EXITSTORM_START, &call);
}

int main(int argc, char **argv)
{
	int fd = open(EXITSTORM_DEVICE, O_RDWR | O_CLOEXEC);
	struct exitstorm_ring *ring;
	u32 leaf[4], waits = 0, changed = 0, keys;
	u64 fs;
	cpu_set_t cpus;
	bool has_keys;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	__cpuid_count(7, 0, leaf[0], leaf[1], leaf[2], leaf[3]);
	has_keys = leaf[2] >> 4 & 1;
	states = xcr0() & ~(1UL << PKRU_BIT | BOUND_BITS | TILE_BITS);
	ring = mmap(NULL, EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (argc < 2 || fd < 0 || ring == MAP_FAILED || begin(fd, argv + 1)) {
		perror("registers");
		return 1;
	}
	make_pattern();
	signal(SIGSEGV, no_permission);
	if (ioperm(DELAY_PORT, 1, 1)) {
		perror("ioperm");
		return 1;
	}
	syscall(SYS_arch_prctl, ARCH_SET_GS, 0x123456789000UL);
	syscall(SYS_arch_prctl, ARCH_GET_FS, &fs);
	keys = has_keys ? pkru() : 0;
	while (!__atomic_load_n(&ring->over, __ATOMIC_ACQUIRE) && !changed) {
		u64 now;

		wait_with_pattern(fd);
		ring->tail = ring->head;
		waits++;
		outb(0, DELAY_PORT);
		changed += compare_all();
		syscall(SYS_arch_prctl, ARCH_GET_FS, &now);
		if (now != fs)
			changed += printf("changed: FS base\n");
		syscall(SYS_arch_prctl, ARCH_GET_GS, &now);
		if (now != 0x123456789000UL)
			changed += printf("changed: GS base\n");
		if (has_keys && pkru() != keys)
			changed += printf("changed: PKRU\n");
	}
	printf("XCR0 %llx%s, %u waits\n", (unsigned long long)states, has_keys ? ", PKRU" : "",
	       waits);
	return changed != 0 || !waits;
}
