// SPDX-License-Identifier: GPL-2.0-or-later
#include "acpi.h"

#define BIOS_BEGIN   0xe0000UL
#define BIOS_END     0x100000UL
#define RSDP_BYTES   20
#define MAPPED	     (1ULL << 32) /* memory below this is identity-mapped */
#define HEADER_BYTES 36

#define MADT_ENTRIES  44 /* offset in the table */
#define MADT_APIC     0
#define MADT_X2APIC   9
#define MADT_ENABLED  1
#define FADT_PM_TIMER 76

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length; /* this and the rest: from revision 2 on */
	u64 xsdt;
} __attribute__((packed));

struct header {
	char signature[4];
	u32 length;
	u8 rest[HEADER_BYTES - 8];
} __attribute__((packed));

/* The tables of the root table, by 4 or 8 bytes each. */
static struct {
	const u8 *entries;
	u32 count, bytes;
} root;

static bool checks(const void *table, u32 bytes)
{
	const u8 *at = table;
	u8 sum = 0;

	while (bytes--)
		sum += *at++;
	return !sum;
}

static const struct header *table_at(u64 address, const char *signature)
{
	const struct header *table = (const void *)address;

	if (!address || address > MAPPED - sizeof(*table) ||
	    __builtin_memcmp(table->signature, signature, 4) || table->length < sizeof(*table) ||
	    table->length > MAPPED - address || !checks(table, table->length))
		return NULL;
	return table;
}

static const struct header *find(const char *signature)
{
	for (u32 i = 0; i < root.count; i++) {
		const struct header *table;
		u64 address = 0;

		__builtin_memcpy(&address, root.entries + i * root.bytes, root.bytes);
		table = table_at(address, signature);
		if (table)
			return table;
	}
	return NULL;
}

static bool is_rsdp(const void *at)
{
	return !__builtin_memcmp(at, "RSD PTR ", 8) && checks(at, RSDP_BYTES);
}

static const struct rsdp *search(void)
{
	for (u64 at = BIOS_BEGIN; at < BIOS_END; at += 16)
		if (is_rsdp((const void *)at))
			return (const void *)at;
	return NULL;
}

void acpi_init(const void *given)
{
	const struct rsdp *rsdp = given && is_rsdp(given) ? given : given ? NULL : search();
	const struct header *table = NULL;

	root.count = 0;
	if (!rsdp)
		return;
	root.bytes = 8;
	if (rsdp->revision >= 2)
		table = table_at(rsdp->xsdt, "XSDT");
	if (!table) {
		root.bytes = 4;
		table = table_at(rsdp->rsdt, "RSDT");
	}
	if (!table)
		return;
	root.entries = (const u8 *)table + sizeof(*table);
	root.count = (table->length - sizeof(*table)) / root.bytes;
}

static u32 word_at(const u8 *at)
{
	u32 word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

u32 acpi_apic_ids(u32 *id, u32 room)
{
	const struct header *madt = find("APIC");
	u32 count = 0;

	for (u32 at = MADT_ENTRIES; madt && at + 2 <= madt->length && count < room;) {
		const u8 *entry = (const u8 *)madt + at;
		u32 bytes = entry[1];

		if (bytes < 2 || at + bytes > madt->length)
			break;
		if (entry[0] == MADT_APIC && bytes >= 8 && word_at(entry + 4) & MADT_ENABLED)
			id[count++] = entry[3];
		else if (entry[0] == MADT_X2APIC && bytes >= 16 &&
			 word_at(entry + 8) & MADT_ENABLED)
			id[count++] = word_at(entry + 4);
		at += bytes;
	}
	return count;
}

u16 acpi_pm_port(void)
{
	const struct header *fadt = find("FACP");

	return fadt && fadt->length >= FADT_PM_TIMER + 4 ? word_at((const u8 *)fadt + FADT_PM_TIMER)
							 : 0;
}
