/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decodes the guest's instruction where the CPU does not report its length (EPT violations on VMX,
 * SVM without NRIPS) or its registers (SVM without decode assists). Knows the instructions that
 * exit, and plain loads and stores. Pure.
 */
#ifndef HV_INSTRUCTION_H
#define HV_INSTRUCTION_H

#include "../trace/types.h"

#define INSTRUCTION_BYTES 15 /* the architecture's limit */

struct instruction {
	u8 length, prefixes; /* bytes; prefixes without REX */
	u8 rex;
	u8 opcode; /* the second byte where `two_byte` */
	u8 modrm;  /* 0 where there is none */
	bool two_byte;
	bool operand_size; /* prefix 0x66 */
};

/*
 * In 64-bit mode (long_mode), else in 32-bit mode. INSTRUCTION_READ bytes must be readable at
 * `code`. False: not an instruction that is known here, one with more than 12 legacy prefixes, with
 * a REX prefix before another prefix, or with 16-bit addressing. Where the CPU raises #UD (LOCK
 * before most of these, MOV from a CR that there is not) the result has no meaning.
 */
#define INSTRUCTION_READ (INSTRUCTION_BYTES + 2)
bool instruction_decode(const u8 *code, bool long_mode, struct instruction *insn);

/*
 * MOV between memory and a register, or of a constant to memory: the instructions for device
 * access.
 */
bool instruction_is_access(const struct instruction *insn);

static inline u32 instruction_reg(const struct instruction *insn) /* ModRM.reg with REX.R */
{
	return (insn->modrm >> 3 & 7) | (insn->rex & 4) << 1;
}

static inline u32 instruction_rm(const struct instruction *insn) /* ModRM.rm with REX.B */
{
	return (insn->modrm & 7) | (insn->rex & 1) << 3;
}

#endif
