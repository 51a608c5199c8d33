#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# An emulator, gnuplot, libbpf or a kernel that is newer than all that were tried: one line says so, it is used, and
# the clock check decides what the figures are called.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
plain=$PATH
newer="is newer than all that were tried"

# A program whose version is 99.1. `case $* in ...` before it is executed: $2.
wrap()
{
	mkdir -p "$tmp/wrapper"
	cat >"$tmp/wrapper/$1" <<-END
	#!/bin/sh
	$2
	exec $(PATH=$plain command -v "$1") "\$@"
	END
	chmod +x "$tmp/wrapper/$1"
}
measure()
{
	folder=$tmp/$1
	shift
	PATH=$tmp/wrapper:$plain
	run timeout -s KILL 60 "$EXITSTORM" run -q -n 100 -r 1 -s null,cpuid -o "$folder" "$@"
	PATH=$plain
}
one_line()
{
	is "$(printf '%s\n' "$err" | grep -c "$newer")" "$1" "... the number of lines that say so"
}

measure tried -t bochs
one_line 0
wrap bochs "case \$* in
--help) $(command -v bochs) --help 2>&1 | sed 's/Emulator [0-9.]*/Emulator 99.1/'; exit 1 ;;
esac"
measure bochs -t bochs
is "$status" 0 "Bochs 99.1: exit status"
like "$err" "^exitstorm [a-z]+: warning: Bochs 99\.1 $newer \(up to 3\.1\)" "... is named"
one_line 1
unlike "$err" "should have the clock" "... the clock check finds no fault"
like "$(cat "$tmp/bochs/run.json")" '"emulator": "Bochs 99.1"' "... the run has the version"
like "$(cat "$tmp/bochs/run.json")" '"clock": "instructions"' "... its clock counts instructions"
# The same with a clock in steps of 5.
sed -i "s/^exec/case \\\$* in *-f*) sed -i s\/count=1,\/count=2,\/ bochsrc ;; esac\nexec/" "$tmp/wrapper/bochs"
measure steps -t bochs
is "$status" 0 "Bochs 99.1 with another clock: exit status"
one_line 1
like "$err" "should have the clock \"instructions\"" "... the clock check finds it"
like "$(cat "$tmp/steps/run.json")" '"clock": "emulated-tsc"' "... the label is what was found"

if command -v qemu-system-x86_64 >/dev/null; then
	wrap qemu-system-x86_64 "[ \"\$1\" != --version ] || { echo 'QEMU emulator version 99.1.0 (x)'; exit 0; }"
	measure qemu -t qemu --set accel=tcg
	is "$status" 0 "QEMU 99.1: exit status"
	like "$err" "^exitstorm [a-z]+: warning: QEMU 99\.1 $newer" "... is named"
	one_line 1
	like "$(cat "$tmp/qemu/run.json")" '"emulator": "QEMU 99.1.0"' "... the run has the version"
else
	skip "no QEMU: qemu-system-x86_64 is not installed" "QEMU 99.1"
fi

if command -v gnuplot >/dev/null; then
	run "$EXITSTORM" plot "$tmp/tried" -k legs -o "$tmp/tried.svg"
	is "$status" 0 "gnuplot: exit status"
	one_line 0
	wrap gnuplot "set -- -e \"print 'gnuplot 99.1'\" \"\$@\""
	PATH=$tmp/wrapper:$plain
	run "$EXITSTORM" plot "$tmp/tried" -k legs -o "$tmp/newer.svg"
	PATH=$plain
	is "$status" 0 "gnuplot 99.1: exit status"
	like "$err" "^exitstorm [a-z]+: warning: gnuplot 99\.1 $newer" "... is named"
	one_line 1
	ok "... the figure is the same" cmp "$tmp/tried.svg" "$tmp/newer.svg"
else
	skip "no gnuplot" "gnuplot 99.1"
fi

# libbpf and the kernel tell their versions by a function.
cat >"$tmp/newer.c" <<'END'
#include <string.h>
#include <sys/utsname.h>
const char *libbpf_version_string(void);
const char *libbpf_version_string(void)
{
	return "v99.1";
}
int uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	strcpy(name->sysname, "Linux");
	strcpy(name->release, "99.1.4-amd64");
	return 0;
}
END
# shellcheck disable=SC2086
if ${CC:-gcc} -shared -fPIC -o "$tmp/newer.so" "$tmp/newer.c" 2>/dev/null; then
	run "$EXITSTORM" trace -d 0.1 -q
	one_line 0
	plain_status=$status
	run env LD_PRELOAD="$tmp/newer.so" "$EXITSTORM" trace -d 0.1 -q
	is "$status" "$plain_status" "libbpf and Linux 99.1: trace ends as with the tried ones"
	like "$err" "^exitstorm [a-z]+: warning: Linux 99\.1 $newer" "... the kernel is named"
	case $err in
	*"without eBPF"*) one_line 1 ;;
	*) like "$err" "^exitstorm [a-z]+: warning: libbpf 99\.1 $newer" "... the library is named"
	   one_line 2 ;;
	esac
else
	skip "no compiler for shared objects" "libbpf and Linux 99.1"
fi
done_testing
