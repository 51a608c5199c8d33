#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# long: QEMU of Debian 13 and testing, with 145 MB of packages each; check has the machine's own
#
# All storms of raw SVM in the QEMU of Debian 13 and of Debian testing, which are unpacked and not installed: the
# clock counts instructions, and each storm that exits has the same legs as in this machine's own QEMU, which
# svm_legs.t holds against the disassembly.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
command -v qemu-system-x86_64 >/dev/null || skip_all "no QEMU (package qemu-system-x86)"
find_python json || skip_all "no python3 with json"
RUN_LIMIT=300
own=$PATH

measure()
{
	run "$EXITSTORM" run -q -t qemu --set accel=tcg -n 200 -r 1 --samples 0 -o "$tmp/$1"
	PATH=$own
	is "$status" 0 "$1: all storms" || note "$err"
}

# Prints the emulator's clock, and storms that differ: "NAME own other", with the legs where both were measured.
# QEMU 7.2 has no exit for INVD, XSETBV and INT1, and later ones have none for reads of CR2, CR3, CR4 and CR8.
cat >"$tmp/differences.py" <<'END'
import json, sys
own, other = (json.load(open(path + "/run.json")) for path in sys.argv[1:])
print(other["target"]["clock"])
known = {"invd", "xsetbv", "int1", "mov_from_cr2", "mov_from_cr3", "mov_from_cr4", "mov_from_cr8"}
def said(storm):
    legs = storm.get("legs", {}) if storm["status"] == "measured" else {}
    return [storm["status"], {leg: [site["all"][key] for key in ("count", "min", "p50", "max")] for leg, site in legs.items()}]
others = {storm["name"]: said(storm) for storm in other["storms"]}
same = 0
for storm in own["storms"]:
    one, two = said(storm), others.pop(storm["name"], None)
    same += one == two and one[0] == "measured"
    if one != two and not (storm["name"] in known and two and one[0] != two[0]):
        print(storm["name"], one, two)
print(*others, "same" if same >= 60 else same)
END

measure own
for suite in trixie testing; do
	command=$("$top/tests/beds/qemu_of" $suite 2>"$tmp/said") || {
		skip "$suite: $(tail -n 1 "$tmp/said")"
		continue
	}
	note "$("$command" --version | head -n 1)"
	PATH=$(dirname "$command"):$own
	measure $suite
	is "$("$python" "$tmp/differences.py" "$tmp/own" "$tmp/$suite")" "$(printf 'instructions\nsame')" \
		"$suite: the clock counts instructions, and every leg is the same"
done
done_testing
