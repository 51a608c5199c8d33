#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# campaign: tasks of a plan, each done once, whatever happens; the lines and manifests of the engines. Slurm's
# own programs are in campaign_slurm.t.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
cd "$tmp" || exit 1

# write FILE [MEMBER...]: a plan of two variants on four hosts, with members that replace or add some
write()
{
	"$python" - "$@" <<-'END'
	import json, sys
	plan = {"schema": "exitstorm-campaign/1", "name": "small", "rounds": 3, "limit_min": 4,
	        "hosts": {"old": {"names": ["n1", "n2"]}, "new": {"names": ["n3", "n4"]},
	                  "all": {"sets": ["old", "new"]}},
	        "variants": {"base": {"hosts": ["all"], "target": "guest", "storms": "cpuid", "exits": 20,
	                              "repeats": 2, "samples": 0},
	                     "more": {"like": "base", "hosts": ["new"], "exits": 40}}}
	for member in sys.argv[2:]:
	    plan.update(json.loads(member))
	json.dump(plan, open(sys.argv[1], "w"))
	END
}

count()
{
	find "$1" -maxdepth 1 -name '[0-9]*' | wc -l
}

write plan.json
run "$EXITSTORM" campaign plan plan.json
is "$status" 0 "a plan is printed" && note "$err"
is "$(awk '$5 == "base"' <<<"$out" | wc -l)-$(awk '$5 == "more"' <<<"$out" | wc -l)" "12-6" "each variant on each of its hosts, in each round"
is "$(awk 'NF == 5 && $1 ~ /^[0-9]+$/ {print $2}' <<<"$out" | xargs)" "0 0 0 0 0 0 1 1 1 1 1 1 2 2 2 2 2 2" "rounds follow one another"
isnt "$(awk '$2 == 0 {print $3, $5}' <<<"$out")" "$(awk '$2 == 1 {print $3, $5}' <<<"$out")" "each in an order of its own"
is "$("$EXITSTORM" campaign plan plan.json)" "$out" "the same in each run of the command"
write seed.json '{"seed": 2}'
isnt "$("$EXITSTORM" campaign plan seed.json)" "$out" "another seed, another order"
like "$out" '^18 tasks at 4 places, at most 24 min' "and the time is said"
is "$("$EXITSTORM" campaign plan plan.json -w 60 | awk 'length > 60' | wc -l)" 0 "the table fits"

# A task, once.
run "$EXITSTORM" campaign run plan.json n3:1
is "$status" 0 "a task is done" && note "$err"
first=$out
is "$(count small)" 1 "it has a run"
before=$(stat -c %Y.%i "$first/run.json")
run "$EXITSTORM" campaign run plan.json n3:1
is "$status $out $(stat -c %Y.%i "$first/run.json")" "0 $first $before" "it is not done again"
is "$("$python" -c 'import json, sys; l = json.load(open(sys.argv[1]))["labels"]; print(l["campaign"], l["place"])' "$first/run.json")" \
	"small n3" "the run has labels"
run "$EXITSTORM" campaign status small
like "$err" "17 of 18 tasks are not done" "status counts"
is "$status" 1 "status 1 as long as it is not done"

# Two processes at the same time: one of them does the task.
for i in 1 2 3 4; do "$EXITSTORM" campaign run plan.json 0 >"out$i" 2>"err$i" & done
wait
is "$(cat out? | sort -u | wc -l)" 1 "four at once: one run"
is "$(count small)" 2 "and no second one"
like "$(cat err? out?)" "another process does this task: |/small/" "the others say so, or find it"

# pdsh, clush and parallel, by the lines that submit prints, with an ssh that stays here.
mkdir bin
printf '#!/bin/sh\nshift\nexec "$@"\n' >bin/ssh
chmod +x bin/ssh
write lines.json '{"name": "lines", "rounds": 1}'
lines=$("$EXITSTORM" campaign submit lines.json --engine ssh)
for engine in pdsh clush parallel; do
	line=$(grep "^$engine " <<<"$lines")
	if ! command -v "$engine" >/dev/null; then
		skip "no $engine" "$engine"
		continue
	fi
	rm -rf lines
	ok "$engine" timeout -s KILL 100 env PATH="$tmp/bin:$PATH" HOME="$tmp" bash -c "${line/parallel/parallel --will-cite}"
	is "$(count lines) $("$EXITSTORM" campaign status lines | awk '{print $2}' | xargs)" "6 done 4 2" "$engine: all runs, each once"
