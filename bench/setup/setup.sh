#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh bench|check|perf|deb: announces and installs the missing packages for building and measuring
# (bench), also for the tests (check), for the comparison with perf and bpftrace (perf), or for Debian
# packages (deb). With
# SETUP=no it installs nothing and prints what is lost. Exits 1 if the build is impossible without a
# missing package.

set -u
want=${1:?bench, check, perf or deb}

# package | needed by | test for it | what is lost without it
packages()
{
	cat <<-'END'
	gcc                | bench | command -v ${CC:-gcc}                | must
	libc6-dev          | bench | has_c_headers                        | must
	binutils           | bench | command -v objcopy                   | must
	pkg-config         | bench | command -v pkg-config                | must
	libjansson-dev     | bench | pkg-config --exists jansson          | must
	libgsl-dev         | bench | pkg-config --exists gsl              | must
	libmd-dev          | bench | pkg-config --exists libmd            | must
	libsqlite3-dev     | bench | pkg-config --exists sqlite3          | must
	xz-utils           | bench | command -v xz                        | no counters of events
	gnuplot-nox        | bench | command -v gnuplot                   | no figures
	bochs              | bench | command -v bochs                     | no raw VMX in an emulator
	bochs-term         | bench | has_bochs_term                       | no raw VMX in an emulator
	bochsbios          | bench | [ -d /usr/share/bochs ]              | no raw VMX in an emulator
	qemu-system-x86    | bench | command -v qemu-system-x86_64        | no raw SVM in QEMU's emulator
	clang              | bench | command -v clang                     | no exitstorm trace (eBPF)
	bpftool            | bench | has_bpftool                          | no exitstorm trace (eBPF)
	libbpf-dev         | bench | pkg-config --exists libbpf           | no exitstorm trace (eBPF)
	linux-perf         | perf  | command -v perf                      | no cost of perf beside that of trace
	bpftrace           | perf  | command -v bpftrace                  | no cost of bpftrace beside that of trace
	build-essential    | deb   | dpkg -s build-essential              | no Debian packages
	dpkg-dev           | deb   | command -v dpkg-buildpackage         | no Debian packages
	debhelper          | deb   | command -v dh                        | no Debian packages
	dh-dkms            | deb   | command -v dh_dkms                   | no Debian packages
	scdoc              | deb   | command -v scdoc                     | no Debian packages
	lintian            | deb   | command -v lintian                   | no check of Debian packages
	perl               | check | command -v prove                     | no tests
	g++                | check | command -v g++                       | no test that the header stands alone in C++
	libcmocka-dev      | check | pkg-config --exists cmocka           | no tests
	libzydis-dev       | check | has_header Zydis/Zydis.h             | no test of the decoder of instructions
	busybox-static     | check | command -v busybox                   | no tests in a real kernel
	grub-pc-bin        | check | [ -d /usr/lib/grub/i386-pc ]         | no tests in a real kernel on VMX
	grub-common        | check | command -v grub-mkrescue             | no tests in a real kernel on VMX
	xorriso            | check | command -v xorriso                   | no tests in a real kernel on VMX
	mtools             | check | command -v mformat                   | no tests in a real kernel on VMX
	xz-utils           | check | command -v xz                        | no tests in a newer real kernel
	strace             | check | command -v strace                    | no tests of system calls that fail
	scdoc              | check | command -v scdoc                     | no man page
	chromium           | ci    | command -v chromium                  | no test of reports in a browser
	texlive-latex-base | ci    | command -v pdflatex                  | no test of figures in LaTeX
	texlive-pictures   | ci    | kpsewhich tikz.sty                   | no test of figures in LaTeX
	libbenchmark-tools | ci    | [ -e /usr/share/benchmark/compare.py ] | no test that Google Benchmark reads runs
	python3-scipy      | ci    | has_python scipy                     | no test that Google Benchmark reads runs
	python3-junitparser | ci   | has_python junitparser               | no test that JUnit files are read
	slurmctld          | ci    | has_slurm slurmctld                  | no test of campaigns on Slurm
	slurmd             | ci    | has_slurm slurmd                     | no test of campaigns on Slurm
	slurm-client       | ci    | command -v sbatch                    | no test of campaigns on Slurm
	munge              | ci    | has_slurm munged                     | no test of campaigns on Slurm
	pdsh               | ci    | command -v pdsh                      | no test of campaigns with pdsh
	clustershell       | ci    | command -v clush                     | no test of campaigns with clush
	parallel           | ci    | command -v parallel                  | no test of campaigns with GNU parallel
	prometheus         | ci    | command -v promtool                  | no test of OpenMetrics with promtool
	python3-numpy      | check | has_python numpy                     | no test that NumPy reads runs
	python3-jsonschema | check | has_python jsonschema                | no test of runs against the schema
	END
}

