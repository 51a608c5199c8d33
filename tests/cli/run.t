#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others, one at a time
# run and list: options, bad usage, folders of runs, --vary, --like, interruption, a closed pipe, a full disk.
. "$(dirname "$0")/../lib.sh"

# Bad usage that is found before the target is opened needs no /dev/kvm.
fails 2 "an unknown storm" "$EXITSTORM" run -s nothing
like "$err" "exitstorm list" "the error refers to list"
fails 2 "a misspelled storm" "$EXITSTORM" run -s pio_ot
like "$err" "did you mean 'pio_out'" "the error suggests the nearest"
fails 2 "a pattern without a match" "$EXITSTORM" run -s 'zz*'
fails 2 "an empty name in the list" "$EXITSTORM" run -s pio_out,
fails 2 "an unknown target" "$EXITSTORM" run -t moon
fails 2 "an unknown option" "$EXITSTORM" run --stroms x
fails 2 "an operand" "$EXITSTORM" run pio_out
fails 1 "--like without a run" "$EXITSTORM" run --like "$tmp/none"

if ! (: <>/dev/kvm) 2>/dev/null; then
	skip "/dev/kvm cannot be opened" "runs"
	done_testing
fi

for bad in "--set cpl=1" "--set cpl" "--set no_such=1" "--vary cpl" "--vary cpl=0,0" "--vary cpl=0,7" \
	"-n 0" "-n x" "-n -1" "-n 1e99" "-r 0" "-r 1001" "--vcpus 0" "--vcpus 65" "--samples x" \
	"--cpu 0,0" "--cpu a" "--cpu 3-1" "--seed -1" "--vary cpl=0 --vary cpl=3"; do
	# shellcheck disable=SC2086
	fails 2 "run $bad" "$EXITSTORM" run -s null $bad
done
fails 1 "a CPU that does not exist" "$EXITSTORM" run -s null --cpu 65000
is "$(ls "$tmp")" "" "none of these leaves a file"

storms="null,pio_out,syscall"
small=(-n 200 -r 2 --warmup 0)

# Folders of runs.
run "$EXITSTORM" run -q -s "$storms" "${small[@]}"
is "$status" 0 "a run"
is "$(ls "$EXITSTORM_RUNS")" "$(basename "$out")" "it is in \$EXITSTORM_RUNS"
like "$(basename "$out")" '^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_-]+-kvm(-[0-9]+)?$' "its name has time, host and target"
is "$(cd "$out" && ls)" "histograms
run.json
samples" "with its parts"
first=$out
run "$EXITSTORM" run --anonymous -q -s null "${small[@]}"
like "$(basename "$out")" '^[0-9]{8}T[0-9]{6}Z-anonymous-kvm' "an anonymous one does not name the host"
EXITSTORM_LABELS=pool=a,rack=3 run "$EXITSTORM" run --label rack=7 -q -s null "${small[@]}"
labelled=$out
like "$("$EXITSTORM" show "$labelled")" "labels: pool=a rack=7" "labels: of the option before those of the environment"
like "$(cat "$labelled/run.json")" "\"name\": \"$(uname -n)\"" "a run names its host"
run "$EXITSTORM" run --label rack=7 --anonymous -q -s null "${small[@]}"
unlike "$(cat "$out/run.json")" "\"rack\"|\"name\": \"$(uname -n)\"" "an anonymous one has neither labels nor name"
fails 2 "a label without a value" "$EXITSTORM" run --label rack -s null
EXITSTORM_LABELS=7 fails 2 "... in the environment" "$EXITSTORM" run -s null
# The reason of a storm that failed names TMPDIR. A stand-in for Bochs will do.
mkdir "$tmp/bin"
printf '%s\n' '#!/bin/sh' 'exit 1' >"$tmp/bin/bochs"
chmod +x "$tmp/bin/bochs"
PATH="$tmp/bin:$PATH" TMPDIR="$tmp/of alice" run "$EXITSTORM" run -t bochs --anonymous -q -s cpuid -n 10 -r 1 -o "$tmp/hidden"
ok "an anonymous run with a failed storm" test -s "$tmp/hidden/run.json"
ok "has its reason" grep -q '"why": "(left out): No such file' "$tmp/hidden/run.json"
nok "names no path" grep -q "alice\|$tmp" "$tmp/hidden/run.json"
(cd "$tmp" && mkdir away && cd away && EXITSTORM_RUNS='' && unset EXITSTORM_RUNS &&
	cp "$EXITSTORM" ./exitstorm && ./exitstorm run -q -s null "${small[@]}" >/dev/null)
