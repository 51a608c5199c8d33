#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# exitstorm plot: kinds, formats, options, and runs that cannot be drawn.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
make_run()
{
	"$python" "$top/tests/cli/make_run.py" "$@" || exit 1
}
make_run "$tmp/run" --n 200
make_run "$tmp/run2" --n 200 --scale 1.1 --seed 2
make_run "$tmp/bochs" --n 20 --clock instructions
make_run "$tmp/sampled" --n 40 --samples 100
for value in 2 4 10; do
	make_run "$tmp/sweep/$value" --n 200 --scale "1.$value" --seed "$value" --set "model=$value"
done
mkdir "$tmp/sweep/.exitstorm-killed"
for value in 0 100 1000 10000; do
	make_run "$tmp/spread/$value" --n 50 --set "delay=$value"
done
make_run "$tmp/stamps/both" --n 50
make_run "$tmp/stamps/guest" --n 50 --stamps guest
make_run "$tmp/v1" --n 50
make_run "$tmp/v4" --n 50 --vcpus 4
make_run "$tmp/two" --n 20 --set model=7 --stamps guest
make_run "$tmp/off" --n 2000 --stamps off
sed 's/"tsc_hz": 2300000000/"tsc_hz": 2000000000/' "$tmp/run2/run.json" >"$tmp/edited"
cp -r "$tmp/run2" "$tmp/slow"
mv "$tmp/edited" "$tmp/slow/run.json"
cd "$tmp" || exit 1
mkdir tmp && export TMPDIR="$tmp/tmp"

# starts FILE BYTES NAME: the file begins with these bytes (as od prints them).
starts()
{
	is "$(head -c 4 "$1" 2>/dev/null | od -An -c | tr -d ' ')" "$2" "$3"
}

# Without gnuplot

fails 1 "no gnuplot" env PATH="$tmp/empty" "$EXITSTORM" plot run -o none.png
like "$err" "gnuplot is not installed.*apt install gnuplot" "the error names the package"
nok "no gnuplot leaves no file" test -e none.png

# A gnuplot that copies its input, and one that fails
mkdir fake
cat >fake/gnuplot <<END
#!/bin/sh
cp values "$tmp/values"
cp "\$(ls series1 run1 storm1 2>/dev/null | head -n 1)" "$tmp/data"
printf 'figure IEND\256\102\140\202' >figure
END
chmod +x fake/gnuplot
# spy ARGS...: plots with the copying one; $values and $data are gnuplot's input.
spy()
{
	run env PATH="$tmp/fake:$PATH" "$EXITSTORM" plot "$@" -o spy.png
	# Joins the wrapped lines of the caption.
	values=$(sed "/^CAPTION =/s/'\\.\"\\\\n\"\\.'/ /g" values)
	data=$(cat data)
}

spy run -s pio_out
is "$status:$out" "0:spy.png" "the path is printed"
like "$(tr -d '\000-\011\013-\037\177-\377' <spy.png)" "^figure IEND" "the file is gnuplot's output"
is "$(printf '%s\n' "$data" | awk '$2 < last { print "falls" } { last = $2 } END { print $2 }')" 1 \
	"a distribution rises to 1"
