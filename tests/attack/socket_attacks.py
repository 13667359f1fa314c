"""The attacks on the socket door, one process each so that the attacker's Python does not slow the partner who is measured beside it.
usage: socket_attacks.py NAME PORT CERTIFICATES PARTNER SECONDS; prints what it did as JSON. Rule source: reference security 7."""

import json
import os
import random
import resource
import sys
import time

from frames import ERROR, MORE, STATUS, SUBMIT, Connection, document, frame, hello, question


class Target:
    def __init__(self, port, certificates, partner, seconds):
        self.port, self.certificates, self.partner = int(port), certificates, partner
        self.end = time.monotonic() + float(seconds)
        self.size = int(os.environ.get("PUENTE_ATTACK_SIZE", 40))
        self.addresses = 0
        self.count = {"connections": 0, "refused": 0}

    def connect(self, **rest):
        """From an address of its own each, or None when the gateway does not let it in."""
        self.addresses += 1
        source = f"127.4.{self.addresses // 250 % 250}.{self.addresses % 250 + 1}"
        try:
            connection = Connection(self.port, self.certificates, self.partner, source=source, **rest)
        except OSError:
            self.count["refused"] += 1
            time.sleep(0.02)
            return None
        self.count["connections"] += 1
        return connection

    def again_and_again(self, one, **rest):
        """one(connection) on a connection of its own, until the time is over."""
        while time.monotonic() < self.end:
            if connection := self.connect(**rest):
                try:
                    one(connection)
                except OSError:
                    pass
                connection.close()
        return self.count


def lengths(target):
    """Announced lengths of every class, nothing behind them."""
    announced = [0, 1, 20, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1]

    def one(connection):
        length = announced[target.count["connections"] % len(announced)]
        connection.send(frame(STATUS, 1, b"", length=length)[:16] + b"\0\0\0\0")
        if length > 1 << 20:
            connection.ends()
    return target.again_and_again(one)


def desync(target):
    """A byte is missing, and what follows looks like frames."""
    rng = random.Random(7)
    trap = frame(STATUS, 99, question(b"0"))

    def one(connection):
        good = frame(SUBMIT, 1, document(b"<a>" + trap * 3 + b"</a>"))
        cut = rng.randrange(1, len(good) - 1)
        connection.send(good[:cut] + good[cut + 1:] + trap * 50)
        connection.no_more()
        connection.ends()
    return target.again_and_again(one)


def slowloris(target):
    """Many connections, a byte a second on each of them."""
    begun, slow = frame(SUBMIT, 1, document(b"x" * 1000)), []
    while time.monotonic() < target.end:
        if len(slow) < target.size and (connection := target.connect()):
            slow.append(connection)
            continue
        began = time.monotonic()
        for connection in list(slow):
            try:
                connection.send(begun[:1])
            except OSError:
                slow.remove(connection)
        time.sleep(max(0.0, min(1 - (time.monotonic() - began), target.end - time.monotonic())))
    return target.count


def half_open(target):
    """Connections that say nothing, TCP alone or with TLS; and messages that never end."""
    silent = []
    while time.monotonic() < target.end:
        kind = target.addresses % 3
        if connection := target.connect(tls=kind != 0, greet=kind == 2):
            if kind == 2:
                connection.send(frame(SUBMIT, 1, document(b"x" * 100), MORE))
            silent.append(connection)
        if len(silent) > target.size:
            silent.pop(0).close()
    return target.count


def interleaved(target):
    """Two documents mixed, a few bytes a chunk."""
    first, second = (document(b"<" + name * 500 + b"/>", name) for name in (b"a", b"b"))

    def one(connection):
        call = 1
        while time.monotonic() < target.end:
            out = b""
            for at in range(0, max(len(first), len(second)), 3):
                for number, content in ((call, first), (call + 1, second)):
                    out += frame(SUBMIT, number, content[at:at + 3], MORE if at + 3 < len(content) else 0)
            connection.send(out)
            for _ in range(2):
                connection.answer_any()
            call += 2
            target.count["documents"] = target.count.get("documents", 0) + 2
    return target.again_and_again(one)


def downgrade(target):
    """Greetings with versions that nobody speaks, and frames of another version after a true greeting."""
    def one(connection):
        if target.count["connections"] % 2:
            connection.send(hello(2, 9))
            connection.ends()
        else:
            connection.send(hello() + frame(STATUS, 1, question(b"0"), version=0) * 3)
            while connection.receive()[0] != ERROR:
                pass
    return target.again_and_again(one, greet=False)


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    began = time.monotonic()
    result = dict(globals()[name](Target(*rest)))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result.update(seconds=round(time.monotonic() - began, 2), cpu=round(usage.ru_utime + usage.ru_stime, 2))
    print(json.dumps(result))