ok "without a source tree they are in ./exitstorm-runs" test -d "$tmp/away/exitstorm-runs"
odd="$tmp/with blank
and newline"
run "$EXITSTORM" run -s null "${small[@]}" -o "$odd"
is "$status" 0 "a folder with a blank and a newline"
ok "is made" test -f "$odd/run.json"
fails 1 "a folder that is not empty" "$EXITSTORM" run -s null "${small[@]}" -o "$odd"
ok "which stays unchanged" test -f "$odd/run.json"
fails 1 "a folder below a file" "$EXITSTORM" run -s null "${small[@]}" -o "$odd/run.json/x"

# Output.
run "$EXITSTORM" run -s "$storms" "${small[@]}" -o "$tmp/printed"
is "$err" "" "no progress where stderr is no terminal"
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "the table fits 80 columns"
like "$out" "^pio_out +[0-9]" "it has a figure"
like "$out" "^The run is in $tmp/printed\$" "and the path of the run"
run "$EXITSTORM" show "$tmp/printed"
shown=$out
run "$EXITSTORM" run -s 'n?ll,pio_[io]*' "${small[@]}" -o "$tmp/globs"
is "$(printf '%s\n' "$out" | grep -cE '^(null|pio_out|pio_in) ')" 3 "patterns select storms"
like "$shown" "^syscall +" "show has the same"

# Summaries computed from all records equal the summaries of the run.
run "$EXITSTORM" run -q -s pio_out,null -n 200 -r 2 --samples 1000 -o "$tmp/kept"
"$EXITSTORM" show "$tmp/kept" --csv | grep -vE ',(period|control),guest,' | cut -d, -f3,11,13-23 >"$tmp/summary"
"$EXITSTORM" show "$tmp/kept" --samples --csv | cut -d, -f3,11,13-23 >"$tmp/anew"
ok "summaries of all records equal those of the run" cmp "$tmp/summary" "$tmp/anew"
ok "and there are some" grep -q '^pio_out,round_trip,clean,[1-9]' "$tmp/anew"

# --vary: one run per value.
run "$EXITSTORM" run -q -s "$storms" "${small[@]}" --vary stamps=both,guest,off -o "$tmp/varied"
is "$status" 0 "--vary"
is "$(sed -n 's/.*"in_turn": *"\([0-9a-f]\{16\}\)".*/\1/p' "$tmp"/varied/*/run.json | sort | uniq -c | tr -d ' ' | cut -c1)" 3 \
	"the runs record that they were measured in turn"
is "$(ls "$tmp/varied")" "stamps=both
stamps=guest
stamps=off" "makes a run for each value"
is "$out" "$tmp/varied/stamps=both
$tmp/varied/stamps=guest
$tmp/varied/stamps=off" "and names them"
for value in both guest off; do
	like "$(tr -d ' \n' <"$tmp/varied/stamps=$value/run.json")" "\"stamps\":\"$value\"" "its settings say $value"
done

# --like: the same plan, and a list of differences.
run "$EXITSTORM" run --like "$first" -o "$tmp/again"
is "$status" 0 "--like"
unlike "$out" "^  (settings|target.name|host.kernel|host.cpu.brand|plan)" "the plan is the same"
like "$out" "^Differences from" "differences are listed"
run "$EXITSTORM" run --like "$first" -n 100 --set fence=none -s null -o "$tmp/other"
like "$out" "^  plan.exits\$" "another number of exits is a difference"
like "$out" "^    was 200\$" "with the old value"
like "$out" "^    is  100\$" "with the new value"
like "$out" "^  settings.fence\$" "so is another setting"
sed 's/"exits": 200/"exits": 0/' "$first/run.json" >"$tmp/damaged.json"
cp -r "$first" "$tmp/damaged" && mv "$tmp/damaged.json" "$tmp/damaged/run.json"
fails 1 "a damaged run is not repeated" "$EXITSTORM" run --like "$tmp/damaged"

# A run that is interrupted in its first storm leaves nothing, and ends soon (resume.t has those that leave something).

# measures PID: waits until it has a handler of SIGINT, and 0.5 s more.
measures()
{
	for _ in $(seq 200); do
		grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status" && break
		sleep 0.1
	done
	sleep 0.5
}
# 10^9 operations take hours: a run that ends within the limit of this file has been interrupted.
for signal in INT TERM HUP; do
	"$EXITSTORM" run -s syscall,pio_out -n 1G --vcpus 2 -o "$tmp/stopped/run" >"$tmp/.o" 2>"$tmp/.e" &
	pid=$!
	measures "$pid"
	kill -s "$signal" "$pid"
	wait "$pid"
	is $? 1 "SIG$signal: status 1"
	is "$(cat "$tmp/.e")" "exitstorm run: interrupted: no run was written" "one line on stderr"
	is "$(find "$tmp/stopped" -mindepth 1 2>/dev/null)" "" "and leaves nothing"
