#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others
#
# Errors where raw SVM is not available, and the results that are kept when an emulator ends in mid-run.
# SVM locked off in VM_CR, which no emulator has: tests/unit/test_svm_feature.c.
# shellcheck disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs
storms=cpuid,vmcall,rdmsr,hlt,pio_out,page_fill

# of FOLDER: prints name and status of each storm, by name.
of()
{
	"$EXITSTORM" show --json "$1" | perl -MJSON::PP -e '
		my $run = decode_json(join "", <>);
		print join " ", sort map { "$_->{name}=$_->{status}" } @{$run->{storms}};'
}
words()
{
	"$EXITSTORM" show "$1" | tr -s '\n ' ' '
}

# A storm that only VMX has is skipped, with a reason; a wrong value of a setting is an error.
run "$EXITSTORM" run -q -t bochs --set model=ryzen -s vmread,cpuid -n 64 -r 1 -o "$tmp/vmx"
is "$(of "$tmp/vmx")" "cpuid=measured vmread=skipped" "a storm of VMX is skipped on SVM"
like "$(words "$tmp/vmx")" "vmread: needs raw VMX \(-t bochs has it\)" "... with the reason"
fails 2 "vmload=never" "$EXITSTORM" run -t bochs --set vmload=never -s cpuid -o "$tmp/none"
nok "... leaves no run" test -e "$tmp/none"

real=$(command -v qemu-system-x86_64) || {
	skip "no QEMU (package qemu-system-x86)" "QEMU killed, stopped and refused in mid-run"
	done_testing
}

# A QEMU that is killed or stopped after the first boot has sent that many bytes.
mkdir "$tmp/few" "$tmp/boots"
fake()
{
	rm -rf "$tmp/once"
	cat >"$tmp/few/qemu-system-x86_64" <<-END
		#!/bin/bash
		if [ "\$1" != --version ] && mkdir "$tmp/once" 2>/dev/null; then
			( while kill -0 \$\$ && [ "\$(stat -c %s serial || echo 0)" -lt $2 ]; do sleep 0.01; done
			  kill -$1 \$\$ ) 2>/dev/null &
		fi
		exec "$real" "\$@"
	END
	chmod +x "$tmp/few/qemu-system-x86_64"
}
qemu()
{
	TMPDIR=$tmp/boots run env PATH="$tmp/few:$PATH" "$@" "$EXITSTORM" run -q -t qemu --set accel=tcg -n 3000 -r 2 -s $storms -o "$tmp/$name"
}

name=killed
fake KILL 9000
qemu
is "$status" 1 "QEMU killed in mid-run: exit status 1"
is "$(of "$tmp/killed" | tr ' ' '\n' | grep -c =)" 6 "... every storm is in the run"
is "$(of "$tmp/killed" | tr ' ' '\n' | grep -c '=failed')" 1 "... only the one under way has failed"
is "$(of "$tmp/killed" | tr ' ' '\n' | grep -c '=measured')" 5 "... the others were measured, before it or in another boot"
like "$(words "$tmp/killed")" "QEMU was killed by signal 9 \(Killed\)" "... the reason names the signal"

name=stopped
fake STOP 9000
# The limit leaves room for the boots after it on a busy machine: one takes 0.2 s of CPU time.
qemu EXITSTORM_TIMEOUT=15
is "$status" 1 "QEMU stopped in mid-run: exit status 1"
is "$(of "$tmp/stopped" | tr ' ' '\n' | grep -c '=measured')" 5 "... all but the one under way were measured"
like "$(words "$tmp/stopped")" "QEMU hangs: no output for 15 s" "... the reason says that QEMU hangs"

# Ctrl-Z and fg: the command and QEMU stop, and go on. QEMU had no chance to print anything meanwhile.
name=paused
cat >"$tmp/few/qemu-system-x86_64" <<END
#!/bin/bash
if [ "\$1" != --version ]; then
	( while kill -0 \$\$ && [ "\$(stat -c %s serial || echo 0)" -lt 1000 ]; do sleep 0.01; done
	  kill -STOP \$\$ && sleep 0.2 && kill -STOP \$PPID && sleep 6 && kill -CONT \$PPID && sleep 0.3 && kill -CONT \$\$ ) 2>/dev/null &
fi
exec "$real" "\$@"
END
TMPDIR=$tmp/boots run env PATH="$tmp/few:$PATH" EXITSTORM_TIMEOUT=4 "$EXITSTORM" run -q -t qemu --set accel=tcg -n 100k -r 1 \
	-s cpuid -o "$tmp/paused"
is "$status" 0 "a run that is paused for longer than QEMU may be silent: status 0"
is "$(of "$tmp/paused")" "cpuid=measured" "... its storm is measured"

# CPUs that lack something: the command's reason.
for lacks in "-svm:this CPU has no SVM" "-npt:this CPU's SVM has no nested paging"; do
	name=lacks${lacks%%:*}
	printf '#!/bin/bash\nexec "%s" "${@/EPYC,+svm/EPYC,+svm,%s}"\n' "$real" "${lacks%%:*}" >"$tmp/few/qemu-system-x86_64"
	qemu
	is "$status" 1 "$name: exit status 1"
	like "$(words "$tmp/$name")" "${lacks#*:}" "... the run has the reason"
	is "$(of "$tmp/$name" | tr ' ' '\n' | grep -c '=failed')" 6 "... for each storm"
done

# In the host's KVM, with or without nesting.
run "$EXITSTORM" run -q -t qemu --set accel=kvm -n 10 -r 1 -s vmcall -o "$tmp/nested"
unlike "$(cat "$tmp/nested/run.json")" '\(null\)' "accel=kvm: the reason is complete"
is "$(ls "$tmp/boots")" "" "no boot leaves files"
done_testing
