#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1500
# beds: none
# files: /usr/bin/qemu-system-x86_64=/usr/bin/qemu-system-x86_64 /usr/share/seabios/bios-256k.bin=/usr/share/seabios/bios-256k.bin
# files: /usr/share/qemu/linuxboot_dma.bin=/usr/share/qemu/linuxboot_dma.bin
# files: /usr/share/qemu/kvmvapic.bin=/usr/share/qemu/kvmvapic.bin %v=/lib/bed/vmlinuz
#
# Target guest in a Linux guest of this kernel's KVM: the proof of each storm's exit beside kvm_exit here, by
# reason. A storm is run with few operations and with many: if it exits, one reason has grown by at least as many
# exits. Precision: of the storms that are measured, how many exit. Recall: of those that exit, how many are.
. "$(dirname "$0")/../../lib.sh"

# The bed's own CPU is emulated: nothing to measure.
run "$EXITSTORM" run -t guest -s cpuid -n 100 -r 1 -o "$tmp/here"
is "$status" 1 "target guest on an emulated CPU"
like "$err" "this CPU is emulated|the clock is not that of hardware" "... says that there is nothing to measure"

modprobe "$EXITSTORM_BED_MODULE" || fail "modprobe $EXITSTORM_BED_MODULE"
few=200 many=1200

# The guest's root: what is here, without QEMU and kernel. Its init runs a storm for each line that it reads.
stage=$tmp/root
mkdir -p "$stage/bin" "$stage/proc" "$stage/sys" "$stage/dev" "$stage/tmp"
cp /bin/busybox /bin/exitstorm "$stage/bin/"
cp -a /lib /lib64 "$stage/" 2>/dev/null
rm -rf "$stage/lib/bed"
cat >"$stage/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev; mount -t tmpfs tmpfs /tmp
modprobe msr
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo ready >&3
while read -r number storm count <&3; do
	rm -rf /tmp/run
	if exitstorm run -q -t guest -s "$storm" -n "$count" -r 1 --samples 0 -o /tmp/run >/tmp/said 2>&1; then
		echo "$number $(exitstorm show --csv /tmp/run | sed -n 2p)" >&3
	else
		echo "$number failed: $(tail -n 1 /tmp/said)" >&3
	fi
done
END
chmod +x "$stage/init"
(cd "$stage" && find . | cpio -o -H newc 2>/dev/null) >"$tmp/initramfs"
rm -rf "$stage"

mkfifo "$tmp/line.in" "$tmp/line.out"
qemu-system-x86_64 -accel kvm -cpu host -m 192 -nodefaults -display none -no-reboot -kernel /lib/bed/vmlinuz \
	-initrd "$tmp/initramfs" -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable" \
	-serial "file:$tmp/console" -chardev "pipe,id=line,path=$tmp/line" -serial chardev:line \
	-device virtio-rng-pci >"$tmp/qemu" 2>&1 &
qemu=$!
exec 3<>"$tmp/line.in" 4<>"$tmp/line.out"

# The guest's next line that begins with a word, without it; empty after so many seconds.
hear()
{
	heard=
	timeout "$2" grep -m 1 "^$1" <&4 >"$tmp/heard" || return 1
	heard=$(tr -d '\r' <"$tmp/heard")
	heard=${heard#"$1"}
}
ok "a Linux guest boots on this KVM" hear ready 400

events=/sys/kernel/tracing/events/kvm/kvm_exit
echo 'hist:keys=exit_reason:size=2048' >"$events/trigger"
counts()
{
	sed -n 's/^{ exit_reason: *\(0x[0-9a-f]*\|[0-9]*\) *} hitcount: *\([0-9]*\).*/\1 \2/p' "$events/hist"
}

# run_storm STORM COUNT: runs it in the guest; the exits by reason meanwhile are in $tmp/COUNT.
number=0
run_storm()
{
	number=$((number + 1))
	counts >"$tmp/before"
	echo "$number $1 $2" >&3
	hear "$number " 60
	counts >"$tmp/after"
	awk 'FILENAME == ARGV[1] { had[$1] = $2; next } { print $1, $2 - had[$1] }' "$tmp/before" "$tmp/after" >"$tmp/$2"
}
# The state of a guest that does not answer.
where()
{
	echo 'hist:keys=guest_rip.hex,exit_reason.hex:sort=hitcount.descending' >>"$events/trigger"
	sleep 4
	grep -h 'guest_rip' "$events/hist" | head -n 8 | sed 's/^/# /'
	tail -n 5 "$tmp/console" | sed 's/^/# /'
}

exits=0 claimed=0 right=0 missed='' false_claims=''
for storm in ${BED_STORMS:-null rdtsc xgetbv cpuid cpuid_1 cpuid_d cpuid_hypervisor vmcall pause rdtscp rdpmc rdrand rdseed getppid
	signal_self touch_4k port_pmtimer port_post port_pit port_pic port_rtc port_i8042 port_com1
	mmio_hpet mmio_ioapic mmio_virtio msr_file}; do
	run_storm "$storm" $few
	run_storm "$storm" $many
	line=$heard
	status=$(echo "$line" | cut -d, -f5) proof=$(echo "$line" | sed 's/.*,//')
	max=$(awk 'FILENAME == ARGV[1] { few[$1] = $2; next } { grown = $2 - few[$1]; if (grown > max) { max = grown; reason = $1 } }
		END { print max + 0, reason }' "$tmp/$few" "$tmp/$many")
	grown=${max% *}
	real=no
	# Calibration takes more operations of one run than of another.
	[ "$grown" -lt $(((many - few) * 3 / 4)) ] || real=yes
	note "$storm: $status, proof $proof; kvm_exit: $grown more for $((many - few)) operations (reason ${most#* })"
	case $status in
	measured) ;;
	no_exit) ;;
	skipped) note "$storm: $(echo "$line" | sed 's/.*,skipped,,*//')"; continue ;;
	*)
		fail "$storm: ${line:-no answer}"
		[ "$line" ] && continue
		where
		break
		;;
	esac
	if [ $real = yes ]; then
		exits=$((exits + 1))
		case $status:$proof in
		measured:architecture | measured:cost) ;;
		*) missed="$missed $storm" ;;
		esac
	fi
	case $status:$proof in
	measured:architecture | measured:cost)
		claimed=$((claimed + 1))
		if [ $real = yes ]; then right=$((right + 1)); else false_claims="$false_claims $storm"; fi
		;;
	esac
done
echo '!hist:keys=exit_reason' >"$events/trigger"
note "precision $right of $claimed${false_claims:+, false:$false_claims}; recall $right of $exits${missed:+, missed:$missed}"
is "$false_claims" "" "each operation that is said to exit does"
ok "CPUID and the hypercall are among them" test "$right" -ge 2
kill -KILL $qemu
wait $qemu 2>/dev/null
exec 3>&- 4>&-
modprobe -r "$EXITSTORM_BED_MODULE"
done_testing
