# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be sourced with $cache set: apt COMMAND ARGUMENT... uses package lists in $cache/apt: those of Debian 12, its
# updates, security and backports, which apt verifies by Debian's signatures. The machine's own lists and
# sources stay unchanged.

# The mirror that the machine itself uses for this suite of Debian.
source_of()
{
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		sed -n "s/^$1 //p" | head -n 1
}
mirror=${DEBIAN_MIRROR:-$(source_of bookworm)}
security=${DEBIAN_SECURITY:-$(source_of bookworm-security)}
key=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
{
	for suite in bookworm bookworm-updates bookworm-backports; do
		[ -z "$mirror" ] || echo "deb [signed-by=$key] $mirror $suite main"
	done
	[ -z "$security" ] || echo "deb [signed-by=$key] $security bookworm-security main"
} >"$cache/apt/sources.list"

apt()
{
	command=$1
	shift
	"$command" -o Dir::Etc::SourceList="$cache/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$cache/apt/lists" -o Dir::Cache="$cache/apt/cache" \
		-o APT::Sandbox::User=root -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}