done

# local: this host's tasks, or all where the plan names no host.
write local.json '{"name": "local", "hosts": {}, "rounds": 2, "variants": {"a": {"target": "guest", "storms": "cpuid", "exits": 20, "repeats": 2, "samples": 0}}}'
run "$EXITSTORM" campaign local local.json
is "$status $(count local)" "0 2" "local does all tasks of a plan without hosts"
fails 1 "no task for this host" "$EXITSTORM" campaign local plan.json
write here.json '{"name": "here", "rounds": 1}' "{\"hosts\": {\"all\": {\"names\": [\"$(uname -n)\", \"n9\"]}}}" '{"variants": {"a": {"target": "guest", "storms": "cpuid", "exits": 20, "repeats": 2, "samples": 0}}}'
run "$EXITSTORM" campaign local here.json
is "$status $(count here)" "0 1" "local does the tasks of this host"

# A task that fails, with its reason, and goes on when it is mended.
write bad.json '{"name": "bad", "rounds": 1, "hosts": {}, "variants": {"a": {"target": "guest", "storms": "nothing"}}}'
run "$EXITSTORM" campaign run bad.json 0
is "$status" 1 "a task fails"
like "$err" "nothing" "with the words of run"
run "$EXITSTORM" campaign status bad
like "$out" "failed: $(uname -n): .*nothing" "status has them, and the host"
like "$out" "^a +0 +1 +0 +0" "and counts it as failed"

# Killed half-way: nothing that looks whole, and the next one completes it.
write long.json '{"name": "long", "rounds": 1, "hosts": {}, "variants": {"a": {"target": "guest", "storms": "cpuid", "exits": 2000, "repeats": 12, "samples": 0}}}'
bad=0
for ((i = 0; i < ${KILLS:-3}; i++)); do
	"$EXITSTORM" campaign run long.json 0 >/dev/null 2>&1 &
	one=$!
	sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
	kill -9 "$one" 2>/dev/null
	wait "$one" 2>/dev/null
	[ ! -e long/0000-any-a ] || [ -s long/0000-any-a/run.json ] || bad=$((bad + 1))
	for try in 1 2 3 4 5; do
		"$EXITSTORM" campaign run long.json 0 >/dev/null 2>said && break
		grep -q "another process does" said || break
		sleep 1
	done
	[ "$(count long)" = 1 ] && [ -s long/0000-any-a/run.json ] || bad=$((bad + 1))
	rm -rf long
done
is "$bad" 0 "${KILLS:-3} kills: whole, and once"

# A folder of another plan.
write other.json '{"name": "small", "seed": 9}'
fails 1 "a folder that has tasks of another plan" "$EXITSTORM" campaign run other.json 0
like "$err" "another plan" "it says so"

# Engines.
rm -r lines/0000-n1-base lines/0000-n3-*
sh=$("$EXITSTORM" campaign submit lines.json --dry-run)
like "$sh" '^#SBATCH --exclusive$' "Slurm: a node for one task"
is "$(grep -E '^#SBATCH --(array|nodelist)=' <<<"$sh" | sed 's/.*=//' | xargs)" "0%1 n1 0-1%1 n3" "Slurm: tasks that are not done, by host"
write wide.json '{"name": "wide", "rounds": 700, "hosts": {"many": {"count": 2, "constraint": "ice&fast"}}, "variants": {"a": {}}}' '{"slurm": ["--partition=p"]}'
sh=$("$EXITSTORM" campaign submit wide.json --dry-run)
is "$(grep '^#SBATCH --array=' <<<"$sh" | xargs)" "#SBATCH --array=0-999%2 #SBATCH --array=0-399%2" "Slurm: arrays of at most 1000"
is "$(grep -c '^#SBATCH --constraint="ice&fast"' <<<"$sh")" 2 "Slurm: constraints"
is "$(grep -c '^#SBATCH --partition=p' <<<"$sh")" 2 "Slurm: options of the plan"
fails 1 "no sbatch" env PATH="$tmp" "$EXITSTORM" campaign submit wide.json
fails 1 "ssh without names of hosts" "$EXITSTORM" campaign submit wide.json --engine ssh
fails 1 "Kubernetes without an image" "$EXITSTORM" campaign submit wide.json --engine k8s

