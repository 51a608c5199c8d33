#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# A run says of its clock what the image found, not what the target should have: an emulator whose clock
# is changed by a wrapper is noticed.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
find_python json || skip_all "no python3 with json"

measure()
{
	folder=$1
	shift
	run timeout -s KILL 60 "$EXITSTORM" run -q -n 200 -r 1 -s null,cpuid -o "$tmp/$folder" "$@"
}

measure exact -t bochs
is "$status" 0 "-t bochs: exit status"
is "$(get "$tmp/exact" 't["clock"], t["emulated"], t["clock_granularity"]')" "('instructions', True, 1)" "... counts instructions"
is "$(get "$tmp/exact" 'c["claim"], c["found"], c["cpus"], c["step"], c["error"], c["nop"] == c["add"] == c["imul"]')" \
	"('instructions', 'instructions', 1, 1, 0, True)" "... and its check found no error"
unlike "$err" "warning" "... no warning"
measure two -t bochs --vcpus 2
is "$(get "$tmp/two" 't["clock"], t["clock_granularity"], c["cpus"], c["step"], c["error"] < 5')" \
	"('instructions', 5, 2, 5, True)" "--vcpus 2: instructions, in steps of 5"

# With another CPU in it Bochs' clock has steps of 5.
mkdir "$tmp/wrapper"
cat >"$tmp/wrapper/bochs" <<END
#!/bin/sh
case "\$*" in
*-f*) sed -i 's/count=1,/count=2,/' bochsrc ;;
esac
exec $(command -v bochs) "\$@"
END
chmod +x "$tmp/wrapper/bochs"
plain=$PATH
PATH=$tmp/wrapper:$PATH
measure steps -t bochs
PATH=$plain
is "$status" 0 "another CPU is planted: exit status"
is "$(get "$tmp/steps" 't["clock"], t["emulated"], t["clock_granularity"], c["found"], c["error"] > 0')" \
	"('emulated-tsc', True, 5, 'instructions', True)" "... the label changes"
like "$err" "warning: target bochs should have the clock \"instructions\".*step: 5.*labelled \"emulated-tsc\"" "... with a warning"
run "$EXITSTORM" show "$tmp/steps"
like "$out" "clock: EMULATED TSC" "... in the title of tables, too"

if command -v qemu-system-x86_64 >/dev/null; then
	measure qemu -t qemu --set accel=tcg
	is "$(get "$tmp/qemu" 't["clock"], c["found"], c["error"]')" "('instructions', 'instructions', 0)" "-t qemu: instructions"
	# Two ticks an instruction.
	cat >"$tmp/wrapper/qemu-system-x86_64" <<-END
		#!/bin/bash
		exec $(command -v qemu-system-x86_64) "\${@/shift=0/shift=1}"
	END
	chmod +x "$tmp/wrapper/qemu-system-x86_64"
	PATH=$tmp/wrapper:$PATH
	measure half -t qemu --set accel=tcg
	PATH=$plain
	is "$(get "$tmp/half" 't["clock"], c["found"], c["error"] > 0')" "('emulated-tsc', 'emulated-tsc', True)" \
		"... with ticks of another length: the label changes"
	like "$err" "warning: target qemu should have" "... with a warning"
else
	skip "no QEMU (qemu-system-x86_64)"
fi
done_testing
