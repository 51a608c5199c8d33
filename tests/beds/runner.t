#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 200
# beside: others
# tests/beds/run fails on a kernel's warning, a taint, a crash, a skip that is not listed, a plan that is not
# kept, a test that hangs.
. "$(dirname "$0")/../lib.sh"
for need in qemu-system-x86_64 busybox; do
	command -v "$need" >/dev/null || skip_all "no $need for a bed"
done
beds_run=$top/tests/beds/run

# guest NAME: writes a test for the bed, its body from stdin
guest()
{
	{ printf '#!/bin/sh\n# limit: 8\n. "$(dirname "$0")/../../lib.sh"\n'; cat; } >"$tmp/$1"
}
guest a_good.t <<'END'
pass "fine"
echo "a debug message, no BUGle" >/dev/kmsg
done_testing
END
guest b_warns.t <<'END'
echo "WARNING: made up" >/dev/kmsg
pass "fine"
done_testing
END
guest c_bug.t <<'END'
echo "BUG: made up" >/dev/kmsg
pass "fine"
done_testing
END
guest d_skips.t <<'END'
skip "no time" "a thing"
done_testing
END
guest e_plan.t <<'END'
plan 2
pass "one"
END
guest f_late.t <<'END'
sleep 100 &
pass "one"
sleep 100
END
guest g_fails.t <<'END'
fail "really"
done_testing
END
guest h_crash.t <<'END'
pass "before"
echo c >/proc/sysrq-trigger
END
guest i_never.t <<'END'
pass "comes after"
done_testing
END

run "$beds_run" qemu-svm "$tmp/a_good.t" "$tmp/b_warns.t" "$tmp/c_bug.t" "$tmp/d_skips.t" "$tmp/e_plan.t" \
	"$tmp/f_late.t" "$tmp/g_fails.t" "$tmp/h_crash.t" "$tmp/i_never.t"
is "$status" 1 "the bed fails"
bad=$(printf '%s\n' "$out" | sed -n 's/^not ok [0-9]* - //p')
unlike "$bad" "^a_good" "a good test passes"
like "$bad" "^b_warns.t: the kernel stays sound" "a WARNING is a failure"
like "$bad" "^c_bug.t: the kernel stays sound" "... and so is a BUG"
like "$bad" "^d_skips.t: a thing" "... a skip that is not listed"
like "$bad" "^e_plan.t: comes to its end" "... a plan that is not kept"
like "$bad" "^f_late.t: comes to its end" "... a test that hangs"
like "$bad" "^g_fails.t: really" "... a test that fails"
like "$bad" "^the bed comes to its end" "... a kernel that crashes"
like "$out" "^# console: .*sysrq triggered crash" "... whose last console lines are printed"
like "$out" "^ok [0-9]+ - i_never.t: comes after" "... and those after it get a boot of their own"
is "$(printf '%s\n' "$out" | grep -c ' - i_never.t: comes to its end')" 1 "... once"
like "$out" "^ok [0-9]+ - g_fails.t: comes to its end|^not ok [0-9]+ - g_fails.t: comes to its end" \
	"... as do those after the one that hangs"

# A kernel that is tainted (W) without a warning in its log.
guest taint.t <<'END'
echo 512 >/proc/sys/kernel/tainted
pass "fine"
done_testing
END
run "$beds_run" qemu-svm "$tmp/taint.t"
is "$status" 1 "a taint is a failure"
like "$out" "^not ok [0-9]+ - taint.t: the kernel stays sound" "... of the test that made it"
like "$out" "^# tainted: 512" "... with its bits"

# Warnings of the boot itself that the bed's list has, and the taint that they leave. @taint of a test comes without it.
boots()
{
	printf '@log boot [    0.000000] %s\n' "$@" | sed 's/^@log boot .*@taint/@taint/' |
		perl -I"$top/tests/beds" -MReport=line_of_report,finish -ne '
			BEGIN { $Report::bed = "bochs-vmx" } chomp; line_of_report($state //= {}, $_); END { exit finish() }'
}
listed="WARNING: arch/x86/kernel/cpu/topology_common.c:95 at parse_legacy+0x1a7/0x280, CPU#0: swapper/0"
ok "a warning of the boot that is listed" boots "$listed" "Call Trace:" "@taint boot 512"
nok "... one that is not" boots "WARNING: arch/x86/kernel/cpu/common.c:1 at made_up" "Call Trace:"
nok "... another one after it" boots "$listed" "Call Trace:" "WARNING: made up" "@taint boot 512"
nok "... another taint" boots "$listed" "Call Trace:" "@taint boot 640"
nok "... that taint without it" boots "@taint boot 512"
nok "... that taint of a test" boots "$listed" "@taint hello.t 512"

# The console's end is printed from 60 lines before a panic on, however long the trace after it is. A fake QEMU
# writes it.
mkdir "$tmp/fake"
cat >"$tmp/fake/qemu-system-x86_64" <<'END'
#!/bin/sh
for word; do
	case $word in file:*/console) console=${word#file:} ;; esac
done
{ seq -f 'early %.0f' 200; echo 'Kernel panic - not syncing: made up'; seq -f 'late %.0f' 200; } >"$console"
END
chmod +x "$tmp/fake/qemu-system-x86_64"
run env PATH="$tmp/fake:$PATH" "$beds_run" qemu-svm "$tmp/a_good.t"
is "$status" 1 "a kernel that crashes at once"
is "$(printf '%s\n' "$out" | sed -n 's/^# console: //p' | tr '\n' ' ')" \
	"$({ seq -f 'early %.0f' 141 200; echo 'Kernel panic - not syncing: made up'; seq -f 'late %.0f' 200; } | tr '\n' ' ')" \
	"... has 60 lines before the panic printed and all after it"

# Killed, it leaves no emulator running. A report of an earlier bed in BED_KEEP is not read.
mkdir "$tmp/keep"
printf '#!/bin/sh\necho $$ >"%s/pid"\nexec sleep 100\n' "$tmp" >"$tmp/fake/qemu-system-x86_64"
echo "@done" >"$tmp/keep/report"
env PATH="$tmp/fake:$PATH" BED_KEEP="$tmp/keep" "$beds_run" qemu-svm "$tmp/a_good.t" >"$tmp/said" 2>&1 &
killed=$!
for _ in $(seq 600); do
	[ ! -s "$tmp/pid" ] || break
	sleep 0.1
done
emulator=$(cat "$tmp/pid")
ok "an emulator runs, and an old report does not end it" sh -c 'sleep 0.5; kill -0 "$1" && kill -0 "$2"' - "$killed" "$emulator"
kill -KILL "$killed"
wait "$killed" 2>/dev/null
for _ in $(seq 100); do
	grep -q '^State:[[:space:]]*[RSDT]' "/proc/$emulator/status" 2>/dev/null || break
	sleep 0.1
done
nok "... the emulator ends when the bed is killed" grep -q '^State:[[:space:]]*[RSDT]' "/proc/$emulator/status"

fails 2 "no bed is a usage error" "$beds_run" qemu-vmx hello.t
done_testing
