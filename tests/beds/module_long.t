#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 40000
# long: 10^6 ioctls, 1,000 rounds of load and unload and 200 kills in each bed take hours
# beside: others
# exitstorm.ko in each bed of $BEDS: $CALLS fuzzed ioctls by $SEED, $ROUNDS of load, run and unload, $KILLS of kill -9.
. "$(dirname "$0")/bed.sh"
bed_needs qemu-system-x86_64 bochs busybox grub-mkrescue xorriso mformat
. "$(dirname "$0")/../lib.sh"
: "${CALLS:=1000000}" "${ROUNDS:=1000}" "${KILLS:=200}" "${SEED:=$(date +%s)}"
note "SEED=$SEED CALLS=$CALLS ROUNDS=$ROUNDS KILLS=$KILLS"
for bed in ${BEDS:-qemu-svm qemu-svm:6.12 bochs-vmx}; do
	for test in module_fuzz.t module_rounds.t; do
		RUN_LIMIT=10000 BED_TEST_LIMIT=9000 BED_ENV="BED_TEST_LIMIT=9000 SEED=$SEED CALLS=$CALLS ROUNDS=$ROUNDS KILLS=$KILLS" \
			run "$top/tests/beds/run" "$bed" $test
		is "$status" 0 "$bed: $test"
		note "$out"
	done
done
done_testing
