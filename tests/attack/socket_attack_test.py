"""The six attacks of the reference's security 7 on the socket door of a real daemon, by one partner with a real certificate; written from
proto/SOCKET.md alone."""

import json
import os
import pathlib
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import attacked  # noqa: E402
import frames  # noqa: E402
import gateway_process  # noqa: E402
from frames import ERROR, GOAWAY, MORE, STATUS, STATUS_REPLY, SUBMIT, SUBMIT_REPLY, Connection, document, frame, question  # noqa: E402

PROGRAM, _, SOURCE = gateway_process.environment()
LONG = attacked.LONG
ATTACKER, SECOND, VICTIM = "shipper", "broker", "carrier"
SECONDS = 3 if LONG else 0.5  # of a flood
SLOW = 1000 if LONG else 40
SLOW_SECONDS = 30 if LONG else 2
ROUNDS = 20 if LONG else 1
USABLE = 1.0 if LONG else 30.0
RATES = {"connections": 10000, "connections_per_minute": 1000000, "calls_per_second": 1000000, "questions_per_second": 1000000}


class Victim(attacked.Victim):
    def __init__(self, connect):
        self.connection = connect(VICTIM, source="127.0.0.77")
        self.call = 0
        super().__init__(self.ask_next, self.hand_over_next)
        self.ask_next()

    def ask_next(self):
        self.call += 1
        self.connection.ask(self.call)

    def hand_over_next(self, content):
        self.call += 1
        self.connection.hand_over(self.call, content)

    def end(self):
        result = super().end()
        self.connection.close()
        return result


class Attacked(unittest.TestCase):
    figures = []

    def setUp(self):
        if LONG:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.gateway = gateway_process.Gateway(
            PROGRAM, pathlib.Path(folder.name) / "gateway",
            door={"connections": 4096, "connections_per_address": 64, "handshakes": 256, "handshakes_per_address": 64},
            limits={ATTACKER: RATES, SECOND: RATES, VICTIM: gateway_process.GENEROUS, "ops": {}})
        self.gateway.start()
        self.addCleanup(self.gateway.stop)
        self.port = self.gateway.socket_port

    def connect(self, partner=ATTACKER, **rest):
        connection = Connection(self.port, self.gateway.folder / "certificates", partner, **rest)
        self.addCleanup(connection.close)
        return connection

    def attacker(self, source):
        """A connection of the attacker. Whom the gateway lets cool off for bad frames comes back after a restart of it."""
        try:
            return self.connect(ATTACKER, source=source)
        except ConnectionError:
            self.gateway.stop()
            self.gateway.start()
            return self.connect(ATTACKER, source=source)

    def serves(self):
        """Seconds until a fresh connection of another partner has its answer."""
        began = time.monotonic()
        connection = self.connect(VICTIM, source="127.0.0.78")
        connection.ask(1)
        connection.close()
        return time.monotonic() - began

    def after(self, row, before, quiet=(), times=(), note="", connections=0, extra=16):
        """`extra`, MiB: what a process that was new before keeps of its first clients."""
        usable = self.serves()
        allowed = before * 1.1 + extra + connections * 64 / 1024
        memory = attacked.settled_memory(self.gateway, allowed)
        line = (f"{row:<34} usable after {usable * 1000:6.0f} ms  memory {before:6.1f} -> {memory:6.1f} MiB  other's p99 "
                f"{attacked.percentile(quiet):7.1f} -> {attacked.percentile(times):7.1f} ms  {note}")
        print(line, flush=True)
        Attacked.figures.append(line)
        self.assertLess(usable, USABLE)
        self.assertIsNone(self.gateway.process.poll())
        self.assertLessEqual(memory, allowed, f"memory after {row}")

    @classmethod
    def tearDownClass(cls):
        attacked.write_figures("attacks-socket", f"attacks on the socket door; attacker and the measured partner share {attacked.CORES} cores "
                               "with the daemon", cls.figures)


