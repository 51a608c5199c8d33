// SPDX-License-Identifier: GPL-2.0-or-later
/* Intel SDM Vol. 2, chapter 2 and appendix A; AMD APM Vol. 3, chapter 1 and appendix A. */
#include "instruction.h"

/* The meaning of a byte, and which bytes follow an opcode. */
enum form {
	UNKNOWN,
	PLAIN,	  /* nothing */
	MODRM,	  /* ModRM, SIB and displacement */
	REGISTER, /* ModRM that names registers, whatever its mod (MOV to and from CR and DR) */
	IMM8,	  /* one byte */
	MODRM_IMM8,
	MODRM_IMM, /* 4 bytes, or 2 with prefix 0x66 and without REX.W */
	FAR,	   /* an offset of that size and a selector; not in 64-bit mode */
	PREFIX,
	REX, /* only in 64-bit mode */
	ESCAPE,
};

#define REX_W	     8
#define ADDRESS_SIZE 0x67

static const u8 one_byte[256] = {
	[0x0f] = ESCAPE,
	[0x26] = PREFIX, /* segments */
	[0x2e] = PREFIX,
	[0x36] = PREFIX,
	[0x3e] = PREFIX,
	[0x40 ... 0x4f] = REX,
	[0x64 ... 0x67] = PREFIX, /* segments, operand and address size */
	[0x6c ... 0x6f] = PLAIN,  /* INS, OUTS */
	[0x88 ... 0x8b] = MODRM,  /* MOV between r and r/m */
	[0x90] = PLAIN,		  /* NOP, PAUSE */
	[0x9c ... 0x9d] = PLAIN,  /* PUSHF, POPF */
	[0xc6] = MODRM_IMM8,	  /* MOV r/m, imm8 */
	[0xc7] = MODRM_IMM,	  /* MOV r/m, imm */
	[0xcc] = PLAIN,		  /* INT3 */
	[0xcd] = IMM8,		  /* INT n */
	[0xcf] = PLAIN,		  /* IRET */
	[0xe4 ... 0xe7] = IMM8,	  /* IN, OUT */
	[0xea] = FAR,		  /* JMP ptr16:32 */
	[0xec ... 0xef] = PLAIN,  /* IN, OUT DX */
	[0xf0] = PREFIX,	  /* LOCK: MOV CR8 of 32-bit mode */
	[0xf1] = PLAIN,		  /* INT1 */
	[0xf2 ... 0xf3] = PREFIX,
	[0xf4] = PLAIN, /* HLT */
};

static const u8 two_bytes[256] = {
	[0x00 ... 0x01] = MODRM,    /* SLDT …, SGDT …, and all that is 0F 01 with mod 3 */
	[0x06] = PLAIN,		    /* CLTS */
	[0x08 ... 0x09] = PLAIN,    /* INVD, WBINVD */
	[0x0b] = PLAIN,		    /* UD2 */
	[0x20 ... 0x23] = REGISTER, /* MOV CR, DR */
	[0x30 ... 0x33] = PLAIN,    /* WRMSR, RDTSC, RDMSR, RDPMC */
	[0xa2] = PLAIN,		    /* CPUID */
	[0xaa] = PLAIN,		    /* RSM */
};

/* SDM Vol. 2 tables 2-2 and 2-3; 32-bit addressing differs only without a base. */
static u32 modrm_bytes(const u8 *modrm)
{
	u32 mod = modrm[0] >> 6, rm = modrm[0] & 7, length = 1;

	if (mod == 3)
		return length;
	if (rm == 4) {
		length++; /* SIB */
		if (mod == 0 && (modrm[1] & 7) == 5)
			length += 4;
	} else if (mod == 0 && rm == 5) {
		length += 4;
	}
	return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

static u32 operand_bytes(enum form form, const u8 *at, const struct instruction *insn)
{
	switch (form) {
	case MODRM:
		return modrm_bytes(at);
	case REGISTER:
	case IMM8:
		return 1;
	case MODRM_IMM8:
		return modrm_bytes(at) + 1;
	case MODRM_IMM:
		return modrm_bytes(at) + (insn->operand_size && !(insn->rex & REX_W) ? 2 : 4);
	case FAR:
		return insn->operand_size ? 4 : 6;
	default:
		return 0;
	}
}

/*
 * 16-bit addressing has another ModRM, without SIB (SDM Vol. 2, table 2-1). C6 and C7 with another
 * reg than 0 are no MOV but XABORT, XBEGIN or nothing (SDM Vol. 2, table A-6, group 11).
 */
static bool addressing_known(enum form form, u8 modrm, bool address_16)
{
	if (form == REGISTER)
		return true;
	return !(address_16 && modrm >> 6 != 3) && (form == MODRM || !(modrm & 0x38));
}

/* Part of the handler leg where the CPU has no NRIPS: so each byte is looked up once. */
bool instruction_decode(const u8 *code, bool long_mode, struct instruction *insn)
{
	u32 at = 0;
	enum form form = one_byte[code[0]];
	bool address_16 = false;

	*insn = (struct instruction){0};
	for (; form == PREFIX && at < INSTRUCTION_BYTES - 3; form = one_byte[code[++at]]) {
		insn->operand_size |= code[at] == 0x66;
		address_16 |= code[at] == ADDRESS_SIZE && !long_mode;
	}
	insn->prefixes = at;
	if (form == REX && long_mode) {
		insn->rex = code[at++];
		form = one_byte[code[at]];
		if (form == PREFIX || form == REX)
			return false; /* a REX prefix must be the last prefix */
	}
	if (form == ESCAPE) {
		insn->two_byte = true;
		form = two_bytes[code[++at]];
	}
	insn->opcode = code[at++];
	switch (form) {
	case UNKNOWN:
	case PREFIX:
	case REX:
	case ESCAPE:
		return false;
	case FAR:
		if (long_mode)
			return false;
		break;
	case PLAIN:
	case IMM8:
		break;
	default:
		insn->modrm = code[at];
		if (!addressing_known(form, code[at], address_16))
			return false;
	}
	at += operand_bytes(form, code + at, insn);
	insn->length = at;
	return at <= INSTRUCTION_BYTES;
}

bool instruction_is_access(const struct instruction *insn)
{
	u8 opcode = insn->opcode;

	return !insn->two_byte && insn->modrm >> 6 != 3 &&
	       ((opcode >= 0x88 && opcode <= 0x8b) || opcode == 0xc6 || opcode == 0xc7);
}
