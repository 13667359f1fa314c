"""K-2: kill -9 at each named point of gateway/ops/fault_points.h, under load. Each point of the table must have ended the process, the
gateway starts again each time, and the checker finds nothing at the end."""

import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import fault_world
from fault_world import DEADLINE, LONG, PROGRAM, SOURCE, World, bound, keep_figures

TIMES = 5 if LONG else 1
RATE = 30  # a gateway that dies every second gets through little
SHIPMENTS = 3000 + 3000 * TIMES  # more than the run can use up


def points():
    """Names of the table, read from it."""
    text = (SOURCE / "gateway" / "ops" / "fault_points.h").read_text()
    return re.findall(r"^\s*POINT\((\w+),", text, flags=re.M)


class FaultPoints(unittest.TestCase):
    def test_a_kill_at_each_point_loses_nothing(self):
        seed = fault_world.seed()
        rng = random.Random(seed)
        names = points()
        self.assertGreaterEqual(len(names), 40)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            corpus = fault_world.Corpus(folder / "corpus", SHIPMENTS, seed)
            self._migrations(folder, corpus, [name for name in names if name.startswith("migration_")])
            world = World(folder / "world", corpus, spool=True)
            self.addCleanup(world.close)
            self.backups = folder / "backups"
            self.backups.mkdir()
            self.assertTrue(world.gateway.start(), world.gateway.tail())
            world.start_brokers()
            carriers = [f"carrier-{n}" for n in range(1, fault_world.CARRIERS + 1)]
            world.start_carriers(RATE / 2, carriers=",".join(carriers[::2]), seed=seed % 1000)
            world.start_carriers(RATE / 2, carriers=",".join(carriers[1::2]), transport="grpc-stream", name="carriers-stream", seed=seed % 1000)
            world.gateway.kill()
            killed = 1
            order = [name for name in names if not name.startswith("migration_")] * TIMES
            rng.shuffle(order)
            for name in order:
                nth = rng.randrange(1, 4) if self._group(name) == "load" and not name.startswith("checkpoint_") else 1
                serving = world.gateway.start(f"{name}:{nth}")
                if serving:
                    self._provoke(world, name)
                try:
                    code = world.gateway.wait_end()
                except subprocess.TimeoutExpired:
                    self.fail(f"{name}:{nth} was not crossed in {DEADLINE} s\n{world.gateway.tail()}")
                self.assertEqual(code, -signal.SIGKILL, f"{name}\n{world.gateway.tail()}")
                self.assertEqual(world.gateway.crossed()[-1:], [name], world.gateway.tail())
                killed += 1
            self.assertTrue(world.gateway.start(), world.gateway.tail())
            for program in ("carriers", "carriers-stream"):
                self.assertEqual(world.stop(program), set())
            self.assertTrue(world.settle(), f"{world.unsettled()}\n{world.gateway.tail()}")
            self.assertEqual(world.stop("brokers"), set())
            self.assertEqual(world.gateway.stop(), 0, world.gateway.tail())
            for backup in self.backups.glob("*.sqlite"):
                done = subprocess.run([PROGRAM, "store", "verify", "--ledger", str(backup)], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            crossed = world.gateway.crossed()
            code, text = world.check("--faults", killed + self.broker_stops, "--settled")
            print(text, flush=True)
            starts = sorted(world.gateway.starts)
            keep_figures("k2-fault-points", "K-2  kill -9 at named points under load", [
                ("points in the table", len(names)), ("points that ended the process", len(set(crossed) | self.migrated)),
                ("kills", killed + len(self.migrated) * TIMES), ("stops of the brokers' program", self.broker_stops),
                ("serving again after, longest ms", round(starts[-1] * 1000)),
                ("violations of I1 to I9", sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("I"))),
                (bound(killed), "")])
            self.assertEqual(set(crossed) | self.migrated, set(names))
            self.assertEqual(code, 0, text)

    broker_stops = 0
    migrated = frozenset()

    @staticmethod
    def _group(name):
        for prefix in ("start_", "reload_", "backup_", "drain_"):
            if name.startswith(prefix):
                return prefix[:-1]
        return "give_back" if name.startswith("give_back_") else "load"

    def _provoke(self, world, name):
        """What makes the gateway come to the point; the load does it for most."""
        group, process = self._group(name), world.gateway.process
        if group == "reload":
            process.send_signal(signal.SIGHUP)
        elif group == "drain":
            process.send_signal(signal.SIGTERM)
        elif group == "backup":
            subprocess.run([PROGRAM, "store", "backup", "--config", str(world.gateway.client("ops")),
                            str(self.backups / f"{len(list(self.backups.iterdir()))}.sqlite")], capture_output=True, timeout=DEADLINE)
        elif group == "give_back":
            # Filers go away while they hold leases; again until one did.
            pause = threading.Event()
            while process.poll() is None:
                world.stop("brokers")
                world.start_brokers()
                self.broker_stops += 1
                pause.wait(0.3)

    def _migrations(self, folder, corpus, names):
        """A fresh folder each: the schema is made once in a ledger's life."""
        self.migrated = set()
        template = fault_world.FaultyGateway(folder / "fresh", corpus)
        for name in names * TIMES:
            gateway = fault_world.FaultyGateway.__new__(fault_world.FaultyGateway)
            gateway.__dict__.update(template.__dict__, folder=folder / f"migrated-{name}", log=[], starts=[])
            shutil.copytree(template.folder, gateway.folder)
            self.assertFalse(gateway.start(f"{name}:1"), gateway.tail())
            self.assertEqual(gateway.process.returncode, -signal.SIGKILL, gateway.tail())
            self.assertEqual(gateway.crossed(), [name])
            self.assertTrue(gateway.start(), gateway.tail())
            self.assertEqual(gateway.stop(), 0)
            done = subprocess.run([PROGRAM, "store", "verify", "--ledger", str(gateway.folder / "ledger" / "puente.sqlite")], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.migrated.add(name)
            shutil.rmtree(gateway.folder)


if __name__ == "__main__":
    unittest.main(verbosity=2)
