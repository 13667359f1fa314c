"""K-5: SIGTERM under load. /readyz says 503 before the first door refuses, the doors are closed within 100 ms of the signal, what is in
flight is finished or queued again, the process ends with 0; a second SIGTERM ends it at once. Nothing is lost either way."""

import pathlib
import random
import signal
import socket
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import fault_world
from fault_world import DEADLINE, LONG, World, bound, keep_figures

CYCLES = 20 if LONG else 3
RATE = 500 if LONG else 120  # documents a second
LIFE = 2.0 if LONG else 0.7  # seconds, at most, between the first receipts and the signal


class Drain(unittest.TestCase):
    def test_drain_under_load_loses_nothing(self):
        seed = fault_world.seed()
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            corpus = fault_world.Corpus(folder / "corpus", int(2 * CYCLES * (LIFE + 2) * RATE / 3), seed)
            world = World(folder / "world", corpus)
            self.addCleanup(world.close)
            self.assertTrue(world.gateway.start(), world.gateway.tail())
            world.start_brokers()
            world.start_carriers(RATE, seed=seed % 1000)
            closed, ended, twice, out_of_order = [], [], [], 0
            pause = threading.Event()
            for cycle in range(2 * CYCLES):
                before = world.lines()
                world.wait(lambda: world.lines() > before + 20)
                pause.wait(rng.uniform(0, LIFE))
                began = time.monotonic()
                world.gateway.process.send_signal(signal.SIGTERM)
                if cycle % 2 == 0:
                    seconds, wrong = self._probe(world, began)
                    closed.append(seconds)
                    out_of_order += wrong
                    self.assertEqual(world.gateway.wait_end(), 0, world.gateway.tail())
                    ended.append(time.monotonic() - began)
                    self.assertEqual(world.read("SELECT COUNT(*) FROM filings WHERE state = 'offered'")[0][0], 0, "a lease outlived its drain")
                else:
                    pause.wait(rng.uniform(0, 0.05))
                    again = time.monotonic()
                    world.gateway.process.send_signal(signal.SIGTERM)
                    self.assertIn(world.gateway.wait_end(), (0, -signal.SIGTERM), world.gateway.tail())
                    twice.append(time.monotonic() - again)
                self.assertTrue(world.gateway.start(), world.gateway.tail())
            self.assertEqual(world.stop("carriers"), set())
            self.assertTrue(world.settle(), f"{world.unsettled()}\n{world.gateway.tail()}")
            self.assertEqual(world.stop("brokers"), set())
            self.assertEqual(world.gateway.stop(), 0, world.gateway.tail())
            code, text = world.check("--faults", 2 * CYCLES, "--settled")
            print(text, flush=True)
            keep_figures("k5-drain", f"K-5  SIGTERM at {RATE} documents a second", [
                ("drains", CYCLES), ("doors closed after the signal, median ms", f"{sorted(closed)[len(closed) // 2] * 1000:.1f}"),
                ("doors closed after the signal, longest ms", f"{max(closed) * 1000:.1f}"), ("doors that refused while /readyz said 200", out_of_order),
                ("ended with 0 after, longest ms", round(max(ended) * 1000)), ("second SIGTERM", CYCLES),
                ("ended after the second, longest ms", round(max(twice) * 1000)),
                ("violations of I1 to I9", sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("I"))),
                (bound(2 * CYCLES), "")])
            self.assertEqual(out_of_order, 0)
            self.assertEqual(code, 0, text)
            if LONG:  # a busy machine must not make the ordinary suite fail
                self.assertLess(max(closed), 0.1)
                self.assertLess(max(ended), 30)
                self.assertLess(max(twice), 2)

    def _probe(self, world, began):
        """Seconds until no door takes a connection, and how often one refused while /readyz still said 200. Asked in that order, so that
        200 after a refusal proves that the door was closed first."""
        doors, wrong = set(world.gateway.ports.values()), 0
        while doors and world.gateway.process.poll() is None:
            for port in list(doors):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=DEADLINE).close()
                except OSError:
                    refused = time.monotonic() - began
                    doors.discard(port)
                    wrong += self._ready(world.gateway.health)
        return (refused if not doors else time.monotonic() - began), wrong

    @staticmethod
    def _ready(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=DEADLINE) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as answer:
            return answer.code == 200
        except OSError:
            return False  # the process has ended


if __name__ == "__main__":
    unittest.main(verbosity=2)
