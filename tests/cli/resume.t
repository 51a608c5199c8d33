#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others, one at a time
# A run that is interrupted or killed keeps what it has finished, says so, and can be continued.
. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")
. "$here/interrupt.sh"

fails 2 "--resume with another option" "$EXITSTORM" run --resume "$tmp/run" -n 100
like "$err" "--exits cannot be given" "... names it"
fails 1 "--resume without a run" "$EXITSTORM" run --resume "$tmp/none"
find_python json || skip_all "python3 is not installed"

# A made-up one, as far as a figure.
"$python" "$here/make_run.py" "$tmp/made" --n 50 --repeats 3
cat >"$tmp/interrupt.py" <<'END'
import glob, json, os, sys
path = sys.argv[1] + "/run.json"
run = json.load(open(path))
arrays = {os.path.relpath(name, sys.argv[1]): int(open(name, "rb").read(500).split(b"'shape': (")[1].split(b",")[0])
          for name in glob.glob(sys.argv[1] + "/*/*.npy")}
run["interrupted"] = {"at": "2026-11-27T09:00:00Z", "storms": 40, "complete": 22, "repeats": 120, "repeats_done": 66,
                      "arrays": arrays}
json.dump(run, open(path, "w"))
END
"$python" "$tmp/interrupt.py" "$tmp/made"
note="INTERRUPTED at 2026-11-27T09:00:00Z: 22 of 40 storms are complete, 66 of 120 repeats"
if command -v gnuplot >/dev/null; then
	run "$EXITSTORM" plot "$tmp/made" -k box -f svg -o "$tmp/box.svg"
	like "$status:$err" "^0:.*$note" "plot warns"
	like "$(cat "$tmp/box.svg" "$tmp"/box* | tr -s '\n ' ' ')" "INTERRUPTED" "... and says so in its caption"
	run "$EXITSTORM" report "$tmp/made" -o "$tmp/report.html"
	like "$err" "$note" "report warns"
	ok "... and says so" grep -q "<li>$note" "$tmp/report.html"
else
	skip "gnuplot is not installed" "plot and report"
