#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""agree.py EXITSTORM TMP A B...: do table, figure, report, compare and JSON give the same figures of A and B?

Prints a line for each figure that differs in a printed digit, and how many were looked at.
"""
import csv
import html
import io
import json
import re
import subprocess
import sys

EXITSTORM, TMP = sys.argv[1:3]


def call(*args):
    return subprocess.run([EXITSTORM, *args], check=True, capture_output=True, text=True).stdout


def main_figures(run):
    """p50, p99 and the interval of each storm as show --json has them."""
    storms = json.loads(call("show", run, "--json"))["storms"]
    return {s["name"]: s["legs"][s["main_leg"]] for s in storms if s["main_leg"]}


def ticks(value):
    return "-" if value is None else f"{value:,.0f}"


def table(run):
    """The cells of each storm, by column; a column that is there twice is numbered."""
    rows, heads = {}, None
    for cells in csv.reader(io.StringIO(table_csv(run))):
        heads = heads or cells
        rows[cells[0]] = cells
    return rows


def table_csv(run):
    """The Markdown table as CSV: its cells are those of the text, whole."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in call("show", run, "--markdown").splitlines():
        if line.startswith("|"):
            writer.writerow([html.unescape(c.strip().replace("\\", "")) for c in line.strip("|").split("|")])
    return out.getvalue()


def page_rows(page, label):
    text = re.search(r'aria-label="%s">.*?</table>' % label, page, re.S).group(0)
    yield [re.sub("<[^>]*>", "", c) for c in re.findall(r"<th scope=\"col\".*?</th>", text)]
    for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", text, re.S):
        yield [html.unescape(re.sub("<[^>]*>", "", c)) for c in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.S)]


def figure(runs, storm):
    """The centre that each run's box has."""
    call("plot", *runs, "-k", "box", "-s", storm, "-f", "svg", "--data", "-o", f"{TMP}/f.svg")
    found = []
    for i in range(len(runs)):
        with open(f"{TMP}/f.svg.data/run{i + 1}", encoding="utf-8") as file:
            found.append(float(file.read().split()[3]))
    return found


def look(pair, draw):
    seen = differ = 0
    compared = json.loads(call("compare", *pair, "--json"))["comparisons"]
    call("report", *pair, "-o", f"{TMP}/r.html") if draw else None
    text = call("compare", *pair, "--markdown")
    legs = [main_figures(run) for run in pair]
    tables = [table(run) for run in pair]
    page = open(f"{TMP}/r.html", encoding="utf-8").read() if draw else None

    def same(what, one, other):
        nonlocal seen, differ
        seen += 1
        if one != other:
            differ += 1
            print(f"{pair[0]} {what}: {one} and {other}")

    for row in compared:
        storm = row["storm"]
        for side, (key, tail) in enumerate((("base_p50", "base_p99"), ("p50", "p99"))):
            centre = legs[side][storm]["centre"]
            if row["records"] != centre["p50"]["records"]:
                print(f"# {pair[side]} {storm}: compared of {row['records']} records")
                continue
            same(f"{storm} compare", ticks(row[key]), ticks(centre["p50"]["ticks"]))
            same(f"{storm} compare p99", ticks(row[tail]), ticks(centre["p99"] and centre["p99"]["ticks"]))
            heads = tables[side]["storm"]
            cells = tables[side][storm]
            same(f"{storm} table", cells[heads.index("p50")], ticks(row[key]))
            low, high = centre["p50"]["ci95"]
            half = ((high / low) ** 0.5 - 1) * 100
            shown = "<0.1" if 0 < half < 0.05 else f"{half:.1f}" if 0 < half < 9.95 else f"{half:.0f}"
            same(f"{storm} +-%", cells[heads.index("p50") + 2], shown)
            same(f"{storm} p50_ci95", legs[side][storm]["p50_ci95"], centre["p50"]["ci95"])
        same(f"{storm} text", ticks(row["base_p50"]) in text, True)
        if draw:
            # Drawn with 9 digits and compared with 12: a tenth digit may round either way.
            drawn = figure(pair, storm)
            for d, p50 in zip(drawn, (row["base_p50"], row["p50"]), strict=True):
                same(f"{storm} figure", abs(d / p50 - 1) < 1e-8 or f"{d} of {p50}", True)
            for cells in page_rows(page, "comparison"):
                if cells[0] == storm:
                    same(f"{storm} report", cells[3:5], [ticks(row["base_p50"]), ticks(row["p50"])])
            for side in 0, 1:
                heads, *rows = page_rows(page, f"storms of run {side + 1}")
                for cells in rows:
                    if cells[0] == storm:
                        same(f"{storm} report's table", cells[heads.index("p50")], ticks(row[("base_p50", "p50")[side]]))
    return seen, differ


runs = sys.argv[3:]
total = [look(runs[i:i + 2], i < 4) for i in range(0, len(runs), 2)]
print(f"# {sum(t[0] for t in total)} figures of {len(total)} pairs looked at")
sys.exit(sum(t[1] for t in total) != 0 or sum(t[0] for t in total) < 10 * len(total))
