// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu.h"

#include <linux/perf_event.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../trace/stamp.h"
#include "cpuid.h"
#include "sysfs.h"

static const struct generation {
	const char *vendor;
	u32 family, model_first, model_last, stepping_first, stepping_last;
	const char *microarchitecture, *codename;
} generations[] = {
#define GENERATION(...) {__VA_ARGS__},
#include "generations.def"
};

static const struct {
	const char *signature, *name;
} hypervisors[] = {
#define SIGNATURE(...) {__VA_ARGS__},
#define OEM_ID(...)
#define DMI_PREFIX(...)
#include "hypervisors.def"
};

static struct cpuid_leaf cpuid(u32 number)
{
	return cpuid_read(number, 0);
}

void cpu_signature(u32 eax, u32 *family, u32 *model, u32 *stepping)
{
	*stepping = eax & 0xf;
	*model = eax >> 4 & 0xf;
	*family = eax >> 8 & 0xf;
	if (*family == 6 || *family == 15)
		*model |= eax >> 12 & 0xf0;
	if (*family == 15)
		*family += eax >> 20 & 0xff;
}

/* CPUID 80000002H-80000004H: 48 bytes, padded with blanks at the end, on old Intel CPUs in front.
 */
static void read_brand(char *brand)
{
	u32 part, length, start;
	struct cpuid_leaf leaf;
	char text[49];

	brand[0] = '\0';
	if (cpuid(0x80000000).eax < 0x80000004)
		return;
	for (part = 0; part < 3; part++) {
		leaf = cpuid(0x80000002 + part);
		memcpy(text + part * 16, &leaf, 16);
	}
	text[48] = '\0';
	length = strlen(text);
	while (length && text[length - 1] == ' ')
		text[--length] = '\0';
	start = strspn(text, " ");
	memcpy(brand, text + start, length - start + 1);
}

void cpu_read(struct cpu *cpu)
{
	struct cpuid_leaf leaf = cpuid(0);

	memset(cpu, 0, sizeof(*cpu));
	memcpy(cpu->vendor, &leaf.ebx, 4);
	memcpy(cpu->vendor + 4, &leaf.edx, 4);
	memcpy(cpu->vendor + 8, &leaf.ecx, 4);

	leaf = cpuid(1);
	cpu_signature(leaf.eax, &cpu->family, &cpu->model, &cpu->stepping);
	cpu->vmx = leaf.ecx >> 5 & 1;
	cpu->virtual = leaf.ecx >> 31;
	if (cpu->virtual) {
		leaf = cpuid(0x40000000);
		memcpy(cpu->hypervisor, &leaf.ebx, 12);
	}

	leaf = cpuid(0x80000000);
	if (leaf.eax >= 0x80000001)
		cpu->svm = cpuid(0x80000001).ecx >> 2 & 1;
	if (leaf.eax >= 0x80000007)
		cpu->tsc_invariant = cpuid(0x80000007).edx >> 8 & 1;
	read_brand(cpu->brand);
}

bool cpu_generation(const char *vendor, u32 family, u32 model, u32 stepping,
		    const char **microarchitecture, const char **codename)
{
	const struct generation *row;
	size_t i;

	*microarchitecture = *codename = NULL;
	for (i = 0; i < sizeof(generations) / sizeof(*generations); i++) {
		row = &generations[i];
		if (strcmp(row->vendor, vendor) == 0 && row->family == family &&
		    model >= row->model_first && model <= row->model_last &&
		    stepping >= row->stepping_first && stepping <= row->stepping_last) {
			*microarchitecture = row->microarchitecture;
			*codename = row->codename;
			return true;
		}
	}
	return false;
}

