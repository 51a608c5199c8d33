# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Boots an image in Bochs, for the tests in this folder. After tests/lib.sh.
#
# bochs_run IMAGE MODEL [SECONDS]    the serial line's text in $serial, Bochs' log in $bochs_log;
#                                    true if the image ended by itself within SECONDS (60)

images=$top/build/image

need_bochs()
{
	command -v bochs >/dev/null || skip_all "no Bochs (package bochs)"
	[ -e "$images/rom.bin" ] || skip_all "the images are not built (make image)"
}

# Bochs 2.7 corrupts a file that crosses the end of a 128 KiB block of its memory: the image is loaded in parts.
bochs_parts()
{
	split -d -b 131072 "$1" "$bochs_dir/part."
	bochs_part=0
	for bochs_file in "$bochs_dir"/part.*; do
		echo "optramimage$((bochs_part + 1)): file=$bochs_file," \
			"address=$((0x100000 + bochs_part * 131072))"
		bochs_part=$((bochs_part + 1))
	done
}

bochs_run()
{
	bochs_dir=$(mktemp -d "$tmp/bochs.XXXXXX")
	bochs_log=$bochs_dir/log
	cat >"$bochs_dir/bochsrc" <<-END
		display_library: term
		megs: ${BOCHS_MEGS:-64}
		cpu: model=$2, count=${BOCHS_CPUS:-1}, ips=1000000, reset_on_triple_fault=0
		romimage: file=${BOCHS_ROM:-$images/rom.bin}, address=0xffff0000
		vgaromimage: file=$images/vga.bin
		$(bochs_parts "$1")
		${BOCHS_PLAN:+optramimage4: file=$BOCHS_PLAN, address=0x80000}
		clock: sync=none
		com1: enabled=1, mode=file, dev=$bochs_dir/serial
		log: $bochs_log
	END
	printf 'c\nquit\n' >"$bochs_dir/rc"
	TERM=xterm timeout -s KILL "${3:-60}" bochs -q -f "$bochs_dir/bochsrc" -rc "$bochs_dir/rc" \
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
