#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# beside: others
# The Makefile: both compilers, installing, help. BUILD_ALL: clang builds the tests in C, too.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SAN CC BUILD
cd "$top" || exit 1
RUN_LIMIT=1700

if command -v clang >/dev/null; then
	run make -j"$(nproc)" CC=clang GUEST_CC=clang BUILD=build/clang all core ${BUILD_ALL:+unit}
	is "$status" 0 "clang builds command and core" || note "$err"
	[ "$status" = 0 ] || note "$err"
	ok "the command that clang built runs" build/clang/exitstorm --version
else
	skip "no clang" "clang builds command and core"
fi

# Ubuntu's wrapper without the tools of the running kernel.
mkdir "$tmp/wrapper"
printf '#!/bin/sh\nexit 2\n' >"$tmp/wrapper/bpftool"
chmod +x "$tmp/wrapper/bpftool"
# shellcheck disable=SC2016
run env PATH="$tmp/wrapper:$PATH" make -s --eval='have: ; @echo "eBPF:$(HAVE_BPF)"' have
is "$out" "eBPF:" "eBPF programs are left out where bpftool does not run"

# Hardening: the command has it, what runs without an operating system has not.
command -v readelf >/dev/null || skip "no readelf" "hardening"
run env -u CFLAGS -u CPPFLAGS -u LDFLAGS make -s -j"$(nproc)" all core build/image/exitstorm.elf
is "$status" 0 "the default build" || note "$err"
head=$(readelf -hldW build/exitstorm)
like "$head" "Type: +DYN" "the command is position-independent"
like "$head" "GNU_RELRO" "its relocations become read-only"
like "$head" "FLAGS_1.*NOW" "... all of them, at the start"
like "$head" "GNU_STACK.* RW " "its stack is not executable"
unlike "$head" "LOAD.*RWE|TEXTREL" "no page of it is both writable and executable"
used=$(nm -D build/exitstorm)
like "$used" " __stack_chk_fail" "its stack is protected"
like "$used" " __(f|vf|sn|vsn)printf_chk| __memcpy_chk" "... and sizes of buffers are checked"
is "$(nm build/guest.elf build/image/exitstorm.elf $(find build/core -name '*.o') | grep -c '_chk')" 0 \
	"guest, image and freestanding parts have nothing of it"
nok "nor has the loop between the stamps" sh -c 'nm build/hv/kvm/run.o | grep "_chk"'

# Flags of distributions, from the environment.
run env CFLAGS="-O1 -DOF_CFLAGS" CPPFLAGS=-DOF_CPPFLAGS LDFLAGS=-Wl,-O1 make -nB V=1 all core image
commands=$(printf '%s\n' "$out" | tr '\n' '\f' | sed 's/\\\f/ /g' | tr '\f' '\n')
lines() { printf '%s\n' "$commands" | grep -e "$1"; }
like "$(lines '-o build/results/why.o')" "-DOF_CPPFLAGS.*-O1 -DOF_CFLAGS" "CPPFLAGS and CFLAGS are honoured"
like "$(lines '-o build/exitstorm ')" "-DOF_CFLAGS.* -Wl,-O1 " "LDFLAGS too"
unlike "$(lines '-o build/results/why.o')" "FORTIFY|stack-protector" "... in place of the default"
is "$(lines 'OF_\|-Wl,-O1' | grep -c 'build/core/\|build/image/\|guest\.elf\|bench/guest/guest')" 0 "but not for what is made of fixed flags"
like "$(lines '-o build/hv/kvm/run.o')" "-O1.* -O2 -fno-stack-protector" "nor for the loop between the stamps"

run make help
is "$status" 0 "make help succeeds"
missing=
for target in $(sed -n 's/^\([a-z]*\):.*/\1/p' Makefile); do
	printf '%s\n' "$out" | grep -q "make $target " || missing="$missing $target"
done
is "$missing" "" "make help names every target"

installed()
{
	(cd "$tmp/root" && find . -type f | sort | tr '\n' ' ')
}
mkdir "$tmp/root"
run make install DESTDIR="$tmp/root" PREFIX=/usr SETUP=no
is "$status" 0 "make install succeeds" || note "$err"
want='./usr/bin/exitstorm ./usr/include/exitstorm/vmx_intrin.h '
want="$want./usr/share/bash-completion/completions/exitstorm "
command -v scdoc >/dev/null &&
	want="$want./usr/share/man/man1/exitstorm.1 ./usr/share/man/man3/vmx_intrin.3 "
is "$(installed)" "$want" "it installs command, header, man pages and completion"
page=$tmp/root/usr/share/man/man1/exitstorm.1
[ ! -e "$page" ] || is "$(head -n 1 "$page")" "'\\\" t" "the page with tables asks for tbl"
is "$(stat -c %a "$tmp/root/usr/bin/exitstorm")" 755 "the command may be run by all"
for language in "c -std=c99" "c++ -std=c++98 -Wno-long-long"; do
	command -v g++ >/dev/null || [ "${language%% *}" = c ] || continue
	# shellcheck disable=SC2086
	ok "the installed header stands alone: $language" sh -c \
		"echo '#include <exitstorm/vmx_intrin.h>' | gcc -I'$tmp/root/usr/include' -x $language -pedantic -Wall -Wextra -Werror -fsyntax-only -"
done
ok "the installed command runs" "$tmp/root/usr/bin/exitstorm" --version
run make uninstall DESTDIR="$tmp/root" PREFIX=/usr
is "$(installed)" "" "make uninstall removes every file"

run make "$top/build/exitstorm-no-such-thing"
isnt "$status" 0 "an unknown target fails"
done_testing
