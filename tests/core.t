#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# The freestanding parts, compiled as such, use only functions of the host (hv/host.h) and the few of libc
# that a compiler may call by itself and every kernel has.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
objects=$(env -u MAKEFLAGS -u MAKELEVEL make -s print-CORE_OBJ)
# shellcheck disable=SC2086
ok "they are compiled" test -n "$objects" -a "$(ls $objects | wc -w)" = "$(echo $objects | wc -w)"

# shellcheck disable=SC2086
asked_for()
{
	nm -g --defined-only $1 | awk 'NF == 3 { print $3 }' | sort -u >"$tmp/defined"
	nm -u $1 | awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$tmp/defined" |
		grep -vE '^(host_[a-z_]+|mem(cpy|set|move|cmp)|strcmp)$' | tr '\n' ' '
}
is "$(asked_for "$objects")" "" "they use no other function"

# Vector registers hold values of the guest or the kernel, which nothing saves.
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
