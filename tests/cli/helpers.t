#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
# Root runs no helper (gnuplot, tar, emulators) that another user can change, whatever the environment says.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
[ "$(id -u)" = 0 ] || skip_all "needs root"
cd "$tmp" || exit 1
"$python" "$top/tests/cli/make_run.py" r --n 20 --samples 10 || exit 1
plain=$PATH

# helpers FOLDER: programs in it that do nothing but leave a trace
helpers()
{
	mkdir -p "$1"
	for program in gnuplot tar bochs qemu-system-x86_64; do
		printf '#!/bin/sh\nenv >"%s/ran"\nexit 1\n' "$tmp" >"$1/$program"
		chmod 755 "$1/$program"
	done
}

# passed_over NAME FOLDER PATH: the helpers there are not run, and one line says so
passed_over()
{
	rm -f ran p.svg
	run env PATH="$3" "$EXITSTORM" plot r -k box -s hlt -o p.svg
	is "$status:$out:$(ls ran 2>/dev/null)" "0:p.svg:" "$1: is not run"
	is "$err" "exitstorm plot: warning: gnuplot: $2/gnuplot is passed over: others than root can change it, or its folder" \
		"... and one line says so"
}

helpers open
chmod 777 open
passed_over "a folder that all may write" "$tmp/open" "$tmp/open:$plain"
helpers theirs
chown 1000 theirs
passed_over "a folder of another user" "$tmp/theirs" "$tmp/theirs:$plain"
helpers group
chown 0:1000 group
chmod 775 group
passed_over "a folder that a group may write" "$tmp/group" "$tmp/group:$plain"
helpers file
chown 1000 file/gnuplot
passed_over "a file of another user" "$tmp/file" "$tmp/file:$plain"
helpers above/bin
chmod 777 above
passed_over "a folder that others may rename" "$tmp/above/bin" "$tmp/above/bin:$plain"
mkdir links
ln -s "$tmp/theirs/gnuplot" links/gnuplot
passed_over "a link to a file of another user" "$tmp/links" "$tmp/links:$plain"
cd open || exit 1
run env PATH=":$plain" "$EXITSTORM" plot ../r -k box -s hlt -o ../p.svg
is "$status:$(ls ../ran 2>/dev/null)" "0:" "the current folder, by an empty part of PATH"
cd ..

run env PATH="$tmp/open" "$EXITSTORM" plot r -k box -s hlt -o none.svg
is "$status:$(printf '%s\n' "$err" | tail -n 1)" \
	"1:exitstorm plot: gnuplot is not installed, it draws the figures: apt install gnuplot-nox" "no other gnuplot"
for target in bochs qemu; do
	run env PATH="$tmp/open" "$EXITSTORM" run -t $target -q -s cpuid -n 10 -r 1 -o none
	is "$status:$(ls ran none 2>/dev/null)" "1:" "an emulator that others can change: $target"
	like "$err" "open/(bochs|qemu-system-x86_64) is passed over" "... one line says so"
	like "$err" "is not installed" "... and that there is no other"
done
run env PATH="$tmp/open:$plain" "$EXITSTORM" archive r -o a.tar
is "$status:$(ls ran 2>/dev/null)" "0:" "an archive by programs of the system"

# Root's own folder counts. A helper gets nothing that names code.
helpers own
run env PATH="$tmp/own:$tmp/open:$plain" LD_PRELOAD= LD_LIBRARY_PATH=/x TAR_OPTIONS=x GNUPLOT_DRIVER_DIR=/x \
	GNUPLOT_LIB=/x BXSHARE=/x HOME="$tmp" XDG_CONFIG_HOME=/x TMPDIR="$tmp" LANG=C.UTF-8 \
	"$EXITSTORM" plot r -k box -s hlt -o p.svg
is "$status" 1 "root's own gnuplot was run"
is "$(sed -n 's/=.*//p' ran | grep -vx 'PWD\|OLDPWD\|_\|SHLVL\|TERM\|COLUMNS' | sort | tr '\n' ' ')" "LANG LC_ALL PATH TMPDIR " \
	"it gets language, terminal, PATH and TMPDIR only"
like "$(cat ran)" "^PATH=$tmp/own:/" "its PATH begins with that folder"
unlike "$(cat ran)" "^PATH=.*$tmp/open" "... and has none of others"
rm -f ran
run env TAR_OPTIONS="--checkpoint=1 --checkpoint-action=exec=touch\\ $tmp/ran" "$EXITSTORM" archive r -o b.tar
is "$status:$(ls ran 2>/dev/null)" "0:" "no options of tar from the environment"

# TMPDIR: the scripts of helpers lie there.
run env TMPDIR="$tmp/open" "$EXITSTORM" plot r -k box -s hlt -o p.svg
is "$status:$err" "0:exitstorm plot: warning: TMPDIR: $tmp/open is passed over: others than root can change it, or its folder" \
	"a TMPDIR that others can change"
mkdir sticky
chmod 1777 sticky
run env TMPDIR="$tmp/sticky" "$EXITSTORM" plot r -k box -s hlt -o p.svg
is "$status:$err" "0:" "a TMPDIR like /tmp"
run env PATH="$tmp/own" EXITSTORM_KEEP="$tmp/open" "$EXITSTORM" run -t bochs -q -s cpuid -n 10 -r 1 -o kept
is "$status:$(ls open)" "1:$(ls own)" "EXITSTORM_KEEP that others can change"
like "$(cat kept/run.json)" "EXITSTORM_KEEP: $tmp/open: others than root can change it" "... is refused in words"

# Other users decide for themselves.
chmod 755 "$tmp"
chmod 777 "$tmp/r"
if setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$EXITSTORM" -a -r r/run.json 2>/dev/null; then
	touch ran
	chmod 666 ran
	run setpriv --reuid=65534 --regid=65534 --clear-groups env TMPDIR="$tmp/sticky" SPY=1 PATH="$tmp/theirs:$plain" \
		"$EXITSTORM" plot r -k box -s hlt -o open/p.svg
	is "$status" 1 "a user runs what the user's PATH names"
	like "$(cat ran)" "^SPY=1" "... with the user's variables"
else
	skip "another user cannot run the command" "a user runs what the user's PATH names"
fi
done_testing
