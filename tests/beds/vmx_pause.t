#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
# The storm pause_loop exits once per operation, however long a PAUSE takes.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

bochs_run "$images/vmx_pause.bin" corei7_skylake_x
is $? 0 "the image ends by itself"
like "$serial" "^1\.\.9$" "all 9 cases ran"
serial_points
done_testing
