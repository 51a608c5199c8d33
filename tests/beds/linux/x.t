#!/bin/sh
# limit: 100
# files: build/tests/trace/halts build/tests/trace/exits tests/trace/away.sh
. "$(dirname "$0")/../../lib.sh"
. /lib/bed/away.sh
exits=exits halts=halts
modprobe $EXITSTORM_BED_MODULE
for i in 1 2 3; do
away hw 10000
done
printf '%s\n' "$out" "$err"
done_testing
