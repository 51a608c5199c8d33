# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Boots an image in Bochs, for the tests in this folder. After tests/lib.sh.
#
# bochs_run IMAGE MODEL [SECONDS]    the serial line's text in $serial, Bochs' log in $bochs_log;
#                                    true if the image ended by itself within SECONDS (60)
# serial_points [PREFIX]             the points of the TAP in $serial become points of this test

images=$top/build/image

need_bochs()
{
	command -v bochs >/dev/null || skip_all "no Bochs (package bochs)"
	[ -e "$images/rom.bin" ] || skip_all "the images are not built (make image)"
}

# The ROM of bench/image/layout.h: image, plan, boot code.
bochs_rom()
{
	cp "$1" "$bochs_dir/rom" && truncate -s $((0xec000)) "$bochs_dir/rom" &&
		cat ${BOCHS_PLAN:+"$BOCHS_PLAN"} >>"$bochs_dir/rom" </dev/null && truncate -s $((0xf0000)) "$bochs_dir/rom" &&
		cat "${BOCHS_ROM:-$images/rom.bin}" >>"$bochs_dir/rom"
}

# -debugger where it is an option: Bochs 3 counts instructions exactly only with it.
bochs_options()
{
	bochs --help 2>&1 </dev/null | grep -q '^ *-debugger ' && echo -debugger
}

bochs_run()
{
	bochs_dir=$(mktemp -d "$tmp/bochs.XXXXXX")
	bochs_log=$bochs_dir/log
	[ "$(wc -c <"$1")" -le $((0xec000)) ] && bochs_rom "$1" || return 1
	cat >"$bochs_dir/bochsrc" <<-END
		display_library: term
		megs: ${BOCHS_MEGS:-64}
		cpu: model=$2, count=${BOCHS_CPUS:-1}, ips=1000000, reset_on_triple_fault=0
		romimage: file=$bochs_dir/rom, address=0xfff00000
		vgaromimage: file=$images/vga.bin
		clock: sync=none
		com1: enabled=1, mode=file, dev=$bochs_dir/serial
		log: $bochs_log
	END
	printf 'c\nquit\n' >"$bochs_dir/rc"
	TERM=xterm timeout -s KILL "${3:-60}" bochs -q -f "$bochs_dir/bochsrc" $(bochs_options) -rc "$bochs_dir/rc" \
		>"$bochs_dir/out" 2>&1 </dev/null
	bochs_status=$?
	serial=$(cat "$bochs_dir/serial" 2>/dev/null)
	# The status is 1 after a shutdown by the guest, or 139 when Bochs 2.7 then crashes (one in thirty on a
	# busy machine). 137: killed.
	case $bochs_status in
	1 | 139) grep -q 'Shutdown port: shutdown requested' "$bochs_log" ;;
	*) false ;;
	esac
}

serial_points()
{
	printf '%s\n' "$serial" >"$tmp/serial"
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "${1-}${line#ok * - }" ;;
		"not ok "*) fail "${1-}${line#not ok * - }" ;;
		"#"*) note "$line" ;;
		esac
	done <"$tmp/serial"
}
