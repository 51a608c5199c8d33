#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# collect and query: each run once, whatever happens; groups by what run.json says; figures as show's.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
store=$tmp/fleet.sqlite

# make FOLDER OPTION...
make()
{
	local folder=$1
	shift
	mkdir -p "$(dirname "$tmp/$folder")"
	"$python" "$top/tests/cli/make_run.py" "$tmp/$folder" --n 60 --repeats 5 "$@" || exit 1
}

# change RUN STATEMENT: of Python, on the run's JSON r
change()
{
	"$python" - "$tmp/$1/run.json" "$2" <<-'END'
	import json, sys
	r = json.load(open(sys.argv[1]))
	exec(sys.argv[2])
	json.dump(r, open(sys.argv[1], "w"))
	END
}

# sql STATEMENT: by Python's own SQLite
sql()
{
	"$python" - "$store" "$1" <<-'END'
	import sqlite3, sys
	db = sqlite3.connect(sys.argv[1])
	for row in db.execute(sys.argv[2]):
	    print("|".join(str(v) for v in row))
	db.commit()
	END
}

for i in 1 2 3; do
	make "runs/a/r$i" --seed "$i"
	make "runs/b/r$i" --seed "1$i" --scale 1.5
	change "runs/b/r$i" 'r["host"]["cpu"]["codename"] = "Genoa"; r["labels"] = {"rack": "7"}'
done
make runs/emulated --clock instructions --seed 5

run "$EXITSTORM" collect "$tmp/runs" -o "$store"
is "$status" 0 "collect succeeds" && note "$err"
is "$out" "$store: 7 runs added, 0 replaced, 0 there already, 0 left out" "each run was found"
run "$EXITSTORM" collect "$tmp/runs/a" "$tmp/runs/b" "$tmp/runs/a/r1" -o "$store"
is "$out" "$store: 0 runs added, 0 replaced, 7 there already, 0 left out" "a second time adds nothing"
is "$(sql 'SELECT count(*), count(DISTINCT uuid) FROM run')" "7|7" "a row for each run"
is "$(sql 'SELECT count(*) FROM storm')" "$((7 * 22))" "a row for each storm"
is "$(sql "SELECT value, count(*) FROM label WHERE key = 'rack' GROUP BY value")" "7|3" "labels"
is "$(sql "PRAGMA integrity_check")" ok "SQLite finds the store intact"

