"""X-1 to X-4, X-6, X-7: repeats and conflicts, documents out of order, poison, two consumers of one channel, one shipment twice at once.
Ordinary sizes are small; PUENTE_LONG=1 takes those of the column Change of the reliability reference."""

import base64
import collections
import hashlib
import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import fault_run
from fault_run import LONG, ended, eventually

import gateway_process
import load_run

WORK = tempfile.TemporaryDirectory()
gateway_process.generate_stubs(fault_run.SOURCE, pathlib.Path(WORK.name) / "stubs")

import grpc  # noqa: E402
from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import partner_client  # noqa: E402

BESIDE = 1.10  # the others' p99 beside poison, of that beside as much load elsewhere
SHIPMENTS = 3334 if LONG else 70  # three documents each


class RepeatsAndConflicts(unittest.TestCase):
    """X-1: 10 % exact repeats, 5 % the same identity with other content; then what a repeat costs, beside first submissions."""

    PAIRS = 300 if LONG else 30

    def test_repeat_gets_the_first_receipt_and_a_conflict_changes_nothing(self):
        run = fault_run.FaultRun(SHIPMENTS + self.PAIRS)
        self.addCleanup(run.close)
        brokers = run.file()
        summary = ended(run.send(repeats=0.10, conflicts=0.05, connections=2, count=SHIPMENTS))
        self.assertTrue(eventually(run.settled), run.filings())
        firsts, again, cpu = self.pairs(run)
        ended(brokers, stop=True)
        replies = [line for path in run.logs("carriers")[:1] for line in load_run.lines(path)]
        repeats = [line for line in replies if line["act"] == "repeat"]
        conflicts = [line for line in replies if line["act"] == "conflict"]
        first = {(line["carrier"], line["sha256"]): line["receipt_sha256"] for line in replies if line["act"] == "first"}
        self.assertGreater(len(repeats), len(first) * 0.05)
        self.assertGreater(len(conflicts), len(first) * 0.02)
        for line in repeats:
            self.assertTrue(line["repeat"])
            self.assertEqual(line["receipt_sha256"], first[line["carrier"], line["sha256"]])
        for line in conflicts:
            self.assertEqual((line["document_id"], line["findings"]), ("", ["DUPLICATE_ID_CONFLICT"]))
        report = run.verify()
        took = [line["latency_us"] / 1000 for line in repeats]
        fault_run.figures("repeats", "X-1 repeats and conflicts", [
            ("documents", len(first)), ("exact repeats", len(repeats)), ("same identity, other content", len(conflicts)),
            ("receipts that differ", summary["different_receipts"]), ("conflicts taken", summary["conflicts_taken"]),
            ("repeat to receipt, median ms, under full load", f"{fault_run.quantile(took, 0.5):.1f}"),
            ("alone: first and repeat to receipt, median ms (<= 5)", f"{firsts:.2f} {again:.2f}"),
            ("gateway's processor time for a repeat, ms (<= 5)", f"{cpu:.2f}")])
        print(report)
        self.assertLessEqual(cpu, 5)
        if LONG:
            self.assertLessEqual(again, 1.25 * firsts, "a repeat takes longer than what it repeats")

    def pairs(self, run):
        """One document after another and each once more, in turns on one connection: medians of both in ms. Then all of them again:
        the gateway's processor time for one, in ms, with nothing else to do."""
        rows = [line.split("\t") for line in (run.corpus / "corpus.index").read_text().splitlines()]
        pack = (run.corpus / "corpus.pack").read_bytes()
        carrier = rows[-1][2]
        last = [pack[int(row[5]):int(row[5]) + int(row[6])] for row in rows if row[2] == carrier and row[1] == "SAT_XML"][-self.PAIRS // 4:]
        times = {False: [], True: []}
        with partner_client.channel_to(run.gateway, carrier) as channel:
            stub = services.SenderStub(channel)

            def submit(document):
                return stub.Submit(pb.SubmitRequest(kind=pb.SAT_XML, content=document), wait_for_ready=True, timeout=60)
            with open(run.new_log("carriers"), "w") as log:
                for document in last:
                    for repeat in (False, True):
                        began = time.monotonic()
                        reply = submit(document)
                        times[repeat].append((time.monotonic() - began) * 1000)
                        self.assertEqual(reply.repeat, repeat)
                        log.write(self.line(carrier, document, reply) + "\n")
            self.assertTrue(eventually(run.settled), run.filings())
            began = run.gateway.cpu_seconds()
            rounds = 1000 // len(last) + 1
            for document in last * rounds:
                self.assertTrue(submit(document).repeat)
            cpu = (run.gateway.cpu_seconds() - began) / (rounds * len(last)) * 1000
        return fault_run.quantile(times[False], 0.5), fault_run.quantile(times[True], 0.5), cpu


    @staticmethod
    def line(carrier, document, reply):
        """As puente-load writes it."""
        receipt = reply.receipt.SerializeToString()
        return json.dumps({"at": int(time.time() * 1_000_000), "carrier": carrier, "ref": "pair:invoice", "act": "repeat" if reply.repeat else "first",
                           "sha256": hashlib.sha256(document).hexdigest(), "kind": "SAT_XML", "repeat": reply.repeat,
                           "document_id": reply.receipt.body.document_id, "sequence": reply.receipt.body.ledger_sequence,
                           "receipt_sha256": hashlib.sha256(receipt).hexdigest(), "receipt_b64": base64.b64encode(receipt).decode(), "findings": [],
                           "latency_us": 0, "transport": "grpc"})


class OutOfOrder(unittest.TestCase):
    """X-2: every document at any time, amendments before their originals."""

    def test_shipments_come_together_and_revisions_rise_at_the_broker(self):
        run = fault_run.FaultRun(SHIPMENTS, amendments=0.3)
        self.addCleanup(run.close)
        brokers = run.file(mode=[f"{filer}=answering" for filer in run.filers])
        ended(run.send(order="shuffled", connections=2, seed=7))
        self.assertTrue(eventually(run.settled), run.filings())
        ended(brokers, stop=True)
        last, overtaken, revisions = {}, 0, collections.Counter()
        for line in sorted(run.lines("brokers"), key=lambda line: line["at"]):
            key = line["scn"], line["kind"]
            revisions[line["revision"]] += 1
            overtaken += line["revision"] < last.get(key, 0)
            last[key] = max(line["revision"], last.get(key, 0))
        # An invoice that was substituted before its Carta Porte came, which still names the old one, waits for a person.
        waiting = run.ask("SELECT cause, count(*) FROM shipments WHERE state IN ('gathering', 'held') GROUP BY cause")
        open_shipments = run.ask("SELECT count(*) FROM shipments WHERE state != 'merged'")[0][0]
        report = run.verify()
        fault_run.figures("out-of-order", "X-2 documents out of order", [
            ("shipments", run.shipments), ("shipments in the ledger", open_shipments), ("filings that arrived", sum(revisions.values())),
            ("of them later revisions", sum(count for revision, count in revisions.items() if revision > 1)),
            ("revisions that overtook a later one", overtaken), *((f"held as exceptions: {cause}", count) for cause, count in waiting)])
        print(report)
        self.assertEqual(overtaken, 0)
        for cause, count in waiting:
            self.assertTrue(cause, "something waits and nobody is told why")
            self.assertLessEqual(count, 0.3 * run.shipments)
        self.assertEqual(open_shipments, run.shipments)


class Poison(unittest.TestCase):
    """X-3, X-4: documents whose reading throws, burns the processor or kills the process. The fault points of the gateway do it to the
    documents of chosen client references, each time anew; puente-load numbers those of one connection from 1."""

    def quarantined(self, run):  # client reference -> how often it was read; the count beyond the last reading put it away
        return {int(ref): tries - 1 for ref, tries in run.ask("SELECT client_ref, tries FROM documents WHERE state = 'quarantined'")}

    ROUNDS, ROUND = (5, 67) if LONG else (1, 40)  # shipments of a round
    THROWS, SPINS = (47, 50) if LONG else (17, 20)  # the documents of every round that do: near each other, one for each worker
    RATE = 20
    HELD = 2.0  # seconds of the processor that a document may take (limits.cpu)

    def test_what_throws_or_spins_is_quarantined_after_three_attempts_and_nobody_waits_for_it(self):
        """The same load in turns on two gateways: on one of them poison, beside the other a program that burns the processor as the
        poison does; what is left of the difference is the gateway's. A 2-core machine has no better quiet."""
        shipments = self.ROUNDS * self.ROUND
        calm = fault_run.FaultRun(shipments, carriers=1, amendments=0)
        self.addCleanup(calm.close)
        orders = f"read_document:0:spin:{self.SPINS},read_document:0:throw:{self.THROWS}"
        run = fault_run.FaultRun(shipments, carriers=1, amendments=0, orders=orders)
        self.addCleanup(run.close)
        brokers = [each.file() for each in (calm, run)]
        p99, spent, documents, on_time, due = {calm: [], run: []}, {calm: 0, run: 0}, 0, 0, 0
        for turn in range(self.ROUNDS):
            for each in (calm, run):
                before, cpu = len(fault_run.to_the_broker(each)), each.gateway.cpu_seconds()
                burner = subprocess.Popen([sys.executable, "-c", self.BURN, str(self.SPINS / self.RATE), str(self.HELD)]) if each is calm else None
                summary = ended(each.send(rate=self.RATE, **{"from": turn * self.ROUND, "count": self.ROUND}))
                self.assertTrue(eventually(each.settled), each.filings())
                if burner:
                    self.assertEqual(burner.wait(), 0)
                times = [took / 1000 for _, _, took in fault_run.to_the_broker(each)[before:]]
                p99[each].append(fault_run.quantile(times, 0.99))
                spent[each] += each.gateway.cpu_seconds() - cpu
                documents += summary["documents"] if each is run else 0
            # Whoever was complete while the first reading held a worker was with its broker before that reading can have ended.
            held = next(line["at"] for line in self.lines_of_turn(run, turn)[self.SPINS - 1:])
            for _, at, took in fault_run.to_the_broker(run):
                if held <= at - took < held + self.HELD * 500_000:
                    due += 1
                    on_time += at < held + self.HELD * 750_000
        for each, program in zip((calm, run), brokers):
            ended(program, stop=True)
        quarantined = collections.Counter(int(ref) for ref, in run.ask("SELECT client_ref FROM documents WHERE state = 'quarantined'"))
        tries = {tries - 1 for tries, in run.ask("SELECT tries FROM documents WHERE state = 'quarantined'")}
        waiting = run.ask("SELECT count(*) FROM shipments WHERE state = 'gathering'")[0][0]
        confirmed = run.filings().get("confirmed", 0)
        middle = {each: fault_run.quantile(values, 0.5) for each, values in p99.items()}
        calm.verify()
        report = run.verify()
        fault_run.figures("poison", "X-3 documents whose reading throws or spins", [
            ("documents", documents), ("poison", sum(quarantined.values())),
            ("attempts of each", " ".join(map(str, sorted(tries)))), ("shipments that wait for one of them", waiting),
            ("filings of the others, confirmed", confirmed), ("gateway's processor seconds, calm and with poison", f"{spent[calm]:.1f} {spent[run]:.1f}"),
            ("due while a reading held a worker, and there in time", f"{due} {on_time}"),
            ("others' p99, receipt to arrival, ms, beside a burner", " ".join(f"{value:.0f}" for value in p99[calm])),
            ("the same beside the poison", " ".join(f"{value:.0f}" for value in p99[run])), ("ratio of the medians", f"{middle[run] / middle[calm]:.2f}")])
        print(report)
        self.assertEqual(quarantined, {self.SPINS: self.ROUNDS, self.THROWS: self.ROUNDS})
        self.assertEqual(tries, {3})
        self.assertEqual(confirmed, 2 * (shipments - 2 * self.ROUNDS))
        self.assertGreater(due, 0)
        if LONG:
            self.assertGreaterEqual(on_time, due * 0.9, "others waited for documents that were not read")
            self.assertLessEqual(middle[run], middle[calm] * BESIDE)

    # As long as the gateway reads the document that spins: three times, a second's rest between them.
    BURN = """
import sys, time
time.sleep(float(sys.argv[1]))
for _ in range(3):
    end = time.process_time() + float(sys.argv[2])
    while time.process_time() < end:
        pass
    time.sleep(1)
"""

    def lines_of_turn(self, run, turn):
        return sorted(load_run.lines(run.logs("carriers")[turn]), key=lambda line: line["at"])

    def test_what_kills_the_process_costs_three_restarts(self):
        poison = [15, 45, 75] if LONG else [15]
        orders = ",".join(f"read_document:0:kill:{tag}" for tag in poison)
        run = fault_run.FaultRun(30 if LONG else 12, carriers=1, amendments=0, orders=orders)
        self.addCleanup(run.close)
        run.faults = 3 * len(poison)
        brokers = run.file()
        carriers = run.send(rate=20)
        deaths, back = 0, []

        def done():
            nonlocal deaths
            if run.gateway.process.poll() is None:
                return carriers.process.poll() is not None and run.settled()
            deaths += 1
            self.assertLessEqual(deaths, 3 * len(poison), "the same document kills the gateway again and again")
            began = time.monotonic()
            with fault_run.environment(PUENTE_FAULT_POINT=orders):
                try:
                    run.gateway.start()
                except RuntimeError:
                    return False  # dead again before it said that it serves: the next look counts it
            back.append(time.monotonic() - began)
            return False

        self.assertTrue(eventually(done), f"{deaths} deaths, {run.filings()}")
        ended(carriers)
        ended(brokers, stop=True)
        quarantined = self.quarantined(run)
        confirmed = run.filings().get("confirmed", 0)
        report = run.verify()
        fault_run.figures("poison-kills", "X-4 documents whose reading kills the process", [
            ("poison", len(poison)), ("deaths of the process (<= 3 each)", deaths), ("longest start, seconds (<= 5)", f"{max(back):.2f}"),
            ("quarantined", len(quarantined)), ("filings of the others, confirmed", confirmed)])
        print(report)
        self.assertEqual(sorted(quarantined), poison, "the poison and nothing else")
        if LONG:
            self.assertLessEqual(max(back), 5)


class Consumer(threading.Thread):
    """A program of the filer's that takes filings and confirms them without a number of its own."""

    def __init__(self, run, filer, credits):
        super().__init__(daemon=True)
        self.run_, self.filer, self.credits = run, filer, credits
        self.acts, self.tokens, self.lines = queue.Queue(), [], []
        self.ready = threading.Event()

    def run(self):
        self.acts.put(pb.FilerAct(credits=pb.Credits(filings=self.credits)))
        with partner_client.channel_to(self.run_.gateway, self.filer) as channel:
            self.call = services.FilerStub(channel).Feed(iter(self.acts.get, None), wait_for_ready=True)
            self.ready.set()
            held = {}
            try:
                for message in self.call:
                    if message.HasField("filing"):
                        filing = message.filing
                        self.tokens.append(filing.token)
                        held[filing.token] = {
                            "at": int(time.time() * 1_000_000), "filer": self.filer, "filing_id": filing.filing_id, "token": filing.token,
                            "kind": filing.kind, "revision": filing.revision, "possible_duplicate": filing.possible_duplicate,
                            "attempt": filing.attempt, "records_sha256": hashlib.sha256(filing.records.encode()).hexdigest(),
                            "act": "confirm", "effect": True}
                        self.acts.put(pb.FilerAct(confirmation=pb.Confirmation(token=filing.token, sha256=filing.sha256)))
                    else:
                        line = held.pop(message.result.token)
                        self.lines.append({**line, "applied": message.result.applied, "repeat": message.result.repeat})
                        self.acts.put(pb.FilerAct(credits=pb.Credits(filings=1)))
            except grpc.RpcError:
                pass

    def end(self):
        self.acts.put(None)
        self.call.cancel()
        self.join()


class TwoConsumers(unittest.TestCase):
    """X-6: two programs poll the same channel."""

    SHIPMENTS = 500 if LONG else 40  # two filings each

    def test_each_filing_goes_to_one_of_them_at_a_time(self):
        run = fault_run.FaultRun(self.SHIPMENTS, filers=1, amendments=0)
        self.addCleanup(run.close)
        consumers = [Consumer(run, "filer-01", 8) for _ in range(2)]
        for consumer in consumers:
            consumer.start()
        for consumer in consumers:
            self.assertTrue(consumer.ready.wait(60))
        ended(run.send(connections=2))
        self.assertTrue(eventually(lambda: sum(len(consumer.lines) for consumer in consumers) >= 2 * self.SHIPMENTS),
                        [len(consumer.lines) for consumer in consumers])
        self.assertTrue(eventually(run.settled), run.filings())
        for consumer in consumers:
            consumer.end()
        one, two = (collections.Counter(consumer.tokens) for consumer in consumers)
        with open(run.new_log("brokers"), "w") as log:
            log.writelines(json.dumps(line) + "\n" for consumer in consumers for line in consumer.lines)
        report = run.verify()
        fault_run.figures("two-consumers", "X-6 two consumers of one channel", [
            ("filings", 2 * self.SHIPMENTS), ("taken by the first", len(one)), ("taken by the second", len(two)),
            ("taken by both", len(one & two)), ("taken twice by one", sum((one + two).values()) - len(one | two))])
        print(report)
        self.assertEqual(sum((one + two).values()), 2 * self.SHIPMENTS)
        self.assertEqual(len(one & two), 0)
        self.assertTrue(one and two)


class OneShipmentTwice(unittest.TestCase):
    """X-7: the same documents from two connections of their carrier at once."""

    def test_one_is_accepted_and_the_other_a_repeat(self):
        run = fault_run.FaultRun(SHIPMENTS)
        self.addCleanup(run.close)
        brokers = run.file()
        both = [run.send(connections=2), run.send(connections=2)]
        summaries = [ended(program) for program in both]
        self.assertTrue(eventually(run.settled), run.filings())
        ended(brokers, stop=True)
        answers = collections.defaultdict(list)
        for line in run.lines("carriers"):
            answers[line["carrier"], line["sha256"]].append((line["repeat"], line["receipt_sha256"]))
        accepted_once = sum(sorted(repeat for repeat, _ in pair) == [False, True] for pair in answers.values())
        same = sum(len({receipt for _, receipt in pair}) == 1 for pair in answers.values())
        first_by_second = sum(not line["repeat"] for line in run.lines("carriers")[len(answers):])
        report = run.verify()
        fault_run.figures("same-shipment-twice", "X-7 the same shipment from two connections at once", [
            ("documents", len(answers)), ("accepted once and once a repeat", accepted_once), ("with one receipt for both", same),
            ("won by the second connection", first_by_second), ("documents stored", sum(s["documents"] for s in summaries) // 2)])
        print(report)
        self.assertEqual(accepted_once, len(answers))
        self.assertEqual(same, len(answers))


if __name__ == "__main__":
    unittest.main(verbosity=2)
