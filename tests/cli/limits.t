#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# Small stacks, and runs of very many storms: time grows with their number, not with its square.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1
"$python" "$top/tests/cli/make_run.py" r --n 40 --samples 10 || exit 1

# limited NAME ULIMIT COMMAND...
limited()
{
	name=$1 limit=$2
	shift 2
	# shellcheck disable=SC2016
	run sh -c 'limit=$1; shift; ulimit $limit; exec "$@"' - "$limit" "$EXITSTORM" "$@"
	is "$status" 0 "$name"
	[ "$status" = 0 ] || note "$err"
}

# The stack of what is run must do as well: gnuplot needs 80 KiB.
if ! ldd "$EXITSTORM" | grep -q asan; then
	limited "show with a stack of 64 KiB" "-s 64" show r
	limited "compare" "-s 64" compare r r --force
	limited "export" "-s 64" export r --perfetto
	if command -v gnuplot >/dev/null; then
		limited "plot with one of 128 KiB" "-s 128" plot r -k box -s hlt -o p.svg
		limited "report" "-s 128" report r -o r.html
		limited "archive" "-s 128" archive r -o a.tar
	fi
fi

"$python" - <<'END' || exit 1
import json, os, shutil
shutil.copytree("r", "many")
run = json.load(open("many/run.json"))
model = next(storm for storm in run["storms"] if storm["name"] == "cpuid")
model["samples"] = None
run["storms"] = []
for number in range(2000):
    run["storms"].append({**model, "name": f"s{number}"})
    os.link("many/histograms/cpuid.npy", f"many/histograms/s{number}.npy")
json.dump(run, open("many/run.json", "w"))
END
limited "show of 2,000 storms in 5 s of CPU" "-t 5" show many
limited "compare" "-t 5" compare many many --force
done_testing
