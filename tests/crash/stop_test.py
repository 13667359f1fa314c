"""K-4: the gateway is stopped (SIGSTOP) for longer than its leases last, and goes on (SIGCONT): a zombie that wakes up with leases that
are over. One process has the ledger open, so nobody else can have taken them: a second gateway on the same ledger is refused, the leases
run out, and the woken process must offer those filings anew, marked, and write nothing under a lease of before: confirmations of the
first offer come when the second is out already."""

import pathlib
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import fault_world
from fault_world import DEADLINE, LONG, PROGRAM, World, bound, keep_figures

CYCLES = 5 if LONG else 2
STOPPED = 60 if LONG else 4  # seconds
LEASE = 20 if LONG else 2
RATE = 15


class StoppedAndWoken(unittest.TestCase):
    def test_a_zombie_writes_nothing_with_an_old_lease(self):
        seed = fault_world.seed()
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            corpus = fault_world.Corpus(folder / "corpus", CYCLES * 10 * RATE, seed)
            world = World(folder / "world", corpus, lease=LEASE)
            self.addCleanup(world.close)
            self.assertTrue(world.gateway.start(), world.gateway.tail())
            world.start_brokers(credits=10_000)  # a frozen broker gives none back: the window alone bounds what it is offered
            world.start_carriers(RATE, seed=seed % 1000)
            held, refused, overdue, woken = [], 0, 0, []
            pause = threading.Event()
            for _ in range(CYCLES):
                arrived = world.lines("brokers")
                world.wait(lambda: world.lines("brokers") > arrived)
                pause.wait(rng.uniform(0, 1))
                # The brokers freeze first and thaw last: what they were offered stays unconfirmed until the leases are over.
                world.signal_brokers(signal.SIGSTOP)
                world.wait(lambda: self._offered(world) > 0)
                world.gateway.process.send_signal(signal.SIGSTOP)
                stopped = time.monotonic()
                leases = self._leases(world)
                held.append(len(leases))
                refused += self._second_is_refused(world)
                pause.wait(max(0, STOPPED - (time.monotonic() - stopped)))  # the fault itself
                before = world.lines()
                world.gateway.process.send_signal(signal.SIGCONT)
                began = time.monotonic()
                world.gateway.down.append((fault_world.now_us() - int((began - stopped) * 1e6), fault_world.now_us()))
                world.wait(lambda: world.lines() > before)
                woken.append(time.monotonic() - began)
                # Each of them is closed before its filer says a word: it ran out, or went with the connection.
                world.wait(lambda: not self._open(world, leases))
                overdue += len(leases)
                world.signal_brokers(signal.SIGCONT)
            self.assertEqual(world.stop("carriers"), set())
            self.assertTrue(world.settle(), f"{world.unsettled()}\n{world.gateway.tail()}")
            self.assertEqual(world.stop("brokers"), set())
            self.assertEqual(world.gateway.stop(), 0, world.gateway.tail())
            expired = world.read("SELECT COUNT(*) FROM attempts WHERE outcome = 'lease_expired'")[0][0]
            code, text = world.check("--faults", CYCLES, "--settled")
            print(text, flush=True)
            keep_figures("k4-stop", f"K-4  SIGSTOP for {STOPPED} s with leases of {LEASE} s, then SIGCONT", [
                ("stops", CYCLES), ("leases held when stopped", " ".join(map(str, held))), ("of them closed before the filer spoke", overdue),
                ("attempts that ended as lease_expired", expired),
                ("second gateways refused by the lock", refused), ("receipts again after, longest ms", round(max(woken) * 1000)),
                ("violations of I1 to I9", sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("I"))),
                (bound(CYCLES), "")])
            self.assertGreater(overdue, 0, "no lease was held at any stop: nothing was tested")
            self.assertEqual(refused, CYCLES)
            self.assertEqual(code, 0, text)

    @staticmethod
    def _offered(world):
        return world.read("SELECT COUNT(*) FROM filings WHERE state = 'offered'")[0][0]

    @staticmethod
    def _leases(world):
        return {lease for lease, in world.read("SELECT lease_id FROM filings WHERE state = 'offered'")}

    @staticmethod
    def _open(world, leases):
        return leases & {lease for lease, in world.read("SELECT lease_id FROM attempts WHERE ended_at = 0")}

    def _second_is_refused(self, world):
        """A second gateway on the same ledger, with doors of its own, while the first one cannot defend itself."""
        config = world.gateway.folder / "second.toml"
        config.write_text(re.sub(r'127\.0\.0\.1:\d+', "127.0.0.1:0", (world.gateway.folder / "puente.toml").read_text()))
        done = subprocess.run([PROGRAM, "serve", "--config", str(config)], capture_output=True, text=True, timeout=DEADLINE)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another gateway has this ledger open", done.stderr)
        return 1


if __name__ == "__main__":
    unittest.main(verbosity=2)