like "$values" "^TITLE\[1\] = 'pio_out'" "the legend names the storm"
like "$values" "CAPTION.*round_trip: guest''s last stamp to guest''s first \(stamps: guest\)" "the caption says the leg"
like "$values" "kvm target, guest at CPL 0 on " "the caption says the guest"
unlike "$values" "CPL 3" "... not that of storms that are not drawn"
like "$values" "n = 200 x 5 repeats" "the caption says n and repeats"
like "$values" "TSC at 2.300 GHz" "the caption says the clock"
like "$values" "^XLABEL = 'round trip \(TSC ticks\)'" "the axis has its unit"
like "$values" "^TOP_AXIS = 1" "ticks are time, too"
spy run -s pio_out,hlt,syscall
like "$values" "kvm target, guest at CPL 0; syscall at CPL 3 on " "a caption that would mix guests names them"
spy run -s pio_out --leg exit
like "$values" "stamps: kvm-ioctl" "the caption says the site of a leg in the host"
spy run
like "$err" "8 of 13 storms drawn" "storms that are left out are reported"
is "$(printf '%s\n' "$values" | grep -c '^TITLE')" 8 "without -s the legend has 8 lines"
unlike "$values" "^TITLE.*(null|rdtsc)'" "without -s no baselines are drawn"
spy run -s 'm*,hlt,*_write,s*'
is "$(printf '%s\n' "$values" | grep -c '^TITLE')" 4 "a pattern draws each storm that has a figure once"
spy run run2 -s hlt,cpuid
like "$values" "^TITLE.* = 'hlt, run2'" "with several runs the legend names them"
spy run run2 -s hlt
like "$values" "^TITLE.* = 'run2'" "with one storm it names the runs only"
spy bochs -s hlt
like "$values" "^HEAD = 'EMULATED: one tick is one instruction" "an emulated clock is in the title"
like "$values" "^XLABEL = 'round trip \(instructions\)'" "and on the axis"
like "$values" "^TOP_AXIS = 0" "and has no time axis"
spy off -s hlt
like "$values" "^XLABEL = 'period" "without stamps the period is drawn and named so"
spy run slow -s hlt
like "$values" "^XLABEL = 'round trip \(time\)'" "clocks of different speed are drawn in time"
spy run --leg resume
like "$(printf '%s\n' "$err" | awk 'length <= 80')" "left out, no leg resume: kvm_run_immediate and [0-9]+ more$" "a long list is cut to 80 columns"
spy run -k box
is "$(printf '%s\n' "$data" | wc -l)" 13 "a box for each storm with a round trip"
is "$(printf '%s\n' "$data" | awk '!($2 <= $3 && $3 <= $4 && $4 <= $5 && $5 <= $6 && $6 <= $7)')" "" \
	"quantiles rise"
