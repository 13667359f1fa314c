"""One fault run: a corpus of sealed shipments, the real daemon over it, puente-load's carriers and brokers, and at the end the
independent checker. What a test does in between is its fault."""

import collections
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))

import load_run  # noqa: E402

PROGRAM = os.environ["PUENTE_PROGRAM"]
LOAD, CORPUS = os.environ["PUENTE_LOAD"], os.environ["PUENTE_CORPUS"]
LONG = bool(os.environ.get("PUENTE_LONG"))
PATIENCE = 1800 if LONG else 120  # seconds before a test says that something never happened


def eventually(condition, seconds=PATIENCE, step=0.02):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


# What puente-load is pointed at: the gateway, or a proxy before it.
Door = collections.namedtuple("Door", "port socket_port folder")


@contextlib.contextmanager
def environment(**values):
    """For programs started meanwhile."""
    before = dict(os.environ)
    os.environ.update({name: value for name, value in values.items() if value})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def ended(program, stop=False):
    """The summary of a puente-load program that ended, or was asked to, and found nothing wrong."""
    summary = program.finish(stop=stop, timeout=PATIENCE)
    assert program.process.returncode == 0, (program.process.returncode, summary)
    return summary


class FaultRun:
    def __init__(self, shipments, carriers=4, filers=4, window=64, lease=60, amendments=0.02, descriptors=0, orders=""):
        """`descriptors`: how many the gateway may have; `orders`: of gateway/ops/fault_points.h, at the first start."""
        self._folder = tempfile.TemporaryDirectory(prefix="puente-fault-")
        self.folder = pathlib.Path(self._folder.name)
        self.window, self.shipments = window, shipments
        self.carriers = [f"carrier-{n + 1}" for n in range(carriers)]
        self.filers = [f"filer-{n + 1:02d}" for n in range(filers)]
        self._programs, self._logs, self.faults = [], {"carriers": [], "brokers": [], "answers": []}, 0
        self.corpus = load_run.make_corpus(CORPUS, SOURCE, self.folder / "corpus", shipments, carriers=carriers, filers=filers,
                                           amendments=amendments)
        program = PROGRAM
        if descriptors:
            program = str(self.folder / "puente-with-few-descriptors")
            pathlib.Path(program).write_text(f'#!/bin/sh\nulimit -n {descriptors}\nexec "{PROGRAM}" "$@"\n')
            os.chmod(program, 0o700)
        self.gateway = load_run.LoadGateway(program, CORPUS, self.folder / "gateway", self.corpus, carriers=carriers, filers=filers,
                                            window=window, lease=lease)
        with environment(PUENTE_FAULT_POINT=orders):
            try:
                self.gateway.start()
            except BaseException:
                self.close()
                raise
        self._listening = 0
        self._listening = self.connections()

    def close(self):
        for program in self._programs:
            if program.process.poll() is None:
                program.kill()
        if self.gateway.process and self.gateway.process.poll() is None:
            self.gateway.kill()
        self._folder.cleanup()

    # ---- load ----------------------------------------------------------------------------------------------------

    def new_log(self, kind):
        """A file that the checker reads; puente-load writes its own."""
        path = self.folder / f"{kind}-{len(self._logs[kind])}.jsonl"
        path.touch()
        self._logs[kind].append(path)
        return path

    def _program(self, verb, port, options):
        port = port or self.port(options.get("transport", "grpc"))
        door = Door(port, port, self.gateway.folder)
        program = load_run.Load(LOAD, verb, door, **options)
        self._programs.append(program)
        return program

    def port(self, transport):
        """Of the gateway's own door."""
        return self.gateway.socket_port if transport == "socket" else self.gateway.port

    def send(self, port=0, **options):
        """Starts carriers; options are puente-load's."""
        options.setdefault("log", self.new_log("carriers"))
        return self._program("carriers", port, {"corpus": self.corpus, **options})

    def file(self, port=0, filers=None, again=None, **options):
        """Starts brokers, all filers unless some are named. `again`: an earlier program of the same filers, whose logs and memory go on."""
        logs = again.logs if again else {"log": self.new_log("brokers"), "answers": self.new_log("answers"),
                                         "memory": self.folder / f"memory-{len(self._programs)}"}
        program = self._program("brokers", port, {"filers": ",".join(filers or self.filers), **logs, **options})
        program.logs = logs
        return program

    def logs(self, kind):
        return self._logs[kind]

    def lines(self, kind):
        """What has been logged so far."""
        return [line for path in self._logs[kind] for line in load_run.lines(path)]

    # ---- looking -------------------------------------------------------------------------------------------------

    def store(self):
        return contextlib.closing(sqlite3.connect(f"file:{self.gateway.folder / 'ledger' / 'puente.sqlite'}?mode=ro", uri=True))

    def ask(self, sql, *values):
        with self.store() as db:
            db.execute("PRAGMA query_only = ON")
            return db.execute(sql, values).fetchall()

    def filings(self):
        """state -> how many"""
        return dict(self.ask("SELECT state, count(*) FROM filings GROUP BY state"))

    def settled(self):
        """Nothing is on its way any more: documents read and joined, filings with their brokers."""
        open_documents = self.ask("SELECT count(*) FROM documents WHERE state IN ('received', 'read')")[0][0]
        moving = self.filings()
        return not open_documents and not any(moving.get(state) for state in ("ready", "offered", "in_doubt"))

    def _links(self):
        for entry in os.scandir(f"/proc/{self.gateway.process.pid}/fd"):
            with contextlib.suppress(OSError):
                yield os.readlink(entry.path)

    def descriptors(self):
        """Open ones, but for the ledger's files: each of its readers opens its own when it is first used."""
        return sum(not link.startswith(str(self.gateway.folder / "ledger")) for link in self._links())

    def connections(self):
        """Open connections of partners, at the gateway's end."""
        return sum(link.startswith("socket:") for link in self._links()) - self._listening

    def memory(self):
        """Resident MiB of the gateway."""
        return self.gateway.resident_bytes() / (1 << 20)

    # ---- the end -------------------------------------------------------------------------------------------------

    def verify(self, *arguments, settled=True, answered=True):
        """Stops the gateway and asks the checker; its lines. Violations fail the test."""
        end = int(time.time() * 1_000_000)
        code = self.gateway.stop()
        assert code == 0, f"the gateway ended with {code}:\n" + "".join(self.gateway.log[-20:])
        command = ["/usr/bin/python3", str(SOURCE / "tests" / "checker" / "puente_verify.py"), "--store",
                   str(self.gateway.folder / "ledger" / "puente.sqlite"), "--window", str(self.window), "--as-of", str(end),
                   "--faults", str(self.faults)]
        for kind, files in self._logs.items():
            for file in files:
                command += [f"--{kind}", str(file)]
        command += ["--settled"] * settled + ["--all-answered"] * answered + list(arguments)
        checked = subprocess.run(command, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        return checked.stdout


def to_the_broker(run):
    """(filer, moment of arrival, microseconds from the last receipt of its shipment) of every first filing."""
    complete = {}
    for line in run.lines("carriers"):
        scn = line["ref"].split(":")[0]
        complete[scn] = max(complete.get(scn, 0), line["at"])
    return [(line["filer"], line["at"], line["at"] - complete[line["scn"]]) for line in run.lines("brokers")
            if line["revision"] == 1 and line["attempt"] == 1 and line["scn"] in complete]


def figures(name, title, rows):
    """Prints a table and keeps it for `tests/run --long`."""
    text = f"{title}\n" + "".join(f"  {label:<58}{value:>12}\n" for label, value in rows)
    print(text)
    if folder := os.environ.get("PUENTE_FIGURES"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(folder) / f"{name}.txt").write_text(text)
