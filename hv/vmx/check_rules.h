/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the areas of the checker state a rule, and the conditions that several rules use. */
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

/* True, and noted, where the rule is broken. */
static inline bool vmx_check_broken(struct vmx_check *check, u32 field, bool good, const char *rule)
{
	if (good)
		return false;
	check->field = field;
	check->value = vmx_check_get(check, field);
	check->rule = rule;
	return true;
}

/* For the body of an area's function: ends it at the first rule that is broken. */
#define RULE(FIELD, condition, text)                                 \
	do {                                                         \
		if (vmx_check_broken(check, FIELD, condition, text)) \
			return true;                                 \
	} while (0)

/* With so many bits of a linear address: those above them are as the highest of them. */
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

/* The field that has a group's controls, and whether one of them is on. */
u32 vmx_control_field(enum vmx_group group);
bool vmx_control_on(const struct vmx_check *check, enum vmx_group group, u32 bit);
/* IA32_PAT as a MOV to it would take it; EFER without bits that are reserved. */
bool vmx_pat_valid(u64 pat);
bool vmx_efer_valid(u64 efer);
#define EFER_LME (1ULL << 8)
#define EFER_LMA (1ULL << 10)
/* All of `value` as two IA32_VMX_CRn_FIXED MSRs say. */
static inline bool vmx_fixed(u64 value, u64 fixed0, u64 fixed1)
{
	return (value & fixed0) == fixed0 && !(value & ~fixed1);
}

#endif
