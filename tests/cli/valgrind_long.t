#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: valgrind is 20 times slower
# limit: 1800
# takes: 25
# beside: others
# Commands under valgrind: no use of memory that is not set, none lost. Without eBPF, as bpf(2) takes bytes that
# are not set.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v valgrind >/dev/null || skip_all "no valgrind"
ldd "$EXITSTORM" | grep -q asan && skip_all "no valgrind of a build with ASan"
cd "$tmp" || exit 1
"$python" "$top/tests/cli/make_run.py" one --n 30 --samples 10 || exit 1
"$python" "$top/tests/cli/make_run.py" two --n 30 --samples 10 --seed 2 || exit 1
RUN_LIMIT=600

# clean STATUS COMMAND...
clean()
{
	wanted=$1
	shift
	run valgrind -q --error-exitcode=99 --log-file=log --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --child-silent-after-fork=yes "$EXITSTORM" "$@"
	is "$status" "$wanted" "$*"
	[ "$status" = "$wanted" ] || note "$(grep -v WARNING: log | head -n 40)"
}

clean 0 list
clean 0 show one
clean 0 show one --samples
clean 0 show one --json
clean 0 show one --methods
clean 0 show one --latex
clean 0 compare one two
clean 0 compare one two --json
clean 0 export one
clean 0 export one --perfetto
clean 1 show nothing
if command -v gnuplot >/dev/null; then
	clean 0 plot one two -k cdf -s hlt,cpuid -o cdf.svg
	clean 0 plot one -k timeline -s hlt -o timeline.pdf
	clean 0 report one two -o r.html
	clean 0 archive one two --anonymous -o a.tar
fi
if have_kvm; then
	clean 0 run -q -t kvm -s null,cpuid -n 20 -r 2 -o kvm
fi
done_testing
