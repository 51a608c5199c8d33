#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts hostile text into every string of a run, and into a name of every object of it, and looks at every
output of every command. The strings are found by walking run.json.

untrusted_walk.py EXITSTORM RUN FOLDER [each]

Prints a line "ok TEXT" or "not ok TEXT" per command. First each string alone: the run is refused in one line, or
it is one of those that all get the text together. `each`: one pass per piece of the text as well, so that no piece
hides behind the end of a field.
"""
import copy
import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import xml.dom.minidom

PIECES = [
    "\x1b[31m\x1b]0;title\x07", "\u202e\u2028", "\u009b31m", "\r\n\t", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "\\input{/etc/passwd}", "\\immediate\\write18{touch pwned}",
    "`touch pwned`", "$(touch pwned)", "'; touch pwned #", "';system('touch pwned');'", "\"\n!touch pwned\n\"",
    "|a|b|", "\n```\ntouch pwned\n```\n", "![a](http://b)", ",\"a\n", "%s%n%100000d", "\"} 1\nmetric 1\n",
    "../../../pwned", "{/Symbol a}@^_", "]]>", "--><!--", "\\end{tabular}", "&#60;script&#62;", "#", "%",
]
COMBINED = "x" + "".join(PIECES)
# The folder of the run comes from a stranger, too.
X = "x\x1b]0;t\x07\u202e\u009b31m<img src=x>`touch pwned`\\input%s"

exitstorm, source, folder = (os.path.abspath(argument) for argument in sys.argv[1:4])
each = len(sys.argv) > 4
os.chdir(folder)
failed = 0


def report(good, name, why=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'not ok'} {name}")
    if not good:
        print(f"# {why[:600]!r}")


def strings(value, path=()):
    """The paths of all strings."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from strings(member, path + (key,))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from strings(member, path + (index,))
    elif isinstance(value, str) or value is None:
        yield path


def shape(path):
    """Strings of equal place in different storms, repeats and vCPUs are one."""
    return tuple("[]" if isinstance(part, int) else part for part in path)


def objects(value, path=()):
    if isinstance(value, dict):
        yield path
        for key, member in value.items():
            yield from objects(member, path + (key,))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from objects(member, path + (index,))


def at(value, path):
    for part in path:
        value = value[part]
    return value


with open(f"{source}/run.json", encoding="utf-8") as file:
    original = json.load(file)
PLACES = {}
for found in strings(original):
    PLACES.setdefault(shape(found), []).append(found)
for found in objects(original):
    PLACES.setdefault(shape(found) + ("+name",), []).append(found)


def hostile(places, text):
    """Writes the run X with the text in these places. Each string differs, so that names stay unique."""
    run = copy.deepcopy(original)
    number = 0
    for place in sorted(places, reverse=True, key=lambda place: (place[-1] != "+name", len(place))):
        for path in PLACES[place]:
            number += 1
            if place[-1] == "+name":
                some = at(run, path)
                member = next(iter(some.values()), text)
                some[f"{number}{text}"] = copy.deepcopy(member) if not isinstance(member, (dict, list)) else text
            else:
                at(run, path[:-1])[path[-1]] = f"{text}{number}"
    with open(f"{X}/run.json", "w", encoding="utf-8") as file:
        json.dump(run, file)


