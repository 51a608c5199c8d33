#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# beside: others, one at a time
# A run folder comes from a stranger: none of its paths leads out of it, links, FIFOs and devices are refused
# in words by each command that reads it, and an archive lacks nothing that run.json promises.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
"$python" "$top/tests/cli/make_run.py" "$tmp/good" --n 60 --samples 40 || exit 1
cd "$tmp" || exit 1
echo "secret words" >secret
RUN_LIMIT=30 # a FIFO must not block

# A copy of the run in which FILE is no file; false: this machine cannot make one.
spoil()
{
	rm -rf r
	cp -r good r
	mv "r/$2" aside
	case $1 in
	link) ln -s "$tmp/aside" "r/$2" ;;
	"foreign link") ln -s "$tmp/secret" "r/$2" ;;
	"dangling link") ln -s nowhere "r/$2" ;;
	FIFO) mkfifo "r/$2" ;;
	device) mknod "r/$2" c 1 5 2>/dev/null ;; # /dev/zero
	folder) mkdir "r/$2" ;;
	esac
}

# refused WHAT: by all commands, with one line, and nothing is left
refused()
{
	bad=''
	while read -r command; do
		[ "${command%% *}" != run ] || have_kvm || continue
		# shellcheck disable=SC2086
		run "$EXITSTORM" $command
		[ "$status" = 1 ] && [ -z "$out" ] && [ "$(printf '%s\n' "$err" | wc -l)" = 1 ] &&
			printf '%s' "$err" | grep -Eq "$2" || bad="$bad
$command: $status: $err"
	done <<-'END'
		show r
		show r --samples
		show r --json
		compare good r
		compare r good --csv
		plot r -k cdf -o p.svg
		plot good r -k timeline -o p.svg
		report r good -o r.html
		export r
		export r --perfetto
		archive r -o a.tar
		archive good r --anonymous -o a.tar
		run --like r -t kvm -s null -n 10 -o again
	END
	is "$bad" "" "$1"
}

for file in run.json samples/hlt.npy histograms/hlt.npy histograms/null.npy; do
	for kind in link "foreign link" "dangling link" FIFO device folder; do
		if spoil "$kind" "$file"; then
			refused "$file that is a $kind" "r: $file is a ${kind##* }"
		else
			skip "mknod is not allowed here" "$file that is a device"
		fi
	done
done
rm -rf r
cp -r good r
mv r/samples aside.d
ln -s "$tmp/aside.d" r/samples
refused "a folder of arrays that is a link" "samples/null.npy is not in a folder of the run's own"
is "$(ls -d a.tar p.svg r.html again 2>/dev/null)" "" "nothing was written"

for operand in fifo dev; do
	if [ $operand = fifo ]; then mkfifo fifo; else mknod dev c 1 5 2>/dev/null || rm -f dev; fi
	if [ ! -e $operand ]; then
		skip "mknod is not allowed here" "import of a device"
		continue
	fi
	fails 1 "import of a $operand" "$EXITSTORM" import $operand -o imported
	like "$err" "is a (FIFO|device): a capture is a file" "... in words"
done
fails 1 "import of a folder" "$EXITSTORM" import good -o imported

# A folder of runs.
mkdir -p set away
cp -r good set/one
cp -r good away/two
ln -s one set/latest
ok "a link within a folder of runs" "$EXITSTORM" plot set -k box -o set.svg
ln -s ../away/two set/two
fails 1 "a link out of a folder of runs" "$EXITSTORM" archive set -o set.tar
like "$err" "set/two: is a link out of its folder: name the run itself" "... in words"
mkdir -p spoilt/one
mkfifo spoilt/one/run.json
for command in "compare good" "plot -o s.svg" "report -o s.html" "archive -o s.tar"; do
	# shellcheck disable=SC2086
	fails 1 "${command%% *}: a FIFO in a folder of runs" "$EXITSTORM" $command spoilt
	like "$err" "spoilt/one: run.json is a FIFO" "... in words"
done
for command in show "compare good" "plot -o s.svg" "report -o s.html" "archive -o s.tar" export "export --perfetto"; do
	# shellcheck disable=SC2086
	fails 1 "${command%% *}: a FIFO in place of a run" "$EXITSTORM" $command fifo
	like "$err" "fifo: is not a folder" "... in words"
done
ln -s away/two named
ok "a link that the user names" "$EXITSTORM" show named

# An archive has what run.json promises.
fresh()
{
	rm -rf r
	cp -r good r
}
fresh
rm r/samples/hlt.npy
fails 1 "archive: missing samples" "$EXITSTORM" archive r -o a.tar
like "$err" "samples/hlt.npy is missing" "... in words"
fresh
rm r/histograms/null.npy
fails 1 "archive: the missing histogram of the control" "$EXITSTORM" archive r -o a.tar
like "$err" "histograms/null.npy is missing" "... in words"
fresh
rm -r r/histograms r/samples
fails 1 "archive: no arrays at all" "$EXITSTORM" archive r -o a.tar
fresh
truncate -s -1 r/histograms/pio_out.npy
fails 1 "archive: a histogram that is cut off" "$EXITSTORM" archive r -o a.tar
like "$err" "it is cut off" "... in words"
fresh
truncate -s +64 r/samples/pio_out.npy
fails 1 "archive: samples with more than their shape says" "$EXITSTORM" archive r -o a.tar
fresh
printf '\377\377\377\377' | dd of=r/histograms/syscall.npy bs=1 conv=notrunc status=none \
	seek=$(($(stat -c %s r/histograms/syscall.npy) - 16))
fails 1 "archive: an impossible row" "$EXITSTORM" archive r -o a.tar
like "$err" "has an impossible row" "... in words"
is "$(ls -A | grep -c '^\.exitstorm\|^a\.tar')" 0 "nothing is left"

# Samples may lie elsewhere in the run's folder. In the archive they are at their place.
fresh
mv r/samples/hlt.npy "r/hlt of mine.npy"
sed -i 's|"samples/hlt.npy"|"hlt of mine.npy"|' r/run.json
ok "archive: samples at another place" "$EXITSTORM" archive r -o a.tar
tar -xf a.tar
ok "... are the same" cmp good/samples/hlt.npy a/runs/r/samples/hlt.npy
ok "... and found" "$EXITSTORM" export a/runs/r -s hlt

# Names that meet.
mkdir -p x/one y/one z
mv a a.old
cp -r good x/one/one-3
cp -r good y/one/one
cp -r good z/one
ok "archive: names that meet" "$EXITSTORM" archive x/one/one-3 y/one/one z/one -o a.tar
is "$(tar -tf a.tar | sed -n 's|^a/runs/\([^/]*\)/$|\1|p' | sort | tr '\n' ' ')" "one one-3 one-4 " "each has its own"
ok "archive: a file called packed.tar" "$EXITSTORM" archive good -o packed.tar
ok "... has its folder" tar -tf packed.tar packed/REPRODUCE.md
done_testing
