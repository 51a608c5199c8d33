#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others
# exitstorm archive and export: contents, bad usage, bad input.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
make_run()
{
	"$python" "$top/tests/cli/make_run.py" "$@" || exit 1
}
make_run "$tmp/one" --n 60 --samples 40
make_run "$tmp/two of 'them'" --n 60 --seed 2
make_run "$tmp/sweep/model=2" --n 60 --set model=2
make_run "$tmp/sweep/model=4" --n 60 --set model=4 --seed 3
cd "$tmp" || exit 1
host=$(uname -n)

# export

run "$EXITSTORM" export one
is "$status" 0 "export"
is "$(printf '%s\n' "$out" | head -n 1 | tr -d '\r')" "storm,repeat,vcpu,iteration,raw_reason,flags,guest_out,kernel_in,host_in,host_out,kernel_out,guest_in,exit,handler,resume,round_trip,entry_fail,to_kernel,to_user,from_user,to_guest,in_kernel" "the header line"
"$EXITSTORM" export one -s hlt --csv >hlt.csv
cat >check.py <<'END'
import csv, struct
rows = list(csv.DictReader(open("hlt.csv", newline="")))
raw = open("one/samples/hlt.npy", "rb").read()
raw = raw[10 + struct.unpack("<H", raw[8:10])[0]:]
assert len(rows) == len(raw) // 64 == 40, len(rows)
for i, row in enumerate(rows):
    r = struct.unpack("<QQQQQQIIHHI", raw[64 * i:64 * i + 64])
    assert int(row["guest_out"]) == r[0] and int(row["guest_in"]) == r[5], row
    assert int(row["round_trip"]) == r[5] - r[0] and row["host_in"] == "" and row["exit"] == "", row
    assert int(row["iteration"]) == r[6] and int(row["flags"]) == r[10] and row["storm"] == "hlt", row
END
ok "records are as in samples/" "$python" check.py
is "$("$EXITSTORM" export one -s 'mmio_*,hlt' | cut -d, -f1 | sort -u | tr '\n' ' ')" "hlt mmio_read mmio_write storm " \
	"export: storms by name and by pattern"
fails 2 "export: no run" "$EXITSTORM" export
fails 2 "export: two runs" "$EXITSTORM" export one one
fails 2 "export: an unknown storm" "$EXITSTORM" export one -s hltt
like "$err" "did you mean 'hlt'\?" "the nearest is named"
fails 1 "export: no samples" "$EXITSTORM" export "two of 'them'"
like "$err" "--samples" "the error names the option that keeps samples"
head -c 300 one/samples/hlt.npy >cut.npy
cp -r one cut && mv cut.npy cut/samples/hlt.npy
run "$EXITSTORM" export cut -s hlt
is "$status" 1 "export: truncated samples fail"
"$EXITSTORM" export one >/dev/full 2>err
is "$?:$(wc -l <err)" 1:1 "export: a full disk is reported in one line"

# archive

fails 2 "archive: no run" "$EXITSTORM" archive -o a.tar
fails 2 "archive: no file" "$EXITSTORM" archive one
fails 2 "archive: an unknown suffix" "$EXITSTORM" archive one -o a.rar
fails 1 "archive: not a run" "$EXITSTORM" archive . nothing -o a.tar
fails 1 "archive: into a folder that does not exist" "$EXITSTORM" archive one -o nowhere/a.tar
echo before >kept.tar
fails 1 "archive: damaged samples" env PATH="$tmp/empty" "$EXITSTORM" archive cut -o kept.tar
is "$(cat kept.tar)" before "the old file is kept"
# Boots of an archive without names are numbered.
i=1
for boot in 5a3e 5a3e 77c1; do
	"$python" "$top/tests/cli/make_run.py" "b$i" --n 20 --repeats 2 --boot "$boot-4a64" || exit 1
	i=$((i + 1))
done
ok "--anonymous, runs of two boots" "$EXITSTORM" archive b1 b2 b3 --anonymous -o boots.tar
mkdir z && tar -xf boots.tar -C z
is "$(cat z/*/runs/run-[123]/run.json | grep -oE '"(boot_id|kaslr_offset)": [^,]*' | tr '\n' ' ')" \
	'"boot_id": "boot 1" "kaslr_offset": null "boot_id": "boot 1" "kaslr_offset": null "boot_id": "boot 2" "kaslr_offset": null ' \
	"boot IDs are numbers, which tell equal ones, and KASLR's offset is left out"
nok "no file has a boot ID" grep -rqF -e 5a3e-4a64 -e 77c1-4a64 z
is "$(ls -A | grep -c '^\.exitstorm')" 0 "no temporary file is left"

if ! command -v gnuplot >/dev/null; then
	skip "gnuplot is not installed" "an archive with figures"
	done_testing
