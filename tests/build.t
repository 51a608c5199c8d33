#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# The Makefile: both compilers, installing, help.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SAN CC BUILD
cd "$top" || exit 1
RUN_LIMIT=1700

if command -v clang >/dev/null; then
	run make -j"$(nproc)" CC=clang GUEST_CC=clang BUILD=build/clang all unit core
	is "$status" 0 "clang builds everything" || note "$err"
	[ "$status" = 0 ] || note "$err"
	ok "the command that clang built runs" build/clang/exitstorm --version
else
	skip "no clang" "clang builds everything"
fi

# Ubuntu's wrapper without the tools of the running kernel.
mkdir "$tmp/wrapper"
printf '#!/bin/sh\nexit 2\n' >"$tmp/wrapper/bpftool"
chmod +x "$tmp/wrapper/bpftool"
# shellcheck disable=SC2016
run env PATH="$tmp/wrapper:$PATH" make -s --eval='have: ; @echo "eBPF:$(HAVE_BPF)"' have
is "$out" "eBPF:" "eBPF programs are left out where bpftool does not run"

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
