#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# A storm of two runs has one figure: in table, figure, report, compare and JSON, to the last printed digit.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
set --
for i in $(seq "${AGREE_PAIRS:-2}"); do
	for side in a b; do
		"$python" "$top/tests/cli/make_run.py" "$tmp/$side$i" --n "$((i % 2 ? 60 : 1100))" --seed "$i" \
			--repeats "$((3 + i % 9))" --scale "1.0$((i % 7))" --stamps "$(test "$side" = a && echo both || echo guest)" || exit 1
		set -- "$@" "$tmp/$side$i"
	done
done
ok "the figures of made-up pairs agree" "$python" "$top/tests/cli/agree.py" "$EXITSTORM" "$tmp" "$@"
if [ "${AGREE_REAL:-1}" = 0 ] || ! "$EXITSTORM" run -q -t kvm -s null -n 20 -r 1 -o "$tmp/try" >/dev/null 2>&1; then
	done_testing
fi
set --
for i in $(seq "${AGREE_REAL:-1}"); do
	"$EXITSTORM" run -q -t kvm -s null,pio_out,syscall -n "$((i % 2 ? 100 : 1100))" -r 4 --vary delay=0,1000 \
		-o "$tmp/real$i" >/dev/null || exit 1
	set -- "$@" "$tmp/real$i/delay=0" "$tmp/real$i/delay=1000"
done
ok "the figures of real pairs agree" "$python" "$top/tests/cli/agree.py" "$EXITSTORM" "$tmp" "$@"
done_testing
