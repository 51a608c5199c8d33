#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: every read, stat, openat and getdents64 of plot, report and archive fails in turn
# limit: 3600
# beside: others
EVERY=1 exec "$(dirname "$0")/read_errors.t"