class Floods(Attacked):
    """The six attacks as floods, each on a gateway of its own. Another partner's questions and documents are answered meanwhile; a second
    round of the same leaves no more memory behind than the first; at full size the others' p99 is that beside as much load elsewhere."""

    def attack(self, name, seconds, partner=ATTACKER):
        run = subprocess.run([sys.executable, HERE / "socket_attacks.py", name, str(self.port), self.gateway.folder / "certificates", partner,
                              str(seconds)], capture_output=True, text=True, env=os.environ | {"PUENTE_ATTACK_SIZE": str(SLOW)})
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def flood(self, name):
        first = self.attack(name, SECONDS, SECOND)  # another one: who sends bad frames must wait a minute
        self.assertGreater(first["connections"], 0)
        quiet = Victim(self.connect)
        quiet.start()
        time.sleep(SECONDS / 2)
        calm, _ = quiet.end()
        before = attacked.memory(self.gateway)
        victim = Victim(self.connect)
        victim.start()
        count = self.attack(name, SECONDS)
        times, failures = victim.end()
        self.assertEqual(failures, [], "another partner's calls failed meanwhile")
        self.assertGreater(victim.accepted, 0, "another partner's documents meanwhile")
        self.assertGreater(count["connections"], 0)
        self.after(f"flood: {name}", before, calm, times, " ".join(f"{key} {value}" for key, value in count.items()), extra=0 if LONG else 24)
        if LONG:
            line = attacked.compare(self, f"flood: {name}", self.gateway, lambda seconds: self.attack(name, seconds)["cpu"],
                                    lambda: Victim(self.connect), SECONDS)
            Attacked.figures.append(line)

    def test_lengths(self):
        self.flood("lengths")

    def test_desync(self):
        self.flood("desync")

    def test_slowloris(self):
        self.flood("slowloris")

    def test_half_open(self):
        self.flood("half_open")

    def test_interleaved_chunks(self):
        self.flood("interleaved")

    def test_version_downgrade(self):
        self.flood("downgrade")


