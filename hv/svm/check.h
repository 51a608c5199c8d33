/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The consistency checks on a VMCB that VMRUN has refused (VMEXIT_INVALID): AMD APM Vol. 2,
 * "Canonicalization and Consistency Checks", "Event Injection", "Nested Paging", "AVIC". Pure.
 */
#ifndef HV_SVM_CHECK_H
#define HV_SVM_CHECK_H

#include "vmcb.h"

struct svm_check {
	u32 physical_bits; /* width of physical addresses */
	u32 asids;	   /* number of ASIDs */
	const char *field; /* out: the field that breaks a rule, its value, the rule in words */
	u64 value;
	const char *rule;
};

/* True: a rule is broken; *check has the first one in the manual's order. */
bool svm_check(const struct vmcb *vmcb, struct svm_check *check);

#endif
