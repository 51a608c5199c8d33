/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rule a VMCB breaks that VMRUN has refused (VMEXIT_INVALID): AMD APM Vol. 2, 15.5.1
 * "Canonicalization and Consistency Checks", 15.20 "Event Injection", 15.25 "Nested Paging", 15.29
 * "AVIC". Pure.
 */
#ifndef HV_SVM_CHECK_H
#define HV_SVM_CHECK_H

#include "vmcb.h"

struct svm_check {
	u32 physical_bits; /* of addresses on this CPU */
	u32 asids;	   /* ASIDs are less than this */
	const char *field; /* out: what breaks the rule, its value, the rule in words */
	u64 value;
	const char *rule;
};

/* True: a rule is broken, and check says which; the first one in the manual's order. */
bool svm_check(const struct vmcb *vmcb, struct svm_check *check);

#endif