done

# nohup: SIGHUP, ignored before, stays ignored.
(trap '' HUP && exec "$EXITSTORM" run -q -s syscall,pio_out -n 20k -r 2 -o "$tmp/nohup") >/dev/null 2>"$tmp/.e" &
pid=$!
measures "$pid"
ok "a run goes on" kill -s HUP "$pid"
wait "$pid"
is "$?:$(cat "$tmp/.e")" "0:" "an ignored SIGHUP does not interrupt a run"
ok "which is written" "$EXITSTORM" show "$tmp/nohup"

# A pipe that is closed while tables are printed: the run is kept.
"$EXITSTORM" run -s null "${small[@]}" -o "$tmp/unread" 2>"$tmp/.e" | :
is "${PIPESTATUS[0]}:$(cat "$tmp/.e")" "141:" "a closed pipe ends run silently"
ok "after it has written the run" "$EXITSTORM" show "$tmp/unread"

# A disk that is full.
if [ "$(id -u)" = 0 ] && mkdir "$tmp/disk" && mount -t tmpfs -o size=16k none "$tmp/disk" 2>/dev/null; then
	run "$EXITSTORM" run -s null,syscall -n 2000 -r 2 -o "$tmp/disk/run"
	full=$status said=$err left=$(ls -A "$tmp/disk")
	umount "$tmp/disk"
else
	run bash -c 'trap "" XFSZ; ulimit -f 8; exec "$@"' - "$EXITSTORM" run -s null,syscall -n 2000 -r 2 -o "$tmp/limit"
	full=$status said=$err left=$(ls -A "$tmp/limit" 2>/dev/null)
fi
is "$full" 1 "a full disk is a failure"
like "$said" "No space left|File too large" "with the reason"
is "$(printf '%s\n' "$said" | wc -l)" 1 "in one line"
is "$left" "" "and leaves no temporary file"

# list
run "$EXITSTORM" list
is "$status" 0 "list"
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "fits 80 columns"
for storm in pio_out cpuid tsc_deadline page_fill ipi; do
	like "$out" "^$storm +" "it names $storm"
done
here=$(printf '%s\n' "$out" | sed -n 's/.*storms, \([0-9]*\) can be tried here.*/\1/p')
is "$(printf '%s\n' "$out" | grep -c '^[a-z][a-z0-9_]* ')" "$((here + 1))" "those that can be tried here, and no others"
unlike "$out" "NOT HERE" "... so that none has a reason why not"
like "$(printf '%s' "$out" | tr -s '\n ' ' ')" "can be tried here on target kvm; --all has the others" "it says how to see the others"
run "$EXITSTORM" list --all
is "$(printf '%s\n' "$out" | grep -c '^[a-z][a-z0-9_]* ')" "$(($("$EXITSTORM" --complete storms | wc -l) + 1))" "--all has all"
like "$(printf '%s' "$out" | tr -s '\n ' ' ')" "vmread .*NOT HERE: needs raw VMX" "... with the reason"
run "$EXITSTORM" list -s 'pio_*,vmread'
is "$(printf '%s\n' "$out" | sed -n 's/^\([a-z][a-z0-9_]*\) .*/\1/p' | tr '\n' ' ')" "storm pio_out pio_in pio_string_out vmread " \
	"-s: what is asked for is listed in any case"
fails 2 "list -s of an unknown storm" "$EXITSTORM" list -s pio_ot
like "$err" "did you mean 'pio_out'" "the nearest is named"
run "$EXITSTORM" list --settings
like "$out" "^stamps +both\\|guest\\|off +" "--settings names words and default"
like "$out" "^delay +0\\.\\.1000000 +" "and the range of a number"
like "$out" "any number in this range" "which the note explains"
run "$EXITSTORM" run -t kvm -s null -n 20 -r 2 -q --vary delay=0,4470,1k -o "$tmp/numbers"
is "$(ls "$tmp/numbers")" "$(printf '%s\n' delay=0 delay=1000 delay=4470)" "--vary of a number names folders by its value"
fails 2 "... that is given twice" "$EXITSTORM" run -t kvm -s null --vary delay=1000,1k -o "$tmp/twice"
like "$err" "delay=1000 is given twice" "... and says so"
fails 2 "... out of its range" "$EXITSTORM" run -t kvm -s null --set delay=1000001
like "$err" "it takes 0\\.\\.1000000 \\(ticks or instructions\\)" "... and says which it is"
fails 2 "... that a raw target cannot execute" "$EXITSTORM" image -s null --set delay=7 -o "$tmp/odd"
run "$EXITSTORM" list -t bochs --settings
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "... and fits 80 columns, many values or few"
like "$out" "(^|\n)model +skylake_x\|.*the CPU that Bochs" "... with a description of each setting"
run "$EXITSTORM" list --json
is "$status" 0 "list --json"
if find_python json; then
	printf '%s\n' "$out" >"$tmp/list.json"
	cat >"$tmp/peers.py" <<'END'
