#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# git bisect start BAD GOOD; git bisect run .../bisect.sh BASELINE
#
# BASELINE was measured on a good commit: exitstorm gate --baseline BASELINE --refresh --time 1m -- -q -s pio_out
# BUILD and INSTALL say how a commit gets onto this machine; one that does not build is skipped.
sh -c "${BUILD:-make -j8}" && sh -c "${INSTALL:-true}" || exit 125
# Slower: 3, bad. Not decided: 125, skipped. Status 1 is a failure of the measurement, no verdict.
exitstorm gate --baseline "$1" --fail-above "${FAIL_ABOVE:-2}" --time "${TIME:-1m}" --bisect
status=$?
[ $status = 1 ] && exit 125
exit $status
