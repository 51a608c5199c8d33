/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of ACPI that name CPUs and the power-management timer (ACPI Specification 6.5). */
#ifndef HV_METAL_ACPI_H
#define HV_METAL_ACPI_H

#include "../../trace/types.h"

/*
 * `rsdp`: the loader's copy of the root pointer; NULL: it is searched where a BIOS puts it (ACPI,
 * "Finding the RSDP on IA-PC Systems"). Without one, or with a wrong checksum, there are no tables.
 */
void acpi_init(const void *rsdp);
/* APIC IDs of the enabled CPUs, at most `room`. 0: there is no table. */
u32 acpi_apic_ids(u32 *id, u32 room);
/* The port of the power-management timer, which counts ACPI_PM_HZ; 0: there is none. */
u16 acpi_pm_port(void);
#define ACPI_PM_HZ   3579545
#define ACPI_PM_MASK 0xffffff

#endif
