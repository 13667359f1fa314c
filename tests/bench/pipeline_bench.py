"""The whole way, from outside: carriers submit, the real daemon accepts, reads, joins, drafts and delivers, brokers confirm, all on the same
cores. Two measurements:

  sustained   as fast as the carriers' windows allow; documents of shipments a second from the first submission to the last confirmation,
              processor time of the daemon a document, and its resident memory at every tenth
  isolation   the same load at a fixed rate with and without one dead and one slow filer among 20, in turns: p99 of the other 18 filers'
              ready -> offered (from the ledger) and accept of the shipment's last document -> confirmed (seen by the partners)

A short round asserts that everything arrives and nothing else; PUENTE_LONG=1 measures, demands the targets and writes bench-pipeline.txt."""

import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import load_run  # noqa: E402

PUENTE, LOAD, CORPUS, SOURCE = (os.environ[name] for name in ("PUENTE_PROGRAM", "PUENTE_LOAD", "PUENTE_CORPUS", "PUENTE_SOURCE"))
LONG = bool(os.environ.get("PUENTE_LONG"))

SHIPMENTS = 33_400 if LONG else 60        # sustained; three documents each and 2 % amended
ROUND_SHIPMENTS = 1_500 if LONG else 40   # isolation, a round
ROUNDS = 5 if LONG else 1                 # pairs
ROUND_RATE = 200.0                        # documents a second
DEAD, SLOW = "filer-07", "filer-13"
DEADLINE = 1_500 if LONG else 120         # seconds for one run

TARGET_RATE, TARGET_MEMORY, TARGET_RATIO = 500, 400 << 20, 1.10
TARGET_GROWTH = 1 << 20                   # bytes of resident memory each 10,000 documents, over the second half

figures = []
failures = []


def say(text):
    print(text, flush=True)
    figures.append(text)


def demand(condition, text):
    if not condition:
        failures.append(text)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0


def index_of(documents):
    """SCN -> (filer, number of documents)."""
    shipments = {}
    with open(documents / "corpus.index") as index:
        for line in index:
            _, _, _, filer, scn, _, _ = line.split("\t")
            shipments[scn] = (filer, shipments.get(scn, (filer, 0))[1] + 1)
    return shipments


class Run:
    """One gateway with its load; `aside`: filers of whom nothing is expected."""

    def __init__(self, documents, folder, modes=(), aside=(), **carriers):
        self.folder = pathlib.Path(folder)
        self.shipments = index_of(documents)
        self.documents = sum(count for _, count in self.shipments.values())
        self.aside = set(aside)
        self.gateway = load_run.LoadGateway(PUENTE, CORPUS, self.folder / "gateway", documents)
        self.gateway.start()
        self.brokers = load_run.Load(LOAD, "brokers", self.gateway, filers=",".join(load_run.FILERS), log=self.folder / "brokers",
                                     mode=list(modes))
        self.carriers = load_run.Load(LOAD, "carriers", self.gateway, corpus=documents, log=self.folder / "carriers", **carriers)

    def wait(self, on_progress=lambda documents: None):
        """Until the last filing of every shipment is confirmed; amendments may still be on their way when the carriers are answered."""
        wanted = {(scn, kind) for scn, (filer, _) in self.shipments.items() for kind in ("se", "ae") if filer not in self.aside}
        confirmed, done = set(), 0
        deadline = time.monotonic() + DEADLINE
        log = None
        while wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(wanted)} filings are not confirmed after {DEADLINE} s:\n" + "".join(self.gateway.log[-20:]))
            if log is None and (self.folder / "brokers").exists():
                log = open(self.folder / "brokers")
            at = log.tell() if log else 0
            line = log.readline() if log else ""
            if not line.endswith("\n"):
                if log:
                    log.seek(at)
                time.sleep(0.02)
                on_progress(done)
                continue
            row = load_run.json.loads(line)
            if row["act"] == "confirm" and row["applied"]:
                key = (row["scn"], row["kind"])
                wanted.discard(key)
                if key not in confirmed:
                    confirmed.add(key)
                    done = len(confirmed) * 3 // 2
        if log:
            log.close()
        self.sent = self.carriers.finish(timeout=DEADLINE)
        self.cpu = self.gateway.cpu_seconds()
        self.taken = self.brokers.finish(stop=True)
        self.exit = self.gateway.stop()
        demand(self.carriers.process.returncode == 0, f"carriers found something wrong: {self.sent}")
        demand(self.brokers.process.returncode == 0, f"brokers found something wrong: {self.taken}")
        demand(self.sent["receipts"] == self.documents, f"{self.sent['receipts']} receipts for {self.documents} documents")
        demand(self.exit == 0, f"the gateway ended with {self.exit}")

    def accepted(self):
        """SCN -> when its last document had its receipt, and when the first one was sent (microseconds)."""
        last, first = {}, None
        for row in load_run.lines(self.folder / "carriers"):
            scn = row["ref"].split(":")[0]
            last[scn] = max(last.get(scn, 0), row["at"])
            first = min(first or row["at"], row["at"] - row["latency_us"])
        return last, first

    def confirmed(self):
        """(SCN, kind) -> (filer, when the gateway's answer to the last confirmation was there)."""
        rows = {}
        for row in load_run.lines(self.folder / "brokers"):
            if row["act"] == "confirm" and row["applied"]:
                rows[row["scn"], row["kind"]] = (row["filer"], max(rows.get((row["scn"], row["kind"]), ("", 0))[1],
                                                                    row["at"] + row["latency_us"]))
        return rows

    def latencies(self):
        """p99 in ms of the filers that are not aside: ready -> offered, accept -> confirmed."""
        with sqlite3.connect(f"file:{self.gateway.folder / 'ledger' / 'puente.sqlite'}?mode=ro", uri=True) as store:
            offered = [(at - ready) / 1000 for filer, ready, at in store.execute(
                "SELECT f.filer, f.created_at, MIN(a.offered_at) FROM filings f JOIN attempts a ON a.filing = f.id "
                "WHERE f.possible_duplicate = 0 GROUP BY f.id") if filer not in self.aside]
        accepted, _ = self.accepted()
        confirmed = [(at - accepted[scn]) / 1000 for (scn, _), (filer, at) in self.confirmed().items()
                     if filer not in self.aside and at >= accepted[scn]]
        return percentile(offered, 0.99), percentile(confirmed, 0.99), percentile(offered, 0.5), percentile(confirmed, 0.5)