fi
run "$EXITSTORM" archive one "two of 'them'" sweep -o pack.tar.gz
is "$status:$out:$err" "0:pack.tar.gz:" "archive"
mkdir x && tar -xzf pack.tar.gz -C x
is "$(ls x/pack)" "REPRODUCE.md
SHA256SUMS
figures
runs" "what it holds"
ok "SHA256SUMS is right" sh -c 'cd x/pack && sha256sum --strict --quiet -c SHA256SUMS'
is "$(cd x/pack && find . -type f ! -name SHA256SUMS | wc -l)" "$(wc -l <x/pack/SHA256SUMS)" "SHA256SUMS has all files"
is "$(ls x/pack/runs)" "model=2
model=4
one
two_of__them_" "runs have names for shells"
cp -r one "Läufe€"
cp -r one "L  ufe"
ok "an archive of names that are not ASCII" "$EXITSTORM" archive "Läufe€" "L  ufe" -o "Päck.tar.gz"
mkdir named && tar -xzf "Päck.tar.gz" -C named
is "$(cd named && ls -d */runs/* | tr '\n' ' ')" "Päck/runs/L__ufe Päck/runs/Läufe€ " "... has them"
ok "... SHA256SUMS too" sh -c 'cd named/* && sha256sum --strict --quiet -c SHA256SUMS'
ok "... and its commands" sh -c 'cd named/* && rm figures/Läufe€-cdf.pdf && grep -x "(cd figures/Läufe€-cdf.*gp)" REPRODUCE.md | sh'
ok "... draw them" test -s "$(echo named/*/figures/Läufe€-cdf.pdf)"
ok "run.json is unchanged" diff -r one/run.json x/pack/runs/one/run.json
ok "samples are unchanged" cmp one/samples/hlt.npy x/pack/runs/one/samples/hlt.npy
ok "a run in it can be shown" "$EXITSTORM" show x/pack/runs/one
ok "a run with samples has a time line" test -s x/pack/figures/one-timeline.pdf
nok "a run without samples has none" test -e x/pack/figures/two_of__them_-timeline.pdf
grep -o '^(cd figures.*gp)$' x/pack/REPRODUCE.md >commands
is "$(find x/pack/figures -name '*.pdf' | wc -l)" "$(wc -l <commands)" "REPRODUCE.md has a command for each figure"
find x/pack/figures -name '*.pdf' -exec rm {} +
ok "the commands run" sh -e -c 'cd x/pack && . ../../commands'
is "$(find x/pack/figures -name '*.pdf' | wc -l)" "$(wc -l <commands)" "and draw all figures"
like "$(cat x/pack/REPRODUCE.md)" "^exitstorm run --like runs/one -o again/one$" "REPRODUCE.md has the commands that repeat the runs"
like "$(cat x/pack/REPRODUCE.md)" "it took 0.2 minutes" "and their duration"
"$EXITSTORM" archive sweep -o s.tar >/dev/null
ok "runs of a sweep have its figure" sh -c 'tar -tf s.tar | grep -q figures/all-sweep.pdf'

# Runs whose repeats alternated are repeated by one command, and their time counts once.
cp -r sweep turns
sed -i 's/"storms"/"in_turn": "00c0ffee00c0ffee", "storms"/; s/"duration_s": *[0-9.]*/"duration_s": 240.0/' turns/*/run.json
"$EXITSTORM" archive turns one -o t.tar >/dev/null
tar -xOf t.tar t/REPRODUCE.md >again.md
is "$(grep '^exitstorm run' again.md)" "exitstorm run --like runs/model=2 --vary model=2,4 -o again/model
exitstorm run --like runs/one -o again/one" "runs that were taken in turn are measured so again"
like "$(cat again.md)" "^- in turn with model=2: its command" "the second one refers to it"
like "$(cat again.md)" "All together: about 5 minutes\." "their time counts once"

# Runs that exitstorm itself wrote, with storms of each status.
ok "recorded runs of all targets" "$EXITSTORM" archive "$top/results/reference" -o reference.tar
tar -xf reference.tar
ok "... are whole" "$EXITSTORM" archive reference/runs -o again.tar

mkfifo fifo.tar
"$EXITSTORM" archive one -o fifo.tar >/dev/null &
cat fifo.tar >through.tar
wait
ok "an archive into a pipe" tar -tf through.tar
ok "the pipe is not replaced" test -p fifo.tar

# --anonymous. The run was made on another machine, called zebra.
mkdir -p "$host"
cp -r one "$host/20261123T010203Z-zebra-kvm"
"$python" - "$host/20261123T010203Z-zebra-kvm/run.json" "$host" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
run["host"]["cmdline"] = "root=UUID=secret"
run["host"]["owner"] = run["owner"] = "secret"
run["host"]["kernel"] = "Linux 6.1 zebra"
run["incomplete"] = "/srv/secret here/x: cut off"
run["trace"] = {"hooks": {}, "vcpus": [{"vm": 1, "vcpu": 0, "pid": 4242, "tid": 4243, "process": "secret-vmm"}]}
run["storms"][0]["why"] = f"seen on {sys.argv[2]} and zebra: x"
run["storms"][1]["why"] = "/home/somebody/x: no such file"
run["storms"][2]["why"] = "cannot write /srv/secret/rom: no space"
run["storms"][2]["comment"] = "secret"
json.dump(run, open(sys.argv[1], "w"))
END
ok "--anonymous" "$EXITSTORM" archive "$host/20261123T010203Z-zebra-kvm" --anonymous -o "$host.tar"
mkdir y && tar -xf "$host.tar" -C y
is "$(ls y):$(ls y/*/runs)" "exitstorm-archive:run-1" "names of folders are left out"
# The host may be called vm, as a member of trace.vcpus is.
is "$(grep -rhIwE "$host|zebra|somebody|secret|secret-vmm|424[23]" y | grep -v '"vm":')" "" \
	"no file contains names, paths, processes or the command line"
like "$(cat y/*/runs/run-1/run.json)" '"cannot write \(left out\): no space"' "a reason stays without its path"
like "$(cat y/*/runs/run-1/run.json)" '"vcpu": 0' "vCPUs of a trace stay"
nok "no file name contains the date" sh -c 'find y | grep -F 20261123'
is "$(tar -tvf "$host.tar" | awk '{ print $2 }' | sort -u)" "0/0" "owner and group are 0"
ok "SHA256SUMS is right" sh -c 'cd y/* && sha256sum --quiet -c SHA256SUMS'
ok "show reads it" "$EXITSTORM" show y/exitstorm-archive/runs/run-1
is "$(ls -A | grep -c '^\.exitstorm')" 0 "no temporary file is left"
done_testing
