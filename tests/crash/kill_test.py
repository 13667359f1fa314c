"""K-1: kill -9 of the gateway at a random instant under load, again and again; carriers and brokers reconnect. Then the checker: no
receipt without its document, no filing lost, every repeat marked and bounded, each effect once. And the checker is checked: damage done
to what this run left behind is found."""

import pathlib
import random
import tempfile
import threading
import unittest

import fault_world
from fault_world import LONG, World, bound, doctors, keep_figures

CYCLES = 200 if LONG else 12
LONGEST = 3.0 if LONG else 1.0  # seconds of life
RATE = 200 if LONG else 120     # documents a second
SHIPMENTS = int(CYCLES * (LONGEST / 2 + 0.5) * RATE / 3)


class KillUnderLoad(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_every_effect_happens_once(self):
        seed = fault_world.seed()
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            corpus = fault_world.Corpus(folder / "corpus", SHIPMENTS, seed)
            world = World(folder / "world", corpus)
            self.addCleanup(world.close)
            self.assertTrue(world.gateway.start(), world.gateway.tail())
            world.start_brokers()
            world.start_carriers(RATE, seed=seed % 1000)
            alive = threading.Event()
            for _ in range(CYCLES):
                alive.wait(rng.uniform(0, LONGEST))  # the instant is the fault: nothing is waited for
                self.assertIsNone(world.gateway.process.poll(), world.gateway.tail())
                world.gateway.kill()
                self.assertTrue(world.gateway.start(), world.gateway.tail())
            world.wait(lambda: world.read("SELECT COUNT(*) FROM answers")[0][0] > 0)  # however slow the machine: there is something to check
            self.assertEqual(world.stop("carriers"), set())
            self.assertTrue(world.settle(), f"{world.unsettled()}\n{world.gateway.tail()}")
            queued = world.read("SELECT COUNT(*) FROM documents")[0][0]
            self.assertEqual(world.stop("brokers"), set())
            self.assertEqual(world.gateway.stop(), 0, world.gateway.tail())
            code, text = world.check("--faults", CYCLES, "--settled")
            print(text, flush=True)
            starts = sorted(world.gateway.starts[1:])
            receipts = world.lines()
            keep_figures("k1-kill", "K-1  kill -9 at a random instant under load", [
                ("kills", CYCLES), ("documents a second", RATE), ("replies that carriers hold", receipts), ("documents in the ledger at the end", queued),
                ("serving again after, median ms", round(starts[len(starts) // 2] * 1000)), ("serving again after, longest ms", round(starts[-1] * 1000)),
                ("violations of I1 to I9", sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("I"))),
                (bound(CYCLES), "")])
            self.assertEqual(code, 0, text)
            self._doctored(world, folder)

    def _doctored(self, world, folder):
        """What the checker must find, on a store that the gateway wrote."""
        sound = folder / "sound"
        sound.mkdir()
        store = world.gateway.folder / "ledger" / "puente.sqlite"
        store.rename(sound / "store.sqlite")
        for name in ("carriers", "brokers", "answers"):
            (world.logs / f"{name}.jsonl").rename(sound / f"{name}.jsonl")
        rows = doctors.DOCTORS if not LONG else [row for row in doctors.DOCTORS if row[1] in (doctors.event_dropped, doctors.effect_twice)]
        rows = (*rows, *doctors.WITH_PROGRAM)
        messages = fault_world.puente_verify.load_messages()
        for invariant, doctor in rows:
            with self.subTest(doctor.__name__):
                damaged = doctors.World(sound, folder / "damaged" / doctor.__name__)
                doctor(damaged)
                damaged.close()
                options = fault_world.puente_verify.options_of([*damaged.arguments(), "--faults", "1", "--settled", "--only", invariant, *world.translating()])
                found = fault_world.puente_verify.verify(options, messages)
                self.assertTrue(found[0][2].violations, f"{doctor.__name__} was not found")


if __name__ == "__main__":
    unittest.main(verbosity=2)
