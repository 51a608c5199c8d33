#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others, one at a time
# Levels of repetition: show and compare of runs of several boots, and what run.json says of boot and time.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1

# make NAME SEED BOOT SCALE [OPTION...]
make()
{
	name=$1 seed=$2 boot=$3 scale=$4
	shift 4
	"$python" "$top/tests/cli/make_run.py" "$name" --n 60 --repeats 6 --seed "$seed" --scale "$scale" ${boot:+--boot "$boot"} \
		"$@" || exit 1
}

# field STORM KEY: of show --json of several runs.
field()
{
	"$python" -c 'import json, sys
of = {s["storm"]: s for s in json.load(open("levels.json"))["storms"]}[sys.argv[1]]
for key in sys.argv[2].split("."):
    of = of[key]
print("-" if of is None else f"{of:.4f}" if isinstance(of, float) else of)' "$1" "$2"
}

mkdir boots
make boots/1 1 a 1 && make boots/2 2 a 1 && make boots/3 3 b 1.04 && make boots/4 4 b 1.04 && make boots/5 5 c 0.97
run "$EXITSTORM" show boots -w 80
is "$status" 0 "show of runs of three boots"
like "$out" "5 runs of 3 boots" "it counts them"
like "$out" "pio_out +22,... +[0-9.]+ .* boots \(9[0-9] %\)|pio_out.*boots \(100 %\)" "boots that differ by 4 % make the interval wide"
is "$(printf '%s\n' "$out" | awk 'length > 80' | wc -l)" 0 "it fits 80 columns"
"$EXITSTORM" show boots --json >levels.json
is "$(field pio_out boots) $(field pio_out runs) $(field pio_out pays)" "3 5 boots" "--json has the same"
like "$(field pio_out stddev.boot)" '^0\.03[0-9]+$' "the boots' standard deviation is that of 1, 1.04 and 0.97"
is "$(field pio_out leg)" round_trip "and the leg"
like "$("$EXITSTORM" show boots --markdown)" '\| pio.+out \| 22,' "--markdown"
like "$("$EXITSTORM" show boots --latex)" 'boots \(' "--latex"

# Repeats that vary by 5 %, and runs of one boot.
mkdir one
for i in 1 2 3; do
	make "one/$i" "1$i" a 1 --offset 0.05
done
run "$EXITSTORM" show one -w 100
like "$out" "3 runs of 1 boot;" "runs of one boot"
like "$out" "All runs are of one boot: what varies from boot to boot is in no interval here" "it says what is missing"
"$EXITSTORM" show one --json >levels.json
is "$(field mmio_read stddev.boot) $(field mmio_read pays)" "- repeats" "no boot level, and more repeats pay"

make old1 21 "" 1 && make old2 22 "" 1
like "$("$EXITSTORM" show old1 old2)" "do not say of which boots" "runs of older versions"
make other 23 a 1 --set fence=none
fails 1 "differs from one/1 in settings.fence" "$EXITSTORM" show one/1 other
make cpu 24 a 1 --brand Other
fails 1 "differs from one/1 in host.cpu.brand" "$EXITSTORM" show one/1 cpu
fails 2 "of several runs there are" "$EXITSTORM" show one --methods
fails 2 "of several runs there are" "$EXITSTORM" show one --csv
fails 2 "samples is of one run" "$EXITSTORM" show one/1 one/2 --samples
is "$("$EXITSTORM" show one/1 | head -3)" "$("$EXITSTORM" show one/1/ | head -3)" "show of one run is as it was"

# Groups: runs of one boot are one value.
make n1 31 d 1.1 && make n2 32 d 1.1 && make n3 33 e 1.12 && make n4 34 f 1.09
run "$EXITSTORM" compare boots/1,boots/2,boots/3,boots/4,boots/5 n1,n2,n3,n4 -s pio_out,cpuid
like "$out" "centre of its boots' medians" "compare: the unit is the boot"
like "$(printf '%s' "$out" | tr '\n' ' ' | tr -s ' ')" "base: 5 runs of 3 boots; more of these narrows the interval most: boots for pio_out, cpuid" \
	"compare says which level pays"
