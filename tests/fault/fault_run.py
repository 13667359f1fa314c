"""One fault run: a corpus of sealed shipments, the real daemon over it, puente-load's carriers and brokers, and at the end the
independent checker. What a test does in between is its fault."""

import contextlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))

import gateway_process  # noqa: E402

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


class Program:
    """carriers or brokers of puente-load; ends with one JSON object."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.errors = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.errors.append(line)

    def running(self):
        return self.process.poll() is None

    def wait(self, seconds=PATIENCE):
        """Its summary, when it has ended by itself."""
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            out = self.process.stdout.read()
            self.process.wait()
        finally:
            timer.cancel()
        self._reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            pipe.close()
        try:
            return json.loads(out)
        except ValueError:
            raise AssertionError(f"puente-load ended with {self.process.returncode}: {out[-500:]} {''.join(self.errors[-5:])}") from None

    def stop(self):
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait()


class FaultRun:
    def __init__(self, shipments, carriers=4, filers=4, window=64, lease=60, amendments=0.02, settings="", descriptors=0, eta_hours=(12, 72)):
        self._folder = tempfile.TemporaryDirectory(prefix="puente-fault-")
        self.folder = pathlib.Path(self._folder.name)
        self.window, self.shipments = window, shipments
        self.carriers = [f"carrier-{n + 1}" for n in range(carriers)]
        self.filers = [f"filer-{n + 1:02d}" for n in range(filers)]
        self._programs, self._logs, self.faults = [], {"carriers": [], "brokers": [], "answers": []}, 0
        self.corpus = self.folder / "corpus"
        subprocess.run([CORPUS, "documents", str(SOURCE), str(self.corpus), "--shipments", str(shipments), "--carriers", str(carriers),
                        "--filers", str(filers), "--amendments", str(amendments), "--eta-hours", *map(str, eta_hours)],
                       check=True, capture_output=True)
        program = PROGRAM
        if descriptors:
            program = str(self.folder / "puente-with-few-descriptors")
            pathlib.Path(program).write_text(f'#!/bin/sh\nulimit -n {descriptors}\nexec "{PROGRAM}" "$@"\n')
            os.chmod(program, 0o700)
        self.gateway = gateway_process.Gateway(program, self.folder / "gateway", trust=self.corpus / "trust",
                                               partners=self.corpus / "partners", catalog=self.corpus / "catalog.csv")
        subprocess.run([CORPUS, "gateway", str(self.gateway.folder), "--carriers", str(carriers), "--filers", str(filers),
                        "--window", str(window), "--lease", str(lease)], check=True, capture_output=True)
        if settings:
            with open(self.gateway.folder / "puente.toml", "a") as config:
                config.write("\n" + settings)
        self.gateway.start()
        self._listening = 0
        self._listening = self.connections()

    def close(self):
        for program in self._programs:
            if program.running():
                program.process.kill()
                program.process.wait()
                program._reader.join()
                program.process.stdout.close()
                program.process.stderr.close()
        if self.gateway.process and self.gateway.process.poll() is None:
            self.gateway.kill()
        self._folder.cleanup()

    # ---- load ----------------------------------------------------------------------------------------------------

    def _log(self, kind):
        path = self.folder / f"{kind}-{len(self._logs[kind])}.jsonl"
        path.touch()
        self._logs[kind].append(path)
        return path

    def _program(self, verb, port, options):
        arguments = [LOAD, verb, "--address", f"localhost:{port or self.gateway.port}", "--certificates", str(self.gateway.folder / "certificates")]
        for name, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                arguments += ["--" + name.replace("_", "-"), str(one)]
        program = Program(arguments)
        self._programs.append(program)
        return program

    def send(self, port=0, **options):
        """Starts carriers; options are puente-load's."""
        options.setdefault("log", self._log("carriers"))
        return self._program("carriers", port, {"corpus": self.corpus, **options})

    def file(self, port=0, filers=None, again=None, **options):
        """Starts brokers, all filers unless some are named. `again`: an earlier program of the same filers, whose logs and memory go on."""
        logs = again.logs if again else {"log": self._log("brokers"), "answers": self._log("answers"),
                                         "memory": self.folder / f"memory-{len(self._programs)}"}
        program = self._program("brokers", port, {"filers": ",".join(filers or self.filers), **logs, **options})
        program.logs = logs
        return program

    def lines(self, kind):
        """What has been logged so far; a line that is being written is left out."""
        rows = []
        for path in self._logs[kind]:
            for line in path.read_text().split("\n")[:-1]:
                rows.append(json.loads(line))
        return rows

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

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))

    def connections(self):
        """Open connections of partners, at the gateway's end."""
        links = 0
        for entry in os.scandir(f"/proc/{self.gateway.process.pid}/fd"):
            with contextlib.suppress(OSError):
                links += os.readlink(entry.path).startswith("socket:")
        return links - self._listening

    def memory(self):
        """Resident MiB of the gateway."""
        status = pathlib.Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

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


def figures(name, title, rows):
    """Prints a table and keeps it for `tests/run --long`."""
    text = f"{title}\n" + "".join(f"  {label:<58}{value:>12}\n" for label, value in rows)
    print(text)
    if folder := os.environ.get("PUENTE_FIGURES"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(folder) / f"{name}.txt").write_text(text)
