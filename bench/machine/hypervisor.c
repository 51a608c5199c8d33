// SPDX-License-Identifier: GPL-2.0-or-later
#include "../../results/why.h"
#include "hypervisor.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "cpuid.h"
#include "sysfs.h"

#define ROOM(array)  (sizeof(array) / sizeof(*(array)))
#define FIRST_LEAF   0x40000000U
#define END_OF_BASES 0x40010000U /* Linux, cpuid_base_hypervisor(): steps of 100H up to here */

static const struct clue {
	const char *text;
	bool vm;
	const char *name, *monitor;
} oem_ids[] =
	{
#define SIGNATURE(...)
#define OEM_ID(...) {__VA_ARGS__},
#define DMI_PREFIX(...)
#include "hypervisors.def"
},
  dmi_prefixes[] = {
#define SIGNATURE(...)
#define OEM_ID(...)
#define DMI_PREFIX(...) {__VA_ARGS__},
#include "hypervisors.def"
};

static const struct paravirt {
	const char *interface;
	u32 leaf;
	size_t at; /* of the register in struct cpuid_leaf */
	u32 bit;
	const char *name, *effect;
} paravirt[] = {
#define PARAVIRT(interface, leaf, register, bit, name, effect) \
	{interface, leaf, offsetof(struct cpuid_leaf, register), bit, #name, effect},
#include "paravirt.def"
};

/*
 * A CPU without these leaves answers with its highest basic one (Intel SDM Vol. 2A, CPUID), whose
 * EAX is not in the range of the base. KVM once left EAX 0 (kvm/x86/cpuid.rst).
 */
static bool read_signature(u32 base, bool certain, struct hypervisor_signature *signature)
{
	struct cpuid_leaf leaf = cpuid_read(base, 0);
	char *text = signature->text;

	*signature = (struct hypervisor_signature){.leaf = base, .max = leaf.eax};
	memcpy(text, &leaf.ebx, 12);
	for (size_t i = strlen(text); i-- > 0;) {
		if (!isprint((unsigned char)text[i]))
			text[i] = '?';
	}
	signature->name = cpu_hypervisor_name(text);
	if (leaf.eax == 0 && signature->name)
		signature->max = base + 1;
	else if (leaf.eax < base || leaf.eax > base + 0xff)
		return false;
	return signature->name || (certain && *text);
}

/* Hyper-V's signature in front of another is an interface that the other offers. */
static void read_signatures(struct hypervisor *hypervisor, const struct cpu *cpu)
{
	struct hypervisor_signature *signature;

	for (u32 base = FIRST_LEAF; base < END_OF_BASES; base += 0x100) {
		if (hypervisor->signatures == HYPERVISOR_SIGNATURES)
			break;
		signature = &hypervisor->signature[hypervisor->signatures];
		if (!read_signature(base, cpu->virtual && base == FIRST_LEAF, signature))
			continue;
		hypervisor->signatures++;
		if (signature->name && (!hypervisor->name || !strcmp(hypervisor->name, "Hyper-V")))
			hypervisor->name = signature->name;
	}
	if (hypervisor->signatures || cpu->virtual)
		hypervisor->by = "cpuid";
}

static const struct hypervisor_signature *signature_of(const struct hypervisor *hypervisor,
						       const char *name)
{
	for (size_t i = 0; i < hypervisor->signatures; i++) {
		if (hypervisor->signature[i].name && !strcmp(hypervisor->signature[i].name, name))
			return &hypervisor->signature[i];
	}
	return NULL;
}

static void read_features(struct hypervisor *hypervisor)
{
	const struct hypervisor_signature *signature;
	struct cpuid_leaf leaf;
	u32 bits;

	for (size_t i = 0; i < ROOM(paravirt); i++) {
		signature = signature_of(hypervisor, paravirt[i].interface);
		if (!signature || signature->leaf + paravirt[i].leaf > signature->max)
			continue;
		leaf = cpuid_read(signature->leaf + paravirt[i].leaf, 0);
		memcpy(&bits, (const char *)&leaf + paravirt[i].at, sizeof(bits));
		if (bits >> paravirt[i].bit & 1 && hypervisor->features < HYPERVISOR_FEATURES)
			hypervisor->feature[hypervisor->features++] = (struct hypervisor_feature){
				paravirt[i].interface, paravirt[i].name, paravirt[i].effect};
	}
}

/* Takes what is not known yet. */
static void take_clue(struct hypervisor *hypervisor, const struct clue *clue, const char *by)
{
	if (!hypervisor->by && clue->vm)
		hypervisor->by = by;
	if (!hypervisor->name)
		hypervisor->name = clue->name;
	if (!hypervisor->monitor)
		hypervisor->monitor = clue->monitor;
}

/* ACPI 6.5, 5.2.6: the OEM ID is at byte 10 of a table's header. Only root may read tables. */
static void read_acpi(struct hypervisor *hypervisor)
{
	static const char *const tables[] = {"FACP", "APIC", "DSDT"};
	char header[16];

	for (size_t i = 0; i < ROOM(tables); i++) {
		if (!sysfs_bytes(header, sizeof(header), 0, "/sys/firmware/acpi/tables/%s",
				 tables[i]))
			continue;
		for (size_t j = 0; j < ROOM(oem_ids); j++) {
			if (!strncmp(header + 10, oem_ids[j].text, 6))
				take_clue(hypervisor, &oem_ids[j], "acpi");
		}
	}
}

static void read_dmi(struct hypervisor *hypervisor)
{
	static const char *const files[] = {"product_name", "sys_vendor", "board_vendor",
					    "bios_vendor", "product_version"};
	static const struct clue bochs = {"Bochs", true, "Bochs", "an emulator"};
	char text[128];

	/* Bochs has no hypervisor leaf. Old QEMUs have its BIOS, and the leaf. */
	if (!hypervisor->by && sysfs_text(text, sizeof(text), "/sys/class/dmi/id/bios_vendor") &&
	    strstr(text, "Bochs"))
		take_clue(hypervisor, &bochs, "dmi");
	sysfs_text(hypervisor->vendor, sizeof(hypervisor->vendor), "/sys/class/dmi/id/sys_vendor");
	sysfs_text(hypervisor->product, sizeof(hypervisor->product),
		   "/sys/class/dmi/id/product_name");

	for (size_t i = 0; i < ROOM(files); i++) {
		if (!sysfs_text(text, sizeof(text), "/sys/class/dmi/id/%s", files[i]))
			continue;
		for (size_t j = 0; j < ROOM(dmi_prefixes); j++) {
			if (strncmp(text, dmi_prefixes[j].text, strlen(dmi_prefixes[j].text)))
				continue;
			take_clue(hypervisor, &dmi_prefixes[j], "dmi");
			break;
		}
	}
}

/* Xen's PV guests, dom0 among them, may not see the CPUID bit. */
static void read_kernel(struct hypervisor *hypervisor)
{
	char text[256];

	if (sysfs_text(text, sizeof(text), "/sys/hypervisor/type") && !strcmp(text, "xen"))
		take_clue(hypervisor, &(struct clue){NULL, true, "Xen", NULL}, "kernel");
	/* gVisor, pkg/sentry/syscalls/linux: the version that its own kernel reports. */
	if (sysfs_text(text, sizeof(text), "/proc/version") &&
	    strstr(text, "#1 SMP Sun Jan 10 15:06:54 PST 2016"))
		hypervisor->monitor = "gVisor";
}

static bool read_msr(u32 msr, u64 *value)
{
	return sysfs_bytes(value, sizeof(*value), msr, "/dev/cpu/0/msr");
}

/* Hypervisor TLFS: leaf 40000003H EBX[22], leaf 4000000CH. */
static bool read_isolation(struct hypervisor *hypervisor)
{
	static const enum confidential kinds[] = {CONFIDENTIAL_NO, CONFIDENTIAL_VBS,
						  CONFIDENTIAL_SEV_SNP, CONFIDENTIAL_TDX};
	const struct hypervisor_signature *signature = signature_of(hypervisor, "Hyper-V");
	struct cpuid_leaf leaf;

	if (!signature || signature->max < signature->leaf + 0xc ||
	    !(cpuid_read(signature->leaf + 3, 0).ebx >> 22 & 1))
		return false;
	leaf = cpuid_read(signature->leaf + 0xc, 0);
	if ((leaf.ebx & 0xf) == 0 || (leaf.ebx & 0xf) >= ROOM(kinds))
		return false;
	hypervisor->confidential = kinds[leaf.ebx & 0xf];
	hypervisor->confidential_by = "CPUID leaf 4000000CH";
	hypervisor->paravisor = leaf.eax & 1;
	return true;
}

/*
 * Intel TDX module base architecture specification, CPUID: leaf 21H has "IntelTDX    " in EBX, EDX,
 * ECX. AMD APM Vol. 2, 15.34.10: SEV_STATUS, MSR C0010131H; a guest with SEV has CPUID Fn8000_001F
 * EAX[1] set, but a guest without it may have, too.
 */
static void read_confidential(struct hypervisor *hypervisor)
{
	struct cpuid_leaf leaf = cpuid_read(0x21, 0);
	u64 status;

	if (cpuid_read(0, 0).eax >= 0x21 && leaf.ebx == 0x65746e49 && leaf.edx == 0x5844546c &&
	    leaf.ecx == 0x20202020) {
		hypervisor->confidential = CONFIDENTIAL_TDX;
		hypervisor->confidential_by = "CPUID leaf 21H";
	} else if (read_isolation(hypervisor)) {
		return;
	} else if (cpuid_read(0x80000000, 0).eax < 0x8000001f ||
		   !(cpuid_read(0x8000001f, 0).eax & 2)) {
		hypervisor->confidential = CONFIDENTIAL_NO;
		hypervisor->confidential_by = "CPUID";
	} else if (read_msr(0xc0010131, &status)) {
		hypervisor->confidential = status & 4	? CONFIDENTIAL_SEV_SNP
					   : status & 2 ? CONFIDENTIAL_SEV_ES
					   : status & 1 ? CONFIDENTIAL_SEV
							: CONFIDENTIAL_NO;
		hypervisor->confidential_by = "MSR C0010131H";
	} else if (sysfs_exists("/dev/sev-guest")) {
		hypervisor->confidential = CONFIDENTIAL_SEV_SNP;
		hypervisor->confidential_by = "/dev/sev-guest";
	}
}

struct topology_walk {
	struct hypervisor_topology topology;
	u64 package[16]; /* bits */
};

static void add_cpu(void *arg, const char *name)
{
	struct topology_walk *walk = arg;
	unsigned short first;
	long long package;
	char siblings[256];
	u32 cpu;

	if (sscanf(name, "cpu%u", &cpu) != 1 ||
	    !sysfs_text(siblings, sizeof(siblings),
			"/sys/devices/system/cpu/%s/topology/thread_siblings_list", name))
		return;
	walk->topology.vcpus++;
	if (sysfs_cpu_list(siblings, &first, 1) && first == cpu)
		walk->topology.cores++;
	if (!sysfs_number(&package, "/sys/devices/system/cpu/%s/topology/physical_package_id",
			  name) ||
	    package < 0 || package >= 1024 || walk->package[package / 64] >> package % 64 & 1)
		return;
	walk->package[package / 64] |= 1ULL << package % 64;
	walk->topology.packages++;
}

bool hypervisor_read(struct hypervisor *hypervisor)
{
	struct topology_walk walk = {0};
	struct cpu cpu;
	u64 apic_base;

	*hypervisor = (struct hypervisor){0};
	cpu_read(&cpu);
	read_signatures(hypervisor, &cpu);
	read_kernel(hypervisor);
	read_dmi(hypervisor);
	read_acpi(hypervisor);
	if (!hypervisor->by)
		return false;
	hypervisor->hidden = !cpu.virtual;
	read_features(hypervisor);
	read_confidential(hypervisor);
	/* IA32_APIC_BASE, MSR 1BH: bit 10 is the x2APIC mode (Intel SDM Vol. 3A, 11.12.1). */
	if (read_msr(0x1b, &apic_base))
		hypervisor->apic = apic_base >> 10 & 1 ? "x2apic" : "xapic";
	hypervisor->nested = cpu.vmx ? "vmx" : cpu.svm ? "svm" : NULL;
	sysfs_each("/sys/devices/system/cpu", add_cpu, &walk);
	hypervisor->topology = walk.topology;
	return true;
}

void hypervisor_text(const struct hypervisor *hypervisor, char *text, size_t size)
{
	const char *vendor = hypervisor->vendor, *product = hypervisor->product;
	const char *name = hypervisor->name, *monitor = hypervisor->monitor;

	*text = '\0';
	if (name)
		why_append(text, size, "%s", name);
	else if (hypervisor->hidden)
		why_append(text, size, "unknown, it hides from CPUID");
	else if (hypervisor->signatures)
		why_append(text, size, "unknown, its signature is \"%s\"",
			   hypervisor->signature->text);
	else
		why_append(text, size, "unknown, it has no signature");
	if (name && strcmp(name, "Hyper-V") && signature_of(hypervisor, "Hyper-V"))
		why_append(text, size, " with Hyper-V interfaces");
	if (monitor && strncmp(monitor, vendor, strlen(monitor)) &&
	    strncmp(monitor, product, strlen(monitor)))
		why_append(text, size, ", %s", monitor);
	if (*vendor || *product)
		why_append(text, size, " (%s%s%s)", vendor, *vendor && *product ? " " : "",
			   product);
}

const char *hypervisor_confidential(enum confidential confidential)
{
	static const char *const words[] = {
		[CONFIDENTIAL_NO] = "none",	  [CONFIDENTIAL_SEV] = "sev",
		[CONFIDENTIAL_SEV_ES] = "sev-es", [CONFIDENTIAL_SEV_SNP] = "sev-snp",
		[CONFIDENTIAL_TDX] = "tdx",	  [CONFIDENTIAL_VBS] = "vbs",
	};

	return words[confidential];
}
