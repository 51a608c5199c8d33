#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# Strings of a run (names of host, CPU and folder, reasons, settings, sites) come from others. None of them may
# be interpreted by a terminal, HTML, LaTeX or gnuplot, or do harm by its length.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
"$python" "$top/tests/cli/make_run.py" "$tmp/a" --n 60 --samples 30 || exit 1
"$python" "$top/tests/cli/make_run.py" "$tmp/b" --n 60 --seed 2 || exit 1
cd "$tmp" || exit 1
odd="e<b>x_%&\$#'\"{}\`;"
cp -r a "$odd"
"$python" - "$odd" <<'END' || exit 1
import json, sys
run = json.load(open(sys.argv[1] + "/run.json"))
evil = ("<script>alert(1)</script>\\input{/etc/passwd}&%$#_^~{}'\"`|@\x1b[31m\x07"
        "'; set output 'pwned'; system('touch pwned'); plot '\n!touch pwned\n")
long = evil * 9000  # more than 10^6 characters
host = run["host"]
host["cpu"].update(brand=long, codename=evil, microcode=evil)
host.update(kernel=evil, hypervisor=evil, governor=long, mitigations={evil: evil})
run["tool"]["commit"] = evil
run["target"]["nesting"] = evil
run["settings"].update(fence=evil, other=long)
run["meanwhile"] = {"others": evil, "stolen": 1e308}
run["in_turn"] = long
for storm in run["storms"]:
    if storm["name"] == "pio_in":
        storm["kind"] = long
    if storm.get("why"):
        storm["why"] = long
    for leg in storm["legs"].values():
        if storm["name"] == "hlt":
            leg["site"] = evil
json.dump(run, open(sys.argv[1] + "/run.json", "w"))
END

# harmless NAME COMMAND...: passes with status 0, or 1 and a short error, and without control characters
harmless()
{
	name=$1
	shift
	run "$@"
	if [ "$status" -gt 1 ] || { [ "$status" = 1 ] && [ -z "$err" ]; }; then
		fail "$name" "status $status: $err"
	elif [ "$(printf '%s\n' "$err" | wc -l)" -gt 2 ] || [ "${#err}" -gt 2000 ]; then
		fail "$name" "much on stderr: $(printf '%s' "$err" | head -c 300)"
	elif printf '%s' "$err$out" | tr -d '\n\r\t' | LC_ALL=C grep -q '[[:cntrl:]]'; then
		fail "$name" "control characters"
	else
		pass "$name"
	fi
}

for form in "" --csv --markdown --latex --methods --samples; do
	# shellcheck disable=SC2086
	harmless "show $form" "$EXITSTORM" show "$odd" $form
	[ "$form" != --latex ] || unlike "$out" '\\input' "no command of TeX's"
	[ "$form" != --markdown ] || unlike "$out" '<script' "no element of HTML's"
done
for form in "" --csv --markdown --latex; do
	# shellcheck disable=SC2086
	harmless "compare $form" "$EXITSTORM" compare a "$odd" -l all $form --force
	is "$status" 0 "... succeeds"
	[ "$form" != --latex ] || unlike "$out" '\\input' "no command of TeX's"
	[ "$form" != --markdown ] || unlike "$out" '<script' "no element of HTML's"
