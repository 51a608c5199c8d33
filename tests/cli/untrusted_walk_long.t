#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: hostile text in runs of all targets and of a trace, each piece of it alone as well
# limit: 3600
# beside: others
EVERY=1 exec "$(dirname "$0")/untrusted_walk.t"
