#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 100
# beside: others
# The decoder of guest instructions against libzydis; instruction_long.t is the same with more of them.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/instruction.sh"
compare_all 1000000 100000

# The comparison itself notices a wrong length and a missing instruction.
mkdir -p "$tmp/wrong/hv" "$tmp/wrong/tests/oracle"
cp -r "$top/trace" "$tmp/wrong/"
cp "$top"/hv/*.h "$tmp/wrong/hv/"
cp "$top/tests/oracle/instruction.c" "$tmp/wrong/tests/oracle/"
# wrong NAME SED: builds the decoder with a fault.
wrong()
{
	sed "$2" "$top/hv/instruction.c" >"$tmp/wrong/hv/instruction.c"
	nok "the fault '$1' is one" cmp -s "$top/hv/instruction.c" "$tmp/wrong/hv/instruction.c"
	# shellcheck disable=SC2086
	run ${CC:-gcc} -std=gnu11 -O2 -w -o "$tmp/faulty" "$tmp/wrong/tests/oracle/instruction.c" "$tmp/wrong/hv/instruction.c" -lZydis
	run "$tmp/faulty" random 100000
	like "$status:$(printf '%s' "$out" | tr '\n' ' ')" "^1:.* [1-9][0-9]* DISAGREE" "... and noticed"
}
wrong "REX.W does not matter" 's/ && !(insn->rex & REX_W)//'
wrong "16-bit addressing is known" 's/address_16 && modrm/false \&\& modrm/'
wrong "HLT is unknown" 's/\[0xf4\] = PLAIN,//'
done_testing
