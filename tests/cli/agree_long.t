#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 3600
# beside: others, one at a time
# long: 200 made-up pairs and 20 real ones
# As agree.t, of more pairs.
AGREE_PAIRS=200 AGREE_REAL=20 exec "$(dirname "$0")/agree.t"