like "$err" "left out, no leg round_trip: kvm_run_immediate$" "a storm without the leg is reported"
median=$("$python" -c '
import json
for s in json.load(open("run/run.json"))["storms"]:
    if s["name"] == "pio_out":
        print(s["legs"]["round_trip"]["all"]["p50"])')
ok "the box has the median of run.json" awk -v m="$median" \
	'NR == 1 { exit !($4 > m * 0.998 && $4 < m * 1.002) }' data
# Figures with an axis of their own
spy sampled -k timeline -s hlt
is "$(printf '%s\n' "$data" | wc -l)" 100 "a time line has the samples"
is "$(printf '%s\n' "$data" | awk '$3' | wc -l)" 10 "disturbed records are marked"
ok "in their order" sort -n -c data
like "$values" "^YLABEL = 'round trip \(TSC ticks\)'" "the latency is the vertical axis"
spy sweep -k sweep -s hlt,cpuid
is "$(printf '%s\n' "$data" | awk '{ print $1 }' | tr '\n' ' ')" "2 4 10 " "a sweep is in the order of its numbers"
is "$(printf '%s\n' "$data" | awk '!($3 < $2 && $2 < $4 && $5 == "NaN")')" "" \
	"p50 lies in its interval, and 200 records have no p99"
like "$values" "^PLACES = 'model'" "the setting is named"
like "$values" "^set xtics \('2' 2, '4' 4, '10' 10\)" "and its values"
spy spread -k sweep -s hlt
like "$values" "^set xtics \('0' 0, '100' 1, '1000' 2, '10000' 3\)" "numbers that would overlap are spaced evenly"
unlike "$values" "^CAPTION = .*( \.|delay=)" "the caption does not name the varied setting"
spy stamps/both stamps/guest -k sweep -s hlt
like "$values" "^set xtics \('both' 0, 'guest' 1\)" "words are spaced evenly"
spy v1 v4 -k scaling -s hlt
is "$(printf '%s\n' "$data" | awk '{ print $1 }' | tr '\n' ' ')" "1 4 " "a run for each number of vCPUs"
spy run run2 -k generations -s hlt
like "$values" "^RUN\[1\] = 'Sapphire Rapids \(run\)'" "generations have their names"
like "$values" "^XLABEL = 'round trip \(time\)'" "and are drawn in time"
# Runs in place (target guest) measured the hypervisor below: those of one stand together.
for one in 1:KVM:Firecracker 2:Hyper-V: 3:KVM:Firecracker; do
	rm -rf "in_place${one%%:*}"
	cp -R run "in_place${one%%:*}"
	"$python" - "in_place${one%%:*}/run.json" "$one" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
number, name, monitor = sys.argv[2].split(":")
run["host"]["below"] = {"name": name, "monitor": monitor or None}
for storm in run["storms"]:
    storm["exit_proof"] = {"evidence": "cost", "median": 2000, "control": 50, "threshold": 500, "native_cycles": 300}
json.dump(run, open(sys.argv[1], "w"))
END
done
spy in_place1 in_place2 in_place3 -k generations -s hlt
like "$values" "^RUN\[1\] = 'KVM, Firecracker: Sapphire Rapids \(in_place1\)'" "generations name the hypervisor below"
like "$values" "^RUN\[2\] = 'KVM, Firecracker: Sapphire Rapids \(in_place3\)'" "... and have its runs together"
like "$values" "^RUN\[3\] = 'Hyper-V: Sapphire Rapids \(in_place2\)'" "... before those of the next"
make_run deep --n 1100 --repeats 4
spy deep -k generations -s hlt
is "$(printf '%s\n' "$data" | awk '!($3 < $2 && $2 < $4 && $6 < $5 && $5 < $7 && $4 < $5)')" "" \
	"p50 and p99 lie in their intervals"
spy bochs -k generations -s hlt
like "$values" "^XLABEL = 'round trip \(instructions\)'" "an emulated clock is not drawn in time"
spy run -s pio_out --width 8 --font "DejaVu Serif,14"
like "$values" "^set terminal pngcairo size 600,[0-9]+ font 'DejaVu Serif,36'" "width and font"
spy run -s pio_out -f tikz
like "$values" "^set terminal tikz size 16cm" "TikZ"
like "$values" 'CAPTION.*round\\_trip' "characters special to TeX are escaped"

# Names with characters special to a shell or gnuplot
odd="it's \`touch hacked\` \$(touch hacked) \"x\" {=90 y}@^
line"
cp -r run "$odd"
cp -r run2 "$odd 2"
spy "$odd" "$odd 2" -s hlt
like "$values" "^TITLE.* = 'it''s .*line'" "an odd run name is one quoted word"

# legs: exit, handler and resume of each storm that the host could stamp
spy run -k legs -s pio_out,cpuid,mmio_read
is "$(printf '%s\n' "$data" | wc -l)" 2 "a bar for each storm that has a handler leg"
like "$err" "left out, no leg handler: cpuid" "storms without one are reported"
expected=$("$python" - "$EXITSTORM" <<'END'
import json
import subprocess, sys
shown = json.loads(subprocess.run([sys.argv[1], "show", "run", "--json"], capture_output=True).stdout)
legs = [s["legs"] for s in shown["storms"] if s["name"] == "pio_out"][0]
at, line = 0, "0 0"
for leg in ("exit", "handler", "resume"):
    at += legs[leg]["centre"]["p50"]["ticks"]
    line += " %.9g" % at
print(line)
END
)
is "$(printf '%s\n' "$data" | head -n 1)" "$expected" "each leg begins where the one before ends"
like "$values" "^XLABEL = 'exit, handler, resume" "the axis names the legs"
fails 2 "-k legs takes no --leg" "$EXITSTORM" plot run -k legs -l exit -o x.png
spy bochs -k legs
like "$values" "instructions\)" "an emulator's run: the axis is instructions"
like "$values" "^HEAD = 'EMULATED" "... and the title says EMULATED"

cat >fake/gnuplot <<'END'
#!/bin/sh
echo 'plot nonsense' >&2
echo '     ^' >&2
echo 'line 3: no nonsense please' >&2
exit 1
END
echo before >kept.png
PATH=$tmp/fake:$PATH fails 1 "a gnuplot that fails" "$EXITSTORM" plot run -o kept.png
like "$err" "line 3: no nonsense please" "gnuplot's error is reported"
is "$(cat kept.png)" before "the old file is kept"
printf '#!/bin/sh\nkill -KILL $$\n' >fake/gnuplot
PATH=$tmp/fake:$PATH fails 1 "a gnuplot that is killed" "$EXITSTORM" plot run -o kept.png
like "$err" "signal 9" "gnuplot's signal is reported"
is "$(ls -A | grep -c '^\.exitstorm')" 0 "no temporary file is left"
is "$(ls -A tmp)" "" "temporary folders are gone"

# Bad usage and input

fails 2 "no run" "$EXITSTORM" plot
fails 2 "an unknown kind" "$EXITSTORM" plot run -k pie
fails 2 "an unknown format" "$EXITSTORM" plot run -f bmp
fails 2 "an unknown suffix" "$EXITSTORM" plot run -o x.bmp
fails 2 "no suffix" "$EXITSTORM" plot run -o ./x
fails 2 "an unknown leg" "$EXITSTORM" plot run --leg arm
fails 2 "an empty storm" "$EXITSTORM" plot run -s hlt,,cpuid
fails 2 "an unknown option" "$EXITSTORM" plot run --colour
fails 1 "too many runs" "$EXITSTORM" plot run run run run run run run run run -o x.png
fails 2 "a width that is a word" "$EXITSTORM" plot run --width wide
fails 2 "a width below the minimum" "$EXITSTORM" plot run --width 0.5
fails 2 "a font with a quote" "$EXITSTORM" plot run --font "Sans'"
fails 2 "a font of size 0" "$EXITSTORM" plot run --font Sans,0
fails 2 "--data with standard output" "$EXITSTORM" plot run -o - -f svg --data
fails 1 "a time line without samples" "$EXITSTORM" plot run -k timeline -o x.png
like "$err" "--samples" "the error names the option that keeps samples"
fails 1 "a sweep of one run" "$EXITSTORM" plot run -k sweep -o x.png
like "$err" "do not differ in a setting" "the error says that no setting differs"
fails 1 "a sweep of two settings" "$EXITSTORM" plot sweep/2 two -k sweep -o x.png
like "$err" "differ in .* and in" "the error names them"
fails 1 "two runs with one value" "$EXITSTORM" plot sweep sweep/2 -k sweep -o x.png
fails 1 "two runs with one number of vCPUs" "$EXITSTORM" plot run run2 -k scaling -o x.png
fails 2 "an unknown storm" "$EXITSTORM" plot run -s hltt -o x.png
like "$err" "no storm 'hltt' in run; did you mean 'hlt'\?" "the error names it, and the nearest"
fails 1 "a storm without a figure" "$EXITSTORM" plot run -s mov_cr3 -o x.png
like "$err" "mov_cr3 has no figure \(no_exit: " "the error gives the reason"
fails 1 "a leg that the storm does not have" "$EXITSTORM" plot run -s cpuid --leg exit -o x.png
fails 1 "too many lines" "$EXITSTORM" plot run run2 -o x.png \
	-s pio_out,pio_in,pio_string_out,mmio_write,mmio_read,hlt,cpuid
fails 1 "ticks beside instructions" "$EXITSTORM" plot run bochs -s hlt -o x.png
fails 1 "not a run" "$EXITSTORM" plot run "$tmp" -o x.png
cp -r run damaged
head -c 3000 run/histograms/hlt.npy >damaged/histograms/hlt.npy
fails 1 "a truncated histogram" "$EXITSTORM" plot damaged -s hlt -o x.png
cp run/histograms/cpuid.npy damaged/histograms/hlt.npy
fails 1 "a histogram of something else" "$EXITSTORM" plot damaged -s hlt -o x.png
rm damaged/histograms/hlt.npy
fails 1 "a missing histogram" "$EXITSTORM" plot damaged -s hlt -o x.png
nok "nothing was written" test -e x.png

# With gnuplot itself

if ! command -v gnuplot >/dev/null; then
	skip "gnuplot is not installed" "figures"
	done_testing
fi
for kind in timeline generations scaling sweep shift; do
	case $kind in
	timeline) set -- sampled ;;
	scaling) set -- v1 v4 ;;
	sweep) set -- sweep ;;
	*) set -- run run2 ;;
	esac
	for format in pdf png svg tikz; do
		ok "$kind as $format" "$EXITSTORM" plot "$@" -k $kind -s hlt,cpuid -o $kind.$format
		ok "it is not empty" test -s $kind.$format
	done
	ok "$kind.svg is whole" "$python" -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' $kind.svg
