// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rate of the TSC: from CPUID, or measured against a timer whose rate is known. Intel SDM
 * Vol. 3, "Determining the Processor Base Frequency"; ACPI, "Power Management Timer"; Intel 8254.
 */
#include "../../trace/stamp.h"
#include "../cpu.h"
#include "acpi.h"
#include "metal.h"
#include "port.h"

#define CPUID_CRYSTAL	0x15
#define CPUID_FREQUENCY 0x16
#define MHZ		1000000ULL

#define PM_TICKS   178977	/* 50 ms */
#define TIMEOUT	   (1ULL << 33) /* ticks: the timer stands still */
#define PIT_HZ	   1193182ULL
#define PIT_TICKS  59000 /* 49 ms */
#define PIT_DATA   0x42
#define PIT_MODE   0x43
#define PIT_SET	   0xb0 /* channel 2, both bytes, mode 0: OUT rises at 0 */
#define PIT_LATCH  0x80 /* channel 2 */
#define SPEAKER	   0x61 /* bit 0: gate of channel 2, bit 1: the speaker, bit 5: OUT */
#define SPEAKER_ON 2
#define PIT_GATE   1
#define PIT_OUT	   0x20

static u32 highest_leaf(void)
{
	u32 leaf[4];

	cpu_cpuid(0, 0, leaf);
	return leaf[0];
}

/* Exact, where CPUID gives the crystal's rate, too. */
static u64 hz_of_crystal(void)
{
	u32 leaf[4];

	if (highest_leaf() < CPUID_CRYSTAL)
		return 0;
	cpu_cpuid(CPUID_CRYSTAL, 0, leaf);
	return leaf[0] && leaf[1] ? (u64)leaf[2] * leaf[1] / leaf[0] : 0;
}

/* The base frequency, in whole MHz: within about 0.5 % of the TSC's. */
static u64 hz_of_base(void)
{
	u32 leaf[4];

	if (highest_leaf() < CPUID_FREQUENCY)
		return 0;
	cpu_cpuid(CPUID_FREQUENCY, 0, leaf);
	return (leaf[0] & 0xffff) * MHZ;
}

static u32 pm_now(u16 port)
{
	return port_in32(port) & ACPI_PM_MASK;
}

/* From one step of the timer to another, so that the error is that of two reads. */
static u64 hz_by_pm(void)
{
	u16 port = acpi_pm_port();
	u64 began, now = stamp_fenced();
	u32 first, passed = 0;

	if (!port)
		return 0;
	first = pm_now(port);
	for (began = now; pm_now(port) == first; now = stamp_fenced())
		if (now - began > TIMEOUT)
			return 0;
	first = pm_now(port);
	began = stamp_fenced();
	do {
		passed = (pm_now(port) - first) & ACPI_PM_MASK;
		now = stamp_fenced();
	} while (passed < PM_TICKS && now - began <= TIMEOUT);
	return passed < PM_TICKS ? 0 : (now - began) * ACPI_PM_HZ / passed;
}

/* Periods since channel 2 began to count down from 0xffff: in mode 0 it goes on after 0. */
static u32 pit_passed(void)
{
	u32 count, over = port_in8(SPEAKER) & PIT_OUT ? 0x10000 : 0;

	port_out8(PIT_MODE, PIT_LATCH);
	count = port_in8(PIT_DATA);
	count |= port_in8(PIT_DATA) << 8;
	return over + 0xffff - count;
}

static u64 hz_by_pit(void)
{
	u8 speaker = port_in8(SPEAKER) & ~(SPEAKER_ON | PIT_GATE);
	u64 began, now;
	u32 first, passed;

	port_out8(SPEAKER, speaker);
	port_out8(PIT_MODE, PIT_SET);
	port_out8(PIT_DATA, 0xff);
	port_out8(PIT_DATA, 0xff);
	port_out8(SPEAKER, speaker | PIT_GATE);
	first = pit_passed();
	began = stamp_fenced();
	do {
		passed = pit_passed() - first;
		now = stamp_fenced();
	} while (passed < PIT_TICKS && now - began <= TIMEOUT);
	port_out8(SPEAKER, speaker);
	return passed < PIT_TICKS ? 0 : (now - began) * PIT_HZ / passed;
}

/* Within 1 %. A hypervisor that scales the TSC may pass on CPUID of its host. */
static bool agree(u64 one, u64 other)
{
	u64 apart = one < other ? other - one : one - other;

	return apart < one / 100;
}

u64 metal_tsc_hz(const char **source)
{
	u64 crystal = hz_of_crystal(), pm = hz_by_pm(), measured = pm ? pm : hz_by_pit();

	if (crystal && (!measured || agree(crystal, measured))) {
		*source = "CPUID leaf 15H";
		return crystal;
	}
	*source = pm ? "the ACPI power-management timer" : "the PIT";
	if (measured)
		return measured;
	measured = hz_of_base();
	*source = measured ? "CPUID leaf 16H" : "";
	return measured;
}
