# SPDX-License-Identifier: GPL-2.0-or-later
"""pdf_update.py [--stream] FILE: checks the last update of a PDF: its cross-references (a table, or a stream of them,
ISO 32000-1, 7.5.4 and 7.5.8) lead to the information dictionary and to those before. --stream: they must be a
stream. --make FILE: writes a PDF of no pages whose cross-references are a stream, compressed as cairo 1.18's."""
import re
import sys
import zlib


def number(pattern, text):
    return int(re.search(pattern, text).group(1))


def entries(data, start):
    """{object: its offset} of the table or stream at start, and the dictionary."""
    if data[start:].startswith(b"xref"):
        first, count = map(int, data[start + 5:].split(b"\n")[0].split())
        lines = data[start:].split(b"\n")[2:2 + count]
        assert all(re.fullmatch(rb"\d{10} \d{5} [nf] ", line) for line in lines), lines
        return ({first + i: int(line[:10]) for i, line in enumerate(lines) if line[17:18] == b"n"},
                data[data.index(b"trailer", start):])
    begin = data.index(b"stream\n", start)
    dictionary = data[start:begin]
    stream = data[begin + 7:begin + 7 + number(rb"/Length (\d+)", dictionary)]
    assert data[begin + 7 + len(stream):].lstrip().startswith(b"endstream")
    if b"/ASCIIHexDecode" in dictionary:
        assert stream.endswith(b">")
        stream = bytes.fromhex(stream[:-1].decode())
    elif b"/FlateDecode" in dictionary:
        stream = zlib.decompress(stream)
    widths = [int(w) for w in re.search(rb"/W \[([\d ]+)\]", dictionary).group(1).split()]
    size = number(rb"/Size (\d+)", dictionary)
    index = re.search(rb"/Index \[([\d ]+)\]", dictionary)
    index = [int(i) for i in index.group(1).split()] if index else [0, size]
    numbers = [n for first, count in zip(index[::2], index[1::2]) for n in range(first, first + count)]
    assert len(stream) == sum(widths) * len(numbers), (stream, widths, numbers)
    found = {}
    for i, n in enumerate(numbers):
        row, fields = stream[i * sum(widths):], []
        for width in widths:
            fields.append(int.from_bytes(row[:width], "big"))
            row = row[width:]
        if fields[0] == 1:
            found[n] = fields[1]
    own = number(rb"(\d+) 0 obj", dictionary)
    assert found[own] == start and own < size, (found, own, start)
    return found, dictionary


def check(path, stream):
    data = open(path, "rb").read()
    start = int(data[data.rindex(b"startxref") + 9:].split()[0])
    assert not stream or not data[start:].startswith(b"xref")
    found, dictionary = entries(data, start)
    info = number(rb"/Info (\d+) 0 R", dictionary)
    assert data[found[info]:].startswith(b"%d 0 obj\n<< /Title " % info), found
    before, old = entries(data, number(rb"/Prev (\d+)", dictionary))
    for key in rb"/Root (\d+) 0 R", rb"/Info (\d+) 0 R":
        assert number(key, dictionary) == number(key, old)
    assert number(rb"/Size (\d+)", dictionary) >= number(rb"/Size (\d+)", old)
    assert not before.get(info) or before[info] < found[info]


def make(path):
    data = b"%PDF-1.7\n"
    offsets = [0]
    for n, body in enumerate((b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>",
                              b"<< /Producer (cairo) >>"), 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    offsets.append(len(data))
    rows = zlib.compress(b"".join(bytes([bool(at)]) + at.to_bytes(2, "big") + b"\0" for at in offsets))
    data += b"4 0 obj\n<< /Type /XRef\n /Length %d\n /Filter /FlateDecode\n /Size 5\n /W [1 2 1]\n" % len(rows)
    data += b" /Root 1 0 R\n /Info 3 0 R\n>>\nstream\n" + rows + b"\nendstream\nendobj\n"
    data += b"startxref\n%d\n%%%%EOF\n" % offsets[4]
    open(path, "wb").write(data)


if sys.argv[1] == "--make":
    make(sys.argv[2])
else:
    check(sys.argv[-1], sys.argv[1] == "--stream")
