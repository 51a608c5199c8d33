# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Bash completion for exitstorm. What there is to complete is asked of the command itself, so that
# it is never behind it: commands and options from --help, storms, targets, legs and settings from
# `exitstorm --complete`.

_exitstorm_options()
{
	"$1" "$2" --help 2>/dev/null | grep -oE -e '(^|[][ ,|(])--?[a-z][a-z0-9-]*' |
		grep -oE -e '--?[a-z0-9-]+' | sort -u
}

# Completes the last of "a,b,c": what stands before it stays, and is not offered again.
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

# The value of an option; false: it is not one whose values we know.
_exitstorm_value()
{
	local program=$1 option=$2 current=$3 settings key
	case $option in
	-s | --storm | --storms) _exitstorm_list "$("$program" --complete storms 2>/dev/null)" "$current" ;;
	--set | --vary)
		settings=$("$program" --complete settings 2>/dev/null)
		if [[ $current == *=* ]]; then
			key=${current%%=*}
			settings=$(sed -n "s/^$key=//p" <<<"$settings" | tr '|' ' ')
			current=${current#*=}
			if [[ $option == --vary || $key == counters ]]; then
				_exitstorm_list "$settings" "$current"
			else
				_exitstorm_words "$settings" "$current"
			fi
		else
			_exitstorm_words "$(sed -n 's/=.*/=/p' <<<"$settings")" "$current"
			compopt -o nospace 2>/dev/null
		fi
		;;
	-k | --kind) _exitstorm_words "cdf box legs timeline generations scaling sweep" "$current" ;;
	-l | --leg) _exitstorm_words "$("$program" --complete legs 2>/dev/null)" "$current" ;;
	-f | --format) _exitstorm_words "pdf svg png tikz" "$current" ;;
	-t | --target) _exitstorm_words "$("$program" --complete targets 2>/dev/null)" "$current" ;;
	-o | --output) _exitstorm_files -f "$current" ;;
	--by) _exitstorm_words "vm vcpu all" "$current" ;;
	--attach) _exitstorm_words "tp_btf raw_tp tracepoint" "$current" ;;
	--hooks) _exitstorm_list "$("$program" --complete hooks 2>/dev/null)" "$current" ;;
	--record | --openmetrics) _exitstorm_files -f "$current" ;;
	--unit) _exitstorm_words "ticks ns cycles" "$current" ;;
	--like | --base) _exitstorm_files -d "$current" ;;
	-p | --pid | -d | --duration | -i | --interval | --slow | -n | --exits | -r | --repeats | --vcpus | --cpu | --samples | --seed | --warmup | --width | -w | --font | --margin | --fail-above) ;;
	*) return 1 ;;
	esac
	return 0
}

_exitstorm()
{
	local program=${COMP_WORDS[0]} current previous command
	COMPREPLY=()
	# "=" and ":" break words in COMP_WORDS; the line itself has them whole.
	local line=${COMP_LINE:0:COMP_POINT}
	current=${line##*[[:space:]]}
	local -a words
	read -ra words <<<"$line"
	[[ -z $current ]] && words+=("")
	previous=${words[${#words[@]} - 2]}
	command=${words[1]-}

	if ((${#words[@]} <= 2)); then
		_exitstorm_words "$("$program" --complete commands 2>/dev/null) --help --version" "$current"
		return
	fi
	if [[ $current == --*=* ]]; then
		previous=${current%%=*}
		current=${current#*=}
	fi
	if _exitstorm_value "$program" "$previous" "$current"; then
		:
	elif [[ $current == -* ]]; then
		_exitstorm_words "$(_exitstorm_options "$program" "$command")" "$current"
	elif [[ $command == import ]]; then
		_exitstorm_files -f "$current"
	elif [[ $command =~ ^(show|plot|compare|export|archive|report)$ ]]; then
		_exitstorm_files -d "$current"
	fi
}

complete -F _exitstorm exitstorm
