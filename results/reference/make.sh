#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make.sh EXITSTORM [NAME...]: makes the reference runs beside this file again, their figures, and the table in
# README.md. NAME: only these runs. Those of guest and kvm want a machine on which little else runs.

set -eu
exitstorm=${1:?path of exitstorm}
shift
here=$(dirname "$0")
only=" $* "
some='pio_out,mmio_read,cpuid,syscall,page_fill,lapic_eoi,kvm_run_immediate,null'
raw='vmcall,cpuid,rdmsr,pio_out,page_fill,null'

# reference NAME OPTION...: one run, anonymous, few samples.
reference()
{
	name=$1
	shift
	[ "$only" = '  ' ] || case $only in *" $name "*) ;; *) return 0 ;; esac
	rm -rf "${here:?}/$name"
	"$exitstorm" run -q --anonymous --samples 200 -o "$here/$name" "$@"
}

# figure NAME KIND OPTION...: a PNG of a run, for the READMEs.
figure()
{
	name=$1 kind=$2
	shift 2
	[ -e "$here/$name/run.json" ] || return 0
	"$exitstorm" plot "$here/$name" -k "$kind" -o "$here/$name-$kind.png" "$@"
}

reference guest-firecracker -t guest -n 500 -r 10 -s 'null,rdtsc,getppid,cpuid*,vmcall,rdtscp,pause,touch_4k,futex_wake'
figure guest-firecracker cdf -s cpuid,cpuid_hypervisor,vmcall
reference kvm-cpl3 -t kvm -n 500 -r 10 -s "$some"
reference kvm-cpl0 -t kvm --set cpl=0 -n 500 -r 10 -s 'pio_out,mmio_read,hlt,cpuid,null'
figure kvm-cpl3 cdf -s pio_out,mmio_read,cpuid,syscall,page_fill
for model in skylake_x haswell ryzen; do
	reference "bochs-$model" -t bochs --set "model=$model" -n 1000 -r 2 -s "$raw"
done
reference qemu-tcg -t qemu -n 1000 -r 2 -s "$raw"
figure bochs-skylake_x legs -s vmcall,cpuid,rdmsr,pio_out,page_fill

# A description of the runs, taken from them.
field()
{
	sed -n "s/^ *\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1
}
table()
{
	echo '| run | CPU | measured | commit |'
	echo '|---|---|---|---|'
	for json in "$here"/*/run.json; do
		echo "| \`$(basename "$(dirname "$json")")\` | $(field brand "$json"), $(field codename "$json")" \
			"| $(field started "$json") | $(field commit "$json") |"
	done
}

# Only the table is made anew, all other text of README.md stays.
table >"$here/.table"
sed -i -e "/^| run | CPU /,/^\$/{/^\$/!d}" -e "/^<!-- table/r $here/.table" "$here/README.md"
rm "$here/.table"
