#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others
# exitstorm report: one complete page, in which text from a run is never executed.
. "$(dirname "$0")/../lib.sh"

find_python json || skip_all "no python3"
make_run()
{
	"$python" "$top/tests/cli/make_run.py" "$@" || exit 1
}
evil='<script>document.title="hacked"</script><img src=x onerror=alert(1)>"'"'"'&amp;'
make_run "$tmp/one" --n 100 --samples 50
make_run "$tmp/<b>two" --n 100 --seed 2 --brand "$evil"
make_run "$tmp/bochs" --n 20 --clock instructions --repeats 2
cd "$tmp" || exit 1

fails 2 "no run" "$EXITSTORM" report -o r.html
fails 2 "no file" "$EXITSTORM" report one
fails 2 "an unknown storm" "$EXITSTORM" report one -s hltt -o r.html
like "$err" "did you mean 'hlt'\?" "the nearest is named"
run env PATH="$tmp/empty" "$EXITSTORM" report one bochs -s 'mmio_r*,hlt' -o few.html
is "$(sed -n 's/.*<th scope="row"[^>]*>\([a-z_]*\)<.*/\1/p' few.html | sort -u | tr '\n' ' ')" "hlt mmio_read " \
	"storms by name and by pattern"
fails 1 "not a run" "$EXITSTORM" report nothing -o r.html
fails 1 "into a folder that does not exist" "$EXITSTORM" report one -o nowhere/r.html
cp -r one damaged
head -c 3000 one/histograms/hlt.npy >damaged/histograms/hlt.npy
nok "nothing was written" test -e r.html

run env PATH="$tmp/empty" "$EXITSTORM" report one -o plain.html
is "$status:$out" "1:plain.html" "a page without gnuplot lacks its figures: no success"
like "$err" "report: without figures: gnuplot is not installed" "... and says so"

cat >check.py <<'END'
import base64, hashlib, json, re, subprocess, sys
from html.parser import HTMLParser

text = open(sys.argv[1], encoding="utf-8").read()
void = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.policy, self.rows = [], [], [], "", []
        self.words, self.tags = {"style": "", "script": "", "title": ""}, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag not in void:
            self.open.append(tag)
        for name, value in attrs.items():
            assert not name.startswith("on"), f"handler {name}"
            assert name != "style", "style attribute, which the policy forbids"
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "xlink:href", "action"):
                self.links.append(value)
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag == "td" and "data-v" in attrs:
            self.rows.append(float(attrs["data-v"]))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in void:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in self.words and "svg" not in self.open:
            self.words[self.open[-1]] += data


