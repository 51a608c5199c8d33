#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
# The kernel's programs see its own numbers of processes and threads, and a container sees others: exitstorm
# trace and ebpf=on in PID namespaces. Names that processes choose. Calls of hooks that the kernel has skipped.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/trace/trace.sh"
need_kvm
exits=$(dirname "$EXITSTORM")/tests/trace/exits
need_ebpf
unshare -p -f --mount-proc true 2>/dev/null || skip_all "no PID namespace can be made here"

# In a namespace whose numbers are all in use outside it, beside a VM that is not in it.
"$exits" 100000000 0 >/dev/null 2>&1 &
outside=$!
ok "a VM runs outside" runs $outside
for mount in --mount-proc ""; do
	inside="unshare -p -f $mount"
	run $inside "$EXITSTORM" trace --json -- "$exits" 3000 0 2
	is "$status" 0 "${mount:-with the /proc of outside}: a COMMAND"
	is "$(printf '%s' "$out" | grep -o '"reason":"KVM_EXIT_IO"[^}]*"exits":[0-9]*' | grep -c 'exits":3000$')" 2 \
		"... both vCPUs, and no other's"
	like "$out" '"pid":[1-9]?[0-9],"tid":[1-9]?[0-9],"process":"exits"' "... named by the numbers in the namespace"
	run $inside sh -c '. "$1/tests/trace/trace.sh"
		"$2" 100000000 0 >/dev/null 2>&1 &
		sleep 1
		"$3" trace -d 1 -p $! --record "$4"
		status=$?
		kill -9 $!
		exit $status' sh "$top" "$exits" "$EXITSTORM" "$tmp/inside$mount"
	is "$status" 0 "... -p"
	like "$out" "^VM 1: exits, process [1-9]?[0-9], 1 vCPU$" "... that process' VM"
	isnt "$(count KVM_EXIT_IO)" "" "... has exits"
	run $inside "$EXITSTORM" run -s pio_out -n 200 -r 1 --set ebpf=on -o "$tmp/stamped$mount"
	is "$status" 0 "... run --set ebpf=on"
	like "$out" "^pio_out( +[0-9,]+){5}$" "... with the legs to the kernel and from it"
done
run unshare -p -f --mount-proc "$EXITSTORM" trace -d 1 --by all --json
like "$out" '"pid":0,' "all VMs of the host, from a namespace: pid 0 is outside it"
kill -9 $outside
wait $outside 2>/dev/null

# A name that would clear the terminal, set its title and draw in red.
cp "$exits" "$tmp/$(printf '\033[2J\033]0;x\a')"
run "$EXITSTORM" trace --by vcpu --slow 1ns -- "$tmp/$(printf '\033[2J\033]0;x\a')" 100 0
is "$status" 0 "a process with an evil name is traced"
is "$(printf '%s' "$out" | tr -d '\n' | LC_ALL=C grep -c '[[:cntrl:]]')" 0 "... and the terminal does not see it"
like "$out" "VM 1, vCPU 0: \?\[2J\?\]0;x\?, process " "... but cleaned"

# The kernel's counts of skipped programs are made up: bpf_prog_info.recursion_misses.
cat >"$tmp/missed.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/bpf.h>
int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size)
{
	int (*real)(int, void *, __u32 *) = dlsym(RTLD_NEXT, "bpf_obj_get_info_by_fd");
	int error = real(fd, info, size);

	if (!error && *size >= sizeof(struct bpf_prog_info))
		((struct bpf_prog_info *)info)->recursion_misses += 1000;
	return error;
}
END
cc=$(command -v gcc || command -v clang)
ok "a library that makes up skipped programs" "$cc" -shared -fPIC -o "$tmp/missed.so" "$tmp/missed.c" -ldl
run env LD_PRELOAD="$tmp/missed.so" "$EXITSTORM" trace -o "$tmp/missed" -- "$exits" 500 0
is "$status" 0 "a trace of which the kernel skipped programs"
like "$out" "^[0-9]000 calls of hooks were skipped by the kernel" "... says how many"
like "$("$EXITSTORM" show "$tmp/missed" | tr -s "\n " " ")" "[0-9]000 calls of hooks that the kernel skipped" "... as show says of its run"
run env LD_PRELOAD="$tmp/missed.so" "$EXITSTORM" trace --json --openmetrics "$tmp/m.prom" -- "$exits" 500 0
like "$out" '"missed":[0-9]000[,}]' "... --json"
like "$(cat "$tmp/m.prom")" 'what="missed"} [0-9]000$' "... --openmetrics"
run env LD_PRELOAD="$tmp/missed.so" "$EXITSTORM" run -s pio_out -n 200 -r 1 --set ebpf=on -o "$tmp/stamps"
like "$(cat "$tmp/stamps/run.json")" '"missed": [0-9]+000,?$' "... and ebpf=on"
like "$(printf %s "$out" | tr -s "\n " " ")" "the kernel skipped [0-9]+000 calls of the programs" "... whose table says so"
# A kernel that runs raw_tp and tp_btf programs with preemption enabled: its BTF is made up.
cat >"$tmp/srcu.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
int btf__find_by_name_kind(const void *btf, const char *name, unsigned int kind)
{
	int (*real)(const void *, const char *, unsigned int) = dlsym(RTLD_NEXT, "btf__find_by_name_kind");

	return strcmp(name, "tracepoint_srcu_srcu_data") && strcmp(name, "srcu_ctr") ? real(btf, name, kind) : 1;
}
END
ok "a library that makes up such a kernel" "$cc" -shared -fPIC -o "$tmp/srcu.so" "$tmp/srcu.c" -ldl
cat >"$tmp/mounts" <<'END'
if [ "$1" = with ]; then
	[ -d /sys/kernel/tracing/events ] || mount -t tracefs nodev /sys/kernel/tracing || exit 9
