#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the capture of an image's serial line, so that import is tested without an emulator.

make_capture.py PLAN FILE [--lie NAME] [--hello FIELD=HEX] [--end HEX]

PLAN is the file exitstorm.plan of `exitstorm image`. Every storm of it has one histogram and one result per
repeat. --lie changes the first storm's data, --hello a text about the machine, --end the reason of a failure;
all checksums are right.
"""
import argparse
import struct

MAGIC = 0x45525453
NO_STORM = 0xffff
PLAN, HELLO, BEGIN, RESULT, HISTOGRAM, END = 1, 2, 3, 4, 5, 8
PERIOD = 6  # the leg that every storm has
WHY = 256
FIELDS = {"backend": (8, 16), "vendor": (24, 16), "brand": (40, 52), "hypervisor": (92, 16), "tsc_source": (160, 40)}
TABLE = []
for value in range(256):
    for _ in range(8):
        value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    TABLE.append(value)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xffffffff


class Capture:
    def __init__(self):
        self.data = b""
        self.frames = 0

    def frame(self, kind, storm, payload):
        head = struct.pack("<IBBHII", MAGIC, 1, kind, storm, self.frames, len(payload))
        crc = crc32c(head + bytes(4) + payload)
        self.data += head + struct.pack("<I", crc) + payload
        self.frames += 1


def hello(tables, texts):
    payload = bytearray(struct.pack("<II16s16s52s16sII7IQ", 0, tables, b"vmx", b"GenuineIntel", b"a CPU", b"",
                                    0x906ea, 1, 1, 1, 1, 0, 1000, 1000, 1000, 0))
    payload += struct.pack("<Q40sII8I", 2100000000, b"a timer", 1, 0xf0, 6, *[0] * 7)
    for text in texts:
        field, value = text.split("=")
        at, room = FIELDS[field]
        payload[at:at + room] = bytes.fromhex(value)[:room].ljust(room, b"\0")
    payload[0:4] = struct.pack("<I", len(payload))
    return bytes(payload)


def histogram(buckets, **fields):
    head = {"repeat": 0, "vcpu": 0, "status": 0, "leg": PERIOD, "clean": 0,
            "count": sum(count for _, count in buckets), "min": min(buckets)[0], "max": max(buckets)[0],
            "sum": sum(bucket * count for bucket, count in buckets)}
    head.update(fields)
    return struct.pack("<HHiHHIIIQQQQ", head["repeat"], head["vcpu"], head["status"], head["leg"], head["clean"], 0,
                       len(buckets), 0, head["count"], head["min"], head["max"], head["sum"]) + \
        b"".join(struct.pack("<II", *bucket) for bucket in buckets)


def result(storm, repeat, exits, why=b""):
    fixed = struct.calcsize("<IIHHi9Q6I10Q2I")
    return struct.pack("<IIHHi9Q6I10Q2I%ds" % WHY, fixed + WHY, storm, repeat, 0, 0, exits, exits, 0, exits, 0, 0, 0, 0, 0,
                       0xffffffff, 1, 1, 1, 0, 0, exits, *[0] * 11, why)


# Fields of the histogram that --lie changes, for a plan of one vCPU.
LIES = {"count": {"count": 99}, "sum": {"sum": 1}, "leg": {"leg": 9}, "repeat": {"repeat": 0xffff},
        "vcpu": {"vcpu": 1}, "max": {"max": 2 ** 64 - 1}, "range": {"min": 500, "max": 500, "sum": 500 * 4000}}


def storm_frames(capture, storm, repeats, exits, lie):
    for repeat in range(repeats):
        buckets = [(900 + i, 10) for i in range(10)]
        fields = {"repeat": repeat}
        if lie == "range" and not repeat:
            buckets = [(0, 1), (1000, 1)]
        else:
            fields.update(LIES.get(lie, {}))
        if lie == "range" and repeat:  # 4,000 buckets, where its range has room for one
            buckets = [(bucket, 1) for bucket in range(1, 4001)]
        data = histogram(buckets, **fields)
        capture.frame(BEGIN, storm, struct.pack("<HHi", repeat, 0, 0))
        for _ in range(2 if lie == "twice" else 1):
            capture.frame(HISTOGRAM, storm, data)
        capture.frame(RESULT, storm, result(storm, repeat, 2 ** 63 if lie == "exits" else exits))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plan")
    parser.add_argument("file")
    parser.add_argument("--lie", choices=[*LIES, "twice", "exits"])
    parser.add_argument("--hello", action="append", default=[])
    parser.add_argument("--end", default="")
    options = parser.parse_args()
    plan = open(options.plan, "rb").read()[20:]
    _, count, tables, _, _, _, repeats = struct.unpack("<7I", plan[:28])
    exits, = struct.unpack("<Q", plan[32:40])
    storms = struct.unpack("<%dH" % count, plan[-2 * 512:-2 * 512 + 2 * count])
    capture = Capture()
    capture.frame(HELLO, NO_STORM, hello(tables, options.hello))
    capture.frame(PLAN, NO_STORM, plan)
    for number, storm in enumerate(storms):
        storm_frames(capture, storm, repeats, exits, None if number else options.lie)
    why = bytes.fromhex(options.end)
    capture.frame(END, NO_STORM, struct.pack("<iI%ds" % WHY, -95 if why else 0, capture.frames + 1, why))
    with open(options.file, "wb") as file:
        file.write(capture.data)


main()
