#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others
# A read that fails is no end of a file, and a folder that cannot be read is not an empty one: one call after
# the other fails, and each command then says so with status 1, or its output is whole. A few calls of each
# kind, every one if EVERY is set.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
strace -o /dev/null true 2>/dev/null || skip_all "no strace here"
"$python" "$top/tests/cli/make_run.py" "$tmp/r" --n 20 --samples 10 || exit 1
mkdir "$tmp/tmp"
TMPDIR=$tmp/tmp
export TMPDIR
cd "$tmp" || exit 1

# The content of a product, without times and the folder's name that gnuplot writes.
content()
{
	case $1 in
	*.tar)
		rm -rf content
		mkdir content
		tar -xf "$1" -C content
		(cd content && find . | sort && find . -type f ! -name '*.pdf' ! -name SHA256SUMS | sort | xargs cat
			cd ./* && sed 's/^[0-9a-f]*  //' SHA256SUMS)
		;;
	*) cat "$1" && find "$1.data" 2>/dev/null | sort | while read -r file; do echo "$file" && cat "$file"; done ;;
	esac 2>/dev/null | cksum
}

# faults OUT TRIES CALL COMMAND...: of the calls, TRIES fail in turn
faults()
{
	product=$1 tries=$2 call=$3
	shift 3
	rm -rf "$product" "$product.data"
	strace -o calls -e trace="$call" "$EXITSTORM" "$@" >/dev/null
	whole=$(content "$product")
	count=$(grep -c "^$call(" calls)
	step=$((count / (tries + 1)))
	[ "$step" -gt 0 ] && [ -z "${EVERY:-}" ] || step=1
	bad='' n=$step skipped=0
	while [ "$n" -le "$count" ]; do
		rm -rf "$product" "$product.data"
		run strace -o calls -e trace="$call" -e inject="$call:error=EIO:when=$n" "$EXITSTORM" "$@"
		if ! grep -q INJECTED calls; then
			bad="$bad
$n: was not injected"
		elif [ "$status" = 0 ] && [ "$(content "$product")" != "$whole" ]; then
			bad="$bad
$n: other content: $(grep INJECTED calls)"
		elif [ "$status" = 127 ] && printf %s "$err" | grep -q ': error while loading shared libraries: '; then
			skipped=$((skipped + 1)) # the call is ld.so's
		elif [ "$status" -gt 1 ]; then
			bad="$bad
$n: status $status: $err"
		elif [ "$status" != 0 ] && [ -z "$err" ]; then
			bad="$bad
$n: status $status without a word"
		fi
		[ "$status" = 0 ] || reported=$((reported + 1))
		n=$((n + step)) tried=$((tried + 1))
	done
	is "$bad" "" "$1: $call fails, $((count / step - skipped)) of $count in turn"
}

reported=0 tried=0
faults p.svg 3 getdents64 plot r -k box -s hlt --data -o p.svg
faults p.svg 2 read plot r -k box -s hlt --data -o p.svg
faults r.html 2 read report r -o r.html
faults a.tar 2 getdents64 archive r -o a.tar
for call in read newfstatat openat; do
	faults a.tar 1 $call archive r -o a.tar
done
# The others are no errors: of sweeping, of a locale that is not there, ...
note "$reported of these faults were reported"
ok "more than one in four was an error" test $((reported * 4)) -gt "$tried"
run "$EXITSTORM" archive r -o a.tar
is "$status" 0 "an archive without faults"
is "$(find . "$TMPDIR" -maxdepth 1 -name '*exitstorm*')" "" "litter of failed removals goes with the next command"

# A folder of runs that cannot be listed is not a folder without runs.
mkdir runs
mv r runs
run strace -o calls -e trace=getdents64 -e inject=getdents64:error=EIO "$EXITSTORM" show runs/r
is "$status" 0 "show needs no list of files"
run strace -o calls -e trace=getdents64 -e inject=getdents64:error=EIO "$EXITSTORM" plot runs -o p.svg
is "$status" 1 "a folder of runs that cannot be listed"
like "$err" "runs: Input/output error" "... is reported"

# A run is on the disk before it has its name: a folder of it that cannot be listed has files that are not.
"$EXITSTORM" image -s null,cpuid -n 100 -r 1 -o image >/dev/null
"$python" "$top/tests/cli/make_capture.py" image/exitstorm.plan good.cap
strace -o calls -e trace=getdents64 "$EXITSTORM" import -q good.cap -o imported >/dev/null
count=$(grep -c '^getdents64(' calls) n=1 refused=0
while [ "$n" -le "$count" ]; do
	rm -rf imported
	run strace -o calls -e trace=getdents64 -e inject=getdents64:error=EIO:when=$n "$EXITSTORM" import -q good.cap -o imported
	[ "$status:$err:$(ls imported 2>&1 | grep -c cannot)" != \
		"1:exitstorm import: imported: cannot be written: Input/output error:1" ] || refused=$((refused + 1))
	n=$((n + 1))
done
# One call has the names, one the end: of the run and its histograms.
is "$refused" 4 "a run is refused if its folders cannot be listed when it is synced"

# A product that lacks a part is there, and the status says that it lacks it.
mkdir bin
printf '%s\n' '#!/bin/sh' 'case $* in *timeline*) echo "line 3: no space" >&2; exit 1 ;; esac' \
	"exec '$(command -v gnuplot)' \"\$@\"" >bin/gnuplot
chmod +x bin/gnuplot
run env PATH="$tmp/bin:$PATH" "$EXITSTORM" archive runs -o b.tar
is "$status:$out" "1:b.tar" "an archive without one of its figures"
like "$err" "^exitstorm archive: r-timeline is left out: gnuplot failed: line 3: no space$" "... says which"
tar -xf b.tar
like "$(cat b/REPRODUCE.md)" "^- r-timeline: gnuplot failed" "... in REPRODUCE.md, too"
ok "... and has the others" test -s b/figures/r-box.pdf
mkdir none
for program in sh env tar cat; do ln -s "$(command -v $program)" none/; done
run env PATH="$tmp/none" "$EXITSTORM" archive runs -o c.tar
is "$status:$out" "1:c.tar" "an archive without gnuplot"
like "$err" "left out: gnuplot is not installed.*; and 3 other figures$" "... says so"
done_testing
