# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Bash completion for exitstorm. The command itself prints what there is to complete:
# `exitstorm --options COMMAND` its options, each with the kind of its values, and `exitstorm
# --complete LIST` the words of a list. So an option of the command needs no change here.

# Completes the last word of "a,b,c". The words before it stay, and are not offered again.
_exitstorm_list()
{
	local words=$1 current=$2 before='' word
	[[ $current == *,* ]] && before=${current%,*},
	COMPREPLY=()
	for word in $words; do
		[[ ,$before == *,"$word",* ]] && continue
		[[ $word == "${current##*,}"* ]] && COMPREPLY+=("$before$word")
	done
	compopt -o nospace 2>/dev/null
}

_exitstorm_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_exitstorm_files()
{
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
	compopt -o filenames 2>/dev/null
}

# KEY=VALUE, or KEY=VALUE,VALUE with $3 = list.
_exitstorm_setting()
{
	local settings=$1 current=$2 kind=$3 key
	if [[ $current != *=* ]]; then
		_exitstorm_words "$(sed -n 's/=.*/=/p' <<<"$settings")" "$current"
		compopt -o nospace 2>/dev/null
		return
	fi
	key=${current%%=*}
	settings=$(sed -n "s/^$key=//p" <<<"$settings" | tr '|' ' ')
	[[ $key == counters ]] && kind=list
	if [[ $kind == list ]]; then
		_exitstorm_list "$settings" "${current#*=}"
	else
		_exitstorm_words "$settings" "${current#*=}"
	fi
}

# Offers values of the kind $2, with the words in $3; false: there is no value to complete.
_exitstorm_value()
{
	local program=$1 kind=$2 words=$3 current=$4
	case $kind in
	file) _exitstorm_files -f "$current" ;;
	folder) _exitstorm_files -d "$current" ;;
	one) _exitstorm_words "$words" "$current" ;;
	list) _exitstorm_list "$words" "$current" ;;
	storms) _exitstorm_list "$("$program" --complete storms 2>/dev/null)" "$current" ;;
	targets | kinds | formats)
		_exitstorm_words "$("$program" --complete "$kind" 2>/dev/null)" "$current"
		;;
	setting) _exitstorm_setting "$("$program" --complete settings 2>/dev/null)" "$current" one ;;
	settings) _exitstorm_setting "$("$program" --complete settings 2>/dev/null)" "$current" list ;;
	nothing) ;;
	*) return 1 ;;
	esac
	return 0
}

_exitstorm()
{
	local program=${COMP_WORDS[0]} current previous option kind words known=''
	local -A kinds=() values=()
	COMPREPLY=()
	# "=" and ":" break words in COMP_WORDS; the line itself has them whole.
	local line=${COMP_LINE:0:COMP_POINT}
	local -a typed
	current=${line##*[[:space:]]}
	read -ra typed <<<"$line"
	[[ -z $current ]] && typed+=("")
	previous=${typed[${#typed[@]} - 2]}

	if ((${#typed[@]} <= 2)); then
		_exitstorm_words "$("$program" --complete commands 2>/dev/null) --help --version" "$current"
		return
	fi
	while read -r option kind words; do
		kinds[$option]=$kind values[$option]=$words
		[[ $option == -* ]] && known+=" $option"
	done < <("$program" --options "${typed[1]}" 2>/dev/null)
	if [[ $current == --*=* ]]; then
		previous=${current%%=*}
		current=${current#*=}
	fi
	if [[ $previous == -* ]] &&
		_exitstorm_value "$program" "${kinds[$previous]-}" "${values[$previous]-}" "$current"; then
		return
	fi
	if [[ $current == -* ]]; then
		_exitstorm_words "$known" "$current"
	else
		_exitstorm_value "$program" "${kinds[operand]-}" "" "$current"
	fi
}

complete -F _exitstorm exitstorm
