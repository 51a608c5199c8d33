#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# long: run --vary, and a run with tables: at every place a call and an allocation fail
# limit: 9000
# beside: others, one at a time
exec "$(dirname "$0")/each.pl" vary