import json, sys
peers = [s["peer"] for s in json.load(open(sys.argv[1]))["storms"] if s["peer"]]
wanted = """cpuid vmcall wbinvd invd mov_from_cr8 mov_to_cr8 mov_dr inl_from_pmtimer inl_from_qemu
inl_from_kernel outl_to_kernel tscdeadline_immed tscdeadline self_ipi_sti_nop self_ipi_sti_hlt
self_ipi_tpr self_ipi_tpr_sti_nop self_ipi_tpr_sti_hlt x2apic_self_ipi_sti_nop
x2apic_self_ipi_sti_hlt x2apic_self_ipi_tpr x2apic_self_ipi_tpr_sti_nop x2apic_self_ipi_tpr_sti_hlt
ipi ipi_halt ple_round_robin wr_kernel_gs_base wr_tsx_ctrl_msr wr_ibrs_msr wr_ibpb_msr
wr_tsc_adjust_msr rd_tsc_adjust_msr toggle_cr0_wp toggle_cr4_pge""".split()
print(*[w for w in wanted if w not in peers])
print(sum(p.startswith(("mmio-", "portio-")) for p in peers))
END
	is "$("$python" "$tmp/peers.py" "$tmp/list.json")" "
6" "it has each of kvm-unit-tests' operations"
fi
fails 2 "list of an unknown target" "$EXITSTORM" list -t moon
fails 2 "list with an operand" "$EXITSTORM" list x
# --time
fails 2 "--time of a target that measures all repeats together" "$EXITSTORM" run -t bochs --time 10
run "$EXITSTORM" run -t kvm -s null,syscall --time 2 -o "$tmp/time"
is "$status" 0 "--time"
is "$(sed -n 's/^ *"\(exits\|repeats\)": \([0-9]*\),.*/\2/p' "$tmp/time/run.json" | head -n 2 | awk '$1 < 2' | wc -l)" 0 \
	"... chooses operations and repeats"
run "$EXITSTORM" run -t kvm -s null -n 50 -r 3 --time 60 -o "$tmp/time-given"
like "$out" "n = 50 x 3 repeats" "... but not those that are given"

# --until

fails 2 "--until of a target that measures all repeats together" "$EXITSTORM" run -t bochs --until 1
fails 2 "--until 0" "$EXITSTORM" run -t kvm --until 0
run "$EXITSTORM" run -t kvm -s null -n 50 --until 50% -o "$tmp/until"
is "$status" 0 "--until"
like "$err" "^--until 50%: reached after [0-9]+ repeats; the widest is null, \+-[0-9.<]+ %$" "... is reached, and that is said"
repeats=$(sed -n 's/.*"repeats": \([0-9]*\),.*/\1/p' "$tmp/until/run.json" | head -n 1)
ok "... the run has the repeats that were done, five or more and not the limit" test "$repeats" -ge 5 -a "$repeats" -lt 100
is "$(grep -c '"stamp_overhead": {' "$tmp/until/run.json")" "$((repeats + 1))" "... and no others"
run "$EXITSTORM" run -t kvm -s pio_out -n 5 -r 5 --until 0.01 -q -o "$tmp/short"
is "$status" 0 "--until that is not reached is no failure"
like "$err" "warning: --until 0.01%: not reached after 5 repeats, which are the limit: pio_out has" "... but said"
run "$EXITSTORM" run -t kvm -s null -n 50 -q --until 50 --vary delay=0,100 -o "$tmp/both"
is "$status:$(for run in "$tmp"/both/*/run.json; do sed -n 's/.*"repeats": \([0-9]*\),.*/\1/p' "$run" | head -n 1; done | sort -u | wc -l)" "0:1" "with --vary all runs have the same repeats"
done_testing