# The packages that are called otherwise elsewhere than in Debian, several with a comma between: "-" where
# there is none, or one that is of no use: Alpine has Bochs (without the display "term") and Zydis in its
# testing repository only, Fedora's grub2-mkrescue has another name than the tests use. Ubuntu's bpftool is a
# script that wants the tools of the running kernel. Of these, only Ubuntu's are installed by this script; the
# others are for its message.
other_names()
{
	cat <<-'END'
	libc6-dev          fedora:glibc-devel arch:glibc alpine:musl-dev,linux-headers
	pkg-config         fedora:pkgconf-pkg-config arch:pkgconf alpine:pkgconf
	libjansson-dev     fedora:jansson-devel arch:jansson alpine:jansson-dev
	libgsl-dev         fedora:gsl-devel arch:gsl alpine:gsl-dev
	libmd-dev          fedora:libmd-devel arch:libmd
	libsqlite3-dev     fedora:sqlite-devel arch:sqlite alpine:sqlite-dev
	xz-utils           fedora:xz arch:xz alpine:xz
	gnuplot-nox        fedora:gnuplot arch:gnuplot alpine:gnuplot
	bochs              alpine:-
	bochs-term         fedora:- arch:- alpine:-
	bochsbios          fedora:bochs-bios arch:bochs alpine:-
	qemu-system-x86    alpine:qemu-system-x86_64
	bpftool            ubuntu:linux-tools-generic arch:bpf
	libbpf-dev         fedora:libbpf-devel arch:libbpf
	linux-perf         ubuntu:linux-tools-generic fedora:perf arch:perf alpine:perf
	perl               fedora:perl-Test-Harness alpine:perl-utils
	g++                fedora:gcc-c++ arch:gcc
	libcmocka-dev      fedora:libcmocka-devel arch:cmocka alpine:cmocka-dev
	libzydis-dev       fedora:zydis-devel arch:zydis alpine:-
	busybox-static     fedora:busybox arch:busybox
	grub-pc-bin        fedora:grub2-pc-modules arch:grub alpine:grub-bios
	grub-common        fedora:- arch:grub alpine:grub
	xorriso            arch:libisoburn
	chromium           ubuntu:chromium-browser
	texlive-latex-base fedora:texlive-latex arch:texlive-latex alpine:texlive
	texlive-pictures   fedora:texlive-pgf arch:texlive-pictures alpine:texmf-dist-pictures
	prometheus         fedora:golang-github-prometheus
	python3-numpy      arch:python-numpy alpine:py3-numpy
	python3-jsonschema arch:python-jsonschema alpine:py3-jsonschema
	END
}

has_header()
{
	echo "#include <$1>" | ${CC:-gcc} -E -
}

# On Alpine those of the kernel are in a package of their own.
has_c_headers()
{
	has_header stdio.h && has_header linux/kvm.h
}

