#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 40000
# long: 10^6 ioctls, 1,000 rounds of load and unload and 200 kills in each bed take hours
# beside: others
# exitstorm.ko in each bed of $BEDS: $CALLS fuzzed ioctls by $SEED, of which one in $RARE may do something, $ROUNDS of
# load, run and unload, $KILLS of kill -9.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 bochs busybox grub-mkrescue xorriso mformat
. "$(dirname "$0")/../lib.sh"
: "${CALLS:=1000000}" "${RARE:=256}" "${ROUNDS:=1000}" "${KILLS:=200}" "${SEED:=$(date +%s)}"
note "SEED=$SEED CALLS=$CALLS RARE=$RARE ROUNDS=$ROUNDS KILLS=$KILLS"
for bed in ${BEDS:-qemu-svm qemu-svm:6.12 bochs-vmx}; do
	RUN_LIMIT=20000 BED_TEST_LIMIT=9000 run env \
		BED_ENV="BED_TEST_LIMIT=9000 SEED=$SEED CALLS=$CALLS RARE=$RARE ROUNDS=$ROUNDS KILLS=$KILLS" \
		"$top/tests/beds/run" "$bed" module_fuzz.t module_rounds.t
	is "$status" 0 "$bed: module_fuzz.t, module_rounds.t"
	note "$out"
done
done_testing
