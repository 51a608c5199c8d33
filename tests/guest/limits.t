#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# beside: others, one at a time
#
# Machines that are larger or more restricted than the one that runs the tests: their system calls are made up,
# by libraries that replace the C library's.
. "$(dirname "$0")/../lib.sh"
need_kvm
cc=$(command -v gcc || command -v clang)

# replaced NAME: compiles stdin to $tmp/NAME.so
replaced()
{
	cat >"$tmp/$1.c" && ok "a library: $1" "$cc" -shared -fPIC -D_GNU_SOURCE -o "$tmp/$1.so" "$tmp/$1.c" -ldl
}

# 4,096 possible CPUs, of which this process may use CPUs 1500 and 3000; its first real one stands in for both.
replaced cpus <<'END'
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
int sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	(void)pid;
	if (bytes < 512) {
		errno = EINVAL;
		return -1;
	}
	memset(set, 0, bytes);
	CPU_SET_S(1500, bytes, set);
	CPU_SET_S(3000, bytes, set);
	return 0;
}
int pthread_attr_setaffinity_np(pthread_attr_t *attributes, size_t bytes, const cpu_set_t *set)
{
	int (*real)(pthread_attr_t *, size_t, const cpu_set_t *) = dlsym(RTLD_NEXT, "pthread_attr_setaffinity_np");
	int (*own)(pid_t, size_t, cpu_set_t *) = dlsym(RTLD_NEXT, "sched_getaffinity");
	cpu_set_t one;
	int cpu = 0;

	if (bytes < 512 || CPU_COUNT_S(bytes, set) != 1 ||
	    !(CPU_ISSET_S(1500, bytes, set) || CPU_ISSET_S(3000, bytes, set)))
		return EINVAL;
	own(0, sizeof(one), &one);
	while (!CPU_ISSET(cpu, &one))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return real(attributes, sizeof(one), &one);
}
END
large="env LD_PRELOAD=$tmp/cpus.so $EXITSTORM run -s null -n 100 -r 1"
# shellcheck disable=SC2086 # words on purpose
{
run $large -o "$tmp/run"
is "$status" 0 "a run on CPU 1500"
like "$(tr -d ' \n' <"$tmp/run/run.json")" '"cpus":\[1500,3000\]' "... and 3000, by default"
run $large --cpu 3000 -o "$tmp/one"
is "$status" 0 "--cpu 3000"
fails 1 "--cpu 2000" $large --cpu 2000 -o "$tmp/no"
like "$err" "CPU 2000 does not exist or this process may not run on it" "... is not one of them"
fails 1 "--cpu 5000" $large --cpu 5000 -o "$tmp/no"
like "$err" "CPU 5000 does not exist" "... is none at all"
}

# KVM's device, of which one ioctl fails: KVM_GET_API_VERSION, or that of the number REQUEST.
replaced refused <<'END'
#include <dlfcn.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdlib.h>
int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, void *) = dlsym(RTLD_NEXT, "ioctl");
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request != (getenv("REQUEST") ? strtoul(getenv("REQUEST"), NULL, 0) : KVM_GET_API_VERSION))
		return real(fd, request, argument);
	errno = atoi(getenv("REFUSED"));
	return -1;
}
END
for error in 1 13; do
	fails 1 "KVM_GET_API_VERSION is refused" env REFUSED=$error LD_PRELOAD="$tmp/refused.so" \
		"$EXITSTORM" run -t kvm -s null -n 10 -r 1 -o "$tmp/no"
	like "$err" "/dev/kvm could be opened, but KVM_GET_API_VERSION on it .* failed: (Operation not permitted|Permission denied)" \
		"... with what came back"
	unlike "$err" "not KVM's device" "... and no false cause"
done
fails 1 "a device that does not know it" env REFUSED=25 LD_PRELOAD="$tmp/refused.so" \
	"$EXITSTORM" run -t kvm -s null -n 10 -r 1 -o "$tmp/no"
like "$err" "not KVM's device" "... is not KVM's"

# KVM_GET_STATS_FD is 0xaece. Kernels that lack it say so by ENOTTY; any other error tells nothing of KVM.
run env REQUEST=0xaece REFUSED=5 LD_PRELOAD="$tmp/refused.so" "$EXITSTORM" run -t kvm -s cpuid -n 10 -r 1 -o "$tmp/stats"
is "$status" 1 "KVM_GET_STATS_FD fails"
like "$(printf %s "$out" | tr -s '\n ' ' ')" "KVM_GET_STATS_FD failed: Input/output error" \
	"... which is told, and not taken for a KVM without it"
run env REQUEST=0xaece REFUSED=25 LD_PRELOAD="$tmp/refused.so" "$EXITSTORM" run -t kvm -s null -n 10 -r 1 -q -o "$tmp/old"
is "$status" 0 "a KVM without KVM_GET_STATS_FD"

# No more threads.
replaced threads <<'END'
#include <errno.h>
#include <pthread.h>
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	(void)thread, (void)attributes, (void)start, (void)argument;
	return EAGAIN;
}
END
run env LD_PRELOAD="$tmp/threads.so" "$EXITSTORM" run -t kvm -s null -n 10 -r 1 -o "$tmp/threads"
is "$status" 1 "no thread can be made"
like "$(printf %s "$out$err" | tr -s '\n ' ' ')" "no thread for a vCPU on CPU [0-9]+: Resource temporarily unavailable" "... with the reason"

# A disk that fills up while an emulator runs: 1,400 kB hold the ROM (1 MiB) and a part of the records.
cat >"$tmp/small_disk" <<'END'
mount -t tmpfs -o size=1400k none "$1" || exit 9
TMPDIR=$1
export TMPDIR
shift
exec "$@"
END
mkdir "$tmp/small"
if ! command -v bochs >/dev/null; then
	skip "no Bochs" "a full TMPDIR"
elif ! unshare -m true 2>/dev/null; then
	skip "no mount namespace may be made here" "a full TMPDIR"
else
	run unshare -m sh "$tmp/small_disk" "$tmp/small" timeout -s KILL 60 "$EXITSTORM" run -t bochs -s cpuid -n 20000 \
		--samples 20000 -r 1 -o "$tmp/full"
	is "$status" 1 "TMPDIR gets full while Bochs runs"
	like "$(printf %s "$out" | tr -s '\n ' ' ')" "cpuid: no space left in .*/small/exitstorm-bochs-[^ ]* \(TMPDIR\)" "... is told as that"
fi
done_testing
