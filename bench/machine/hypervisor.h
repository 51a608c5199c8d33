/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor that this machine runs on: what it is, and what it tells the guest. */
#ifndef BENCH_MACHINE_HYPERVISOR_H
#define BENCH_MACHINE_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

#include "../../trace/types.h"

#define HYPERVISOR_SIGNATURES 8
#define HYPERVISOR_FEATURES   64

enum confidential {
	CONFIDENTIAL_UNKNOWN, /* the CPU has SEV, and its MSR cannot be read */
	CONFIDENTIAL_NO,
	CONFIDENTIAL_SEV,
	CONFIDENTIAL_SEV_ES,
	CONFIDENTIAL_SEV_SNP,
	CONFIDENTIAL_TDX,
	CONFIDENTIAL_VBS, /* isolated by Hyper-V, without encryption */
};

struct hypervisor_signature {
	u32 leaf, max;	  /* 40000x00H, and the highest leaf of this range */
	char text[13];	  /* printable */
	const char *name; /* NULL: unknown signature */
};

struct hypervisor_feature {
	const char *interface, *name, *effect;
};

/* CPUs that are online; 0: not known. */
struct hypervisor_topology {
	u32 vcpus, cores, packages;
};

struct hypervisor {
	const char *name;    /* NULL: not known */
	const char *by;	     /* by which it was found; NULL: no hypervisor was found */
	const char *monitor; /* the program that runs the VM, or its cloud; NULL: not known */
	char vendor[64], product[64]; /* of the machine, by DMI */
	bool hidden;		      /* CPUID.1:ECX[31] is 0, though there is one */
	bool paravisor; /* Hyper-V: a second hypervisor inside the VM's trust boundary */
	enum confidential confidential;
	const char *confidential_by; /* NULL: not known */
	const char *apic;	     /* "x2apic", "xapic"; NULL: IA32_APIC_BASE cannot be read */
	const char *nested;	     /* what it offers to guests: "vmx", "svm"; NULL: neither */
	struct hypervisor_signature signature[HYPERVISOR_SIGNATURES];
	size_t signatures;
	struct hypervisor_feature feature[HYPERVISOR_FEATURES];
	size_t features;
	struct hypervisor_topology topology;
};

/* False: none was found. */
bool hypervisor_read(struct hypervisor *hypervisor);

/* "KVM with Hyper-V interfaces, QEMU", and in brackets the machine by DMI. */
void hypervisor_text(const struct hypervisor *hypervisor, char *text, size_t size);

/* "none", "sev", "tdx", …; NULL: not known. */
const char *hypervisor_confidential(enum confidential confidential);

#endif
