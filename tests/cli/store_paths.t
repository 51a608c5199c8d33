#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# The path of a store: names that mean something else to SQLite, links, other kinds of files, folders and disks that
# cannot be written. Values that are too long to tell groups apart.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
for name in a b; do
	"$python" "$top/tests/cli/make_run.py" "$tmp/$name" --n 30 --repeats 3 || exit 1
done
sed -i 's/"duration_s": /&1/' "$tmp/b/run.json"
cd "$tmp" || exit 1

for name in :memory: 'file:x?mode=memory' 'a?b#c%20' Läufe $'e\e[2J\n'; do
	run "$EXITSTORM" collect a -o "$name"
	is "$status" 0 "collect -o $(printf %q "$name")"
	like "$out" ': 1 runs added, 0 replaced' "... adds the run"
	unlike "$out" $'\e' "... with a name that prints"
	run "$EXITSTORM" query "$name" -s hlt --csv
	is "$status:$(wc -l <<<"$out")" 0:2 "... and it is there"
	ok "... in a file of that name" test -s "$name"
done
fails 1 "no name" "$EXITSTORM" collect a -o ''
ln -s target link
"$EXITSTORM" collect -q a -o link
ok "a link that leads nowhere gets its file" test -s target -a -L link
ln -s loop loop
for name in /dev/null fifo a loop; do
	[ $name != fifo ] || mkfifo fifo
	fails 1 "collect -o $name" "$EXITSTORM" collect a -o $name
	like "$err" "^exitstorm collect: $name: (is not a regular file|Too many levels)" "... in words"
	fails 1 "query $name" "$EXITSTORM" query $name
done
ok "/dev/null is what it was" test -c /dev/null
fails 1 "a folder that is not there" "$EXITSTORM" collect a -o no/store
like "$err" "no/store: No such file or directory" "... is the reason"

# Groups by values that begin alike.
"$python" - a b <<'END'
import json, sys
for path in sys.argv[1:]:
    run = json.load(open(path + "/run.json"))
    run["labels"] = {"short": "ä" * 127 + path, "long": "ä" * 300 + path}
    json.dump(run, open(path + "/run.json", "w"))
END
"$EXITSTORM" collect -q a b -o labels
run "$EXITSTORM" query labels --by labels.short -s hlt --csv
is "$status:$(wc -l <<<"$out")" 0:3 "two values of 255 bytes are two groups"
fails 1 "values of 601 bytes" "$EXITSTORM" query labels --by labels.long -s hlt
like "$err" "a run's labels.long has 601 bytes" "... are not cut and taken for one"

# Disks.
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	skip "no mount namespace may be made here" "disks that are full or read-only"
	done_testing
fi
mkdir disk
cp labels disk/there
cat >with_disk <<'END'
case $1 in
full) mount -t tmpfs -o size=40k none disk ;;
read-only) mount --bind disk disk && mount -o remount,ro,bind disk ;;
file) touch disk/file && mount --bind disk disk && mount --bind labels disk/file && mount -o remount,ro,bind disk ;;
esac || exit 9
shift
exec "$@"
END
fails 1 "a full disk" unshare -m sh with_disk full "$EXITSTORM" collect a b -o disk/new -q
like "$err" "disk/new: no space left on device" "... is called that"
for name in there new; do
	fails 1 "a store on a read-only disk: $name" unshare -m sh with_disk read-only "$EXITSTORM" collect a -o disk/$name -q
	like "$err" "disk/$name: Read-only file system" "... is called that"
done
run unshare -m sh with_disk read-only "$EXITSTORM" query disk/there -s hlt
is "$status" 0 "... and can be read"
sed -i 's/"duration_s": /&1/' a/run.json
fails 1 "a store that can be written in a folder that cannot" unshare -m sh with_disk file "$EXITSTORM" collect a -o disk/file -q
like "$err" "disk/file: no journal can be opened beside it" "... is told"
done_testing
