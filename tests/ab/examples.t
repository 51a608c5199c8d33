#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# long: bisects a history, runs the commands of CI jobs
# examples/: the commands of the jobs as a shell runs them, and git bisect run over a history with a slower commit.
. "$(dirname "$0")/../lib.sh"

need_kvm
find_python yaml || skip_all "no python3 with yaml"
cd "$tmp" || exit 1
mkdir bin
ln -s "$EXITSTORM" bin/exitstorm
PATH=$tmp/bin:$PATH
export SLOWER_FLAG=$tmp/repo/flag SLOWER_TICKS=50000 BASELINE=$tmp/baseline GITHUB_STEP_SUMMARY=$tmp/step.md
export LD_PRELOAD=${EXITSTORM%/*}/tests/ab/slower.so

# commands FILE JOB: of a job, with short times and one storm
commands()
{
	LD_PRELOAD='' "$python" - "$top/examples/$1" "$2" <<'END' | sed -e "s/--time 2m/--time 5/; s/-s '[^']*'/-s pio_out -n 100/; s/--fail-above 2/--fail-above 100/"
import sys, yaml
document = yaml.safe_load(open(sys.argv[1]))
job = document.get("jobs", document)[sys.argv[2]]
print("\n".join(job["script"] if "script" in job else [s["run"] for s in job["steps"] if "run" in s]))
END
}

for ci in "github-actions.yml baseline gate" "gitlab-ci.yml exit-latency-baseline exit-latency"; do
	read -r file first second <<<"$ci"
	rm -rf exitstorm-runs "$BASELINE"
	run bash -e -c "$(commands "$file" "$first")"
	is "$status:$(($(ls "$BASELINE" | wc -l) >= 3))" "0:1" "$file: the baseline"
	run bash -e -c "$(commands "$file" "$second")"
	is "$status" 0 "$file: the gate"
	like "$(cat exitstorm.xml)" '<testcase classname="exitstorm" name="pio_out">' "$file: its JUnit file"
	ok "$file: its runs" test -e exitstorm-runs/01/run.json
done
like "$(cat step.md)" '^### exitstorm: passed$' "github-actions.yml: the summary of the step"

# Eight commits, the sixth is slow, the third does not build.
git init -q repo && cd repo || exit 1
git config user.name test && git config user.email test@example.invalid
for commit in 1 2 3 4 5 6 7 8; do
	echo "$((commit >= 6))" >flag
	echo "exit $((commit == 3))" >build
	echo "$commit" >number
	git add . && git commit -qm "commit $commit"
done
git checkout -q HEAD~7
"$EXITSTORM" gate --baseline "$BASELINE" --refresh -- -q -s pio_out -n 100 -r 2 >/dev/null
git checkout -q -
git bisect start HEAD HEAD~7 >/dev/null
run env BUILD='sh ./build' FAIL_ABOVE=20 TIME=4 EXITSTORM_RUNS="$tmp/bisect" git bisect run "$top/examples/bisect.sh" "$BASELINE"
is "$status" 0 "git bisect run ends"
is "$(git log -1 --format=%s refs/bisect/bad)" "commit 6" "bisect.sh: the slow commit is found"
done_testing
