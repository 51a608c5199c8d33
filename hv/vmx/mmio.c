// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The length of a load or store to memory that is not there. The VMCS does not tell it for EPT
 * violations (SDM Vol. 3, "Information for VM Exits Due to Instruction Execution").
 */
#include "vmx.h"

#define REX_FIRST 0x40
#define REX_LAST  0x4f

/* What follows a ModRM byte. Intel SDM Vol. 2, tables 2-2 and 2-3, 64-bit mode. */
static u32 modrm_length(const u8 *modrm)
{
	u32 mod = *modrm >> 6, rm = *modrm & 7, length = 1;

	if (mod == 3)
		return 0; /* a register: no memory */
	if (rm == 4) {
		length++; /* SIB */
		if (mod == 0 && (modrm[1] & 7) == 5)
			length += 4;
	} else if (mod == 0 && rm == 5) {
		length += 4; /* RIP + disp32 */
	}
	if (mod == 1)
		length += 1;
	if (mod == 2)
		length += 4;
	return length;
}

u32 vmx_mmio_length(const struct hv_vm *vm, u64 rip)
{
	const u8 *code = vm->memory + rip;
	u32 at = 0, operands, immediate = 0;
	bool word = false;

	if (rip < GUEST_IMAGE || rip >= GUEST_IMAGE + GUEST_IMAGE_SIZE)
		return 0;
	for (; code[at] == 0x66; at++)
		word = true;
	if (code[at] >= REX_FIRST && code[at] <= REX_LAST)
		at++;
	switch (code[at++]) {
	case 0xc7: /* MOV r/m, imm */
		immediate = word ? 2 : 4;
		break;
	case 0xc6:
		immediate = 1;
		break;
	case 0x88: /* MOV between r and r/m */
	case 0x89:
	case 0x8a:
	case 0x8b:
		break;
	default:
		return 0;
	}
	operands = modrm_length(code + at);
	return operands ? at + operands + immediate : 0;
}
