#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suite.sh EXITSTORM: the measurements of `make bench`. Runs all storms on each usable target, writes the
# tables to RUN.txt beside the runs, draws figures, and ends with a summary of one screen.
# BENCH_EXITS, BENCH_REPEATS: operations per storm, repeat and vCPU (500), repeats (5).

set -u
exitstorm=${1:?path of exitstorm}
exits=${BENCH_EXITS:-500}
repeats=${BENCH_REPEATS:-5}
runs=${EXITSTORM_RUNS:-results/runs}
began=$(date +%s)
name=$(date -u +%Y%m%dT%H%M%SZ)-$(uname -n)
status=0
done_runs=''

# measure FOLDER TEXT STORMS OPTION...: fails if no run was made. A storm that fails is a result: a KVM may make fewer
# exits than its row says. Table and summary name it. STORMS: those of the summary. $note: more for the heading.
note=''
measure()
{
	folder=$runs/$name-$1
	printf '\n== %s ==\n   n = %s, %s repeat(s)%s\n' "$2" "$exits" "$repeats" "$note"
	key_storms=$3
	shift 3
	"$exitstorm" run -n "$exits" -r "$repeats" --warmup 100 -o "$folder" "$@" >"$folder.txt"
	[ -e "$folder/run.json" ] || {
		status=1
		cat "$folder.txt"
		return 1
	}
	done_runs="$done_runs $folder=$key_storms"
	echo "   the table is in $folder.txt"
}

# summary RUN STORMS: target, clock and the rows of a few storms as `show` prints them, and what limits their use.
summary()
{
	printf '\n%s\n' "$1"
	"$exitstorm" show "$1" -s "$2" | awk -v "wanted=,$2," '
		NR == 1 { print "  " $0 }
		sub(/^clock: /, "") { print "  clock: " substr($0 ";", 1, index($0 ";", ";") - 1) }
		/^storm / { head = $0 }
		index(wanted, "," $1 ",") {
			if (head != "") print "  " head
			head = ""
			print "  " $0
		}'
	failed=$(grep -c '"status": "failed"' "$1/run.json")
	[ "$failed" = 0 ] || echo "  Failed: $failed storms; $1.txt names them and the reasons"
	awk '/^(Disturbed|EMULATED)/ { said = 1 } /^[^ ]/ && !/^(Disturbed|EMULATED)/ { said = 0 } said { print "  " $0 }' "$1.txt"
}

# figures FOLDER KIND...
figures()
{
	into=$1/figures
	command -v gnuplot >/dev/null || {
		echo "No gnuplot here, so no figures." >&2
		return
	}
	mkdir -p "$into" || return
	run=$1
	shift
	for kind; do
		"$exitstorm" plot "$run" -k "$kind" -o "$into/$kind.png" >/dev/null || status=1
		# The PNG has printed the messages already.
		"$exitstorm" plot "$run" -k "$kind" -o "$into/$kind.pdf" >/dev/null 2>&1 || status=1
	done
}

mkdir -p "$runs" || exit 1
"$exitstorm" doctor || {
	echo "make bench: no target is usable here; see the help lines above." >&2
	exit 1
}
# In a VM, the exits of this machine to the hypervisor below: they are real where that is.
if "$exitstorm" list -t guest >/dev/null 2>&1 &&
	measure guest "target guest, what the hypervisor below this machine charges" cpuid,vmcall,getppid -t guest; then
	figures "$folder" cdf box
fi
if "$exitstorm" list -t kvm >/dev/null 2>&1 &&
	measure kvm "target kvm, all storms" cpuid,pio_out,mmio_read,hlt,page_fill -t kvm; then
	figures "$folder" cdf box
	# A KVM that interprets guests at CPL 0 (kvm-pvm) has other costs of exits to userspace there;
	# peer tools measure at CPL 0.
	if grep -q '"native": *false' "$folder/run.json"; then
		measure kvm-cpl0 "target kvm, exits to userspace from CPL 0, interpreted by KVM here" \
			pio_out,mmio_read -t kvm --set cpl=0 -s 'pio_*,mmio_*' && figures "$folder" cdf box
	fi
fi
if [ -c /dev/exitstorm ] && "$exitstorm" list -t module >/dev/null 2>&1 &&
	measure module "target module, all storms on raw VMX or SVM under this kernel" vmcall,cpuid,rdmsr,hlt,page_fill \
		-t module; then
	figures "$folder" cdf legs
fi

# Emulators are slow and their repeats are identical: the operations of one native repeat are divided
# among all repeats.
exits=$(((exits + repeats - 1) / repeats))
note=': counts of instructions, not time'
# emulated COMMAND NAME TEXT OPTION...
emulated()
{
	command -v "$1" >/dev/null || {
		echo "No $1 here, so nothing of: $3."
		return
	}
	folder_name=$2 text=$3
	shift 3
	measure "$folder_name" "$text: EMULATED" vmcall,cpuid "$@" &&
		figures "$folder" legs
}
emulated bochs bochs "target bochs, all storms on raw VMX" -t bochs
emulated bochs bochs-ryzen "target bochs, all storms on raw SVM" -t bochs --set model=ryzen
emulated qemu-system-x86_64 qemu "target qemu, all storms on raw SVM" -t qemu --set accel=tcg

printf '\n== Summary, after %s s ==\n' "$(($(date +%s) - began))"
for made in $done_runs; do
	summary "${made%=*}" "${made##*=}"
done
[ -n "$done_runs" ] || exit 1
cat <<END

Of each run above: RUN.txt is the whole table, RUN/figures has the figures.
Next: $exitstorm show RUN --methods      how it was measured, for a paper
      $exitstorm report RUN... -o FILE   all of it as one page
      $exitstorm run --like RUN          the same again, elsewhere or later
      $exitstorm compare RUN OTHER       what changed
END
exit $status
