# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# TAP for the shell tests (sh and bash). A test is an executable tests/<folder>/<subject>.t:
#
#	#!/bin/sh
#	# SPDX-License-Identifier: GPL-2.0-or-later
#	# limit: 300                     (seconds, default 120; for hangs only: ten times the test's time on an
#	                                 idle machine)
#	. "$(dirname "$0")/../lib.sh"
#
#	run "$EXITSTORM" list            # sets $out, $err, $status
#	is "$status" 0 "list succeeds"
#	like "$out" "^pio_out +" "list names pio_out"
#	fails 2 "an unknown storm" "$EXITSTORM" run -s nothing
#	done_testing
#
# ok NAME COMMAND...        passes when the command succeeds (its output is shown if it does not)
# nok NAME COMMAND...       passes when it fails
# is GOT WANTED NAME        equal strings
# isnt GOT NOT_WANTED NAME
# like GOT ERE NAME         a line matches the extended regular expression (grep -E)
# unlike GOT ERE NAME       no line does
# pass NAME, fail NAME [why]
# run COMMAND...            sets $out, $err, $status (137: killed after RUN_LIMIT seconds, 600:
#                           the test's own limit comes first)
# fails STATUS NAME COMMAND...    passes with that exit status, an empty stdout and one line on stderr
# skip REASON NAME          instead of a test. tests/skips.txt must list it
# skip_all REASON           instead of all tests of the file, before the first; ends the script
# have_kvm                  true if /dev/kvm exists and can be opened
# need_kvm                  skip_all unless /dev/kvm can be opened
# need_ebpf                 skip_all unless exitstorm trace can attach; $out, $err, $status are of a short trace
# find_python MODULE...     sets $python to an interpreter that can import these; false if there is none
# get RUN EXPRESSION         prints Python's EXPRESSION of RUN/run.json: r all of it, s its storms by name, t its
#                           target, c the target's clock_check. After find_python json
# note TEXT                 a comment in the output
# plan N                    at the top, or:
# done_testing              at the end. Without either the file fails.
#
# $top: the source tree; $EXITSTORM: the binary (absolute); $tmp: a fresh folder, removed at the end;
# EXITSTORM_RUNS is set to $tmp/runs, so that no test writes into the tree.

set -u
top=$(cd "$(dirname "$0")" && while [ ! -e Makefile ] && [ "$PWD" != / ]; do cd ..; done && pwd)
: "${EXITSTORM:=$top/build/exitstorm}"
case $EXITSTORM in /*) ;; *) EXITSTORM=$PWD/$EXITSTORM ;; esac
: "${RUN_LIMIT:=600}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exitstorm-test.XXXXXX") || exit 1
EXITSTORM_RUNS=$tmp/runs
LC_ALL=C
export EXITSTORM EXITSTORM_RUNS LC_ALL
tap_count=0
tap_failed=0
tap_planned=
out='' err='' status=0

tap_end()
{
	tap_status=$?
	trap - EXIT
	chmod -R u+rwx "$tmp" 2>/dev/null
	rm -rf "$tmp"
	[ "$tap_failed" = 0 ] || tap_status=1
	exit "$tap_status"
}
trap tap_end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

plan()
{
	tap_planned=$1
	echo "1..$1"
}

done_testing()
{
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	exit 0
}

pass()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

fail()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	[ -z "${2:-}" ] || note "$2"
}

ok()
{
	tap_name=$1
	shift
	if tap_said=$("$@" 2>&1 </dev/null); then
		pass "$tap_name"
	else
		fail "$tap_name" "status $?: $*
$tap_said"
	fi
}

nok()
{
	tap_name=$1
	shift
	if tap_said=$("$@" 2>&1 </dev/null); then
		fail "$tap_name" "succeeded: $*
$tap_said"
	else
		pass "$tap_name"
	fi
}

is()
{
	if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got:    $1
wanted: $2"; fi
}

isnt()
{
	if [ "$1" != "$2" ]; then pass "$3"; else fail "$3" "got what was not wanted: $1"; fi
}

like()
{
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then pass "$3"; else fail "$3" "no line matches $2
$1"; fi
}

unlike()
{
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then fail "$3" "a line matches $2
$1"; else pass "$3"; fi
}

run()
{
	status=0
	timeout -s KILL "$RUN_LIMIT" "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?
	out=$(cat "$tmp/.out")
	err=$(cat "$tmp/.err")
}

# shellcheck disable=SC2154
fails()
{
	tap_wanted=$1
	tap_name=$2
	shift 2
	run "$@"
	if [ "$status" != "$tap_wanted" ]; then
		fail "$tap_name" "status $status, wanted $tap_wanted: $*
$err"
	elif [ -n "$out" ]; then
		fail "$tap_name" "wrote to stdout: $out"
	elif [ "$(printf '%s\n' "$err" | wc -l)" != 1 ] || [ -z "$err" ]; then
		fail "$tap_name" "not one line on stderr: $err"
	else
		pass "$tap_name"
	fi
}

skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - ${2:-} # SKIP $1"
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# Without the test for a device the redirection would create a file.
have_kvm()
{
	[ -c /dev/kvm ] && ( : <>/dev/kvm ) 2>/dev/null
}

need_kvm()
{
	have_kvm || skip_all "/dev/kvm cannot be opened"
}

need_ebpf()
{
	run "$EXITSTORM" trace -d 0.1 -q
	case $err in
	*"without eBPF"*) skip_all "no eBPF: built without clang, bpftool or libbpf" ;;
	*CAP_BPF* | *"forbids "*) skip_all "no eBPF: $err" ;;
	esac
}

# A python3 that comes first in PATH may not see the system's modules.
find_python()
{
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $(echo "$*" | tr ' ' ',')" 2>/dev/null && return 0
	done
	return 1
}

get()
{
	"$python" - "$1/run.json" "$2" <<-'END'
		import json, sys
		r = json.load(open(sys.argv[1]))
		s = {x["name"]: x for x in r["storms"]}
		t = r["target"]
		c = t.get("clock_check")
		print(eval(sys.argv[2]))
	END
}
