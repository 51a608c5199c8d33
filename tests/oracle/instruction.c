// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares the decoder of guest instructions with libzydis: instruction random COUNT [SEED], or
 * instruction code COUNT FILE..., which decodes the executable sections of ELF files one
 * instruction after the other.
 *
 * An instruction that the decoder knows has the length, opcode, ModRM, REX and operand size that
 * Zydis says. It may not know one only for a reason of enum class below. Prints a line per class,
 * and the disagreements.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Zydis/Zydis.h>

#include "../../hv/instruction.h"

#define SHOWN 20 /* disagreements */

enum class {
	AGREED,	      /* known, and as Zydis says */
	NEITHER,      /* neither knows it */
	RAISES_UD,    /* known, but the CPU raises #UD, so it never exits */
	OTHER_OPCODE, /* no instruction that exits, and no load or store that MOV has */
	ENCODING,     /* VEX, EVEX, XOP, 3DNow! */
	PREFIXES,     /* more than MAX_PREFIXES legacy prefixes */
	REX_BEFORE,   /* a REX prefix that another prefix follows has no effect */
	ADDRESS_16,   /* 16-bit addressing in 32-bit mode, which guests here do not use */
	DISAGREED,
	CLASSES
};

static const char *const class_text[CLASSES] = {
	[AGREED] = "agree",
	[NEITHER] = "no instruction for both",
	[RAISES_UD] = "known, raises #UD",
	[OTHER_OPCODE] = "unknown: another opcode",
	[ENCODING] = "unknown: VEX, EVEX, XOP, 3DNow!",
	[PREFIXES] = "unknown: more than 12 prefixes",
	[REX_BEFORE] = "unknown: REX before another prefix",
	[ADDRESS_16] = "unknown: 16-bit addressing",
	[DISAGREED] = "DISAGREE",
};

#define MAX_PREFIXES 12

static u64 count[CLASSES];

/* The opcodes that the decoder's header promises, by the manuals, not by its tables. */
static bool promised(const ZydisDecodedInstruction *zydis, bool long_mode)
{
	static const u8 one[] = {0x6c, 0x6d, 0x6e, 0x6f, 0x88, 0x89, 0x8a, 0x8b, 0x90,
				 0x9c, 0x9d, 0xc6, 0xc7, 0xcc, 0xcd, 0xcf, 0xe4, 0xe5,
				 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf4};
	static const u8 two[] = {0x00, 0x01, 0x06, 0x08, 0x09, 0x0b, 0x20, 0x21,
				 0x22, 0x23, 0x30, 0x31, 0x32, 0x33, 0xa2, 0xaa};
	bool escape = zydis->opcode_map == ZYDIS_OPCODE_MAP_0F;
	const u8 *list = escape ? two : one;
	size_t entries = escape ? sizeof(two) : sizeof(one);

	if (zydis->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
	    (!escape && zydis->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT))
		return false;
	if (!escape && zydis->opcode == 0xea)
		return !long_mode;
	/* XABORT and XBEGIN share opcodes with MOV. */
	if (!escape && (zydis->opcode == 0xc6 || zydis->opcode == 0xc7) && zydis->raw.modrm.reg)
		return false;
	return memchr(list, zydis->opcode, entries);
}

static enum class why_unknown(const ZydisDecodedInstruction *zydis, bool long_mode) {
	u32 prefixes = zydis->raw.prefix_count;
	u32 rex = zydis->attributes & ZYDIS_ATTRIB_HAS_REX ? 1 : 0;

	if (zydis->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) return ENCODING;
	if (!promised(zydis, long_mode)) return OTHER_OPCODE;
	if (prefixes - rex > MAX_PREFIXES) return PREFIXES;
	for (u32 i = 0; i < prefixes; i++) if (long_mode &&
					       zydis->raw.prefixes[i].value >> 4 == 4 &&
					       (i + 1 < prefixes || !rex)) return REX_BEFORE;
	if (!long_mode && zydis->address_width == 16 &&
	    zydis->attributes & ZYDIS_ATTRIB_HAS_MODRM) return ADDRESS_16;
	return DISAGREED;
}

