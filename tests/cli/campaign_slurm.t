#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# long: starts Slurm, and waits for its time limits
#
# campaign on Slurm itself: a controller and four nodes on this machine, an array of 40 tasks. A node's daemon
# and its task are killed, the controller is started anew, a task fails on one node: each result is there once.
. "$(dirname "$0")/../lib.sh"

for program in slurmctld slurmd sbatch munged; do
	PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || skip_all "no $program"
done
PATH=$PATH:/usr/sbin
find_python json || skip_all "no python3"

# Root's sbatch gets SLURM_CONF only where root alone can change the file.
area=$tmp
[ "$(id -u)" != 0 ] || area=$(mktemp -d /run/exitstorm-test.XXXXXX)
host=$(uname -n)
host=${host%%.*}
base=$((20000 + RANDOM % 10000))
export SLURM_CONF=$area/slurm.conf

stop_all()
{
	for file in "$area"/*.pid; do
		[ ! -s "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null
	done
	[ "$area" = "$tmp" ] || rm -rf "$area"
	tap_end
}
trap stop_all EXIT

mkdir "$area/state" "$area/log"
dd if=/dev/urandom of="$area/key" bs=1024 count=1 2>/dev/null
chmod 400 "$area/key"
cat >"$SLURM_CONF" <<END
ClusterName=exitstorm
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$area/munge.sock
CredType=cred/munge
SlurmctldPort=$base
StateSaveLocation=$area/state
SlurmdSpoolDir=$area/spool.%n
SlurmctldPidFile=$area/slurmctld.pid
SlurmdPidFile=$area/%n.pid
SlurmctldLogFile=$area/log/slurmctld
SlurmdLogFile=$area/log/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=3600
NodeName=n[1-4] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((base + 1))-$((base + 4))] CPUs=1 RealMemory=64 Feature=bench
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END

munged --force --socket="$area/munge.sock" --key-file="$area/key" --pid-file="$area/munge.pid" \
	--log-file="$area/log/munge" --seed-file="$area/seed" 2>/dev/null || skip_all "munged does not start"
slurmctld 2>/dev/null
for i in 1 2 3 4; do slurmd -N "n$i" 2>/dev/null; done
for ((i = 0; i < 60; i++)); do
	[ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 4 ] && break
	sleep 1
done
is "$(sinfo -h -t idle -o %D)" 4 "four nodes are up" || note "$(tail -n 3 "$area"/log/*)"

# The command on the nodes: it fails once, on n3, before it does a thing.
cat >"$tmp/exitstorm" <<END
#!/bin/sh
echo "\$SLURMD_NODENAME \$*" >>"$tmp/calls"
if [ "\$SLURMD_NODENAME" = n3 ] && mkdir "$tmp/failed" 2>/dev/null; then
	echo "n3 has no such device" >&2
	exit 1
fi
exec "$EXITSTORM" "\$@"
END
chmod +x "$tmp/exitstorm"
cat >"$tmp/plan.json" <<END
{"schema": "exitstorm-campaign/1", "name": "forty", "program": "$tmp/exitstorm", "rounds": 5, "limit_min": 5,
 "hosts": {"bench": {"count": 4, "constraint": "bench"}},
 "variants": {"a": {"target": "guest", "storms": "cpuid", "exits": 3000, "repeats": 10, "samples": 0},
              "b": {"like": "a", "exits": 2000}}}
END
cd "$tmp" || exit 1

# Waits until no task is left but those that Slurm holds, or for $1 seconds.
wait_queue()
{
	local queue
	for ((i = 0; i < $1; i++)); do
		queue=$(squeue -h -o "%i %T %N %r" 2>&1 | grep -v "requeued held")
		[ -n "$queue" ] || return 0
		sleep 1
	done
	note "$queue"
	return 1
}

done_runs()
{
	find forty -maxdepth 2 -name run.json ! -path '*.partial/*' 2>/dev/null | wc -l
}

run "$EXITSTORM" campaign submit plan.json
is "$status" 0 "the array is submitted" && note "$out$err"
for ((i = 0; i < 100; i++)); do
	[ "$(done_runs)" -lt 5 ] || break
	sleep 0.3
done

# n2 dies in mid-task: its daemon, the steps of its jobs, and all processes of the task.
victims=$("$python" - "$(cat "$area/n2.pid")" <<'END'
import os, signal, sys, time

def read(pid, name):
    try:
        return open("/proc/%s/%s" % (pid, name), "rb").read()
    except OSError:
        return b""

def on_node():
    return [p for p in os.listdir("/proc") if p.isdigit() and
            b"SLURMD_NODENAME=n2" in read(p, "environ").split(b"\0")]

def is_step(pid):
    return read(pid, "comm").startswith(b"slurmstepd")

for _ in range(3000):
    found = on_node()
    if any(b"exitstorm\0run\0" in read(p, "cmdline") for p in found):
        parents = {read(p, "stat").split()[3].decode() for p in found}
        for pid in [sys.argv[1], *filter(is_step, parents), *found]:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        print(len(found))
        break
    time.sleep(0.02)
END
)
rm "$area/n2.pid"
isnt "$victims" "" "a task was under way on n2"

# The controller is started anew.
kill -9 "$(cat "$area/slurmctld.pid")"
sleep 1
slurmctld 2>/dev/null
for ((i = 0; i < 90; i++)); do
	sinfo -h -N -o "%N %t" 2>/dev/null | grep -q "^n2 down" && break
	sleep 1
done
like "$(sinfo -h -N -o "%N %t")" "^n2 down" "Slurm has seen that n2 is gone"
slurmd -N n2 2>/dev/null
ok "the array ends" wait_queue 400
like "$(sinfo -h -N -o "%N %t")" "^n2 idle" "n2 is back"
like "$(cat calls)" "^n2 .*" "n2 had tasks"

run "$EXITSTORM" campaign status forty
note "$out" "$err"
lost=$((40 - $(done_runs)))
ok "only what failed is missing ($lost)" test "$lost" -ge 1 -a "$lost" -le 2
run "$EXITSTORM" campaign submit plan.json
like "$(cat forty/.campaign/bench-0.sbatch)" "^#SBATCH --array=[0-9]+(,[0-9]+)?%4" "it alone is submitted again"
ok "the second array ends" wait_queue 200
run "$EXITSTORM" campaign status forty
is "$status" 0 "all is done" || note "$out$err"
is "$(done_runs)" 40 "40 results"
is "$("$python" - <<'END'
import glob, json
runs = [json.load(open(f)) for f in glob.glob("forty/*/run.json")]
print(len({r["uuid"] for r in runs}), len({(r["labels"]["variant"], r["labels"]["round"]) for r in runs}))
END
)" "40 10" "each once"
"$EXITSTORM" collect forty -o forty.sqlite >said
like "$(cat said)" "40 runs added, 0 replaced, 0 there already, 0 left out" "and the store has them"
is "$(find forty -maxdepth 1 -name '.exitstorm*' | wc -l)" 0 "no temporary folder is left" || note "$(ls -A forty)"
done_testing
