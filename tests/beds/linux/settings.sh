# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
#
# For tests that run storms in exitstorm.ko at every value of every setting that it takes. The settings are those
# of `exitstorm list`, so none can be without a test.
#
# values             a line per setting: its name and its values, the default first; of a number some of them
# refused VALUE      whether this bed refuses KEY=VALUE; $reason matches the reason in words
# value VALUE MIN [STORMS]   points: one run with KEY=VALUE, and at least MIN storms are measured

values()
{
	"$EXITSTORM" list -t module --json | awk '
	/^  "settings"/ { settings = 1 }
	settings && /^ *"name": / { gsub(/[",]/, ""); line = $2 }
	settings && /^ *"values": \[\]/ { print line, 0, 6, 1000; next } # a number
	settings && /^ *"values": / { inside = 1; next }
	inside && /\]/ { inside = 0; print line }
	inside { gsub(/[",]/, ""); line = line " " $1 }'
}

# No kernel gives the module 1 GiB in one piece, and a bed has not even as much in pieces.
refused()
{
	reason=
	case $EXITSTORM_BED:$1 in
	*:slat_page=1g) reason='(not enough memory for a VM|no aligned piece of 1024 MiB)' ;;
	*svm:check=host_load) reason='SVM has no area that a VM exit stores MSRs in' ;;
	esac
	[ "$reason" ]
}

value()
{
	set_to=$1 with=
	case $set_to in
	ops=*) with="--set path=full --set stamps=guest" ;;
	delay=*) with="--set path=full" ;;
	esac
	rm -rf "$tmp/run"
	# shellcheck disable=SC2086
	RUN_LIMIT=${VALUE_LIMIT:-60} run "$EXITSTORM" run -t module -n 20 -r 1 --warmup 5 --samples 0 -q -o "$tmp/run" \
		--set "$set_to" $with ${3:+-s "$3"}
	measured=$(grep -cs '"status": "measured"' "$tmp/run/run.json")
	if refused "$set_to"; then
		is "$measured" 0 "$set_to: refused"
		like "$(cat "$tmp/run/run.json")" "\"why\": \"[^\"]*$reason" "$set_to: and says why"
		return
	fi
	is "$status" 0 "$set_to: no storm fails"
	[ "$status" = 0 ] || note "$(sed -n 's/^ *"name": //p; s/^ *"status": "failed"/ failed/p; s/^ *"why": "/ /p' \
		"$tmp/run/run.json" | grep -A1 -B1 '^ failed')"
	min=$2
	case $set_to in
	cpl=3) min=$((min / 3)) ;; # most storms are privileged instructions
	ops=*) min=$((min / 2)) ;; # not for events that the host requests
	esac
	ok "$set_to: most are measured ($measured)" [ "$measured" -ge "$min" ]
}
