#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make.sh EXITSTORM [NAME...]: makes the reference runs beside this file again, and README's figures.
# Those of kvm are from a machine and a day when little else ran there; the table and run.json name machine,
# date and commit. NAME: only these.

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

# figure NAME KIND OPTION...: a PNG of a run that README shows.
figure()
{
	name=$1 kind=$2
	shift 2
	[ -e "$here/$name/run.json" ] || return 0
	"$exitstorm" plot "$here/$name" -k "$kind" -o "$here/$name-$kind.png" "$@"
}

reference kvm-cpl3 -t kvm -n 500 -r 10 -s "$some"
reference kvm-cpl0 -t kvm --set cpl=0 -n 500 -r 10 -s 'pio_out,mmio_read,hlt,cpuid,null'
figure kvm-cpl3 cdf -s pio_out,mmio_read,cpuid,syscall,page_fill
for model in skylake_x haswell ryzen; do
	reference "bochs-$model" -t bochs --set "model=$model" -n 1000 -r 2 -s "$raw"
done
reference qemu-tcg -t qemu -n 1000 -r 2 -s "$raw"
figure bochs-skylake_x legs -s vmcall,cpuid,rdmsr,pio_out,page_fill

# What they are, from the runs themselves.
field()
{
	sed -n "s/^ *\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1
}
{
	echo '# Reference runs'
	echo
	echo 'Small real runs, made by `make.sh`, which also writes this table. Those of Bochs and QEMU are'
	echo 'emulated: their CPU is that of the machine that emulated.'
	echo
	echo '| run | CPU | measured | commit |'
	echo '|---|---|---|---|'
	for json in "$here"/*/run.json; do
		echo "| \`$(basename "$(dirname "$json")")\` | $(field brand "$json"), $(field codename "$json")" \
			"| $(field started "$json") | $(field commit "$json") |"
	done
} >"$here/README.md"