page = Page()
page.feed(text)
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)), "an id is there twice"
assert all(link.startswith("#") for link in page.links), page.links
assert all(link[1:] in page.ids for link in page.links), "a link to nowhere"
assert page.policy.startswith("default-src 'none'"), page.policy
assert "unsafe" not in page.policy
for tag in ("style", "script"):
    digest = base64.b64encode(hashlib.sha256(page.words[tag].encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in page.policy, tag
assert page.tags.count("script") == 1 and "img" not in page.tags and "b" not in page.tags
assert len(page.rows) > 100
shown = json.loads(subprocess.run([sys.argv[2], "show", "one", "--json"], capture_output=True).stdout)
want = [s["legs"]["round_trip"]["centre"]["p50"]["ticks"] for s in shown["storms"] if s["name"] == "pio_out"][0]
assert any(abs(want / row - 1) < 1e-12 for row in page.rows if row), "the figure of pio_out"
END
ok "the page without figures is whole" "$python" check.py plain.html "$EXITSTORM"

if ! command -v gnuplot >/dev/null; then
	skip "gnuplot is not installed" "a page with figures"
	done_testing
fi
fails 1 "a damaged run" "$EXITSTORM" report damaged -o r.html
run "$EXITSTORM" report one '<b>two' bochs -o r.html
is "$status:$out:$err" "0:r.html:" "a page of several runs"
ok "it is complete and loads nothing" "$python" check.py r.html "$EXITSTORM"
is "$(grep -c '<svg role="img"' r.html)" 12 "figures of each run, and two of the runs with one clock"
page=$(cat r.html)
like "$page" "EMULATED: one tick is one instruction" "an emulated clock is named"
like "$page" "<li>2 repeats" "few repeats are a warning"
like "$page" "wbinvd failed: KVM_EXIT" "a failed storm is a warning"
like "$page" "No other run has the clock of bochs: it is not compared" \
	"ticks and instructions are neither compared nor drawn together"
run "$EXITSTORM" report one '<b>two' -o two.html
like "$(cat two.html)" "figure: generations" "runs with one clock are drawn together"

# Comparisons have the same figures as compare.
make_run slow --n 100 --repeats 10 --seed 3 --scale 1.05
make_run fast --n 100 --repeats 10 --seed 4
cat >compared.py <<'END'
import html, json, re, subprocess, sys
page = open(sys.argv[1], encoding="utf-8").read()
command, runs = sys.argv[2], sys.argv[3:]
table = re.search(r'aria-label="comparison">.*?</table>', page, re.S).group(0)
rows = {}
for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", table, re.S):
    cells = [re.sub("<[^>]*>", "", c) for c in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.S)]
    values = [float(v) for v in re.findall(r'data-v="([^"]*)"', row)]
    rows[html.unescape(cells[0]), html.unescape(cells[2])] = (cells, values)
import math
text = subprocess.run([command, "compare", "--json", *runs], capture_output=True, text=True, check=True)
known = json.loads(text.stdout)["comparisons"]
assert len(known) == len(rows) > 10, (len(known), len(rows))
for c in known:
    # compare names two runs base and new, the page uses their names.
    side = c["side"] if len(runs) > 2 else runs[1]
    cells, values = rows[c["storm"], side]
    base, its, ratio = values[:3]
    assert abs(base / c["base_p50"] - 1) < 1e-9 and abs(its / c["p50"] - 1) < 1e-9, c["storm"]
    assert abs(math.exp(ratio) / c["ratio"] - 1) < 1e-9, c["storm"]
    assert cells[-1].split()[0] == c["verdict"], (cells, c["verdict"])
END
run "$EXITSTORM" report fast slow -o pair.html
ok "a page of two runs has compare's figures" "$python" compared.py pair.html "$EXITSTORM" fast slow
fails 2 "a base that is not among the runs" "$EXITSTORM" report fast slow -o base.html --base 3
nok "leaves no page" test -e base.html
for base in 2 slow; do
	run "$EXITSTORM" report fast slow bochs -o base.html --base "$base"
	like "$(cat base.html)" "<h3>Beside slow</h3>" "--base $base: the run that others are compared with"
	ok "and the ratios are inverted" "$python" compared.py base.html "$EXITSTORM" slow fast
done
run "$EXITSTORM" report fast slow one -o three.html
ok "a page of three runs has compare's figures" "$python" compared.py three.html "$EXITSTORM" fast slow one
ok "the page of three is whole" "$python" check.py three.html "$EXITSTORM"
like "$(cat pair.html)" '<td class="text slower">slower' "slower storms are marked"
like "$(cat pair.html)" 'aria-label="comparison leg by leg"' "the legs are compared, too"
like "$(cat three.html)" '<th scope="row">plan.repeats</th><td>10</td><td>10</td><td>5</td>' \
	"differences between the runs are listed"
sed 's/"storms"/"in_turn": null, "meanwhile": {"others": 1.5, "stolen": 0}, "storms"/' slow/run.json >busy.json
cp -r slow busy && mv busy.json busy/run.json
run "$EXITSTORM" report fast busy -o busy.html
like "$(cat busy.html)" "unclear \(busy\)" "runs of a busy machine have no verdict"
like "$(cat busy.html)" "<li>Other load took 1.50 CPUs during the run" "and there is a warning"
like "$(cat three.html)" "figure: box" "there are figures of all runs together"
# Different sites of all legs, and nothing in common.
"$python" -c 'import json
run = json.load(open("slow/run.json"))
run["storms"] = [s for s in run["storms"] if s["name"] == "vmcall"]
json.dump(run, open("busy/run.json", "w"))'
run "$EXITSTORM" report fast busy -o none.html
is "$status" 0 "runs without a storm in common have a page"
like "$(cat none.html)" "Not compared: no storm can be compared; null: missing in busy" "which gives the reason"
like "$page" "host.cpu.codename</th><td>Sapphire Rapids" "the environment is there"
run "$EXITSTORM" report one -o /dev/full
is "$status:$(printf '%s\n' "$err" | wc -l)" 1:1 "a full disk is reported in one line"
ok "the device is not replaced" test -c /dev/full
ok "- is standard output" sh -c '"$0" report one -o - | grep -q "^</html>"' "$EXITSTORM"
is "$(ls -A | grep -c '^\.exitstorm')" 0 "no temporary file is left"

chromium=$(command -v chromium || command -v chromium-browser)
if [ -z "$chromium" ]; then
	skip "Chromium is not installed" "the page in a browser"
	done_testing
fi
# browser FILE: the page after its script has run.
browser()
{
	timeout -s KILL 120 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/profile" \
		--enable-logging=stderr --dump-dom "file://$tmp/$1" 2>"$tmp/log"
}
browser r.html >dom.html
like "$(cat dom.html)" '<button type="button" title="sort by p50">' "the policy lets the page's own script run"
nok "the browser reports no error" grep -E 'CONSOLE|Refused' log
unlike "$(cat dom.html)" "<title>hacked" "a script in a name does not run"
# The same page without its policy, and with a click.
sed -e '/Content-Security-Policy/d' -e 's|</body>|<script>document.querySelector("#run-1 [title=\\"sort by p50\\"]").click();\
document.title = Array.from(document.querySelector("#run-1 tbody").rows, r => r.cells[0].textContent).join(" ");</script></body>|' \
	r.html >click.html
browser click.html >dom.html
like "$(cat dom.html)" "<title>null rdtsc syscall rdmsr_tsc_adjust wrmsr_tsc_adjust cpuid page_fill kvm_run_immediate hlt" \
	"a click sorts by numbers"
like "$(cat dom.html)" 'aria-sort="ascending"' "and sets aria-sort"
done_testing
