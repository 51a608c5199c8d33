# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# compare_all RANDOM CODE: the decoder of guest instructions against libzydis, on that many random instructions and
# on that many of executables.

compare_all()
{
	cc=${CC:-gcc}
	if ! echo '#include <Zydis/Zydis.h>' | $cc -E - >/dev/null 2>&1; then
		skip_all "no libzydis"
	fi
	# CC may be words.
	# shellcheck disable=SC2086
	run $cc -std=gnu11 -O2 -Wall -Wextra -o "$tmp/oracle" "$top/tests/oracle/instruction.c" "$top/hv/instruction.c" -lZydis
	is "$status:$err" "0:" "the comparison with libzydis is built"
	run "$tmp/oracle" random "$1"
	note "$out"
	is "$status" 0 "$1 random instructions: no disagreement"
	ok "... many of which the decoder knows" test "$(printf '%s\n' "$out" | sed -n 's/ agree$//p')" -gt "$(($1 / 10))"
	# Kernel modules have what user space has not.
	find /lib/modules -name '*.ko' 2>/dev/null | sort >"$tmp/files"
	find /lib/x86_64-linux-gnu /usr/lib64 /usr/lib /usr/bin -maxdepth 1 -type f -size +20k 2>/dev/null | sort >>"$tmp/files"
	run xargs -a "$tmp/files" -n 100000 "$tmp/oracle" code "$2"
	note "$out"
	is "$status" 0 "$2 instructions of executables: no disagreement"
}
