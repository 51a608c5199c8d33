#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# long: exitstorm.ko for some 18 kernels; make check builds it for those of its beds
. "$(dirname "$0")/../lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
cd "$top" || exit 1
[ "${SETUP:-}" != no ] || skip_all "no kernel headers were fetched"
RUN_LIMIT=3500 run make module-all
is "$status" 0 "make module-all" || note "$out$err"
ok "it compiles for all of them" tests/module/build.t
ok "the list of kernels is that" tests/module/table.t
done_testing