static bool same(const struct instruction *insn, const ZydisDecodedInstruction *zydis)
{
	bool rex = zydis->attributes & ZYDIS_ATTRIB_HAS_REX;
	bool modrm = zydis->attributes & ZYDIS_ATTRIB_HAS_MODRM;
	u8 wrxb = zydis->raw.rex.W << 3 | zydis->raw.rex.R << 2 | zydis->raw.rex.X << 1 |
		  zydis->raw.rex.B;
	u8 fields = zydis->raw.modrm.mod << 6 | zydis->raw.modrm.reg << 3 | zydis->raw.modrm.rm;
	bool operand_size = false;

	for (u32 i = 0; i < zydis->raw.prefix_count; i++)
		operand_size |= zydis->raw.prefixes[i].value == 0x66;
	return zydis->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
	       insn->length == zydis->length && insn->opcode == zydis->opcode &&
	       insn->two_byte == (zydis->opcode_map == ZYDIS_OPCODE_MAP_0F) &&
	       insn->prefixes == zydis->raw.prefix_count - rex &&
	       insn->rex == (rex ? 0x40 | wrxb : 0) && (!modrm || insn->modrm == fields) &&
	       insn->operand_size == operand_size;
}

/* A load or store that hv/access.c emulates is a MOV between memory and a register or constant. */
static bool same_access(const struct instruction *insn, const ZydisDecodedInstruction *zydis,
			const ZydisDecodedOperand *operand)
{
	bool memory = zydis->mnemonic == ZYDIS_MNEMONIC_MOV &&
		      (operand[0].type == ZYDIS_OPERAND_TYPE_MEMORY ||
		       operand[1].type == ZYDIS_OPERAND_TYPE_MEMORY);

	return instruction_is_access(insn) == memory;
}

static enum class classify(const u8 *code, bool long_mode, const ZydisDecoder *decoder,
			   struct instruction *insn, ZydisDecodedInstruction *zydis) {
	ZydisDecodedOperand operand[ZYDIS_MAX_OPERAND_COUNT];
	bool known = instruction_decode(code, long_mode, insn);
	bool valid = ZYAN_SUCCESS(ZydisDecoderDecodeFull(decoder, code, INSTRUCTION_BYTES, zydis,
							 operand));

	if (!known) return valid ? why_unknown(zydis, long_mode) : NEITHER;
	if (!valid) return RAISES_UD;
	return same(insn, zydis) && same_access(insn, zydis, operand) ? AGREED : DISAGREED;
}

static void show(const u8 *code, bool long_mode, const struct instruction *insn,
		 const ZydisDecodedInstruction *zydis)
{
	printf("%s-bit:", long_mode ? "64" : "32");
	for (int i = 0; i < INSTRUCTION_BYTES; i++)
		printf(" %02x", code[i]);
	printf(": length %u, prefixes %u, rex %02x, opcode %02x, modrm %02x; Zydis: %s, length %u, "
	       "prefixes %u\n",
	       insn->length, insn->prefixes, insn->rex, insn->opcode, insn->modrm,
	       ZydisMnemonicGetString(zydis->mnemonic), zydis->length, zydis->raw.prefix_count);
}