is "$("$EXITSTORM" compare boots/1,boots/2,boots/3,boots/4,boots/5 n1,n2,n3,n4 -s pio_out --json | tr -d ' \n' |
	grep -oE '"unit_of_inference":"[a-z]*"|"base_n":[0-9]+|"n":[0-9]+' | tr '\n' ' ')" \
	"$(printf '"unit_of_inference":"boot" "base_n":3 "n":3 ')" "--json: three boots on each side"
run "$EXITSTORM" compare one/1,one/2 n1,n3 -s pio_out
like "$out" "centre of its runs' medians" "a group of one boot: the unit is the run"
like "$(printf '%s' "$out" | tr '\n' ' ' | tr -s ' ')" "All runs of base are of one boot" "and compare says so"

# ops=: three times the same storms, of 1, 2 and 4 operations: the slope is the cost of one, and nothing is left.
mkdir ops
for ops in 1 2 4; do
	make "ops/$ops" "4$ops" a $ops --set ops=$ops
done
run "$EXITSTORM" show --net ops -w 80
is "$status" 0 "show --net of runs of 1, 2 and 4 operations"
like "$out" "^ops: 1, 2, 4" "it names them"
is "$(printf '%s\n' "$out" | awk '$1 == "pio_out" { gsub(",", ""); print ($2 > 22200 && $2 < 22800), ($4 > -500 && $4 < 500) }')" "1 1" \
	"the slope is the cost of one, and the rest is small"
is "$(printf '%s\n' "$out" | awk '$1 == "pio_out" { gsub(",", ""); split($3, slope, /\.\./); print (slope[1] < 22592 && slope[2] > 22350) }')" 1 \
	"the interval holds it"
is "$(printf '%s\n' "$out" | awk 'length > 80' | wc -l)" 0 "it fits 80 columns"
fails 1 "the runs have the same ops" "$EXITSTORM" show --net one
fails 1 "needs ops=1, or the runs of" "$EXITSTORM" show --net ops/2
fails 1 "differs from ops/1 in settings.ops" "$EXITSTORM" show ops
fails 1 "differs from ops/1 in settings.fence" "$EXITSTORM" show --net ops/1 other

# A real run says of which boot it is, and when each repeat ended.
if "$EXITSTORM" run -q -t kvm -s null -n 20 -r 3 -o real >/dev/null 2>&1; then
	is "$("$python" -c 'import json
run = json.load(open("real/run.json"))
at = [r["at_s"] for r in run["storms"][0]["repeats"]]
print(run["host"]["boot_id"], all(0 < a <= run["duration_s"] + 1 for a in at), at == sorted(at), len(at))')" \
		"$(cat /proc/sys/kernel/random/boot_id) True True 3" "run.json: boot_id, and the times of repeats"
	"$EXITSTORM" run -q -t kvm -s null -n 20 -r 2 --anonymous -o hidden >/dev/null
	run "$EXITSTORM" run -q -t kvm -s pio_out,syscall,null -n 50 -r 2 --set stamps=guest --vary ops=1,2,4 -o row
	is "$status" 0 "kvm: ops=1,2,4"
	is "$("$python" -c 'import json
for ops in 1, 2, 4:
    of = {s["name"]: s for s in json.load(open(f"row/ops={ops}/run.json"))["storms"]}
    print([of[n]["exits_per_op"] for n in ("pio_out", "syscall", "null")], of["pio_out"]["exits"] >= 100 * ops, sorted(of["pio_out"]["legs"]))')" \
		"$(for ops in 1 2 4; do
			per=$("$python" -c 'import json; print({s["name"]: s for s in json.load(open("row/ops=1/run.json"))["storms"]}["syscall"]["exits_per_op"])')
			echo "[$ops, $((per * ops)), 0] True ['control', 'first', 'period', 'round_trip']"
		done)" "kvm: every operation of a record exits, and it has no legs of one exit"
	nok "--anonymous: no boot ID" grep -q "$(cat /proc/sys/kernel/random/boot_id)" hidden/run.json
	like "$(cat hidden/run.json)" '"kaslr_offset": *null' "nor KASLR's offset"
fi
done_testing
