"""A gateway under load that faults are done to: carriers and brokers are programs of their own (puente-load) which go on through
restarts and write down what they saw; the world ends with the independent checker (tests/checker)."""

import hashlib
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
sys.path.insert(0, str(SOURCE / "tests" / "checker"))

import doctors  # noqa: E402
import load_run  # noqa: E402
import puente_verify  # noqa: E402, F401

PROGRAM = os.environ["PUENTE_PROGRAM"]
LOAD = os.environ["PUENTE_LOAD"]
CORPUS = os.environ["PUENTE_CORPUS"]
LONG = bool(os.environ.get("PUENTE_LONG"))
CARRIERS, FILERS = 8, 4
SPOOL_FILER = "filer-04"
# What a load program counts that must never be. That records changed between two offers of a token (different_bytes) is left to the checker,
# which wants the change vouched for.
WRONG = ("bad_receipts", "different_receipts", "conflicts_taken", "repeats_unmarked", "unmarked", "bad_digests")
DEADLINE = 120  # seconds for what must happen; nothing is measured by it


def now_us():
    return time.time_ns() // 1000


def filers():
    return [f"filer-{n:02d}" for n in range(1, FILERS + 1)]


class FaultyGateway(load_run.LoadGateway):
    """A gateway process that may end at any moment, and that is started again on the same ports."""

    def __init__(self, folder, corpus, **options):
        super().__init__(PROGRAM, CORPUS, folder, corpus.folder, carriers=CARRIERS, filers=FILERS, **options)
        self.health = 0
        self.ports = {}
        self.starts = []  # seconds from the start of the process to serving
        self.down = []    # (from, until) when nothing served, microseconds of the wall clock
        self.ended = now_us()

    def start(self, point=None):
        """Starts, with a fault point armed; True when it serves, False when it ended before."""
        environment = dict(os.environ)
        environment.pop("PUENTE_FAULT_POINT", None)
        if point:
            environment["PUENTE_FAULT_POINT"] = point
        began = time.monotonic()
        self.process = subprocess.Popen([self.puente, "serve", "--config", str(self.folder / "puente.toml")], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True, env=environment)
        for line in self.process.stderr:
            self.log.append(line)
            event = self._event(line)
            if event.get("event") == "serving":
                self.starts.append(time.monotonic() - began)
                self.down.append((self.ended, now_us()))
                self._keep_ports(event)
                self._reader = threading.Thread(target=self._drain_log, args=(self.process,), daemon=True)
                self._reader.start()
                return True
        self.process.wait()
        self._reader = None
        return False

    @staticmethod
    def _event(line):
        try:
            event = json.loads(line)
        except ValueError:
            return {}
        return event if isinstance(event, dict) else {}

    def _keep_ports(self, event):
        """What was a free port at the first start is the same port at each later one."""
        self.health = event["health_port"]
        self.ports = {name: port for name, port in event.items() if name.endswith("_port") and name != "health_port" and port}
        super()._keep_ports(event["grpc_port"], event["socket_port"])
        config = self.folder / "puente.toml"
        text = config.read_text()
        for name, port in event.items():
            if name.endswith("_port") and port:
                text = re.sub(rf'^({name[:-5]} = "127.0.0.1):0"', rf'\1:{port}"', text, flags=re.M)
        config.write_text(text)

    def wait_end(self, timeout=DEADLINE):
        """The exit code, negative for a signal."""
        code = self.process.wait(timeout=timeout)
        self.ended = now_us()
        if self._reader:
            self._reader.join()
        return code

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.wait_end()

    def crossed(self):
        """Names of the fault points that acted, in order."""
        return [event["point"] for event in map(self._event, self.log) if event.get("event") == "fault_point"]

    def tail(self):
        return "".join(self.log[-20:])


class Corpus:
    """Documents of many shipments and what a gateway must know of them; made once a test program."""

    def __init__(self, folder, shipments, seed):
        self.shipments = shipments
        self.folder = load_run.make_corpus(CORPUS, SOURCE, folder, shipments, carriers=CARRIERS, filers=FILERS, amendments=0.02, seed=1 + seed % 4000)


