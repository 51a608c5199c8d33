#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# The freestanding parts, compiled as such, ask only for what a host supplies (hv/host.h) and for
# the few functions of that name that every kernel has and that a compiler may call by itself.
. "$(dirname "$0")/lib.sh"
core=$top/build/core
objects=$(find "$core" -name '*.o' 2>/dev/null)
isnt "$objects" "" "they are compiled"

# shellcheck disable=SC2086
asked_for()
{
	nm -g --defined-only $1 | awk 'NF == 3 { print $3 }' | sort -u >"$tmp/defined"
	nm -u $1 | awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$tmp/defined" |
		grep -vE '^(host_[a-z_]+|mem(cpy|set|move|cmp)|strcmp)$' | tr '\n' ' '
}
is "$(asked_for "$objects")" "" "they ask for nothing else"

# Vector registers are the guest's, or the kernel's: none may be touched.
# shellcheck disable=SC2086
is "$(objdump -d --no-show-raw-insn $objects | grep -cE '%[xyz]mm[0-9]|%st\b')" 0 \
	"they touch no vector register"

cat >"$tmp/bad.c" <<-'END'
	int puts(const char *);
	double half(double x) { puts("half"); return x / 2; }
END
gcc -O2 -c -o "$tmp/bad.o" "$tmp/bad.c"
is "$(asked_for "$tmp/bad.o")" "puts " "seen to fail: a call of libc"
isnt "$(objdump -d --no-show-raw-insn "$tmp/bad.o" | grep -cE '%[xyz]mm[0-9]|%st\b')" 0 \
	"seen to fail: a vector register"
done_testing
