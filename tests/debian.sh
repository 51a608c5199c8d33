# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# To be sourced: packages of Debian 12, 13 and testing, with their updates, security and backports, fetched and
# unpacked without installing them. apt verifies them by Debian's signatures, with lists of its own in $cache/apt;
# the machine's own lists, sources and packages stay unchanged. Any user may do this.
#
# $cache: $EXITSTORM_CACHE, default ~/.cache/exitstorm; `make clean` does not remove it. $DEBIAN_MIRROR and
# $DEBIAN_SECURITY: other mirrors than those that the machine itself uses. The script that sources this holds the
# cache's lock until it ends.
cache=${EXITSTORM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/exitstorm}
mkdir -p "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
exec 9>"$cache/apt/.lock"
flock 9

machine_mirror()
{
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		sed -nE "s/^((old)*stable|testing|unstable|sid|bookworm|trixie|forky)$1 //p" | head -n 1
}

# An empty status file: no package counts as installed, so that all dependencies are fetched.
apt()
{
	command=$1
	shift
	"$command" -q -o Dir::Etc::SourceList="$cache/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$cache/apt" -o Dir::State::Lists="$cache/apt/lists" -o Dir::State::status="$cache/apt/status" \
		-o Dir::Cache="$cache/apt/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false \
		-o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}

list_headers()
{
	# shellcheck disable=SC2046
	apt apt-cache show --no-all-versions $(apt apt-cache pkgnames linux-headers- |
		grep -E '^linux-headers-[0-9]+\.[0-9]+\.[0-9]+(-[0-9]+|\+deb[0-9.]+)-(cloud-|rt-)?amd64$') 2>/dev/null |
		awk '$1 == "Package:" { release = substr($2, 15) }
			$1 == "Depends:" && match($0, /gcc-[0-9]+/) { print release, substr($0, RSTART, RLENGTH) }' | sort -V
}

# The lists are updated once a day: packages appear and disappear. Where one of them cannot be had (a suite that the
# mirror lacks, or whose signature has expired) those of the others count, and the next call tries again.
debian_update()
{
	[ -z "$(find "$cache/apt/stamp" -mmin -1440 2>/dev/null)" ] || return 0
	mirror=${DEBIAN_MIRROR:-$(machine_mirror "")}
	security=${DEBIAN_SECURITY:-$(machine_mirror -security)}
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite in bookworm trixie; do
		for part in "" -updates -backports; do
			[ -z "$mirror" ] || echo "deb [signed-by=$key] $mirror $suite$part main"
		done
		[ -z "$security" ] || echo "deb [signed-by=$key] $security $suite-security main"
	done >"$cache/apt/sources.list"
	[ -z "$mirror" ] || echo "deb [signed-by=$key] $mirror testing main" >>"$cache/apt/sources.list"
	: >"$cache/apt/status"
	updated=0
	apt apt-get -qq update >&2 || updated=$?
	list_headers >"$cache/apt/headers.new"
	[ ! -s "$cache/apt/headers.new" ] || mv "$cache/apt/headers.new" "$cache/apt/headers"
	[ "$updated" != 0 ] || touch "$cache/apt/stamp"
	return "$updated"
}

# debian_unpack FOLDER PACKAGE...: exactly these. The folder gets its name after all is in it.
debian_unpack()
{
	rm -rf "$cache/apt/new" "$1"
	mkdir -p "$cache/apt/new" "$(dirname "$1")"
	(
		cd "$cache/apt/new"
		shift
		apt apt-get -qq download "$@" >&2 || exit 1
		for package in *.deb; do
			dpkg -x "$package" . && rm "$package" || exit 1
		done
	) && mv "$cache/apt/new" "$1"
}

# debian_unpack_all FOLDER [-t SUITE] PACKAGE...: with all that they depend on.
debian_unpack_all()
{
	unpack_to=$1
	shift
	names=$(apt apt-get -s install "$@" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
	# shellcheck disable=SC2086
	[ -n "$names" ] && debian_unpack "$unpack_to" $names
}

# All kernel releases whose headers there are, the oldest first, each with the compiler that they ask for:
# "6.1.0-56-cloud-amd64 gcc-12".
debian_headers()
{
	cat "$cache/apt/headers" 2>/dev/null
}

# Of these lines on stdin the newest for each line of kernels (6.12), generation of Debian (deb13) and flavour.
debian_newest()
{
	awk '{
		split($1, number, /[.]/)
		debian = match($1, /deb[0-9]+/) ? substr($1, RSTART, RLENGTH) : ""
		flavour = $1
		sub(/^[0-9.]+(-[0-9]+|\+deb[0-9.]+)-/, "", flavour)
		newest[number[1] "." number[2] " " debian " " flavour] = $0
	} END { for (key in newest) print newest[key] }' | sort -V
}

# debian_cloud LINE: the cloud kernel of that line (6.1, 6.12; newest: of any) for the beds: the newest whose compiler
# this machine has, else the newest.
debian_cloud()
{
	pattern=$(printf '%s' "$1" | sed 's/[.]/[.]/g; s/^newest$/[0-9]+/')
	debian_headers | grep -E "^$pattern[.].*-cloud-amd64 " | while read -r release compiler; do
		echo "$(command -v "$compiler" >/dev/null && [ "$1" != newest ] && echo 1 || echo 0) $release $compiler"
	done | sort -k1,1n -k2,2V | tail -n 1 | cut -d' ' -f2-
}
