#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh bench|check: installs what building and measuring (bench) or also testing (check) need
# and what this machine has not. Says so before it does. SETUP=no: installs nothing, says what is
# lost. Exits 1 when something is missing without which nothing can be built.

set -u
want=${1:?bench or check}

# package (as Debian and Ubuntu name it) | who needs it | is it there? | what is lost without it
packages()
{
	cat <<-'END'
	gcc            | bench | command -v ${CC:-gcc}                | must
	libc6-dev      | bench | has_header stdio.h                   | must
	binutils       | bench | command -v objcopy                   | must
	pkg-config     | bench | command -v pkg-config                | must
	libjansson-dev | bench | pkg-config --exists jansson          | must
	libgsl-dev     | bench | pkg-config --exists gsl              | must
	gnuplot-nox    | bench | command -v gnuplot                   | no figures
	bochs          | bench | command -v bochs                     | no raw VMX in an emulator
	bochs-term     | bench | has_bochs_term                       | no raw VMX in an emulator
	bochsbios      | bench | [ -d /usr/share/bochs ]              | no raw VMX in an emulator
	qemu-system-x86 | bench | command -v qemu-system-x86_64       | no raw SVM in QEMU's emulator
	perl           | check | command -v prove                     | no tests
	libcmocka-dev  | check | pkg-config --exists cmocka           | no tests
	clang          | check | command -v clang                     | no test that clang builds this
	busybox-static | check | command -v busybox                   | no tests in a real kernel
	grub-pc-bin    | check | [ -d /usr/lib/grub/i386-pc ]         | no tests in a real kernel on VMX
	grub-common    | check | command -v grub-mkrescue             | no tests in a real kernel on VMX
	xorriso        | check | command -v xorriso                   | no tests in a real kernel on VMX
	mtools         | check | command -v mformat                   | no tests in a real kernel on VMX
	xz-utils       | check | command -v xz                        | no tests in a newer real kernel
	scdoc          | check | command -v scdoc                     | no man page
	chromium       | ci    | command -v chromium                  | no test of reports in a browser
	texlive-latex-base | ci | command -v pdflatex               | no test of figures in LaTeX
	texlive-pictures | ci  | kpsewhich tikz.sty                  | no test of figures in LaTeX
	python3-numpy  | check | has_python numpy                     | no test that NumPy reads runs
	python3-jsonschema | check | has_python jsonschema            | no test of runs against the schema
	END
}

has_header()
{
	echo "#include <$1>" | ${CC:-gcc} -E -
}

# Bochs' display on a terminal; elsewhere than on Debian it may be built in.
has_bochs_term()
{
	ls /usr/lib/bochs/plugins/libbx_term* /usr/lib/*/bochs/plugins/libbx_term* 2>/dev/null | grep -q . ||
		{ command -v bochs && ! dpkg -s bochs; }
}

# A python3 of the user's own may come first in PATH and not see the system's modules.
has_python()
{
	python3 -c "import $1" || /usr/bin/python3 -c "import $1"
}

# Sets missing (names, one line) and lost (a line each).
look()
{
	missing=''
	lost=''
	must=''
	while IFS='|' read -r name who test loss; do
		name=$(echo $name) who=$(echo $who) loss=$(echo $loss)
		[ "$who" = bench ] || [ "$want" = check ] || continue
		# What is heavy: where nobody waits for it.
		[ "$who" != ci ] || [ "${CI:-}" = true ] || continue
		(eval "$test") >/dev/null 2>&1 && continue
		missing="$missing $name"
		if [ "$loss" = must ]; then
			must="$must $name"
		else
			lost="$lost
  without $name: $loss"
		fi
	done <<-END
	$(packages)
	END
	missing=${missing# }
	must=${must# }
}

# Ends: with what is missing this cannot go on, or can.
end()
{
	[ -z "$lost" ] || echo "setup:${lost}" >&2
	[ -z "$must" ] || {
		echo "setup: cannot build without: $must" >&2
		exit 1
	}
	exit 0
}

look
[ -n "$missing" ] || exit 0

if [ "${SETUP:-}" = no ]; then
	echo "setup: not installed, because of SETUP=no: $missing"
	end
fi
if ! command -v apt-get >/dev/null; then
	echo "setup: please install these (names are Debian's): $missing"
	end
fi

install="apt-get install -y --no-install-recommends $missing"
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "setup: missing: $missing"
		echo "setup: not root and no sudo here. Let root run:"
		echo "  $install"
		end
	fi
	sudo=sudo
fi

echo "setup: installs with ${sudo:+sudo }apt-get: $missing"
apt()
{
	$sudo env DEBIAN_FRONTEND=noninteractive "$@" -qq </dev/null >"$log" 2>&1
}
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# Package lists may be missing (a fresh container) or too old to download from.
if ! { apt-cache show $missing >/dev/null 2>&1 && apt $install; }; then
	echo "setup: apt-get update"
	{ apt apt-get update && apt $install; } || {
		cat "$log" >&2
		echo "setup: apt-get failed; by hand: ${sudo:+sudo }$install" >&2
	}
fi
look
[ -z "$missing" ] || end
echo "setup: done"