/* Returns the length that Zydis says; 0: it is none. */
static u32 compare(const u8 *code, bool long_mode)
{
	static ZydisDecoder decoder[2];
	static bool made;
	ZydisDecodedInstruction zydis = {0};
	struct instruction insn;
	enum class class;

	if (!made) {
		ZydisDecoderInit(&decoder[0], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
		ZydisDecoderInit(&decoder[1], ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
		made = true;
	}
	class = classify(code, long_mode, &decoder[long_mode], &insn, &zydis);
	if (class == DISAGREED && count[DISAGREED] < SHOWN)
		show(code, long_mode, &insn, &zydis);
	count[class]++;
	return class == NEITHER || class == RAISES_UD ? 0 : zydis.length;
}

/* xorshift64* (Vigna: An experimental exploration of Marsaglia's xorshift generators, 2016). */
static u64 random_next(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/*
 * Of bytes that are all random few are known: in half of the cases some prefixes and an opcode that
 * is promised come first, or one beside it.
 */
static void make_code(u8 *code, u64 *state)
{
	static const u8 prefix[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66,
				    0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x48};
	static const u8 opcode[] = {0x6c, 0x88, 0x8a, 0x90, 0x9c, 0xc6, 0xc7, 0xcc, 0xce,
				    0xe4, 0xea, 0xec, 0xf0, 0xf4, 0x0f, 0x0f, 0x0f};
	static const u8 second[] = {0x00, 0x01, 0x06, 0x08, 0x0b, 0x20, 0x22, 0x30, 0xa2, 0xaa};
	u64 random = random_next(state);
	u32 at = 0;

	for (u32 i = 0; i < INSTRUCTION_READ; i++)
		code[i] = random_next(state) >> 40;
	if (random & 1)
		return;
	for (u32 prefixes = random >> 1 & 15; at < (prefixes < 3     ? prefixes
						    : prefixes == 15 ? 14
								     : 0);
	     at++)
		code[at] = prefix[(random >> (8 + 4 * at)) % sizeof(prefix)];
	if (random >> 5 & 1 && at < 14)
		code[at++] = 0x40 | (random >> 60);
	if (at > 13)
		return;
	code[at] = opcode[(random_next(state) >> 33) % sizeof(opcode)] ^ (random >> 6 & 1);
	if ((code[at] & 0xfe) == 0xc6) /* MOV, but for some */
		code[at + 1] &= random >> 56 & 3 ? 0xc7 : 0xff;
	if ((code[at] & 0xfe) == 0x0e)
		code[at + 1] =
			second[(random_next(state) >> 33) % sizeof(second)] ^ (random >> 7 & 1);
}

static void compare_random(u64 wanted, u64 seed)
{
	u8 *code = malloc(INSTRUCTION_READ); /* so that tools see a read past the end */
	u64 state = seed * 0x9e3779b97f4a7c15ULL | 1;

	for (u64 i = 0; i < wanted && code; i++) {
		make_code(code, &state);
		compare(code, i & 1);
	}
	free(code);
}

/* Bytes that are no instruction (data among code) are passed over, one by one. */
static u64 compare_section(const u8 *code, u64 size, bool long_mode, u64 left)
{
	u64 done = 0;

	for (u64 at = 0; at + INSTRUCTION_READ <= size && done < left; done++) {
		u32 length = compare(code + at, long_mode);

		at += length ? length : 1;
	}
	return done;
}

static u64 compare_file(const char *path, u64 left)
{
	FILE *file = fopen(path, "rb");
	u64 size = 0, done = 0;
	u8 *bytes = NULL;
	Elf64_Ehdr head;

	if (file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) > sizeof(head) &&
	    (bytes = malloc(size))) {
		rewind(file);
		if (fread(bytes, 1, size, file) != size)
			size = 0;
	}
	if (file)
		fclose(file);
	if (bytes && size)
		memcpy(&head, bytes, sizeof(head));
	if (!bytes || !size || memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64) {
		free(bytes);
		return 0;
	}
	for (u32 i = 0; i < head.e_shnum && done < left; i++) {
		Elf64_Shdr section;
		u64 at = head.e_shoff + (u64)i * head.e_shentsize;

		if (at + sizeof(section) > size)
			break;
		memcpy(&section, bytes + at, sizeof(section));
		if (section.sh_type == SHT_PROGBITS && section.sh_flags & SHF_EXECINSTR &&
		    section.sh_offset < size && section.sh_size <= size - section.sh_offset)
			done += compare_section(bytes + section.sh_offset, section.sh_size, true,
						left - done);
	}
	free(bytes);
	return done;
}

int main(int argc, char **argv)
{
	u64 wanted = argc > 2 ? strtoull(argv[2], NULL, 0) : 0, done = 0;

	if (argc > 2 && !strcmp(argv[1], "random")) {
		compare_random(wanted, argc > 3 ? strtoull(argv[3], NULL, 0) : 1);
		done = wanted;
	}
	for (int i = 3; i < argc && !strcmp(argv[1], "code") && done < wanted; i++)
		done += compare_file(argv[i], wanted - done);
	for (int i = 0; i < CLASSES; i++)
		printf("%10" PRIu64 " %s\n", count[i], class_text[i]);
	printf("%10" PRIu64 " in all\n", done);
	return count[DISAGREED] || done < wanted;
}