const char *cpu_hypervisor_name(const char *signature)
{
	size_t i;

	for (i = 0; i < sizeof(hypervisors) / sizeof(*hypervisors); i++) {
		if (strncmp(signature, hypervisors[i].signature, 12) == 0)
			return hypervisors[i].name;
	}
	return NULL;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Reads both clocks together: of 16 attempts the one with the shortest TSC interval counts. */
static void both_clocks(double *tsc, double *ns)
{
	u64 before, after, min = ~0ULL;
	double clock;
	int i;

	for (i = 0; i < 16; i++) {
		before = stamp_fenced();
		clock = now_ns();
		after = stamp_fenced();
		if (after - before < min) {
			min = after - before;
			*tsc = before + (after - before) / 2.0;
			*ns = clock;
		}
	}
}

static double measured_hz(u32 milliseconds)
{
	struct timespec pause = {.tv_nsec = milliseconds * 1000000L};
	double tsc[2], ns[2];

	both_clocks(&tsc[0], &ns[0]);
	nanosleep(&pause, NULL);
	both_clocks(&tsc[1], &ns[1]);
	return ns[1] > ns[0] ? (tsc[1] - tsc[0]) / (ns[1] - ns[0]) * 1e9 : 0;
}

/* CPUID 15H (Intel SDM Vol. 2A): TSC / crystal = EBX / EAX, crystal in ECX Hz. */
static double crystal_hz(void)
{
	struct cpuid_leaf leaf;

	if (cpuid(0).eax < 0x15)
		return 0;
	leaf = cpuid(0x15);
	if (!leaf.eax || !leaf.ebx || !leaf.ecx)
		return 0;
	return (double)leaf.ecx * leaf.ebx / leaf.eax;
}

/* Leaf 40000010H (VMware, also KVM): EAX is the TSC's rate in kHz. */
static double hypervisor_hz(void)
{
	const char *name;
	struct cpu cpu;

	cpu_read(&cpu);
	name = cpu.virtual ? cpu_hypervisor_name(cpu.hypervisor) : NULL;
	if (!name || (strcmp(name, "KVM") != 0 && strcmp(name, "VMware") != 0))
		return 0;
	if (cpuid(0x40000000).eax < 0x40000010)
		return 0;
	return cpuid(0x40000010).eax * 1e3;
}

/* The kernel's calibration, from perf_event_open(2): ns = ticks * time_mult >> time_shift. */
static double kernel_hz(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.exclude_kernel = 1,
	};
	struct perf_event_mmap_page *page;
	long size = sysconf(_SC_PAGESIZE);
	double hz = 0;
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return 0;
	page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED) {
		if (page->cap_user_time && page->time_mult)
			hz = ldexp(1e9, page->time_shift) / page->time_mult;
		munmap(page, size);
	}
	close(fd);
	return hz;
}

static double sysfs_hz(void)
{
	long long khz;

	return sysfs_number(&khz, "/sys/devices/system/cpu/cpu0/tsc_freq_khz") ? khz * 1e3 : 0;
}

/*
 * A reported rate counts only if a short measurement agrees within 1 %: with TSC scaling a
 * hypervisor may still pass on CPUID 15H of the host.
 */
double cpu_tsc_hz(const char **source)
{
	static const struct {
		double (*hz)(void);
		const char *source;
	} reported[] = {
		{kernel_hz, "the kernel's calibration"},
		{sysfs_hz, "/sys"},
		{crystal_hz, "CPUID leaf 15H"},
		{hypervisor_hz, "hypervisor leaf 40000010H"},
	};
	static const char *known_source;
	static double known;
	double short_hz, hz;
	size_t i;

	if (known == 0) {
		short_hz = measured_hz(10);
		for (i = 0; i < sizeof(reported) / sizeof(*reported) && known == 0; i++) {
			hz = reported[i].hz();
			if (hz > 0 && fabs(hz / short_hz - 1) < 0.01) {
				known = hz;
				known_source = reported[i].source;
			}
		}
	}
	if (known == 0) {
		known = measured_hz(100);
		known_source = known > 0 ? "measured against CLOCK_MONOTONIC_RAW" : NULL;
	}
	*source = known_source;
	return known;
}
