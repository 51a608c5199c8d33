#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beds: none
# files: build/module/%r/exitstorm.ko build/module/%r/state/state.ko build/tests/beds/linux/crash_kernel
# files: %v=/lib/bed/vmlinuz
# ends: ^(?![\s\S]*VMX and SVM are on)[\s\S]*CPU [01] goes down, VMX and SVM are off[\s\S]*state: 0 of 1 CPUs have VMX or SVM on
# The kernel panics: the CPU that panics says that VMX and SVM are off, and so does the crash kernel. By crash= on the
# command line the panic comes without a run, on the run's CPU, beside it on another CPU, during a run in which KVM was
# loaded, or after a run. Called by tests/beds/crash.t and crash_more.t.
. "$(dirname "$0")/../../lib.sh"
mkdir -p "$tmp/root/bin"
cp /bin/busybox /lib/bed/state.ko "$tmp/root/bin"
ln -s busybox "$tmp/root/bin/sh"
cat >"$tmp/root/init" <<'INIT'
#!/bin/sh
/bin/busybox insmod /bin/state.ko
/bin/busybox poweroff -f
INIT
chmod 755 "$tmp/root/init"
(cd "$tmp/root" && find . | cpio -o -H newc 2>/dev/null) >"$tmp/initramfs"
ok "the crash kernel is loaded" crash_kernel /lib/bed/vmlinuz "$tmp/initramfs" \
	"$(sed 's/crashkernel=[^ ]* crash=[^ ]*/nr_cpus=1/' /proc/cmdline)"

how=$(sed -n 's/.*crash=\([a-z]*\).*/\1/p' /proc/cmdline)
ok "state.ko" insmod /lib/bed/state.ko crash=1
ok "exitstorm.ko" insmod /lib/bed/exitstorm.ko
if [ "$how" != without ]; then
	"$EXITSTORM" run -t module -s cpuid -n 100M -r 1 -q --samples 0 --cpu 0 -o "$tmp/run" &
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		threads=$(cat /proc/[0-9]*/comm | grep -c '^exitstorm/')
		[ "$threads" = 0 ] || break
		sleep 0.2
	done
	isnt "$threads" 0 "a run is under way"
	sleep 0.3
fi
case $how in
kvm) modprobe "$EXITSTORM_BED_MODULE" ;;
after) kill -KILL $! ; wait $! 2>/dev/null ;;
esac
is "$(dmesg | grep -E 'WARNING|BUG|Call Trace')" "" "no warning of the kernel"
dmesg | grep -E 'WARNING|BUG|Call Trace' && poweroff -f
cpu=1
[ "$how" != beside ] || cpu=2
taskset "$cpu" sh -c 'echo c >/proc/sysrq-trigger'
sleep 100
