#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# long: builds the command with ASan and UBSan and runs the tests of cli/ on it
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SAN CC BUILD
cd "$top" || exit 1
RUN_LIMIT=3500 run make check-san
is "$status" 0 "make check-san" || note "$out$err"
done_testing