def sustained(folder):
    documents = load_run.make_corpus(CORPUS, SOURCE, folder / "documents", SHIPMENTS, seed=1)
    run = Run(documents, folder, window=32)
    step = max(run.documents // 10, 1)
    memory = []

    def look(done):
        if done >= (len(memory) + 1) * step:
            memory.append((done, run.gateway.resident_bytes()))

    run.wait(look)
    _, first = run.accepted()
    seconds = (max(at for _, at in run.confirmed().values()) - first) / 1e6
    rate = run.documents / seconds
    say(f"sustained: {run.documents} documents of {len(run.shipments)} shipments, 8 carriers with 32 in flight, 20 filers with 32 credits")
    say(f"  accept to confirmed     {rate:10.0f} documents/s ({len(run.shipments) / seconds:.0f} shipments/s) over {seconds:.1f} s")
    say(f"  accepted alone          {run.sent['per_second']:10.0f} documents/s, p99 {run.sent['latency']['p99_us'] / 1000:.0f} ms")
    say(f"  daemon's processor time {1000 * run.cpu / run.documents:10.2f} ms a document")
    say("  resident memory, MiB    " + "  ".join(f"{done}: {size / (1 << 20):.0f}" for done, size in memory))
    if LONG:
        half = memory[len(memory) // 2:]
        growth = 0.0
        if len(half) > 1:
            growth = statistics.linear_regression([d for d, _ in half], [s for _, s in half]).slope * 10_000
        say(f"  growth, second half     {growth / (1 << 20):10.2f} MiB each 10,000 documents")
        demand(rate >= TARGET_RATE, f"{rate:.0f} documents/s, target {TARGET_RATE}")
        demand(max(size for _, size in memory) < TARGET_MEMORY, "resident memory is over its target")
        demand(growth < TARGET_GROWTH, f"resident memory grows by {growth:.0f} bytes each 10,000 documents")


def isolation(folder):
    documents = load_run.make_corpus(CORPUS, SOURCE, folder / "documents", ROUND_SHIPMENTS, seed=2, amendments=0)
    sick = {"modes": (f"{DEAD}=dead", f"{SLOW}=slow:1")}
    rows = {"without": [], "with": []}
    for number in range(ROUNDS):
        for name in ("without", "with") if number % 2 == 0 else ("with", "without"):
            with tempfile.TemporaryDirectory(dir=folder) as one:
                # The two are left out of the figures of both.
                run = Run(documents, one, aside=(DEAD, SLOW), rate=ROUND_RATE, window=32, **({"modes": sick["modes"]} if name == "with" else {}))
                run.wait()
                rows[name].append(run.latencies())
    say(f"isolation: {ROUNDS} pairs of rounds of {ROUND_SHIPMENTS} shipments at {ROUND_RATE:.0f} documents/s; with: one filer dead, one answers once a second")
    for place, what in ((0, "ready -> offered"), (1, "accept -> confirmed")):
        medians = {name: statistics.median(row[place] for row in of) for name, of in rows.items()}
        ratio = medians["with"] / medians["without"] if medians["without"] else 0
        say(f"  {what:<20} p99 of the others, medians: {medians['without']:.1f} ms without, {medians['with']:.1f} ms with; ratio {ratio:.2f}")
        say(f"    rounds without: " + " ".join(f"{row[place]:.1f}" for row in rows["without"]) + "; with: " +
            " ".join(f"{row[place]:.1f}" for row in rows["with"]))
        if LONG:
            demand(ratio <= TARGET_RATIO, f"{what}: ratio of p99 {ratio:.2f}, target {TARGET_RATIO}")


def main():
    wanted = sys.argv[1:] or ["sustained", "isolation"]
    for measure in (sustained, isolation):
        if measure.__name__ in wanted:
            with tempfile.TemporaryDirectory() as folder:
                measure(pathlib.Path(folder))
    if (target := os.environ.get("PUENTE_FIGURES")) and LONG:
        pathlib.Path(target).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(target) / "bench-pipeline.txt").write_text("The whole way, tests/bench/pipeline_bench.py\n" + "\n".join(figures) + "\n")
    for failure in failures:
        print("not reached:", failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
