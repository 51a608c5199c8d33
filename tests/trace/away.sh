# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The times of vCPUs by a trace, compared with those that the vCPU threads measure themselves: time halted after
# HLT and time without a CPU (off_cpu) must not count as time of a handler. For tests that have set $exits
# and $halts. Where kvm_exit does not fire, the leg "kernel" (KVM_RUN to the exit to userspace) stands for
# guest and handler.

# legs_ms SPACE LEG...: milliseconds of these legs; SPACE: kvm or hw.
legs_ms()
{
	space=$1
	shift
	for leg; do
		printf '%s\n' "$out" | sed 's/{"reason"/\
&/g' | case $space in kvm) grep '"raw_space":"kvm"' ;; hw) grep '"raw_space":"[sv]' ;; esac |
			grep -o "\"$leg\":{\"count\":[0-9]*,\"sum_ns\":[0-9]*"
	done | awk -F: '{ sum += $NF } END { printf "%.1f", sum / 1e6 }'
}

# said KEY: the sum of the values that the VMs' programs printed for it.
said()
{
	printf '%s\n' "$err" | sed -n "s/.* $1 \([0-9.]*\).*/\1/p" | awk '{ sum += $1 } END { printf "%.1f", sum }'
}

# near GOT WANTED: within a quarter and 100 ms, for the scheduler's time slices. The error to be found, a time
# that is counted twice, is half of it or more.
near()
{
	awk -v got="$1" -v wanted="$2" 'BEGIN { far = got - wanted; if (far < 0) far = -far; exit !(far < 100 + wanted / 4) }'
}

# all_ms: the sum of the legs that do not overlap.
all_ms()
{
	if [ "$space" = hw ]; then
		legs_ms kvm user
		echo " $(legs_ms hw guest handler off_cpu halted)"
	else
		legs_ms kvm kernel user off_cpu halted
	fi | awk '{ print $1 + $2 }'
}

# away hw|kvm CPUIDS: the tests; CPUIDS of them must take some tenths of a second.
away()
{
	run "$EXITSTORM" trace --json -- "$halts" 20 20
	space=$1
	halted=$(legs_ms "$1" halted) wall=$(said wall_ms) all=$(all_ms)
	ok "HLT: most of the time is halted ($halted of $wall ms)" \
		awk "BEGIN { exit !($halted > $wall / 2 && $halted < $wall + 1) }"
	ok "... and in no other leg: all add up to the thread's time ($all ms)" near "$all" "$wall"
	cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
	run "$EXITSTORM" trace --json -- taskset "$(printf %x $((1 << cpu)))" "$exits" 20 "$2" 2
	space=$1
	off=$(legs_ms "$1" off_cpu) waited=$(said waited_ms) wall=$(said wall_ms) all=$(all_ms)
	ok "two vCPUs on one CPU: off_cpu is what the scheduler counts ($off of $waited ms)" near "$off" "$waited"
	ok "... and in no other leg: all add up to the threads' time ($all of $wall ms)" near "$all" "$wall"
	ok "... which is more than a quarter of the time" awk "BEGIN { exit !($waited > $wall / 4) }"
	# Userspace takes 20 ms for every hundredth of 3,000 exits.
	run "$EXITSTORM" trace --json -- "$exits" 3000 0 1 20000
	space=$1
	user=$(legs_ms kvm user) wall=$(said wall_ms) all=$(all_ms)
	ok "time in userspace is user ($user of $wall ms)" awk "BEGIN { exit !($user >= 600) }"
	ok "... and in no handler: all add up to the thread's time ($all ms)" near "$all" "$wall"
	case $1 in hw) leg=handler ;; *) leg=user ;; esac
	like "$out" "\"exits\":3000,\"legs\":\{\"$leg\":\{\"count\":3000," "... each exit has the leg $leg"
}
