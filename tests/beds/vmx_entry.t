#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
# Entries that fail on Bochs' CPUs: the message names the field that the SDM's checks reject.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bochs.sh"
need_bochs

for model in corei7_sandy_bridge_2600k corei7_skylake_x; do
	bochs_run "$images/vmx_entry.bin" $model
	is $? 0 "$model: the image ends by itself"
	like "$serial" "^1\.\.29$" "$model: all 29 cases ran"
	like "$serial" "CR4 0x[0-9a-f]*: PCID 1;" "$model: the host uses a PCID"
	serial_points "$model: "
done
done_testing
