#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# Programs that the command runs: their status does not prove their files, they end with the command however
# that ends, and one that cannot be looked at is not one that is not installed.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
cd "$tmp" || exit 1
"$python" "$top/tests/cli/make_run.py" r --n 20 --samples 10 || exit 1
mkdir bin temporary
export TMPDIR=$tmp/temporary

# stand_in PROGRAM LINE...: a script of that name; $real is the program itself.
stand_in()
{
	local program=$1 real
	shift
	real=$(command -v "$program")
	printf '%s\n' '#!/bin/sh' "real='$real'" "$@" >"bin/$program"
	chmod 755 "bin/$program"
}

# tar succeeds and has written a part of its file.
cat >cut.py <<'END'
import sys
how, path = sys.argv[1:]
data = open(path, "rb").read()
whole = data.rstrip(b"\0")
open(path, "wb").write({"its last byte": data[:-1], "its second half": data[:len(data) // 2],
                        "its end mark": data[:-(-len(whole) // 512) * 512]}[how])
END
# lacks WHAT END
lacks()
{
	stand_in tar '"$real" "$@" || exit' 'case "$*" in *--create*) ;; *) exit 0 ;; esac' \
		'while [ "$1" != --file ]; do shift; done' "'$python' '$tmp/cut.py' '$1' \"\$2\""
	echo old >"a.$2"
	run env PATH="$tmp/bin:$PATH" "$EXITSTORM" archive r -o "a.$2"
	is "$status:$(cat "a.$2")" "1:old" "a.$2 lacks $1: the old file stays"
	is "$err" "exitstorm archive: a.$2: tar has left a part of it only" "... and one line says so"
}
lacks "its last byte" tar
lacks "its last byte" tar.gz
lacks "its second half" tar
lacks "its second half" tar.xz
lacks "its end mark" tar

# Killed, as for want of memory.
stand_in tar 'kill -9 $$'
run env PATH="$tmp/bin:$PATH" "$EXITSTORM" archive r -o k.tar
is "$status:$(ls k.tar 2>&1 | grep -c cannot)" "1:1" "tar is killed: no archive"
like "$err" "^exitstorm archive: tar was ended by signal 9" "... and why"
rm bin/tar
stand_in gnuplot '"$real" "$@"; kill -9 $$'
echo old >k.svg
run env PATH="$tmp/bin:$PATH" "$EXITSTORM" plot r -k box -s hlt -o k.svg
is "$status:$(cat k.svg)" "1:old" "gnuplot is killed after it has drawn: the old figure stays"
like "$err" "^exitstorm plot: gnuplot was ended by signal 9" "... and why"

# A command that is killed takes them with it. (kill -9 reaches the command only.)
# dies PROGRAM COMMAND...
dies()
{
	local program=$1 pid child=''
	shift
	rm -f pid
	stand_in "$program" "echo \$\$ >'$tmp/pid.new'" "mv '$tmp/pid.new' '$tmp/pid'" 'exec sleep 1000'
	PATH="$tmp/bin:$PATH" "$EXITSTORM" "$@" >out 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		[ ! -e pid ] || break
		sleep 0.1
	done
	child=$(cat pid)
	ok "$program runs" kill -0 "$child"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	for _ in $(seq 100); do
		kill -0 "$child" 2>/dev/null || break
		sleep 0.1
	done
	nok "$program ends with the killed command" kill -0 "$child"
	kill -9 "$child" 2>/dev/null
	rm "bin/$program"
}
dies gnuplot plot r -k box -s hlt -o d.svg
dies tar archive r -o d.tar
run "$EXITSTORM" plot r -k box -s hlt -o d.svg
is "$status:$(ls -A temporary)" "0:" "the next command leaves nothing of theirs"

# A program that cannot be executed or looked at is not one that is not there.
touch bin/gnuplot
run env PATH="$tmp/bin" "$EXITSTORM" plot r -k box -s hlt -o n.svg
is "$err" "exitstorm plot: gnuplot is not found, and $tmp/bin/gnuplot cannot be used: Permission denied" "gnuplot that is not executable"
run env PATH="$tmp/bin:$PATH" "$EXITSTORM" plot r -k box -s hlt -o n.svg
is "$status:$err" "0:" "... is passed over where there is another"
rm bin/gnuplot
run env PATH="$tmp/none" "$EXITSTORM" plot r -k box -s hlt -o n.svg
is "$err" "exitstorm plot: gnuplot is not installed, it draws the figures: apt install gnuplot-nox" "none at all"
if strace -o /dev/null true 2>/dev/null; then
	for fault in EIO ENOMEM EACCES; do
		for program in gnuplot tar; do
			case $program in
			gnuplot) command='plot r -k box -s hlt -o n.svg' ;;
			tar) command='archive r -o n.tar' ;;
			esac
			path=$(command -v $program)
			# shellcheck disable=SC2086
			run strace -o calls -P "$(realpath "${path%/*}")/$program" -e trace=newfstatat -e inject=newfstatat:error=$fault \
				env PATH="${path%/*}" "$EXITSTORM" $command
			like "$status:$(printf '%s' "$err" | grep ^exitstorm)" \
				"^1:exitstorm [a-z]+: (r-[a-z]+ is left out: )?$program is not found, and /.*/$program cannot be used: " \
				"$program cannot be looked at ($fault)"
		done
	done
else
	skip "no strace here" "a program that cannot be looked at"
fi
done_testing