fi
rm -rf "${tmp:?}"/*
if ! (: <>/dev/kvm) 2>/dev/null; then
	skip "/dev/kvm cannot be opened" "runs"
	done_testing
fi
whole() { "$python" "$here/check_whole.py" "$@"; }

# Saved after each unit, so that it is soon interrupted.
export EXITSTORM_SAVE=0
many=(-s null,rdtsc -n 20k -r 24 --samples 2400 --warmup 0)

# begin DIR SIGNAL OPTION...: a run that gets the signal when it has been saved.
begin()
{
	local dir=$1 signal=$2
	shift 2
	"$EXITSTORM" run -q "${many[@]}" "$@" -o "$dir" >"$tmp/.o" 2>"$tmp/.e" &
	pid=$!
	has_partial "$dir" "$pid"
	grows "$(find "$dir.partial" -name journal | head -n 1)" "$pid"
	kill -s "$signal" "$pid"
	wait "$pid" 2>/dev/null
	status=$? err=$(cat "$tmp/.e")
}

# Ctrl-C.
begin "$tmp/int" INT
is "$status" 1 "an interrupted run: status 1"
like "$err" "^exitstorm run: interrupted: 0 of 2 storms are complete in $tmp/int.partial; 'exitstorm run --resume' continues it\$" \
	"... says what it has and how to continue"
is "$(ls "$tmp")" "int.partial" "... and leaves one folder"
is "$(whole "$tmp/int.partial" --partial)" whole "... whose parts fit each other"
done_before=$(grep -o '"repeats_done": [0-9]*' "$tmp/int.partial/run.json" | cut -d' ' -f2)
ok "... with repeats ($done_before)" test "$done_before" -gt 0

# Every command says so.
note="INTERRUPTED at [0-9TZ:-]+: 0 of 2 storms are complete, $done_before of 48 repeats"
run "$EXITSTORM" show "$tmp/int.partial" -w 200
like "$out" "^$note\$" "show: in its title"
like "$err" "warning: $tmp/int.partial: $note\$" "... and on stderr"
run "$EXITSTORM" show "$tmp/int.partial" --methods -w 400
like "$out" "$note" "show --methods"
run "$EXITSTORM" show "$tmp/int.partial" --json
like "$out" '"repeats_done": '"$done_before" "show --json"
run "$EXITSTORM" compare "$tmp/int.partial" "$tmp/int.partial"
like "$(printf '%s' "$out" | tr -s '\n ' ' ')" "$note" "compare"
run "$EXITSTORM" compare --json "$tmp/int.partial" "$tmp/int.partial"
like "$out" '"INTERRUPTED' "compare --json"
run "$EXITSTORM" export --csv "$tmp/int.partial" -s null
is "$(printf '%s\n' "$out" | wc -l)" "$((1 + $(grep -o '"samples/null.npy": [0-9]*' "$tmp/int.partial/run.json" | cut -d' ' -f2)))" \
	"export: the records that belong to it"
like "$err" "$note" "... with a warning"
fails 1 "show without .partial" "$EXITSTORM" show "$tmp/int"
like "$err" "there is only $tmp/int.partial, an interrupted run" "... says what there is"
fails 1 "a new run of that name" "$EXITSTORM" run -q "${many[@]}" -o "$tmp/int"
like "$err" "is an interrupted run" "... is refused"
run "$EXITSTORM" archive "$tmp/int.partial" -o "$tmp/a.tar"
is "$status" 0 "archive"
mkdir "$tmp/unpacked" && tar -xf "$tmp/a.tar" -C "$tmp/unpacked"
copy=$(dirname "$(find "$tmp/unpacked" -name run.json | head -n 1)")
is "$(whole "$copy" --partial)" whole "... has what belongs to the run"
ok "... and says so" grep -rq INTERRUPTED "$tmp/unpacked" --include='*.md'

# Changes that are refused.
# changed NAME FILE OLD NEW: a copy in which a file was changed.
changed()
{
	cp -r "$tmp/int.partial" "$tmp/$1.partial"
	edit "$tmp/$1.partial/$2" "$3" "$4" || fail "changed $1"
	run "$EXITSTORM" run -q --resume "$tmp/$1"
}
changed plan resume.json '"exits": 20000' '"exits": 10000'
is "$status" 1 "another plan in resume.json"
like "$err" "plan" "... is refused in words"
changed setting resume.json '"stamps": "both"' '"stamps": "off"'
is "$status" 1 "another setting"
like "$err" "plan" "... is refused in words"
changed run run.json '"exits": 20000,' '"exits": 10000,'
is "$status" 1 "another plan in run.json"
like "$err" "its plan is not that of the interrupted run" "... is refused in words"
changed both resume.json '"exits": 20000' '"exits": 10000'
edit "$tmp/both.partial/run.json" '"exits": 20000,' '"exits": 10000,'
fails 1 "both" "$EXITSTORM" run -q --resume "$tmp/both"
like "$err" "the plan, its settings or storms are not those of the interrupted run" "... is refused in words"
changed cpu resume.json '"model": [0-9]*' '"model": 99'
is "$status" 1 "another CPU"
like "$err" "this machine is not the one that was interrupted: host.cpu.model was 99, is [0-9]" "... is refused in words"
changed microcode resume.json '"microcode": [^,]*' '"microcode": "0x7"'
like "$status:$err" "^1:.*host.cpu.microcode was .0x7." "another microcode"
changed kernel resume.json '"kernel": "Linux ' '"kernel": "Minix '
like "$status:$err" "^1:.*host.kernel was .Minix" "another kernel"
changed tool resume.json '"commit": "[^"]*"' '"commit": "0123456"'
like "$status:$err" "^1:.*the run is of exitstorm .* .0123456., this is" "another exitstorm"
changed storm resume.json '"null"' '"no_such_storm"'
like "$status:$err" "^1:.*names a storm that there is not" "another storm"
changed folder resume.json '"folder": null' '"folder": "..\/int.partial"'
like "$status:$err" "^1:.*names an impossible folder" "a folder elsewhere"
cp -r "$tmp/int.partial" "$tmp/link.partial"
mv "$tmp/link.partial/journal" "$tmp/j" && ln -s "$tmp/j" "$tmp/link.partial/journal"
fails 1 "a journal that is a link" "$EXITSTORM" run -q --resume "$tmp/link"
cp -r "$tmp/int.partial" "$tmp/links.partial"
mv "$tmp/links.partial/histograms" "$tmp/h" && ln -s "$tmp/h" "$tmp/links.partial/histograms"
fails 1 "a folder of arrays that is a link" "$EXITSTORM" run -q --resume "$tmp/links"

# A journal that ends early or is damaged: the units before that count.
cp -r "$tmp/int.partial" "$tmp/torn.partial"
truncate -s -5 "$tmp/torn.partial/journal"
head -c 100 /dev/zero >>"$tmp/torn.partial/journal"
run "$EXITSTORM" run -q --resume "$tmp/torn"
is "$status" 0 "a journal that ends within a frame"
is "$(whole "$tmp/torn")" whole "... the run becomes whole"

# After a reboot only what was on the disk for certain counts, which is said.
cp -r "$tmp/int.partial" "$tmp/boot.partial"
edit "$tmp/boot.partial/resume.json" '"boot": "[^"]*"' '"boot": "0-0"'
run "$EXITSTORM" run -q --resume "$tmp/boot"
is "$status" 0 "after a reboot"
like "$err" "the machine was rebooted" "... which is said"
is "$(whole "$tmp/boot")" whole "... the run becomes whole"
run "$EXITSTORM" show "$tmp/boot"
like "$out" "was interrupted, and resumed at [0-9TZ:-]+ after a reboot" "... and says so"

# kill -9 while it is continued; meanwhile no other process may.
"$EXITSTORM" run -q --resume "$tmp/int.partial/" >"$tmp/.o" 2>"$tmp/.e" &
pid=$!
grows "$tmp/int.partial/journal" "$pid"
kill -s STOP "$pid"
fails 1 "a second process" "$EXITSTORM" run -q --resume "$tmp/int"
like "$err" "is being measured by another process" "... is refused"
kill -s KILL "$pid"
wait "$pid" 2>/dev/null
ok "a killed run can be shown" "$EXITSTORM" show "$tmp/int.partial"
is "$(whole "$tmp/int.partial" --partial)" whole "... its parts fit each other"
run "$EXITSTORM" run -q --resume "$tmp/int"
is "$status:$out" "0:$tmp/int" "and continued"
nok "then there is no .partial" test -e "$tmp/int.partial"
is "$(whole "$tmp/int")" whole "and the run is whole"
is "$(grep -c '"rebooted": false' "$tmp/int/run.json")" 2 "... it was resumed twice"
fails 1 "a complete run" "$EXITSTORM" run --resume "$tmp/int"
like "$err" "was not interrupted: there is nothing to continue" "... is not continued"
run "$EXITSTORM" show "$tmp/int"
is "$status:$err" "0:" "show has no warning"

# --vary: all runs or none have their names.
begin "$tmp/vary" KILL --label rack=7 --vary stamps=both,guest
is "$(ls "$tmp" | grep vary)" "vary.partial" "--vary, killed: one folder"
uuids()
{
	cat "$1"/*/run.json | grep -o '"uuid": "[^"]*"\|"rack": "[^"]*"' | sort
}
before=$(uuids "$tmp/vary.partial")
is "$(wc -l <<<"$before")" 4 "... two UUIDs and two labels"
is "$(ls "$tmp/vary.partial" | grep -v resume)" "stamps=both
stamps=guest" "... with both runs"
run "$EXITSTORM" compare "$tmp/vary.partial"
like "$err" "stamps=both: INTERRUPTED" "... that say so"
like "$err" "stamps=guest: INTERRUPTED" "... each of them"
run "$EXITSTORM" run -q --resume "$tmp/vary"
is "$status:$out" "0:$tmp/vary/stamps=both
$tmp/vary/stamps=guest" "--vary, continued"
is "$(uuids "$tmp/vary")" "$before" "... keeps UUIDs and labels"
is "$(ls -A "$tmp/vary")" "stamps=both
stamps=guest" "... has its runs only"
for value in both guest; do
	is "$(whole "$tmp/vary/stamps=$value")" whole "... stamps=$value is whole"
done
is "$(cat "$tmp"/vary/*/run.json | grep -o '"in_turn": "[0-9a-f]*"' | sort | uniq -c | tr -d ' ' | cut -c1)" 2 \
	"... they are still runs that were taken in turn"
done_testing