# The figures are show's, and each repeat is there.
"$EXITSTORM" show "$tmp/runs/a/r1" --json >"$tmp/show.json"
shown=$("$python" - "$tmp/show.json" <<'END'
import json, sys
for s in json.load(open(sys.argv[1]))["storms"]:
    for name, leg in s["legs"].items():
        if leg["centre"]["p50"]:
            c = leg["centre"]["p50"]
            print(s["name"], name, leg["site"], "%.9g" % c["ticks"], "%.9g" % c["ci95"][0], c["repeats"])
END
)
stored=$(sql "SELECT storm || ' ' || leg || ' ' || site || ' ' || printf('%.9g', p50) || ' ' ||
	printf('%.9g', p50_low) || ' ' || repeats FROM leg JOIN run ON run.id = leg.run
	WHERE run.path LIKE '%/runs/a/r1'")
is "$(sort <<<"$stored")" "$(sort <<<"$shown")" "the figures of a run are those of show"
is "$(sql "SELECT count(*) FROM repeat JOIN run ON run.id = repeat.run
	WHERE storm = 'pio_out' AND leg = 'exit' AND run.path LIKE '%/a/r2'")" 5 "a row for each repeat"

# Groups.
run "$EXITSTORM" query "$store" --by host.cpu.codename,target.clock -s pio_out --csv
is "$status" 0 "query succeeds" && note "$err"
is "$(wc -l <<<"$out")" 4 "a group for each codename and clock"
like "$out" '^Genoa,tsc,round_trip,tsc,guest,pio_out,3,1,ns,' "runs of one clock are in ns"
like "$out" '^Sapphire Rapids,instructions,round_trip,instructions,guest,pio_out,1,1,ticks,' \
	"an emulator's are in ticks, and apart"
centre=$("$python" - <<END
import math
v = """$(sql "SELECT p50 / tick_hz * 1e9 FROM leg JOIN run ON run.id = leg.run WHERE storm = 'pio_out' AND
	leg = 'round_trip' AND run.path LIKE '%/b/r%'")""".split()
print("%.6g" % math.exp(math.fsum(math.log(float(x)) for x in v) / len(v)))
END
)
is "$(grep '^Genoa' <<<"$out" | cut -d, -f10 | xargs printf '%.6g')" "$centre" \
	"a group's figure is the centre of its runs'"
run "$EXITSTORM" query "$store" -s pio_out
is "$(grep -c '^kvm ' <<<"$out")" 2 "clocks are never mixed, whatever the groups are"
like "$out" '^Without a unit: ticks' "and ticks are said to be ticks"
run "$EXITSTORM" query "$store" --where labels.rack=7 -s 'pio_*,cpuid' -l resume
is "$(grep -c '^kvm ' <<<"$out")" 3 "--where and patterns of storms"
is "$(awk '/^kvm/ {print $3}' <<<"$out" | sort -u)" 3 "three runs each"
run "$EXITSTORM" query "$store" --where 'host.cpu.codename=G*,Nothing' -s cpuid --json
is "$("$python" -c 'import json, sys; print([(g["p50"]["runs"], g["unit"]) for g in json.load(sys.stdin)["groups"]])' <<<"$out")" \
	"[(3, 'ns')]" "a pattern, and JSON"
is "$("$EXITSTORM" query "$store" --by host.cpu.codename,settings.stamps -w 80 | awk 'length > 80' | wc -l)" \
	0 "the table fits a terminal"

# compare: the verdicts of groups of a store are those of the same groups of runs.
run "$EXITSTORM" compare --store "$store" --by host.cpu.codename --where target.clock=tsc --base "Sapphire Rapids" --csv
is "$status" 0 "compare --store succeeds" && note "$err"
grouped=$(tr -d "\r" <<<"$out" | awk -F, '$1 == "Genoa" && $2 == "pio_out" {printf "%.6f %.6f %.6f %s", $8, $9, $10, $12}')
runs=$("$EXITSTORM" compare "$tmp/runs/a/r1,$tmp/runs/a/r2,$tmp/runs/a/r3" \
	"$tmp/runs/b/r1,$tmp/runs/b/r2,$tmp/runs/b/r3" -s pio_out --json |
	"$python" -c 'import json, sys; c = json.load(sys.stdin)["comparisons"][0]
print("%.6f %.6f %.6f %s" % (c["ratio"], c["ci95_low"], c["ci95_high"], c["verdict"]))')
ok "ratio and verdict are those of the runs, the interval is no narrower" awk -v g="$grouped" -v r="$runs" 'BEGIN {
	split(g, a)
	split(r, b)
	exit !(a[1] == b[1] && a[4] == b[4] && a[2] <= b[2] && a[3] >= b[3] && a[3] < b[3] * 1.001)
}'
run "$EXITSTORM" compare --store "$store" --by host.cpu.codename --base "Sapphire Rapids" --fail-above 2 -s cpuid
is "$status" 3 "--fail-above: a regression"
run "$EXITSTORM" compare --store "$store" --by host.cpu.codename --base Genoa --fail-above 2 -s cpuid --where target.clock=tsc
is "$status" 0 "... none the other way round"
run "$EXITSTORM" compare --store "$store" --by host.cpu.codename --base Genoa -s cpuid
like "$out" '^1 figures of other groups have none of the base' "an emulator's figures are not compared"
fails 1 "a base that is no group" "$EXITSTORM" compare --store "$store" --base Nothing
fails 1 "one group" "$EXITSTORM" compare --store "$store" --where target.clock=tsc
fails 2 "runs beside a store" "$EXITSTORM" compare --store "$store" "$tmp/runs/a/r1"
fails 2 "--by without a store" "$EXITSTORM" compare --by target.name "$tmp/runs/a/r1" "$tmp/runs/a/r2"
fails 2 "what a store does not have" "$EXITSTORM" compare --store "$store" --quantile p99

# Several runs of one machine are not independent: 20 machines that differ by 5 %, of 6 runs each.
"$python" "$top/tests/cli/make_fleet.py" "$top/results/reference/kvm-cpl3/run.json" "$tmp/fleet" \
	--hosts 20 --runs 6 --generation 0 --spread 0.05 --effect 0.02 || exit 1
fleet=$tmp/machines.sqlite
run "$EXITSTORM" collect "$tmp/fleet" -o "$fleet" -q
is "$status" 0 "a fleet is collected" && note "$err"
run "$EXITSTORM" query "$fleet" --by host.cpu.codename -s cpuid --csv
is "$(tr -d '\r' <<<"$out" | awk -F, 'NR > 1 {print $6 "," $7}' | sort -u)" "24,4" "runs and machines are counted"
run "$EXITSTORM" compare --store "$fleet" --by host.cpu.codename -s cpuid --csv
is "$(tr -d '\r' <<<"$out" | awk -F, 'NR > 1 {print $NF}' | sort | uniq -c | xargs)" "4 unclear" \
	"machines that differ make no difference of their generations"
run "$EXITSTORM" compare --store "$fleet" --by settings.vpid --base on -s cpuid
like "$out" ' 60 +20 .*1\.0[12].* slower' "the same machines in both groups: 2 % are found, machine by machine"
like "$out" 'The same machines in both groups \(1 of 1 rows\)' "and it is said"
run "$EXITSTORM" compare --store "$fleet" --by host.name --where 'host.name=node000[01]' -s cpuid
like "$out" 'One machine in each group \(1 of 1 rows\): the unit is the run' "one machine: its runs are the unit"
run "$EXITSTORM" compare --store "$fleet" --by host.cpu.codename --where 'host.name=node000[0156]' --where 'host.name=node000[056]' -s cpuid
like "$out" 'One machine in one of the groups \(1 of 1 rows\)' "one machine beside two: said"

# A run that was resumed is replaced, one that is damaged is named.
change runs/a/r1 'r["uuid"] = "0b5c3f0e-8f0e-4c63-9a53-1fd7c1a2a001"'
run "$EXITSTORM" collect "$tmp/runs/a" -o "$store" -q
is "$out$status" 0 "-q is quiet"
change runs/a/r1 'r["storms"] = r["storms"][:3]; r["duration_s"] = 99'
run "$EXITSTORM" collect "$tmp/runs/a" -o "$store"
like "$out" ': 0 runs added, 1 replaced, 2 there already' "a run of the same UUID is replaced"
is "$(sql "SELECT count(*) FROM storm JOIN run ON run.id = storm.run WHERE duration_s = 99")" 3 \
	"nothing of it stays"
is "$(sql "SELECT count(*) FROM leg WHERE run NOT IN (SELECT id FROM run)")" 0 "no leg without a run"
mkdir "$tmp/runs/bad" "$tmp/runs/.exitstorm-run-abc"
echo '{"schema": "exitstorm-run/1",' >"$tmp/runs/bad/run.json"
cp "$tmp/runs/a/r2/run.json" "$tmp/runs/.exitstorm-run-abc/"
make runs/c/r1 --seed 77
run "$EXITSTORM" collect "$tmp/runs" -o "$store"
is "$status" 1 "a damaged run: status 1"
like "$err" "^exitstorm collect: warning: left out: .*runs/bad" "it is named"
like "$out" ': 1 runs added, 0 replaced, 7 there already, 1 left out' "the others are added"

# Bad input.
fails 2 "a path that no run has" "$EXITSTORM" query "$store" --by host.codename
like "$err" "did you mean 'host.cpu.codename'" "a similar one is named"
fails 2 "a condition without a value" "$EXITSTORM" query "$store" --where settings.cpl
fails 1 "a storm that no run has" "$EXITSTORM" query "$store" -s nothing
fails 1 "no store" "$EXITSTORM" query "$tmp/none.sqlite"
echo "no database, but long enough to be taken for one" >"$tmp/text"
fails 1 "another file" "$EXITSTORM" query "$tmp/text"
run "$EXITSTORM" collect "$tmp/runs/a" -o "$tmp/text"
is "$status $(cat "$tmp/text")" "1 no database, but long enough to be taken for one" "it is not overwritten"
"$python" -c "import sqlite3; sqlite3.connect('$tmp/other.sqlite').execute('CREATE TABLE mine (a)')"
run "$EXITSTORM" collect "$tmp/runs/a" -o "$tmp/other.sqlite"
like "$err" "is no store of exitstorm" "another program's database is left alone"
fails 1 "a device" "$EXITSTORM" query /dev/null
mkfifo "$tmp/fifo"
fails 1 "a FIFO" "$EXITSTORM" query "$tmp/fifo"
cp "$store" "$tmp/newer.sqlite"
"$python" -c "import sqlite3; sqlite3.connect('$tmp/newer.sqlite').execute('PRAGMA user_version = 9')"
fails 1 "a store of another version" "$EXITSTORM" query "$tmp/newer.sqlite"
like "$err" "is of version 9, this exitstorm has version 2" "both versions are named"
dd if=/dev/urandom of="$tmp/newer.sqlite" bs=4096 seek=1 count=4 conv=notrunc 2>/dev/null
"$python" -c "f = open('$tmp/newer.sqlite', 'r+b'); f.seek(60); f.write(bytes([0, 0, 0, 1]))"
run "$EXITSTORM" query "$tmp/newer.sqlite" -s pio_out
is "$status" 1 "a damaged store" && note "$err"
fails 1 "an empty folder" "$EXITSTORM" collect "$(mkdir "$tmp/empty" && echo "$tmp/empty")" -o "$tmp/e.sqlite" -q
fails 2 "no store named" "$EXITSTORM" collect "$tmp/runs"

# Two at once, with a third program that holds the lock for a while.
rm "$store"
"$EXITSTORM" collect "$tmp/runs/c" -o "$store" -q
"$python" - "$store" <<'END' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
time.sleep(1)
db.execute("ROLLBACK")
END
"$EXITSTORM" collect "$tmp/runs/a" "$tmp/runs/b" -o "$store" -q &
one=$!
"$EXITSTORM" collect "$tmp/runs/b" "$tmp/runs/a" -o "$store" -q &
wait "$one" && wait $! && wait
is "$(sql 'SELECT count(*) FROM run')" 7 "two collects at once: each run once"
is "$(sql 'PRAGMA integrity_check')" ok "and the store is intact"

# Kill -9 at random moments: the store is consistent, and the next collect completes it.
rm "$store"
bad=0
for ((i = 0; i < ${KILLS:-6}; i++)); do
	"$EXITSTORM" collect "$tmp/runs/a" "$tmp/runs/b" "$tmp/runs/c" -o "$store" -q 2>/dev/null &
	sleep "0.0$((RANDOM % 8))"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	[ ! -s "$store" ] || [ "$(sql 'PRAGMA integrity_check')" = ok ] || bad=$((bad + 1))
	[ "$("$EXITSTORM" collect "$tmp/runs/a" "$tmp/runs/b" "$tmp/runs/c" -o "$store" -q && sql 'SELECT count(*) FROM run')" = 7 ] ||
		bad=$((bad + 1))
	rm -f "$store" "$store-journal"
done
is "$bad" 0 "${KILLS:-6} kills: consistent, and complete the next time"
done_testing