# The schemas.
if find_python jsonschema; then
	cat >validate.py <<-'END'
	import json, sys, jsonschema
	schema = json.load(open(sys.argv[1]))
	jsonschema.Draft202012Validator.check_schema(schema)
	jsonschema.validate(json.load(open(sys.argv[2])), schema)
	END
	plans=$top/results/campaign.schema.json
	ok "the example is a plan by the schema" "$python" validate.py "$plans" "$top/examples/campaign.json"
	ok "and by the command" "$EXITSTORM" campaign plan "$top/examples/campaign.json"
	for device in '{}' '{"kubernetes": {"image": "i", "claim": "c", "mount": "/m", "device": "devices.kubevirt.io/kvm", "namespace": "bench"}}'; do
		"$python" -c 'import json, sys; p = json.load(open(sys.argv[1])); p.update(json.loads(sys.argv[2])); p["hosts"]["genoa"]["count"] = 3; json.dump(p, open("k8s.json", "w"))' \
			"$top/examples/campaign.json" "$device"
		"$EXITSTORM" campaign submit k8s.json --engine k8s --dry-run >jobs.json
		ok "the manifest is one of Kubernetes" "$python" validate.py "$top/tests/data/kubernetes-job.schema.json" jobs.json
		is "$("$python" -c 'import json; print([i["spec"]["completions"] for i in json.load(open("jobs.json"))["items"]])')" \
			"[15, 15, 15, 30]" "with all tasks of each place"
	done
else
	skip "no jsonschema" "schemas"
fi

# Bad plans: both the command and the schema refuse those of another form.
refuses()
{
	write wrong.json "$3"
	fails "1" "$1" "$EXITSTORM" campaign plan wrong.json
	like "$err" "$2" "... $2"
	[ -z "${4:-}" ] || cp wrong.json "wrong.$tap_count.json"
}
refuses "a cycle of variants" "variants.a.like: it is like itself" '{"variants": {"a": {"like": "b"}, "b": {"like": "a"}}}'
refuses "a cycle of sets" "contains itself" '{"hosts": {"old": {"names": ["n"]}, "new": {"names": ["m"]}, "all": {"sets": ["x"]}, "x": {"sets": ["all"]}}}'
refuses "an unknown host set" "there is no set 'new'" '{"hosts": {"all": {"names": ["n1"]}}}'
refuses "an unknown variant" "there is no variant 'z'" '{"variants": {"a": {"like": "z"}}}'
refuses "1e9 rounds" "tasks: more than 1000000" '{"rounds": 1000000000}'
refuses "1e18 tasks" "tasks: more than 1000000" '{"rounds": 1000000000, "hosts": {"all": {"count": 1000000000}}, "variants": {"a": {}}}'
refuses "no rounds" "rounds is not an integer from 1" '{"rounds": 0}' schema
refuses "another schema" "schema is 'x/1'" '{"schema": "x/1"}' schema
refuses "a member that is none" "variants.a.storm is no member" '{"variants": {"a": {"storm": "cpuid"}}}' schema
refuses "a name that is a path" "is no name" '{"name": "../x"}' schema
refuses "a set of nothing" "has not one of names" '{"hosts": {"all": {}}}' schema
refuses "an option with a line break" "is not a list of texts" '{"slurm": ["--x\n#SBATCH --y"]}' schema
refuses "no variant" "variants: there is none" '{"variants": {}}' schema
refuses "a setting that is a number" "variants.a.set.cpl is not a text|variants.a.cpl is not a text" '{"variants": {"a": {"set": {"cpl": 3}}}}' schema
if find_python jsonschema; then
	is "$("$python" - "$plans" wrong.*.json <<-'END'
	import json, sys, jsonschema
	validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
	print(len(sys.argv) - 2, [f for f in sys.argv[2:] if validator.is_valid(json.load(open(f)))])
	END
	)" "8 []" "the schema refuses those of another form, too"
fi
echo '{' >wrong.json
fails 1 "no JSON" "$EXITSTORM" campaign plan wrong.json
fails 1 "no file" "$EXITSTORM" campaign plan none.json
fails 1 "a folder" "$EXITSTORM" campaign plan "$tmp"
fails 2 "a task that is none" "$EXITSTORM" campaign run plan.json 18
fails 2 "a place that is none" "$EXITSTORM" campaign run plan.json n7:0
fails 2 "no task named" "$EXITSTORM" campaign run plan.json
fails 2 "an unknown action" "$EXITSTORM" campaign stat small
like "$err" "did you mean 'status'" "a similar one is named"
fails 1 "the status of another folder" "$EXITSTORM" campaign status "$tmp"
done_testing
