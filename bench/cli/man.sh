#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# man.sh EXITSTORM: fills the synopses and the lists of options into the man page on standard input.
# They come from the tables that also give getopt_long and --help. In the page,
#
#	@synopsis COMMAND
#	@options COMMAND
#
# stand for them. A command that the binary does not have is an error.
set -eu
while IFS= read -r line; do
	case $line in
	"@synopsis "* | "@options "*)
		list=${line%% *}
		"$1" --man "${list#@}" "${line#* }"
		;;
	*) printf '%s\n' "$line" ;;
	esac
done