# Bochs' terminal display is a package of its own on Debian; elsewhere it may be built in.
has_bochs_term()
{
	ls /usr/lib/bochs/plugins/libbx_term* /usr/lib/*/bochs/plugins/libbx_term* 2>/dev/null | grep -q . ||
		{ command -v bochs && ! dpkg -s bochs; }
}

has_bpftool()
{
	PATH=$PATH:/usr/sbin:/sbin bpftool version
}

has_slurm()
{
	PATH=$PATH:/usr/sbin:/sbin command -v "$1"
}

# The tests want one interpreter that has all modules (find_python in tests/lib.sh): the first in PATH,
# which may be the user's own, else that of the distribution, where a package's module goes to.
has_python()
{
	python3 -c "import $(packages | sed -n 's/.*| has_python \([a-z]*\) .*/\1,/p' | tr -d '\n')sys" ||
		/usr/bin/python3 -c "import $1"
}

# Debian, or the distribution of other_names that this one is or comes from (os-release(5)).
distribution()
{
	known=$(. "${OS_RELEASE:-/etc/os-release}" 2>/dev/null && echo "${ID:-} ${ID_LIKE:-}")
	for id in $known; do
		case $id in
		debian | ubuntu | fedora | arch | alpine) echo "$id" && return ;;
		rhel | centos) echo fedora && return ;;
		esac
	done
	echo debian
}

# Debian's name of a package -> its names here, nothing if there is none.
name_here()
{
	here=$(other_names | sed -n "s/^$1 .*$distribution:\([^ ]*\).*/\1/p")
	[ "$here" = - ] || echo "${here:-$1}" | tr , ' '
}

# Sets missing and must (package names on one line) and lost (a line per package).
look()
{
	missing=''
	lost=''
	must=''
	while IFS='|' read -r name user test loss; do
		name=$(echo $name) user=$(echo $user) loss=$(echo $loss)
		[ "$user" = bench ] || [ "$want" = check ] || [ "$user" = "$want" ] || continue
		case $user in perf | deb) [ "$want" = "$user" ] || continue ;; esac
		# Large packages: in CI only.
		[ "$user" != ci ] || [ "${CI:-}" = true ] || continue
		(eval "$test") >/dev/null 2>&1 && continue
		here=$(name_here "$name")
		for package in $here; do
			case " $missing " in
			*" $package "*) ;;
			*) missing="$missing $package" ;;
			esac
		done
		here=${here:-$name (which $distribution does not have)}
		if [ "$loss" = must ]; then
			must="$must $here"
		else
			lost="$lost
  without $here: $loss"
		fi
	done <<-END
	$(packages)
	END
	missing=${missing# }
	must=${must# }
}

# Reports what is lost, exits 1 if the build is impossible, else continues with libperf.
end()
{
	[ -z "$lost" ] || echo "setup:${lost}" >&2
	[ -z "$must" ] || {
		echo "setup: cannot build without: $must" >&2
		exit 1
	}
	exec sh "$(dirname "$0")/libperf.sh"
}

distribution=$(distribution)
look
[ -n "$missing" ] || end

if [ "${SETUP:-}" = no ]; then
	echo "setup: not installed, because of SETUP=no: $missing"
	end
fi
if ! command -v apt-get >/dev/null; then
	case $distribution in
	fedora) by="dnf install" ;;
	arch) by="pacman -S --needed" ;;
	alpine) by="apk add" ;;
	*)
		echo "setup: please install these (names are Debian's): $missing"
		end
		;;
	esac
	echo "setup: please install what is missing, as root:"
	echo "  $by $missing"
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
# A package that this release does not have, or that fails, must not keep the others away.
install_each()
{
	cat "$log" >&2
	echo "setup: apt-get failed, packages are tried one by one; by hand: ${sudo:+sudo }$install" >&2
	for package in $missing; do
		apt ${install%"$missing"} "$package" || echo "setup: not installed: $package" >&2
	done
}
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# Package lists may be missing (a fresh container) or outdated.
if ! { apt-cache show $missing >/dev/null 2>&1 && apt $install; }; then
	echo "setup: apt-get update"
	{ apt apt-get update && apt $install; } || install_each
fi
look
[ -n "$missing" ] || echo "setup: done"
end
