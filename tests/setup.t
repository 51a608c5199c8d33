#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# bench/setup/setup.sh with an apt-get, sudo and id that only write down what they are asked.
. "$(dirname "$0")/lib.sh"
# A copy, so that what it builds is not the tree's.
mkdir -p "$tmp/tree/bench/setup" "$tmp/pc"
cp "$top"/bench/setup/setup.sh "$top"/bench/setup/libperf.sh "$tmp/tree/bench/setup"
setup=$tmp/tree/bench/setup/setup.sh
printf 'Name: libperf\nDescription: fake\nVersion: 0\n' >"$tmp/pc/libperf.pc"
PKG_CONFIG_PATH=$tmp/pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
log=$tmp/log

fake()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1" && chmod +x "$tmp/bin/$1"
}
mkdir "$tmp/bin"
fake apt-get "echo \"apt-get \$*\" >>'$log'; exit \${APT_STATUS:-0}"
fake apt-cache 'exit ${LISTS_STATUS:-0}'
fake sudo "echo sudo >>'$log'; exec \"\$@\""
fake id 'echo ${FAKE_ID:-0}'
asked()
{
	[ ! -e "$log" ] || tr '\n' ';' <"$log"
	rm -f "$log"
}

# A compiler that is not there stands for a package that is missing.
try()
{
	run env PATH="$tmp/bin:$PATH" CC=no-such-compiler SETUP= "$@"
}
try CC=cc sh "$setup" bench
is "$status $out$err" "0 " "nothing missing: nothing said, nothing done"
is "$(asked)" "" "... and apt-get not asked"

# libperf is no package: built of the kernel's source, and nothing fails without it.
try PKG_CONFIG_PATH= CC=cc SETUP=no sh "$setup" bench
is "$status" 0 "no libperf: that is no failure"
like "$err" "without libperf: no counters" "... and said"
is "$(asked)" "" "... SETUP=no asks for nothing"
fake apt-cache 'echo "  Depends: linux-source-0.0"'
try PKG_CONFIG_PATH= CC=cc APT_STATUS=1 sh "$setup" bench
is "$status" 0 "its source cannot be downloaded: no failure"
like "$err" "libperf could not be built from linux-source-0.0" "... and said"
is "$(asked)" "apt-get download -qq linux-source-0.0;" "... it was asked for, nothing installed"
is "$(ls -A "$tmp/tree/build")" "" "... and nothing is left"
fake apt-cache 'exit ${LISTS_STATUS:-0}'

try SETUP=no sh "$setup" bench
is "$status" 1 "SETUP=no without a compiler fails"
like "$out" "SETUP=no: gcc libc6-dev" "... says what it did not install"
like "$err" "cannot build without: gcc libc6-dev" "... and what that costs"
is "$(asked)" "" "... and installs nothing"

try sh "$setup" bench
like "$out" "installs with apt-get: gcc libc6-dev" "says what it will install"
is "$(asked)" "apt-get install -y --no-install-recommends gcc libc6-dev -qq;" \
	"installs only what is missing, without an update"

try LISTS_STATUS=1 sh "$setup" bench
like "$(asked)" "^apt-get update -qq;apt-get install .* gcc libc6-dev -qq;$" \
	"without package lists it updates them first"

try APT_STATUS=1 sh "$setup" bench
is "$status" 1 "apt-get that fails is a failure"
like "$err" "by hand: apt-get install .* gcc libc6-dev" "... with the line to run"
asked >/dev/null

try FAKE_ID=1000 sh "$setup" bench
like "$(asked)" "^sudo;apt-get install" "a user asks by sudo"

# Neither apt-get nor sudo: only what the script itself needs.
mkdir "$tmp/few"
for command in sh cat sed grep tr env echo mktemp rm; do
	ln -s "$(command -v $command)" "$tmp/few/$command"
done
cp "$tmp/bin/id" "$tmp/few"
run env PATH="$tmp/few" SETUP= sh "$setup" check
is "$status" 1 "no apt-get: fails where nothing can be built"
like "$out" "please install these \(names are Debian's\): gcc .*libcmocka-dev" "... and names them"
cp "$tmp/bin/apt-get" "$tmp/bin/apt-cache" "$tmp/few"
run env PATH="$tmp/few" SETUP= FAKE_ID=1000 sh "$setup" bench
like "$out" "Let root run:" "not root and no sudo: says so"
like "$out" "^  apt-get install .* gcc .*libjansson-dev" "... with the line to run"
is "$(asked)" "" "... and asks nothing"
done_testing
