// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the decoder of guest instructions, in both modes: it may not read past INSTRUCTION_READ
 * bytes nor return a length that no instruction has.
 */
#include <stdlib.h>
#include <string.h>

#include "../../hv/instruction.h"

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	for (size_t at = 0; at + INSTRUCTION_READ <= size; at++) {
		u8 *code = malloc(INSTRUCTION_READ); /* so that ASan sees a read past the end */
		struct instruction insn;

		if (!code)
			return 0;
		memcpy(code, bytes + at, INSTRUCTION_READ);
		for (int long_mode = 0; long_mode < 2; long_mode++)
			if (instruction_decode(code, long_mode, &insn) &&
			    (!insn.length || insn.length > INSTRUCTION_BYTES ||
			     insn.prefixes >= insn.length))
				abort();
		free(code);
	}
	return 0;
}