done
# A loader that ends with the status of a program that is not there.
mkdir loader
for program in gnuplot tar; do
	printf '#!/bin/sh\necho "%s: error while loading shared libraries: cannot map" >&2\nexit 127\n' $program >loader/$program
	chmod +x loader/$program
done
fails 1 "a gnuplot that cannot be loaded" env PATH="$PWD/loader:$PATH" "$EXITSTORM" plot run -k cdf -s hlt -o x.svg
like "$err" "gnuplot failed: gnuplot: error while loading shared libraries" "... has its own reason"
run env PATH="$PWD/loader:$PATH" "$EXITSTORM" archive run -o x.tar
is "$status" 1 "a tar that cannot be loaded"
like "$err" "tar could not pack x.tar$" "... is not one that is not installed"
chmod -x loader/*
mkdir empty
ln -s "$(command -v gnuplot)" empty/gnuplot
fails 1 "no gnuplot" env PATH="$PWD/none" "$EXITSTORM" plot run -k cdf -s hlt -o x.svg
like "$err" "gnuplot is not installed" "... is told as that"
run env PATH="$PWD/empty" "$EXITSTORM" archive run -o x.tar
is "$status" 1 "no tar"
like "$err" "tar is not installed" "... is told as that"
nok "nothing was written" test -e x.tar -o -e x.svg

# Names that are not ASCII: in the figure, and in its title.
name='Läufe €𝄞'
cp -r run "$name"
for format in pdf png svg tikz; do
	ok "a name that is not ASCII as $format" "$EXITSTORM" plot "$name" -k cdf -s hlt -o named.$format
done
ok "... in the title of SVG" grep -q "<title>exitstorm cdf: $name</title>" named.svg
ok "... of PNG" grep -aq "iTXtTitle.*exitstorm cdf: $name" named.png
ok "... of PDF, if it has one" sh -c '! grep -aq "^trailer" "$1" ||
	grep -aq "/Title <FEFF.*003A0020004C00E4007500660065002020ACD834DD1E>" "$1"' sh named.pdf
ok "... of TikZ, as a comment" grep -qx "% exitstorm cdf: $name" named.tikz
ok "two runs" "$EXITSTORM" plot "$name" run2 -k cdf -s hlt -o named.tikz
ok "... named in the picture" grep -q "{$name" named.tikz
cp -r run "$(printf 'not \303 UTF-8')"
ok "a name that is not UTF-8" "$EXITSTORM" plot "$(printf 'not \303 UTF-8')" -k cdf -s hlt -o named.svg
ok "... is cleaned" grep -q "<title>exitstorm cdf: not ? UTF-8</title>" named.svg
# --data: the script draws the same file, except for the metadata.
for kind in cdf box; do
	ok "$kind with its data" "$EXITSTORM" plot run run2 -k $kind -s hlt,cpuid -o "it's.svg" --data
	cp "it's.svg" "$kind-before.svg"
	rm "it's.svg"
	ok "its script runs" sh -c 'cd "$0" && gnuplot -d "$1"' "it's.svg.data" $kind.gp
	# exitstorm adds the metadata after gnuplot has drawn.
	sed -i '/^<title>/d' "it's.svg" "$kind-before.svg"
	ok "and draws the same" cmp "it's.svg" "$kind-before.svg"
done
is "$(ls "it's.svg.data" | tr '\n' ' ')" "box.gp output run1 run2 values " "files of the previous figure are removed"
touch "it's.svg.data/mine"
ok "--data into an existing folder" "$EXITSTORM" plot run -k box -s hlt -o "it's.svg" --data
ok "a file of the user stays" test -e "it's.svg.data/mine"

if command -v pdflatex >/dev/null && kpsewhich tikz.sty >/dev/null; then
	gnuplot -e 'set terminal tikz createstyle' >/dev/null 2>&1
	cp -r run 'a_b $&#%{}~^\x'
	for kind in cdf box legs timeline generations scaling sweep shift; do
		case $kind in
		cdf | box | legs | generations) ok "an odd name in TikZ" "$EXITSTORM" plot 'a_b $&#%{}~^\x' run2 \
			-k $kind -s hlt,pio_out -o $kind.tikz ;;
		esac
		printf '%s\n' '\documentclass{article}' '\usepackage{gnuplot-lua-tikz}' '\begin{document}' \
			"\\input{$kind.tikz}" '\end{document}' >paper.tex
		ok "$kind compiles in a LaTeX document" pdflatex -interaction=nonstopmode -halt-on-error paper.tex
	done
else
	skip "TeX (pdflatex with TikZ) is not installed" "figures in a LaTeX document"
fi
for kind in cdf box legs; do
	ok "$kind as png" "$EXITSTORM" plot run run2 -k "$kind" -s hlt,pio_out -o "$kind.png"
	starts "$kind.png" '211PNG' "$kind.png is one"
	ok "$kind as pdf" "$EXITSTORM" plot run -k "$kind" -o "$kind.pdf"
	starts "$kind.pdf" '%PDF' "$kind.pdf is one"
	ok "$kind as svg" "$EXITSTORM" plot run -k "$kind" -o "$kind.svg"
	ok "$kind.svg is whole" "$python" -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$kind.svg"
	ok "$kind.svg names its run" grep -q "<title>exitstorm $kind: run</title>" "$kind.svg"
	ok "$kind.pdf names its run" grep -aq "/Title (exitstorm $kind: run)" "$kind.pdf"
	ok "$kind.png names its runs in a valid chunk" "$python" -c '
import struct, sys, zlib
data, at, found = open(sys.argv[1], "rb").read(), 8, []
while at < len(data):
    size, = struct.unpack(">I", data[at:at + 4])
    body = data[at + 4:at + 8 + size]
    assert zlib.crc32(body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
    found.append(body)
    at += 12 + size
assert at == len(data) and found[0][:4] == b"IHDR" and found[-1][:4] == b"IEND"
assert b"tEXtTitle\0exitstorm " + sys.argv[2].encode() + b": run, run2" in found, found[1]' "$kind.png" "$kind"
	ok "$kind.pdf has valid last cross-references" "$python" "$top/tests/cli/pdf_update.py" "$kind.pdf"
	ok "$kind.svg has the description" grep -q 'kvm target' "$kind.svg"
done
# Since cairo 1.18 the cross-references are a stream.
mkdir streams
cat >streams/gnuplot <<END
#!/bin/sh
exec "$python" "$top/tests/cli/pdf_update.py" --make figure
END
chmod +x streams/gnuplot
PATH=$PWD/streams:$PATH ok "a PDF with a stream of cross-references" "$EXITSTORM" plot run -k cdf -o streams.pdf
ok "... names its run" grep -aq "/Title (exitstorm cdf: run)" streams.pdf
ok "... in an update by a stream" "$python" "$top/tests/cli/pdf_update.py" --stream streams.pdf
ok "an emulated run is drawn" "$EXITSTORM" plot bochs -o bochs.svg
ok "its title has the clock" grep -q 'EMULATED' bochs.svg
ok "without -o it is KIND.pdf here" "$EXITSTORM" plot run -k box
starts box.pdf '%PDF' "box.pdf"
run sh -c '"$0" plot run -f png -o - 2>said | head -c 4 | od -An -c' "$EXITSTORM"
like "$out" "P +N +G" "-o - is standard output"
is "$(ls -A tmp)" "" "a closed pipe leaves no temporary folder"
ok "-f overrides the suffix" "$EXITSTORM" plot run -f svg -o x.dat
ok "the file is SVG" grep -q '<svg' x.dat
ok "runs with special characters in their names" "$EXITSTORM" plot "$odd" "$odd 2" -s hlt -o "$odd.svg"
ok "and in the output's name" grep -q '<svg' "$odd.svg"
nok "no name is executed" test -e hacked
touch target.svg
ln -s target.svg link.svg
ok "output to a symbolic link" "$EXITSTORM" plot run -o link.svg
ok "the link stays" test -L link.svg
ok "its target is the figure" grep -q '<svg' target.svg
fails 1 "a folder that is not there" "$EXITSTORM" plot run -o nowhere/x.png
fails 1 "a folder as file" "$EXITSTORM" plot run -f png -o tmp
run "$EXITSTORM" plot run -s hlt -f png -o /dev/full
is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a full disk is reported in one line"
ok "the device is not replaced" test -c /dev/full
is "$(ls -A tmp)" "" "temporary folders are gone"
is "$(ls -A | grep -c '^\.exitstorm')" 0 "no temporary file is left"
done_testing
