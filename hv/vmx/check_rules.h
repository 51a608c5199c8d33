/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a rule is written, and conditions that several rules use. */
#ifndef HV_VMX_CHECK_RULES_H
#define HV_VMX_CHECK_RULES_H

#include "check.h"
#include "vmcs.h"

#define CR0_PE	   (1ULL << 0)
#define CR0_WP	   (1ULL << 16)
#define CR0_PG	   (1ULL << 31)
#define CR4_PAE	   (1ULL << 5)
#define CR4_LA57   (1ULL << 12)
#define CR4_PCIDE  (1ULL << 17)
#define CR3_LAM	   (3ULL << 61) /* linear-address masking, for user addresses */
#define CR4_CET	   (1ULL << 23)
#define INFO_VALID (1ULL << 31)

static inline u64 vmx_check_get(const struct vmx_check *check, u32 field)
{
	return check->read(check->arg, field);
}

/* True if the rule is broken; then *check has field, value and rule. */
static inline bool vmx_check_broken(struct vmx_check *check, u32 field, bool good, const char *rule)
{
	if (good)
		return false;
	check->field = field;
	check->value = vmx_check_get(check, field);
	check->rule = rule;
	return true;
}

/* Returns true from an area's function if the rule is broken. */
#define RULE(FIELD, condition, text)                                 \
	do {                                                         \
		if (vmx_check_broken(check, FIELD, condition, text)) \
			return true;                                 \
	} while (0)

/* Canonical for linear addresses of so many bits. */
static inline bool vmx_canonical_by(u64 address, u32 bits)
{
	u64 top = address >> (bits - 1);

	return top == 0 || top == ~0ULL >> (bits - 1);
}

/* Bases and MSRs go by what the CPU can have, whatever CR4.LA57 says (SDM Vol. 3, "VM Entries"). */
static inline bool vmx_canonical(const struct vmx_check *check, u64 address)
{
	return vmx_canonical_by(address, check->linear_bits);
}

static inline bool vmx_physical(const struct vmx_check *check, u64 address, u64 align)
{
	return !(address & (align - 1)) && !(address >> check->physical_bits);
}

static inline bool vmx_cr3_valid(const struct vmx_check *check, u32 field)
{
	return !((vmx_check_get(check, field) & ~CR3_LAM) >> check->physical_bits);
}

/* The VMCS field of a group, and whether a control is 1. */
u32 vmx_control_field(enum vmx_group group);
bool vmx_control_on(const struct vmx_check *check, enum vmx_group group, u32 bit);
/* Valid memory types in IA32_PAT; no reserved bit in IA32_EFER. */
bool vmx_pat_valid(u64 pat);
bool vmx_efer_valid(u64 efer);
#define EFER_LME (1ULL << 8)
#define EFER_LMA (1ULL << 10)
/* As the IA32_VMX_CRn_FIXED0 and FIXED1 MSRs require. */
static inline bool vmx_fixed(u64 value, u64 fixed0, u64 fixed1)
{
	return (value & fixed0) == fixed0 && !(value & ~fixed1);
}

#endif