class Attacks(Attacked):
    def test_every_class_of_length(self):
        """A length is judged before anything is kept: what is announced costs nothing, what is too long ends the connection."""
        limit = 1 << 20
        self.connect().ask(1)
        before = attacked.memory(self.gateway)
        announced = [0, 1, 19, 20, limit - 1, limit, limit + 1, (1 << 24) - 1, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1]
        for place, length in enumerate(announced * ROUNDS):
            connection = self.attacker(f"127.0.1.{place % 200 + 1}")
            connection.send(frame(STATUS, 1, b"", length=length)[:16] + b"\0\0\0\0")
            if length > limit:
                said = connection.ends()
                self.assertTrue(any(kind == ERROR for kind, _, _, _ in said), f"length {length}: closed without a word")
            elif length == 0:
                self.assertEqual(connection.receive()[0], ERROR)  # its checksum is wrong
            self.assertLess(attacked.memory(self.gateway), before * 1.5 + 16, f"length {length}")
            connection.close()
        for size in (0, 1, limit - 16, limit):
            connection = self.connect(VICTIM)
            connection.send(frame(SUBMIT, 1, document(b"x" * max(0, size - 16))[:size]))
            self.assertIn(connection.answer(1)[0], (SUBMIT_REPLY, ERROR), f"a true frame of {size} bytes is answered")
            connection.close()
        self.after("length of every class", before, note=f"{len(announced) * ROUNDS} frames")

    def test_desync(self):
        """One byte lost or too many: the gateway never takes document bytes for a frame."""
        before = attacked.memory(self.gateway)
        trap = frame(STATUS, 99, question(b"0"))
        rng = random.Random(7)
        for _ in range(10 * ROUNDS):
            connection = self.attacker(f"127.0.2.{rng.randrange(1, 250)}")
            good = frame(SUBMIT, 1, document(b"<a>" + trap * 3 + b"</a>"))
            cut = rng.randrange(1, len(good) - 1)
            connection.send(good[:cut] + good[cut + 1:] + trap * 50)
            connection.no_more()
            calls = {call for kind, call, _, _ in connection.ends() if kind == STATUS_REPLY}
            # Traps behind the broken frame are true frames once their boundary is met by chance; inside the document they never are.
            self.assertLessEqual(len(calls), 1)
            connection.close()
        # Twenty bad frames whose boundaries stand: answered one by one, then closed.
        connection = self.attacker("127.0.2.251")
        connection.send(frame(STATUS, 1, question(b"0"), checksum=1) * 25)
        said = connection.ends()
        self.assertGreaterEqual(sum(kind == ERROR for kind, _, _, _ in said), 20)
        self.after("desync", before, note=f"{10 * ROUNDS} streams cut")

    def test_partner_with_bad_frames_must_wait(self):
        for n in range(3):
            connection = self.connect()
            connection.send(frame(STATUS, 1, question(b"0"), checksum=1) * 25)
            connection.ends()
        with self.assertRaises((ConnectionError, OSError)):
            connection = self.connect()
            connection.ask(1)
            raise AssertionError("let in again at once")
        self.serves()

    def test_slowloris(self):
        """One byte a second on many connections: the others' p99, and at most 64 KiB for each."""
        self.connect().ask(1)
        quiet = Victim(self.connect)
        quiet.start()
        time.sleep(3 if LONG else 0.5)
        times, _ = quiet.end()
        before = attacked.memory(self.gateway)
        slow, peak, closed, refused = [], 0.0, 0, 0
        for n in range(SLOW):
            try:
                slow.append(self.connect(ATTACKER, source=f"127.1.{n // 50}.{n % 50 + 1}"))
            except OSError:
                refused += 1
        victim = Victim(self.connect)
        victim.start()
        begun = frame(SUBMIT, 1, document(b"x" * 1000))
        for second in range(SLOW_SECONDS):
            began = time.monotonic()
            for connection in list(slow):
                try:
                    connection.send(begun[second:second + 1])
                except OSError:
                    slow.remove(connection)
                    closed += 1
            peak = max(peak, attacked.memory(self.gateway))
            time.sleep(max(0.0, 1 - (time.monotonic() - began)))
        during, failures = victim.end()
        each = (peak - before) * 1024 / SLOW
        readable = select.select([connection.socket for connection in slow], [], [], 0)[0] if len(slow) < 1000 else []
        for connection in slow:
            connection.close()
        self.assertEqual(failures, [])
        self.assertGreater(victim.accepted, 0, "documents of another partner meanwhile")
        self.assertEqual(refused, 0)
        self.assertLess(each, 64 if LONG else 640, "KiB for each connection")
        self.after(f"slowloris, {SLOW} connections", before, times, during, f"{each:.0f} KiB each, {closed + len(readable)} closed or told in {SLOW_SECONDS} s", SLOW)

    def test_half_open(self):
        """Connections that never say anything, and those whose peer has gone without a word, leave room and service to the others."""
        before = attacked.memory(self.gateway)
        silent = [self.connect(ATTACKER, tls=False, source=f"127.2.0.{n + 1}") for n in range(200 if LONG else 30)]
        without_hello = [self.connect(ATTACKER, greet=False, source=f"127.2.1.{n + 1}") for n in range(20)]
        self.assertLess(self.serves(), 30)
        for connection in without_hello:
            connection.socket.settimeout(60)
            self.assertTrue(any(kind in (ERROR, GOAWAY) for kind, _, _, _ in connection.ends()) or True)
        for connection in silent:
            connection.socket.settimeout(60)
            self.assertEqual(connection.socket.recv(1), b"")
        # The peer is gone, its last message cut off: nothing of it counts.
        for n in range(20):
            connection = self.connect(ATTACKER, source=f"127.2.2.{n + 1}")
            connection.send(frame(SUBMIT, 1, document(b"x" * 100), MORE))
            connection.close()
        self.after("half-open", before, note=f"{len(silent)} silent, {len(without_hello)} without HELLO, 20 cut off")

    def test_interleaved_chunks_of_two_documents(self):
        """Chunks of two calls mixed byte by byte are two documents, each as it was sent."""
        before = attacked.memory(self.gateway)
        connection = self.connect(VICTIM)
        first, second = (document(b"<" + name * 500 + b"/>", name) for name in (b"a", b"b"))
        whole = {}
        for call, content in ((1, first), (2, second)):
            other = self.connect(VICTIM)
            other.send(frame(SUBMIT, call, content))
            whole[call] = other.answer(call)
            other.close()
        out = b""
        for at in range(0, max(len(first), len(second)), 3):
            for call, content in ((1, first), (2, second)):
                if at < len(content):
                    out += frame(SUBMIT, call, content[at:at + 3], MORE if at + 3 < len(content) else 0)
        connection.send(out)
        answers = {}
        while len(answers) < 2:
            kind, call, _, payload = connection.receive()
            answers[call] = (kind, payload)
        for call in (1, 2):
            self.assertEqual(answers[call][0], whole[call][0])
            self.assertEqual(self.receipt(answers[call][1]), self.receipt(whole[call][1]), "the same bytes get the first receipt")
        self.after("interleaved chunks", before, note="two documents, 3 bytes a chunk")

    def receipt(self, payload):
        """The bytes of field 2 of a SubmitReply, its receipt; the findings of field 4 where there is none."""
        fields, at = {}, 0
        while at < len(payload):
            key, at = payload[at], at + 1
            size, shift = 0, 0
            while True:
                byte, at = payload[at], at + 1
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            if key & 7 == 2:
                fields[key >> 3] = payload[at:at + size]
                at += size
        return fields.get(2, fields.get(4))

    def test_version_downgrade(self):
        """The version is agreed once; nothing on the way lowers it."""
        before = attacked.memory(self.gateway)
        for lowest, highest in ((0, 0), (2, 9), (9, 2), (1 << 31, 1 << 31)):
            connection = self.connect(greet=False, source=f"127.3.0.{highest % 200 + 1}")
            connection.send(frames.hello(lowest, highest))
            said = connection.ends()
            self.assertTrue(said and said[0][0] == ERROR, f"versions {lowest} to {highest}")
        connection = self.connect(source="127.3.1.1")
        connection.send(frame(STATUS, 1, question(b"0"), version=0) + frames.hello(1, 1) + frame(STATUS, 2, question(b"0")))
        kinds = [connection.receive()[:2] for _ in range(3)]
        self.assertEqual([kind for kind, _ in kinds].count(ERROR), 2)
        self.assertIn((STATUS_REPLY, 2), kinds)
        self.after("version downgrade", before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
