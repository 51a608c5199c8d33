#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1800
# long: the tests in C are as much to compile as the command
# beside: others
# As build.t, and clang builds the tests in C.
BUILD_ALL=1 exec "$(dirname "$0")/build.t"
