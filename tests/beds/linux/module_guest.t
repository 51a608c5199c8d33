#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 150
# beds: qemu-svm bochs-vmx
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/fuzz
# Storms in place at CPL 0, by exitstorm.ko: every row that may run there, in a kernel that must not notice it. In
# an emulator no exit may be said to be proven.
. "$(dirname "$0")/../../lib.sh"

# count STATUS: storms of $tmp/run that have it
count() { grep -c "\"status\": \"$1\"" "$tmp/run/run.json"; }

in_place() { run "$EXITSTORM" run -t guest --set place=kernel --samples 0 -q -r 1 "$@"; }

in_place -s cpuid -n 10 -o "$tmp/none"
is "$status" 1 "without the module"
insmod /lib/bed/exitstorm.ko guest=1
in_place -s cpuid -n 10 -o "$tmp/none"
is "$status" 1 "guest=1 on an emulated CPU"
like "$err" "is emulated|no hypervisor below" "... there is nothing to measure, it says"
rmmod exitstorm
insmod /lib/bed/exitstorm.ko
in_place -s cpuid -n 10 -o "$tmp/none"
is "$status" 1 "a module that runs raw VMX or SVM"
rmmod exitstorm

insmod /lib/bed/state.ko
insmod /lib/bed/exitstorm.ko guest=2
fails 1 "target module, with a module that runs storms in place" "$EXITSTORM" run -t module -s cpuid -n 10
like "$err" "-t guest --set place=kernel" "... names the target"
ok "state is compared around batches" sh -c 'echo 1 >/proc/exitstorm_batches'
cat /proc/exitstorm_state >"$tmp/before"
in_place -n 40 --warmup 0 --set ring=64 -o "$tmp/run"
is "$status" 0 "all storms that may run in a kernel"
is "$(count failed)" 0 "none fails"
ok "most run ($(count no_exit) of $(grep -c '"status"' "$tmp/run/run.json"))" [ "$(count no_exit)" -ge 30 ]
ok "measured are baselines alone" [ "$(count measured)" -le 3 ]
unlike "$(cat "$tmp/run/run.json")" '"evidence": "(cost|architecture)"' "... no exit is proven in an emulator"
is "$(sed -n 's/.*"site": "\(guest-[a-z]*\)".*/\1/p' "$tmp/run/run.json" | sort -u)" guest-kernel "the site is the kernel"
unlike "$(sed -n 's/.*"why": "\(.*\)".*/\1/p' "$tmp/run/run.json")" "vector (0|1|3|8|12|14) " \
	"what the CPU lacks raises #UD or #GP"
unlike "$(grep '"name"' "$tmp/run/run.json")" '"wbinvd"' "WBINVD runs only if it is named"
out=$(cat /proc/exitstorm_batches)
is "$(printf '%s\n' "$out" | grep -v '^batches')" "" "no batch leaves a change, faults neither"
batches=$(printf '%s\n' "$out" | sed -n 's/^batches //p')
ok "batches were compared (${batches:-none})" [ "${batches:-0}" -ge 100 ]
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "every CPU's state is unchanged"
# The storms whose loop has run, as bench/storms/tested.def, which `list` has from there, has them.
executed=$(sed -n 's/^      "name": "\([a-z_0-9]*\)".*/\1/p; s/^      "status": "\(no_exit\|measured\)".*/+/p' "$tmp/run/run.json" |
	awk '/^[+]/ { print name } { name = $0 }')
note "executed: $(printf "%s\n" "$executed" | paste -s -d " ")"
listed=$("$EXITSTORM" list --json | awk -F '"' -v "bed=kernel:$EXITSTORM_BED" '$2 == "name" { name = $4 } $2 == bed { print name }')
is "$executed" "$listed" "bench/storms/tested.def agrees"
in_place -s wbinvd,cpuid -n 10 -o "$tmp/named"
is "$status" 0 "WBINVD by its name"
in_place -s pio_out -n 10 -o "$tmp/other"
is "$(sed -n 's/.*"why": "\(needs[^"]*\)".*/\1/p' "$tmp/other/run.json")" "needs a VM of ours (-t kvm), or raw VMX or SVM" \
	"a storm that needs a VM is skipped"
RUN_LIMIT=60 run fuzz 20261127 500
is "$status" 0 "of 500 random ioctls some are accepted, some refused"
note "$out"
is "$(cat /proc/exitstorm_state)" "$(cat "$tmp/before")" "... and every CPU's state is unchanged"
ok "it unloads" rmmod exitstorm
rmmod state
done_testing
