#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others, one at a time
# Every output goes one way: regular files are replaced when complete, all else is written to; two runs
# never take one name; what a killed process leaves, the next one removes.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
"$python" "$top/tests/cli/make_run.py" "$tmp/run" --n 20 --samples 20 || exit 1
cd "$tmp" || exit 1
mkdir tmp
export TMPDIR=$tmp/tmp

report() { "$EXITSTORM" report run -o "$1"; }
plot() { "$EXITSTORM" plot run -k cdf -s pio_out -f svg -o "$1"; }
archive() { "$EXITSTORM" archive run -o "$1"; }

for command in report plot archive; do
	file=$command.tar
	ok "$command: a new file" eval "(umask 027 && $command $file)"
	is "$(stat -c %a "$file")" 640 "... has the mode that the umask gives"
	chmod 600 "$file"
	ok "$command: over a file" "$command" "$file"
	is "$(stat -c %a "$file")" 600 "... which keeps its mode"
	size=$(stat -c %s "$file")
	mkfifo fifo.tar
	cat fifo.tar >"read" &
	ok "$command: into a FIFO that is read" "$command" fifo.tar
	wait "$!"
	ok "... the FIFO stays, and had it all" test -p fifo.tar -a "$(stat -c %s "read")" -gt $((size / 2))
	rm -f fifo.tar "read"
done

if [ "$(id -u)" = 0 ]; then
	mknod null.svg c 1 3
	ok "a device is written to" plot null.svg
	ok "... and stays" test -c null.svg
else
	skip "not root" "devices"
fi
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	touch bound.svg
	run unshare -m sh -c "mount --bind bound.svg bound.svg && exec \
		'$EXITSTORM' plot run -k cdf -s pio_out -f svg -o bound.svg"
	is "$status:$err" "0:exitstorm plot: warning: $PWD/bound.svg: is written in place (its folder: Device or resource busy): \
a kill or a full disk would leave a part of it" "a bind mount is written to, which one line says"
	ok "... whole" grep -q '</svg>' bound.svg
	mkdir tight
	run unshare -m sh -c "mount -t tmpfs -o size=8k tmpfs tight && echo old >tight/f.svg && touch bound.svg &&
		mount --bind tight/f.svg bound.svg && ! '$EXITSTORM' plot run -k cdf -s pio_out -f svg -o bound.svg &&
		cat bound.svg"
	is "$status:$out" 0:old "one that has no room keeps its content"
	like "$err" "bound.svg: .*No space left" "... and the error is that"
	# A user may write the file, but make none beside it.
	mkdir fixed
	echo old >fixed/f.html
	chmod 666 fixed/f.html
	chmod 755 . fixed
	if setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$EXITSTORM" -a -r run/run.json 2>/dev/null; then
		run setpriv --reuid=65534 --regid=65534 --clear-groups env TMPDIR=/tmp "$EXITSTORM" report run -o fixed/f.html
		is "$status" 0 "a file in a folder that is not writable"
		like "$err" "fixed/f.html: is written in place \(its folder: Permission denied\)" "... is written in place, which one line says"
		ok "... whole" grep -q '</html>' fixed/f.html
	else
		skip "another user cannot run the command" "a folder that is not writable"
	fi
	# gnuplot ends with status 0 there.
	mkdir small
	plot good.svg
	for kb in 16 24 40; do
		cp good.svg kept.svg
		run unshare -m sh -c "mount -t tmpfs -o size=${kb}k tmpfs small && TMPDIR=$tmp/small exec \
			'$EXITSTORM' plot run -k timeline -s pio_out -f svg -o kept.svg"
		ok "a full TMPDIR of $kb KiB: whole or as before" sh -c \
			'[ "$0" = 0 ] && grep -q "</svg>" kept.svg || cmp -s good.svg kept.svg' "$status"
	done
	# The folder of a figure's data is replaced as a whole.
	run unshare -m sh -c "mount -t tmpfs -o size=32k tmpfs small && cd small && mkdir f.svg.data && echo old >f.svg.data/values &&
		! TMPDIR=$tmp/tmp '$EXITSTORM' plot ../run -k timeline -s pio_out --data -o f.svg && ls -A f.svg.data && cat f.svg.data/values"
	is "$status:$out" "0:values
old" "a figure's data that have no room: the data of before stay"
	like "$err" "f.svg.data: cannot write the figure's data: No space left" "... and the error is that"
else
	skip "no mount namespace, or not root" "mounts"
fi

# Names. An import needs no guest.
for name in a b c d e f; do
	"$EXITSTORM" archive run -o "$name.tar" >/dev/null 2>&1 &
done
wait
is "$(ls -A | grep -c '^\.exitstorm')$(ls -A tmp)" 0 "nothing temporary is left"

# A folder that a killed process left, and one that is in use.
mkdir .exitstorm-archive-abcdef tmp/exitstorm-plot-abcdef tmp/exitstorm-plot-fedcba
touch tmp/exitstorm-plot-abcdef/x
exec 8<tmp/exitstorm-plot-fedcba
flock 8
archive swept.tar >/dev/null
plot swept.svg >/dev/null
nok "an archive's folder of a dead process goes" test -e .exitstorm-archive-abcdef
nok "a figure's too" test -e tmp/exitstorm-plot-abcdef
ok "one that is locked stays" test -d tmp/exitstorm-plot-fedcba
exec 8<&-

# Each command says why its output cannot be written, also if that was found long before its end.
for command in 'list' 'list --json' 'doctor' 'show run' 'show run --json' 'show run --methods' 'compare run run' \
	'compare run run --json' 'export run' 'export run --perfetto' 'report run -o -' 'plot run -k cdf -s pio_out -f svg -o -' \
	'plot run -k cdf -s pio_out -o full.svg' 'archive run -o full.tar' 'image -s null -o image' 'run --help' '--version'; do
	run sh -c 'exec "$@" >/dev/full' sh "$EXITSTORM" $command
	like "$status:$err" "^1:exitstorm[a-z ]*: .*: No space left on device$" "$command >/dev/full"
done
is "$(printf '%s\n' full.svg full.tar image/* | wc -l):$(ls -A | grep -c '^\.exitstorm')" "6:0" "files that were written stay, whole"

run sh -c '"$0" report run -o - >&-' "$EXITSTORM"
is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a closed standard output is an error in one line"
run sh -c 'ulimit -f 1; exec "$0" report run -o limited.html' "$EXITSTORM"
is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a limit of file sizes is an error in one line"
nok "... and leaves no file" test -e limited.html

if have_kvm; then
	for i in 1 2 3 4 5 6; do
		"$EXITSTORM" run -s null -n 50 -r 1 -q -o same >>paths 2>>said &
	done
	wait
	is "$(cat said)" "" "six runs with one name"
	is "$(sort paths | tr '\n' ' ')" "same same-2 same-3 same-4 same-5 same-6 " "... have six names"
	is "$(ls -d same*/run.json | wc -l)" 6 "... and are whole"
	for i in 1 2 3 4 5 6; do
		"$EXITSTORM" run -s null -n 50 -r 1 -q >/dev/null 2>>said &
	done
	wait
	is "$(ls "$EXITSTORM_RUNS" | wc -l)" 6 "six runs begun in one second, without a name"
else
	skip "no /dev/kvm" "runs at the same time"
fi
done_testing
