#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
# The intrinsics of hv/vmx/intrin.h: alone in C and C++, and on a CPU (Bochs' models).
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

cat >"$tmp/alone.c" <<'END'
#include "vmx_intrin.h"
#include <stddef.h>
unsigned long long address;
size_t value;
struct invept_descriptor context;
struct invvpid_descriptor vpid;
int all(void);
int all(void)
{
	__vmx_vmptrst(&address);
	__vmx_off();
	return __vmx_on(&address) + __vmx_vmclear(&address) + __vmx_vmptrld(&address) +
	       __vmx_vmread(0, &value) + __vmx_vmwrite(0, value) + __vmx_vmlaunch() +
	       __vmx_vmresume() + invept(1, &context) + invvpid(1, &vpid);
}
END
cp "$top/hv/vmx/intrin.h" "$tmp/vmx_intrin.h"
for compiler in gcc clang; do
	if ! command -v $compiler >/dev/null; then
		skip "no $compiler" "the header stands alone ($compiler)"
		continue
	fi
	for language in "c -std=c99" "c++ -std=c++98 -Wno-long-long" "c++ -std=c++17"; do
		if [ "${language#c++}" != "$language" ] && ! echo | $compiler -x c++ -fsyntax-only - 2>/dev/null; then
			skip "no C++ compiler" "the header stands alone: $compiler -x $language"
			continue
		fi
		# shellcheck disable=SC2086
		ok "the header stands alone: $compiler -x $language" $compiler -x $language -pedantic \
			-Wall -Wextra -Werror -ffreestanding -I"$tmp" -c "$tmp/alone.c" -o "$tmp/alone.o"
	done
done

# sandy_bridge has read-only fields that cannot be written, skylake_x has not.
for model in corei7_sandy_bridge_2600k corei7_skylake_x; do
	bochs_run "$images/vmx_intrin.bin" $model
	is $? 0 "$model: the image ends by itself"
	like "$serial" "^1\.\.50$" "$model: all 50 cases ran"
	serial_points "$model: "
done
done_testing
