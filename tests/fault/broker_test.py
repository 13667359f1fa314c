"""B-1 to B-3: a broker that is black-holed, brokers that are slow or never finish their handshake, answers that are not what was asked for.
Ordinary sizes are small; PUENTE_LONG=1 takes those of the column Change of the reliability reference."""

import collections
import hashlib
import json
import os
import pathlib
import random
import socket
import tempfile
import threading
import time
import unittest

import fault_run
from fault_run import LONG, ended, eventually

import fault_proxy
import gateway_process

WORK = tempfile.TemporaryDirectory()
gateway_process.generate_stubs(fault_run.SOURCE, pathlib.Path(WORK.name) / "stubs")

from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import partner_client  # noqa: E402


class Watcher(threading.Thread):
    """What the gateway holds while something goes wrong: memory, and filings in flight for each filer."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.run_, self.memory, self.in_flight = run, [], collections.Counter()
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(0.25):
            self.memory.append((time.time(), self.run_.memory()))
            for filer, count in self.run_.ask("SELECT filer, count(*) FROM filings WHERE state = 'offered' GROUP BY filer"):
                self.in_flight[filer] = max(self.in_flight[filer], count)

    def end(self):
        self._over.set()
        self.join()

    def most_memory(self):
        return max(value for _, value in self.memory)


class BlackHole(unittest.TestCase):
    """B-1: everything to and from one broker disappears; its connection stays."""

    TRANSPORT = "grpc"
    FILERS, RATE = 4, float(os.environ.get("PUENTE_FAULT_RATE", 500 if LONG else 60))
    BEFORE, HOLE = (30, 300) if LONG else (3, 5)

    def test_others_go_on_and_the_backlog_drains_by_deadline(self):
        shipments = int((self.BEFORE + self.HOLE) * self.RATE / 3)
        run = fault_run.FaultRun(shipments, filers=self.FILERS, amendments=0, lease=20 if LONG else 3)
        self.addCleanup(run.close)
        proxy = fault_proxy.FaultProxy(run.port(self.TRANSPORT))
        self.addCleanup(proxy.stop)
        victim = run.filers[0]
        others = run.file(filers=run.filers[1:], transport=self.TRANSPORT)
        lost = run.file(proxy.port, filers=[victim], transport=self.TRANSPORT)
        carriers = run.send(rate=self.RATE, connections=2, transport=self.TRANSPORT)
        wanted = self.BEFORE * self.RATE / 3
        self.assertTrue(eventually(lambda: len({line["scn"] for line in run.lines("brokers")}) >= wanted * 0.9, step=0.2))
        watcher = Watcher(run)
        watcher.start()
        began = time.time() * 1_000_000
        proxy.black_hole(True)
        run.faults += 1
        ended(carriers)
        # The others have had all of theirs while the victim's waits.
        self.assertTrue(eventually(lambda: not run.ask("SELECT count(*) FROM filings WHERE filer != ? AND state IN ('ready', 'offered')", victim)[0][0] and
                                   not run.ask("SELECT count(*) FROM documents WHERE state IN ('received', 'read')")[0][0], step=0.2), run.filings())
        backlog = run.ask("SELECT count(*) FROM filings WHERE filer = ? AND state != 'confirmed'", victim)[0][0]
        self.assertGreater(backlog, 0, "nothing went into the hole")
        returned = time.time()
        proxy.black_hole(False)
        run.faults += proxy.reset_all()
        self.assertTrue(eventually(run.settled), run.filings())
        drained = time.time() - returned
        watcher.end()
        for program in (others, lost):
            ended(program, stop=True)
        deadlines = dict(run.ask("SELECT token, deadline FROM filings WHERE filer = ?", victim))
        late = [deadlines[line["token"]] for line in sorted(run.lines("brokers"), key=lambda line: line["at"])
                if line["filer"] == victim and line["at"] > returned * 1_000_000]
        early = sum(after < before for before, after in zip(late, late[1:]))
        times = [(at, took / 1000) for filer, at, took in fault_run.to_the_broker(run) if filer != victim]
        calm = [took for at, took in times if at < began]
        during = [took for at, took in times if began <= at < returned * 1_000_000]
        report = run.verify()
        p99 = fault_run.quantile(calm, 0.99), fault_run.quantile(during, 0.99)
        fault_run.figures(f"black-hole-{self.TRANSPORT}", f"B-1 one broker of {self.FILERS} black-holed for {self.HOLE} s at {self.RATE:.0f} documents/s, {self.TRANSPORT}", [
            ("filings that waited for it", backlog), ("its filings in flight at most (<= 64)", watcher.in_flight[victim]),
            ("most resident MiB (<= 512)", f"{watcher.most_memory():.0f}"),
            ("resident MiB in the middle and at the end", " ".join(f"{watcher.memory[at][1]:.0f}" for at in (len(watcher.memory) // 2, -1))),
            ("others, receipt to arrival, p99 ms before and during", "{:.0f} {:.0f}".format(*p99)),
            ("seconds until drained after its return (<= 900)", f"{drained:.1f}"),
            ("arrivals after the return", len(late)), ("of them with an earlier deadline than the one before", early)])
        print(report)
        self.assertLessEqual(watcher.in_flight[victim], 64)
        self.assertLessEqual(watcher.most_memory(), 512)
        # Earliest deadline first; what was in flight at the cut may come first.
        self.assertLessEqual(early, 64)
        if LONG:
            self.assertLessEqual(drained, 900)


class BlackHoleOverTheSocket(BlackHole):
    TRANSPORT = "socket"


class SlowBrokers(unittest.TestCase):
    """B-2: one answers a document a second, one takes a byte a second, others never finish the handshake."""

    SHIPMENTS = 600 if LONG else 90
    RATE = 1 if LONG else 20     # documents a second of the slow one
    HANDSHAKES = 20

    def test_each_costs_its_window_and_nobody_waits_for_it(self):
        run = fault_run.FaultRun(self.SHIPMENTS, filers=4, amendments=0, lease=60)
        self.addCleanup(run.close)
        proxy = fault_proxy.FaultProxy(run.gateway.port)
        self.addCleanup(proxy.stop)
        slow, trickle = run.filers[:2]
        prompt = run.file(filers=run.filers[2:])
        slow_one = run.file(filers=[slow], mode=f"{slow}=slow:{self.RATE}", credits=100)
        thin = run.file(proxy.port, filers=[trickle], credits=100)
        self.assertTrue(eventually(lambda: any(len(connection.flights) >= 4 for connection in list(proxy.connections))))
        proxy.up.rate = proxy.down.rate = 1
        # A ClientHello begins and nothing follows.
        silent = []
        for n in range(self.HANDSHAKES):
            peer = socket.socket()
            peer.bind((f"127.8.0.{n + 1}", 0))
            peer.connect(("127.0.0.1", run.gateway.port))
            peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
            silent.append(peer)
        watcher = Watcher(run)
        watcher.start()
        began = time.time()
        ended(run.send(connections=2))
        self.assertTrue(eventually(lambda: not run.ask("SELECT count(*) FROM filings WHERE filer NOT IN (?, ?) AND state IN ('ready', 'offered')", slow, trickle)[0][0]
                                   and not run.ask("SELECT count(*) FROM documents WHERE state IN ('received', 'read')")[0][0], step=0.1), run.filings())
        others = time.time() - began
        # Handshakes that do not end are ended by the gateway.
        def told():
            for peer in silent:
                peer.settimeout(60)
                try:
                    if peer.recv(1):
                        return False
                except ConnectionError:
                    pass
                except TimeoutError:
                    return False
            return True
        self.assertTrue(told(), "a handshake that never ends was kept")
        for peer in silent:
            peer.close()
        waiting = run.ask("SELECT filer, count(*) FROM filings WHERE state IN ('ready', 'offered') GROUP BY filer")
        proxy.up.rate = proxy.down.rate = 0
        run.faults += proxy.reset_all()
        self.assertTrue(eventually(run.settled), run.filings())
        watcher.end()
        for program in (prompt, slow_one, thin):
            ended(program, stop=True)
        report = run.verify()
        fault_run.figures("slow-brokers", "B-2 slow brokers and handshakes that never end", [
            ("filings", 2 * self.SHIPMENTS),
            ("seconds until the prompt ones had all of theirs", f"{others:.1f}"),
            ("in flight at most: a document at a time (<= 64)", watcher.in_flight[slow]),
            ("in flight at most: a byte a second (<= 64)", watcher.in_flight[trickle]),
            ("waiting for the two slow ones by then", sum(count for _, count in waiting)),
            ("handshakes that never ended, closed by the gateway", len(silent)), ("most resident MiB", f"{watcher.most_memory():.0f}")])
        print(report)
        for filer in (slow, trickle):
            self.assertLessEqual(watcher.in_flight[filer], 64)


class TakesAndNeverAnswers(unittest.TestCase):
    """B-2, the breaker: a filer that takes what it is offered and says nothing. It opens after three failures in a row, then one filing
    at a time tries the filer, until it answers."""

    PROBES = 6 if LONG else 2
    SHIPMENTS = 100 if LONG else 40
    OPENS_AFTER = 3

    def test_breaker_opens_tries_with_one_filing_and_closes(self):
        run = fault_run.FaultRun(self.SHIPMENTS, filers=1, amendments=0, lease=1)
        self.addCleanup(run.close)
        dead = run.file(mode=f"{run.filers[0]}=dead", credits=1000)
        self.assertTrue(eventually(lambda: self.channel(run).sessions == 1))
        ended(run.send(connections=2))
        states = collections.Counter()

        def failed():
            """When the attempts ended, in order, that the filer left without a word."""
            return [at for at, in run.ask("SELECT ended_at FROM attempts WHERE outcome = 'lease_expired' ORDER BY ended_at")]

        def tried():
            states[self.channel(run).breaker] += 1
            since = failed()[self.OPENS_AFTER - 1:self.OPENS_AFTER]
            return since and run.ask("SELECT count(*) FROM attempts WHERE offered_at > ? AND outcome = 'lease_expired'", since[0])[0][0] >= self.PROBES
        self.assertTrue(eventually(tried, step=0.1), states)
        window = run.ask("SELECT count(*) FROM attempts WHERE offered_at <= ?", failed()[0])[0][0]
        opened = failed()[self.OPENS_AFTER - 1]
        probes = run.ask("SELECT offered_at, ended_at FROM attempts WHERE offered_at > ? ORDER BY offered_at", opened)
        waits = [after - before for (_, before), (after, _) in zip(probes, probes[1:]) if before]
        together = sum(not before or after < before for (_, before), (after, _) in zip(probes, probes[1:]))
        ended(dead, stop=True)
        run.faults += 1
        brokers = run.file(again=dead)
        self.assertTrue(eventually(run.settled), run.filings())
        after = self.channel(run).breaker
        ended(brokers, stop=True)
        # Each offer that ran out comes again: that many wire repeats are no fault of the wire.
        run.faults += len(failed()) // run.window + 1
        report = run.verify()
        fault_run.figures("breaker", "B-2 a broker that takes and never answers", [
            ("filings", 2 * self.SHIPMENTS), ("offered before the first failure (<= 64)", window), ("failures until it opened (<= 3)", self.OPENS_AFTER),
            ("filings tried while open", len(probes)), ("of them beside another (0)", together),
            ("waits between them, ms", " ".join(f"{wait / 1000:.0f}" for wait in waits)),
            ("states seen", " ".join(f"{state} {count}" for state, count in sorted(states.items()))), ("after its answer", after)])
        print(report)
        self.assertLessEqual(window, 64)
        self.assertEqual(together, 0, "more than one filing tried a filer whose breaker was open")
        self.assertTrue({"open", "half_open"} <= set(states), states)
        self.assertEqual(after, "closed")

    def channel(self, run):
        with partner_client.channel_to(run.gateway, "ops") as channel:
            reply = services.AdministrationStub(channel).Channels(pb.ChannelsRequest(), wait_for_ready=True, timeout=60)
        return next(row for row in reply.channels if row.filer == run.filers[0])


class WrongAnswers(unittest.TestCase):
    """B-3: answers and confirmations with a wrong token, a wrong digest, twice, out of order, for filings of somebody else."""

    ANSWERS, SHIPMENTS = (1000, 80) if LONG else (300, 16)

    def test_stored_flagged_and_never_applied_to_another_filing(self):
        run = fault_run.FaultRun(self.SHIPMENTS, filers=2, amendments=0)
        self.addCleanup(run.close)
        filed = self.SHIPMENTS * 3 // 4
        brokers = run.file()
        ended(run.send(count=filed))
        self.assertTrue(eventually(run.settled), run.filings())
        ended(brokers, stop=True)
        run.faults += 1
        # The rest waits for its brokers: answers to it come before it was even offered.
        ended(run.send(**{"from": filed}))
        self.assertTrue(eventually(lambda: run.filings().get("ready", 0) >= 2 * (self.SHIPMENTS - filed)), run.filings())
        columns = "token, filer, kind, filer_code, entry_number, reference, id, state"
        rows = run.ask(f"SELECT {columns} FROM filings")
        mine, theirs = ([row for row in rows if row[1] == filer] for filer in run.filers)
        state_before = run.ask("SELECT id, state, records, entry_number FROM filings WHERE filer = ? ORDER BY id", run.filers[1])
        seed = int(os.environ.get("PUENTE_SEED", random.SystemRandom().randrange(1 << 31)))
        print(f"seed {seed} (PUENTE_SEED repeats it)")
        rng = random.Random(seed)
        counts, log, said = collections.Counter(), [], []
        with partner_client.channel_to(run.gateway, run.filers[0]) as channel:
            stub = services.FilerStub(channel)
            for n in range(self.ANSWERS):
                kind, act, allowed = self.wrong(rng, n, mine, theirs, said)
                counts[kind] += 1
                result = stub.Act(act, wait_for_ready=True, timeout=60)
                codes = [finding.code for finding in result.findings]
                self.assertTrue(result.applied or result.repeat or codes, f"{kind}: neither taken nor flagged")
                if allowed is not None:
                    self.assertTrue(set(codes) & allowed or result.repeat, f"{kind}: {codes}")
                if act.HasField("answer"):
                    said.append(act)
                    log.append({"at": int(time.time() * 1_000_000), "filer": run.filers[0],
                                "token": act.answer.token if any(act.answer.token == row[0] for row in mine) else "",
                                "answer_sha256": hashlib.sha256(act.answer.lines.encode()).hexdigest(), "applied": result.applied,
                                "unmatched": "ANSWER_UNMATCHED" in codes})
        with open(run.new_log("answers"), "w") as answers:
            answers.writelines(json.dumps(line) + "\n" for line in log)
        # What belongs to the other filer is as it was, and no answer of this one stands with it.
        self.assertEqual(run.ask("SELECT id, state, records, entry_number FROM filings WHERE filer = ? ORDER BY id", run.filers[1]), state_before)
        brokers = run.file(again=brokers)
        self.assertTrue(eventually(run.settled), run.filings())
        ended(brokers, stop=True)
        strayed = run.ask("SELECT count(*) FROM answers a JOIN documents d ON d.id = a.document JOIN filings f ON f.id = a.filing WHERE d.partner != f.filer")[0][0]
        unmatched = run.ask("SELECT count(*) FROM answers WHERE filing IS NULL OR filing = ''")[0][0]
        report = run.verify()
        fault_run.figures("wrong-answers", "B-3 answers that are not what was asked for", [
            ("acts", self.ANSWERS), *sorted(counts.items()), ("answers kept without a filing", unmatched), ("answers with a filing of another filer", strayed)])
        print(report)
        self.assertEqual(strayed, 0)
        self.assertGreater(unmatched, 0)

    def wrong(self, rng, n, mine, theirs, said):
        """(its name, the act, the findings of which one must come or None)"""
        own, other = rng.choice(mine), rng.choice([row for row in theirs if row[4]])
        waiting = rng.choice([row for row in mine if row[7] == "ready"])

        def final(row, code="995"):
            line = list("E1A " + code + "   FINAL" + " " * 64)
            line[50:53], line[55:55 + len(row[4])] = row[3], row[4]
            return f"B  2506{row[3]}AX".ljust(80) + "\n" + "".join(line)[:80].ljust(80) + "\n"

        def answer(token, lines):
            return pb.FilerAct(answer=pb.AnswerReport(token=token, lines=lines))

        remark = f"REMARK {n}"
        kind = rng.choice(["token of another", "unknown token", "number of another", "unknown number", "twice", "noise", "cut lines",
                           "wrong digest", "confirmation of another", "unknown confirmation", "before its filing"])
        if kind == "token of another":
            return kind, answer(other[0], remark), {"ANSWER_UNMATCHED", "TOKEN_UNKNOWN"}
        if kind == "unknown token":
            return kind, answer("00000000-0000-5000-8000-%012x" % rng.randrange(1 << 40), remark), {"ANSWER_UNMATCHED", "TOKEN_UNKNOWN"}
        if kind == "number of another":
            return kind, answer("", final(other) + remark), {"ANSWER_UNMATCHED"}
        if kind == "unknown number":
            return kind, answer("", final(other[:3] + ("L99", "99999995")) + remark), {"ANSWER_UNMATCHED"}
        if kind == "before its filing":
            return kind, answer(waiting[0], remark), None
        if kind == "twice" and said:
            return kind, rng.choice(said), None
        if kind == "wrong digest":
            act = pb.FilerAct(confirmation=pb.Confirmation(token=waiting[0], sha256=rng.randbytes(32)))
            return kind, act, {"RECORDS_DIGEST_MISMATCH"}
        if kind == "confirmation of another":
            return kind, pb.FilerAct(confirmation=pb.Confirmation(token=other[0])), {"TOKEN_UNKNOWN"}
        if kind == "unknown confirmation":
            return kind, pb.FilerAct(confirmation=pb.Confirmation(token=f"no token {n}")), {"TOKEN_UNKNOWN"}
        if kind == "cut lines":
            text = final(other)
            return kind, answer("", text[:rng.randrange(1, len(text))] + remark), None
        return "noise", answer("", "".join(chr(rng.choice((10, rng.randrange(32, 127), rng.randrange(160, 500)))) for _ in range(200)) + remark), None


if __name__ == "__main__":
    unittest.main(verbosity=2)
