#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
# bench/setup/setup.sh with an apt-get, sudo and id that only log their arguments.
. "$(dirname "$0")/lib.sh"
# A copy, so that it builds nothing in this tree.
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

# A missing package, by the example of the compiler.
try()
{
	run env PATH="$tmp/bin:$PATH" CC=no-such-compiler SETUP= "$@"
}
try CC=cc sh "$setup" bench
is "$status $out$err" "0 " "no package is missing: no output"
is "$(asked)" "" "... and no call of apt-get"

# libperf is built from the kernel's source. Set-up does not fail without it.
try PKG_CONFIG_PATH= CC=cc SETUP=no sh "$setup" bench
is "$status" 0 "no libperf: set-up succeeds"
like "$err" "without libperf: no counters" "... and says that there are no counters"
is "$(asked)" "" "... SETUP=no downloads nothing"
fake apt-cache 'echo "  Depends: linux-source-0.0"'
try PKG_CONFIG_PATH= CC=cc APT_STATUS=1 sh "$setup" bench
is "$status" 0 "its source cannot be downloaded: no failure"
like "$err" "libperf could not be built from linux-source-0.0" "... and says that it was not built"
is "$(asked)" "apt-get download -qq linux-source-0.0;" "... one download was tried, nothing installed"
is "$(ls -A "$tmp/tree/build")" "" "... and no file is left"
fake apt-cache 'exit ${LISTS_STATUS:-0}'

try SETUP=no sh "$setup" bench
is "$status" 1 "SETUP=no without a compiler fails"
like "$out" "SETUP=no: gcc libc6-dev" "... lists the packages that it did not install"
like "$err" "cannot build without: gcc libc6-dev" "... and says that it cannot build"
is "$(asked)" "" "... and installs nothing"

try sh "$setup" bench
like "$out" "installs with apt-get: gcc libc6-dev" "lists the packages before it installs them"
is "$(asked)" "apt-get install -y --no-install-recommends gcc libc6-dev -qq;" \
	"installs the missing packages only, without an update"

try LISTS_STATUS=1 sh "$setup" bench
like "$(asked)" "^apt-get update -qq;apt-get install .* gcc libc6-dev -qq;$" \
	"without package lists it updates them first"

try APT_STATUS=1 sh "$setup" bench
is "$status" 1 "set-up fails when apt-get does"
like "$err" "by hand: apt-get install .* gcc libc6-dev" "... with the line to run"
asked >/dev/null

try FAKE_ID=1000 sh "$setup" bench
like "$(asked)" "^sudo;apt-get install" "a user installs by sudo"

# apt-get refuses a list with one name that it does not know.
fake apt-get "echo \"apt-get \$*\" >>'$log'; case \$* in *libc6-dev*) exit 100 ;; esac"
try sh "$setup" bench
is "$status" 1 "a package that apt-get does not have: fails, because it must be there"
like "$(asked)" ";apt-get install .*-recommends gcc -qq;apt-get install .*-recommends libc6-dev -qq;$" \
	"... but each package is tried by itself"
like "$err" "not installed: libc6-dev" "... with its name"
unlike "$err" "not installed: gcc" "... and no other"
fake apt-get "echo \"apt-get \$*\" >>'$log'; exit \${APT_STATUS:-0}"

# A python3 of the user's own, first in PATH, has one of the modules that the tests want of one interpreter.
mkdir "$tmp/own" "$tmp/system"
sed "s|/usr/bin/python3|$tmp/system/python3|" "$setup" >"$setup.python"
fake python3 'exit 1'
mv "$tmp/bin/python3" "$tmp/system/python3"
printf '#!/bin/sh\ncase $* in *numpy*) exit 1 ;; esac\n' >"$tmp/own/python3"
chmod +x "$tmp/own/python3"
python()
{
	run env PATH="$tmp/own:$tmp/bin:$PATH" CC=cc SETUP=no sh "$setup.python" check
}
python
like "$out" " python3-numpy python3-jsonschema" "modules in two interpreters, none with both: both are missing"
printf '#!/bin/sh\n' >"$tmp/own/python3"
python
unlike "$out" "python3-" "... the first in PATH has both: neither is"
printf '#!/bin/sh\nexit 1\n' >"$tmp/own/python3"
printf '#!/bin/sh\ncase $* in *numpy*) exit 1 ;; esac\n' >"$tmp/system/python3"
python
like "$out" " python3-numpy( |$)" "... the distribution's has one: the other is missing"
unlike "$out" "python3-jsonschema" "... alone"

# Neither apt-get nor sudo, only the commands that the script itself needs.
mkdir "$tmp/few"
for command in sh cat sed grep tr env echo mktemp rm; do
	ln -s "$(command -v $command)" "$tmp/few/$command"
done
cp "$tmp/bin/id" "$tmp/few"
elsewhere()
{
	printf 'NAME="Test %s"\nID=%s\nID_LIKE="%s"\n' "$1" "$1" "$2" >"$tmp/os-release"
	run env PATH="$tmp/few" SETUP= OS_RELEASE="$tmp/os-release" sh "$setup" "${3:-check}"
}
elsewhere fedora ''
is "$status" 1 "Fedora: fails where nothing can be built"
like "$out" "^  dnf install gcc glibc-devel binutils pkgconf-pkg-config jansson-devel " "... with Fedora's names"
unlike "$out" "-dev( |$)| bochs-term" "... and none of Debian's"
like "$err" "^  without bochs-term \(which fedora does not have\): no raw VMX" "... what it does not have is named"
elsewhere rocky 'rhel centos fedora'
like "$out" "^  dnf install gcc glibc-devel " "... where it comes from Fedora, too"
elsewhere manjaro arch
like "$out" "^  pacman -S --needed gcc glibc .* grub libisoburn " "Arch: its names, each once"
elsewhere alpine ''
like "$out" "^  apk add gcc musl-dev linux-headers .* gsl-dev libmd-dev " "Alpine: its names, with several for one"
unlike "$out" "bochs|zydis" "... without what it does not have"
unlike "$err" "without +:" "... each loss has a name"
elsewhere linuxmint 'ubuntu debian' perf
like "$out" "please install these .* linux-tools-generic bpftrace$" "Ubuntu without apt-get: its names"
elsewhere nixos ''
like "$out" "please install these \(names are Debian's\): gcc " "another distribution: Debian's names"
run env PATH="$tmp/few" SETUP= OS_RELEASE="$tmp/none" sh "$setup" check
is "$status" 1 "no apt-get: fails where nothing can be built"
like "$out" "please install these \(names are Debian's\): gcc .*libcmocka-dev" "... and lists the packages"
cp "$tmp/bin/apt-get" "$tmp/bin/apt-cache" "$tmp/few"
run env PATH="$tmp/few" SETUP= FAKE_ID=1000 sh "$setup" bench
like "$out" "Let root run:" "not root and no sudo: a command for root"
like "$out" "^  apt-get install .* gcc .*libjansson-dev" "... with the line to run"
is "$(asked)" "" "... and no call of apt-get"
done_testing