done
for form in show compare; do
	run "$EXITSTORM" $form --json "$odd" ${form#show}
	[ $form = show ] || run "$EXITSTORM" compare --json a "$odd" --force
	printf '%s\n' "$out" >"$form.json"
	ok "$form --json is JSON" "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' $form.json
done
harmless "archive" "$EXITSTORM" archive a "$odd" -o a.tar.gz
harmless "export" "$EXITSTORM" export "$odd" --csv
if command -v gnuplot >/dev/null; then
	for kind in cdf box legs timeline generations; do
		for format in svg pdf tikz; do
			harmless "plot -k $kind -f $format" "$EXITSTORM" plot a "$odd" -k $kind -f $format \
				-s pio_out,hlt -o $kind.$format
		done
		[ ! -e $kind.svg ] || ok "$kind.svg is XML" "$python" -c \
			'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' $kind.svg
		[ ! -e $kind.tikz ] || nok "no command of TeX's in $kind.tikz" grep -q '\\input{/etc' $kind.tikz
		[ ! -e $kind.svg ] || nok "no element of HTML's in $kind.svg" grep -q '<script' $kind.svg
	done
	ok "figures were drawn" test -e box.svg -a -e cdf.pdf -a -e legs.tikz
	# A gnuplot without cairo, or without its TikZ terminal.
	mkdir fake
	printf '%s\n' '#!/bin/sh' 'echo "values, line 2: unknown or ambiguous terminal type; type just '"'set terminal'"' for a list" >&2' \
		'exit 1' >fake/gnuplot
	chmod +x fake/gnuplot
	fails 1 "a format that gnuplot lacks" env PATH="$tmp/fake:$PATH" "$EXITSTORM" plot a -k box -o lacks.pdf
	like "$err" "this gnuplot cannot draw pdf: it lacks the terminal pdfcairo" "the error names the terminal"
	nok "and leaves no file" test -e lacks.pdf
fi
harmless "report" "$EXITSTORM" report a b "$odd" -o r.html
is "$(grep -c '<script' r.html)" 1 "the page has no script but its own"
nok "no string of a run was executed" test -e pwned
find . -name pwned | grep -q . && fail "a file was made" || pass "no file was made"

# The commands in REPRODUCE.md are there to be pasted: a stand-in for exitstorm prints what it gets.
mkdir sweep bin
printf '%s\n' '#!/bin/sh' 'printf "<%s>" "$@"' echo >bin/exitstorm
chmod +x bin/exitstorm
for value in 1 2; do
	cp -r a sweep/$value
	"$python" - sweep/$value "$value" <<'END' || exit 1
import json, sys
run = json.load(open(sys.argv[1] + "/run.json"))
evil = "x; touch pwned #`touch pwned`$(touch pwned)'\"\n```\ntouch pwned\n```\n![a](http://b)"
run["settings"][evil] = sys.argv[2] + evil
run["in_turn"] = "together"
run["started"] = run["host"]["kernel"] = run["tool"]["version"] = run["tool"]["commit"] = evil
json.dump(run, open(sys.argv[1] + "/run.json", "w"))
END
done
ok "archive of an evil sweep" "$EXITSTORM" archive sweep -o s.tar
tar -xf s.tar
sed -n '/^```$/,/^```$/{/^```$/d;p;}' s/REPRODUCE.md | grep -v '^(cd figures' >pasted
(cd s && PATH="$tmp/bin:$PATH" sh ../pasted) >pasted.out 2>&1
nok "no string of a run is a command in REPRODUCE.md" grep -q '^touch' pasted
is "$(find . -name 'pwned*')" "" "none was executed"
like "$(cat pasted.out)" "^<run><--like><runs/1><--vary><x; touch pwned #.*=1x.*,2x.*><-o><again/x__touch_pwned__[^<]*>$" \
	"a setting is one word, in quotes"
unlike "$(grep -v '^exitstorm run' s/REPRODUCE.md)" '(^|[^\\])!\[|^- .*[^\\]`' "no element of Markdown's"

# Names of storms are names of files.
for name in ../a a/b '' . .hidden "$(printf '%1000000s' x | tr ' ' x)"; do
	rm -rf named && cp -r b named
	printf '%s' "$name" >name
	"$python" - <<'END'
import json
run = json.load(open("named/run.json"))
run["storms"][3]["name"] = open("name").read()
json.dump(run, open("named/run.json", "w"))
END
	fails 1 "a storm called $(printf '%.12s' "'$name'")" "$EXITSTORM" compare b named
done
done_testing
