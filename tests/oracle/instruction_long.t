#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# takes: 10
# beside: others
# long: more instructions than make check has time for
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/instruction.sh"
compare_all 10000000 1000000
done_testing