class World:
    def __init__(self, folder, corpus, window=64, lease=60, spool=False):
        self.folder, self.corpus, self.window = pathlib.Path(folder), corpus, window
        self.logs = self.folder / "logs"
        self.logs.mkdir(parents=True)
        self.gateway = FaultyGateway(self.folder / "gateway", corpus, window=window, lease=lease)
        root = self.gateway.folder
        self.spool = None
        if spool:
            registry = root / "registry.toml"
            head = f"[partner.{SPOOL_FILER}]\n"
            registry.write_text(registry.read_text().replace(head, f'{head}channel = "spool"\nspool = "{root / "spool"}"\n'))
            self.spool = SpoolBroker(root / "spool", self.logs / "spool.jsonl")
        self.programs = {}

    # ---- partners

    def start_brokers(self, mode="answering", credits=16):
        names = [name for name in filers() if not self.spool or name != SPOOL_FILER]
        self.programs["brokers"] = load_run.Load(LOAD, "brokers", self.gateway, filers=",".join(names), credits=credits,
                                                 mode=[f"{name}={mode}" for name in names],
                                                 **{option: self.logs / f"{file}.jsonl" for option, file in
                                                    (("log", "brokers"), ("answers", "answers"), ("memory", "memory"))})
        if self.spool and not self.spool.is_alive():
            self.spool.start()

    def start_carriers(self, rate, name="carriers", seed=1, **options):
        """options: as on the command line of puente-load."""
        self.programs[name] = load_run.Load(LOAD, "carriers", self.gateway, corpus=self.corpus.folder, rate=rate, repeats=0.05, conflicts=0.01,
                                            seed=seed, log=self.logs / f"{name}.jsonl", **options)

    def signal_brokers(self, number):
        self.programs["brokers"].process.send_signal(number)

    def stop(self, name):
        """Ends a load program by SIGTERM; names of what it found wrong by itself. Broken off documents are no fault of anybody."""
        program = self.programs.pop(name)
        summary = program.finish(stop=True, timeout=DEADLINE)
        if summary is None:  # asked to end before it had begun; anything else is a fault of its own
            return set() if program.process.returncode == -signal.SIGTERM else {f"ended with {program.process.returncode}"}
        return {name for name in WRONG if summary.get(name)}

    def lines(self, name="carriers"):
        """How many replies the carriers have written down so far."""
        file = self.logs / f"{name}.jsonl"
        return file.read_bytes().count(b"\n") if file.exists() else 0

    def wait(self, condition):
        """Until it holds, while the gateway lives; an AssertionError after the deadline."""
        end = time.monotonic() + DEADLINE
        pause = threading.Event()
        while not condition():
            if self.gateway.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"waited in vain\n{self.unsettled()}\n{self.gateway.tail()}")
            pause.wait(0.02)

    # ---- the end

    def read(self, sql):
        db = sqlite3.connect(f"file:{self.gateway.folder / 'ledger' / 'puente.sqlite'}?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def unsettled(self):
        """What is on its way; counts by object and state."""
        return self.read("SELECT 'document', state, COUNT(*) FROM documents WHERE state IN ('received', 'read') AND cause = '' GROUP BY state "
                         "UNION ALL SELECT 'filing', state, COUNT(*) FROM filings WHERE state IN ('ready', 'in_doubt', 'offered') GROUP BY state")

    def settle(self, timeout=900 if LONG else 300):
        """Until nothing is queued or leased. False when that did not happen in time."""
        end = time.monotonic() + timeout
        pause = threading.Event()
        while self.unsettled():
            if time.monotonic() > end or self.gateway.process.poll() is not None:
                return False
            pause.wait(0.2)  # the ledger's file cannot be waited on from outside
        return True

    def log_arguments(self):
        arguments = []
        for file in sorted(self.logs.glob("carriers*.jsonl")):
            arguments += ["--carriers", str(file)]
        for file in ("brokers.jsonl", "spool.jsonl"):
            if (self.logs / file).exists():
                arguments += ["--brokers", str(self.logs / file)]
        if (self.logs / "answers.jsonl").exists():
            arguments += ["--answers", str(self.logs / "answers.jsonl")]
        return arguments

    def translating(self):
        root = self.gateway.folder
        return ["--puente", PROGRAM, "--profiles", str(root / "partners"), "--catalog", str(root / "catalog.csv"), "--trust", str(root / "trust")]

    def check(self, *arguments):
        """The checker's exit code and what it printed."""
        done = subprocess.run([sys.executable, str(SOURCE / "tests" / "checker" / "puente_verify.py"), "--store",
                               str(self.gateway.folder / "ledger" / "puente.sqlite"), *self.log_arguments(), "--window", str(self.window),
                               "--receipt-certificate", str(self.gateway.folder / "certificates" / "receipt.crt"),
                               *(f"--down={begin}:{end}" for begin, end in self.gateway.down), *self.translating(), *map(str, arguments)],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def close(self):
        for program in self.programs.values():
            program.kill()
        if self.spool:
            self.spool.end()
        if self.gateway.process and self.gateway.process.poll() is None:
            self.gateway.process.send_signal(signal.SIGCONT)
            self.gateway.kill()


class SpoolBroker(threading.Thread):
    """A broker with a folder: confirms what is put out for it, once a token, and writes down what it saw."""

    def __init__(self, folder, log):
        super().__init__(daemon=True)
        self.folder, self.log = pathlib.Path(folder), log
        self.seen = {}  # token -> file of out/ as last seen
        self.acted = set()
        self.ending = threading.Event()

    def run(self):
        with open(self.log, "a") as log:
            while not self.ending.wait(0.02):
                for file in sorted((self.folder / "out").glob("*.json")):
                    try:
                        stamp, text = file.stat().st_mtime_ns, file.read_text()
                        filing = json.loads(text)
                        records = (self.folder / "out" / f"{file.stem}.{filing['kind']}").read_bytes()
                    except (OSError, ValueError):
                        continue  # taken back meanwhile
                    if self.seen.get(file.stem) == stamp:
                        continue
                    self.seen[file.stem] = stamp
                    self._take(filing, records, log)

    def _take(self, filing, records, log):
        token = filing["token"]
        log.write(json.dumps({"line": "filing", "at": time.time_ns() // 1000, "filer": SPOOL_FILER, "filing_id": filing["filing_id"], "token": token,
                              "kind": filing["kind"], "revision": filing.get("revision", 1), "possible_duplicate": filing.get("possible_duplicate", False),
                              "attempt": filing.get("attempt", 1), "records_sha256": hashlib.sha256(records).hexdigest(), "act": "confirm",
                              "effect": token not in self.acted}) + "\n")
        log.flush()
        self.acted.add(token)
        part = self.folder / "in" / f".{token}.json.tmp"
        part.write_text(json.dumps({"confirmation": {"token": token, "filer_reference": "SPOOL"}}))
        part.rename(self.folder / "in" / f"{token}.json")

    def end(self):
        self.ending.set()
        if self.is_alive():
            self.join()


# ---- figures

def bound(cycles):
    """Zero failures in N independent trials bound the rate of failure at 3/N with 95 % confidence (reliability 5.5)."""
    return f"failure rate at most {min(1, 3 / cycles):.2%} with 95 % confidence (0 of {cycles})"


def keep_figures(name, title, rows):
    text = title + "\n" + "".join(f"  {label:<58}{value:>14}\n" for label, value in rows)
    print(text, flush=True)
    if folder := os.environ.get("PUENTE_FIGURES"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(folder) / f"{name}.txt").write_text(text)


def seed():
    value = int(os.environ.get("PUENTE_SEED", random.SystemRandom().randrange(1 << 31)))
    print(f"seed {value} (PUENTE_SEED repeats it)", flush=True)
    return value