def execute(command):
    for name in ("out", "out.data"):
        shutil.rmtree(name, ignore_errors=True)
        if os.path.isfile(name):
            os.remove(name)
    if "store" in command:
        if os.path.exists("store"):
            os.remove("store")
        collected = subprocess.run([exitstorm, "collect", "-q", "good", X, "-o", "store"], stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=300, check=False)
        if collected.returncode:
            return collected
    return subprocess.run([exitstorm] + command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


def printable(data, multiline=True, also=""):
    """None, or why a terminal could be controlled by it."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8: {error}"
    for match in re.finditer("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text):
        if not (match[0] == "\n" and multiline) and match[0] not in also:
            return f"U+{ord(match[0]):04X} in {text[max(0, match.start() - 60):match.end() + 60]!r}"
    return None


def refused(result):
    """None, or what is wrong with a refusal: one short line, no output."""
    lines = result.stderr.decode(errors="replace").splitlines()
    if result.returncode != 1 or result.stdout or len(lines) != 1 or len(result.stderr) > 1500:
        return f"status {result.returncode}: {result.stdout[:200]!r} {result.stderr[:1000]!r}"
    return printable(result.stderr)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.wrong = {}, None

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, _ in attrs:
            if name.startswith("on"):
                self.wrong = f"{tag} {name}"


def check_text(data):
    return printable(data)


def check_json(data):
    json.loads(data)
    return printable(data)


def check_csv(data):
    rows = list(csv.reader(io.StringIO(data.decode())))
    widths = {len(row) for row in rows if row and not row[0].startswith("#")}
    return printable(data, also="\r") or (f"rows of {widths} columns" if len(widths) != 1 else None)


def check_markdown(data):
    text = data.decode()
    bare = re.search(r"<(?!br>)[a-z/!]|(?<!\\)`|(?<!\\)!\[", text)
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in text.splitlines() if row.startswith("|")}
    return printable(data) or (f"{text[max(0, bare.start() - 40):bare.end() + 40]!r}" if bare else None) or \
        (f"rows of {widths} bars" if len(widths) > 1 else None)


def check_summary(data):
    """Names of storms are code there, in which nothing can be escaped. Elsewhere a backslash escapes."""
    return check_markdown(re.sub(rb"`\w+`|\\[!-/:-@\[-`{-~]", b"", data))


def check_latex(data):
    text = data.decode()
    bare = re.search(r"\\(input|immediate|write18|end\{tabular\}(?!\s*\\?\w*\s*$|\n))|(?<!\\)#", text)
    return printable(data) or (f"{text[max(0, bare.start() - 40):bare.end() + 40]!r}" if bare else None)


def check_html(data):
    page = Page()
    text = data.decode()
    page.feed(text)
    if page.tags.get("script", 0) != 1 or "img" in page.tags or page.wrong:
        return f"{page.tags.get('script')} scripts, {page.tags.get('img')} images, {page.wrong}"
    return printable(data, also="\t")


def check_svg(data):
    document = xml.dom.minidom.parseString(data)
    tags = {node.tagName for node in document.getElementsByTagName("*")}
    return f"{tags}" if tags & {"script", "img", "foreignObject"} else printable(data, also="\t")


def check_junit(data):
    document = xml.dom.minidom.parseString(data)
    tags = {node.tagName for node in document.getElementsByTagName("*")}
    return f"{tags}" if tags & {"script", "img"} else printable(data)


def check_tikz(data):
    bare = re.search(rb"\\(input|immediate|write18)", re.sub(rb"^%.*", b"", data, flags=re.M))
    return repr(data[max(0, bare.start() - 40):bare.end() + 40]) if bare else printable(data.replace(b"\t", b" "))


def check_pdf(data):
    return None if data.rstrip().endswith(b"%%EOF") else "no end"


def check_archive(data):
    """Paths stay below one folder; the commands of REPRODUCE.md are run with stand-ins that print."""
    archive = tarfile.open(fileobj=io.BytesIO(data))
    names = archive.getnames()
    top = names[0].split("/")[0]
    for member in archive.getmembers():
        if member.name.split("/")[0] != top or ".." in member.name.split("/") or not (member.isdir() or member.isfile()):
            return f"member {member.name!r}"
        if printable(member.name.encode(), False):
            return f"name {member.name!r}"
    shutil.rmtree("unpacked", ignore_errors=True)
    archive.extractall("unpacked", filter="data") if hasattr(tarfile, "data_filter") else archive.extractall("unpacked")
    with open(f"unpacked/{top}/REPRODUCE.md", "rb") as file:
        text = file.read()
    blocks = re.findall(r"^```\n(.*?)^```$", text.decode(), re.M | re.S)
    with open("pasted", "w", encoding="utf-8") as file:
        file.write("".join(blocks))
    subprocess.run(["sh", os.path.abspath("pasted")], cwd=f"unpacked/{top}", capture_output=True, check=False, timeout=300,
                   stdin=subprocess.DEVNULL, env={"PATH": f"{os.getcwd()}/bin:/usr/bin:/bin"})
    outside = re.sub(r"^```\n.*?^```$", "", text.decode(), flags=re.M | re.S)
    if re.search(r"^touch|^\s*!touch", "".join(blocks), re.M):
        return "a command of its own in REPRODUCE.md"
    bare = re.search(r"(?<!\\)<(img|script)|(?<!\\)!\[", outside)
    return printable(text) or (f"{outside[max(0, bare.start() - 40):bare.end() + 40]!r}" if bare else None)


COMMANDS = [
    (["show", X], check_text), (["show", X, "--samples"], check_text), (["show", X, "--controls"], check_text),
    (["show", X, "--methods"], check_text), (["show", X, "--json"], check_json), (["show", X, "--csv"], check_csv),
    (["show", X, "--markdown"], check_markdown), (["show", X, "--latex"], check_latex),
    (["compare", "good", X, "--force"], check_text), (["compare", X, "good", "--force", "-l", "all"], check_text),
    (["compare", "good", X, "--force", "--json"], check_json), (["compare", "good", X, "--force", "--csv"], check_csv),
    (["compare", "good", X, "--force", "--markdown"], check_markdown),
    (["compare", "good", X, "--force", "--latex"], check_latex),
    (["export", X], check_csv), (["export", X, "--perfetto"], check_json),
    (["report", "good", X, "-o", "out"], check_html),
    (["archive", X, "-o", "out.tar"], check_archive), (["archive", X, "--anonymous", "-o", "out.tar"], check_archive),
]
for option, check in ([], check_text), (["--csv"], check_csv), (["--markdown"], check_markdown), \
        (["--latex"], check_latex), (["--json"], check_json):
    COMMANDS.append((["query", "store", "--by", "host.cpu.brand,tool.version,target.name"] + option, check))
    if option not in (["--markdown"], ["--latex"]):
        COMMANDS.append((["compare", "--store", "store", "--by", "host.cpu.brand"] + option, check))
for name, check in ("junit", check_junit), ("tap", check_text), ("summary", check_summary), ("gbench", check_json), \
        ("bmf", check_json), ("gobench", check_text):
    COMMANDS.append((["show", X, "--format", name], check))
    COMMANDS.append((["compare", "good", X, "--force", "--format", name], check))
for kind in ("cdf", "box", "legs", "timeline", "generations", "scaling", "sweep"):
    COMMANDS.append((["plot", X, "-k", kind, "-f", "svg", "-o", "out"], check_svg))
COMMANDS.append((["plot", X, "-k", "box", "-f", "tikz", "-o", "out"], check_tikz))
COMMANDS.append((["plot", X, "-k", "legs", "-f", "pdf", "--data", "-o", "out"], check_pdf))
if os.access("/dev/kvm", os.R_OK | os.W_OK):
    COMMANDS.append((["run", "--like", X, "-t", "kvm", "-s", "null", "-n", "10", "-r", "1", "-o", "out"], check_text))


def product(command, result):
    if "-o" not in command or command[0] == "run":
        return result.stdout
    with open(command[command.index("-o") + 1], "rb") as file:
        return file.read()


def judge(command, check, places, text):
    """None, or what is wrong with the output of the command for the run with the text there."""
    hostile(places, text)
    result = execute(command)
    if result.returncode == 0:
        wrong = printable(result.stderr)
        if not wrong:
            try:
                wrong = check(product(command, result))
            except (ValueError, OSError, xml.parsers.expat.ExpatError, tarfile.TarError) as error:
                wrong = f"{type(error).__name__}: {error}"
    else:
        wrong = refused(result)
    if [name for _, _, names in os.walk(".") for name in names if name.startswith("pwned")]:
        wrong = "was executed"
    return result.returncode, wrong


def without_refused(command, check, places, text):
    """Those of the places that do not make the command refuse the run, and what went wrong meanwhile."""
    status, wrong = judge(command, check, places, text)
    if wrong or not status:
        return places, wrong
    if len(places) == 1:
        return [], None
    kept = []
    for half in (places[:len(places) // 2], places[len(places) // 2:]):
        good, wrong = without_refused(command, check, half, text)
        if wrong:
            return [], wrong
        kept += good
    return kept, None


def walk(command, check, places, text):
    kept, wrong = without_refused(command, check, places, text)
    if not wrong and len(kept) < len(places):
        status, wrong = judge(command, check, kept, text)
        if status and not wrong:
            wrong = "refused, each place alone is not"
    return wrong


shutil.copytree(source, "good")
shutil.copytree(source, X)
os.mkdir("bin")
for name in ("exitstorm", "gnuplot"):
    with open(f"bin/{name}", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
    os.chmod(f"bin/{name}", 0o755)

able = []
for command, check in COMMANDS:
    shutil.copy("good/run.json", f"{X}/run.json")
    result = execute(command)
    if result.returncode == 0:
        able.append((command, check))
wanted = {command[0] for command, _ in COMMANDS if command[0] != "run" or original["target"]["name"] == "kvm"}
report({command[0] for command, _ in able} >= wanted, f"{len(able)} of {len(COMMANDS)} commands have an output for {source}",
       f"{wanted - {command[0] for command, _ in able}}")
accepted, wrong = [], ""
for place in sorted(PLACES):
    status, complaint = judge(["show", X], check_text, [place], COMBINED)
    if complaint:
        wrong += f"{place}: {complaint}\n"
    if not status:
        accepted.append(place)
report(not wrong, f"{len(PLACES)} places of text, {len(accepted)} of any text", wrong)
for command, check in able:
    wrong = walk(command, check, accepted, COMBINED)
    for piece in PIECES if each and command[0] not in ("plot", "archive", "run") else ():
        wrong = wrong or walk(command, check, accepted, piece)
    report(not wrong, " ".join(command).replace(X, "x"), wrong or "")
sys.exit(failed > 0)