else
	mount -t tmpfs none /sys/kernel/debug 2>/dev/null
	mount -t tmpfs none /sys/kernel/tracing || exit 9
fi
shift
export LD_PRELOAD="$1"
shift
exec "$@"
END
if unshare -m true 2>/dev/null; then
	for tracefs in with without; do
		srcu="unshare -m sh $tmp/mounts $tracefs $tmp/srcu.so"
		run $srcu "$EXITSTORM" trace -- "$exits" 5000 0 2
		is "$(count KVM_EXIT_IO)" 10000 "such a kernel $tracefs tracefs: all exits"
		hooks=$(printf %s "$out" | tr -s '\n ' ' ')
		case $tracefs in
		with) like "$hooks" "kvm_userspace_exit sys_enter kvm_vcpu_wakeup \(tracepoint\) sched_switch \(tp_btf\)" \
			"... by tracepoint where KVM can be preempted" ;;
		without) like "$hooks" "kvm_userspace_exit sys_enter kvm_vcpu_wakeup sched_switch \(tp_btf\)" \
			"... as else" ;;
		esac
		run $srcu "$EXITSTORM" run -s pio_out -n 500 -r 1 --set ebpf=on -o "$tmp/srcu-$tracefs"
		like "$out" "^pio_out( +[0-9,]+){5}$" "... and ebpf=on has its legs"
	done
	run $srcu "$EXITSTORM" trace --attach raw_tp -- "$exits" 100 0
	like "$(printf %s "$out" | tr -s '\n ' ' ')" "hooks: [a-z_ ]+ \(raw_tp\)" "--attach decides"
else
	skip "no mount namespace may be made here" "a kernel that preempts programs"
fi

# Each bpf(2) fails in turn, by a made-up syscall().
cat >"$tmp/nth.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
long syscall(long number, long a, long b, long c, long d, long e, long f)
{
	long (*real)(long, long, long, long, long, long, long) = dlsym(RTLD_NEXT, "syscall");
	static int calls;

	if (number != SYS_bpf || ++calls != atoi(getenv("NTH")))
		return real(number, a, b, c, d, e, f);
	errno = atoi(getenv("ERROR"));
	return -1;
}
END
ok "a library that fails bpf(2)" "$cc" -shared -fPIC -o "$tmp/nth.so" "$tmp/nth.c" -ldl
failed=0 silent='' blamed=''
for error in 1 12; do
	for nth in $(seq 30); do
		run env LD_PRELOAD="$tmp/nth.so" NTH=$nth ERROR=$error "$EXITSTORM" trace -q -d 0.06
		[ "$status" != 1 ] || failed=$((failed + 1))
		[ "$status" = 0 ] || { [ "$status" = 1 ] && [ "$(printf '%s\n' "$err" | wc -l)" = 1 ]; } || silent="$silent $error/$nth:$status"
		case $err in *rodata*) blamed="$blamed $error/$nth" ;; esac
	done
done
is "$silent" "" "each call fails in turn: the trace works, or fails in one line"
is "$blamed" "" "... which blames no map of ours"
ok "... and some do fail ($failed)" test $failed -gt 2
run env LD_PRELOAD="$tmp/nth.so" NTH=13 ERROR=12 "$EXITSTORM" run -s null -n 10 -r 1 --set ebpf=on -o "$tmp/nth"
ok "ebpf=on does not crash then" test "$status" -lt 2
run "$EXITSTORM" trace --json -- "$exits" 500 0
like "$out" '"missed":0[,}]' "without that none is missed"
done_testing
