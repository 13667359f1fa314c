"""kill -9 of the gateway, again and again, under load, with sender and broker reconnecting. Afterwards, from outside:
no receipt without its document, no filing lost, every repeat marked, each effect once. Prints the counts."""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))

import gateway_process  # noqa: E402

PROGRAM, SEAL, _ = gateway_process.environment()
WORK = tempfile.TemporaryDirectory()
gateway_process.generate_stubs(SOURCE, pathlib.Path(WORK.name) / "stubs")

import grpc  # noqa: E402
from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import many_shipments  # noqa: E402
import partner_client  # noqa: E402

SAMPLES = SOURCE / "deploy" / "samples"
KILLS = 200 if os.environ.get("PUENTE_LONG") else 50
SHIPMENTS_PER_KILL = 3


class Sender(threading.Thread):
    """Submits until every document has its receipt; sends about one in five again, and keeps what it was told."""

    def __init__(self, gateway, requests, seed):
        super().__init__(daemon=True)
        self.gateway, self.waiting = gateway, list(requests)
        self.random = random.Random(seed)
        self.changed = threading.Condition()
        self.receipts = {}           # client_ref -> serialized receipt
        self.documents = {}          # client_ref -> document id
        self.repeats = 0
        self.different_receipts = []
        self.refused = []
        self.lost_calls = 0
        self.allowed = 0             # how many receipts may be there before the next stop: the load follows the kills

    def run(self):
        channel = partner_client.channel_to(self.gateway, "shipper")
        stub = services.SenderStub(channel)
        while self.waiting:
            with self.changed:
                self.changed.wait_for(lambda: len(self.receipts) < self.allowed)
            request = self.waiting[0]
            if self.receipts and self.random.random() < 0.2:
                request = self.random.choice(self.sent)
            try:
                reply = stub.Submit(request, wait_for_ready=True, timeout=30)
            except grpc.RpcError:
                with self.changed:
                    self.lost_calls += 1
                continue
            with self.changed:
                self._note(request, reply)
                self.changed.notify_all()
        channel.close()

    sent = []

    def _note(self, request, reply):
        ref = request.client_ref
        if not reply.HasField("receipt"):
            self.refused.append((ref, [finding.code for finding in reply.findings]))
            self.waiting = [r for r in self.waiting if r.client_ref != ref]
            return
        receipt = reply.receipt.SerializeToString()
        self.repeats += reply.repeat
        if ref in self.receipts and self.receipts[ref] != receipt:
            self.different_receipts.append(ref)
        self.receipts.setdefault(ref, receipt)
        self.documents[ref] = reply.receipt.body.document_id
        if self.waiting and self.waiting[0].client_ref == ref:
            self.sent = self.sent + [self.waiting.pop(0)]

    def allow(self, count):
        with self.changed:
            self.allowed = count
            self.changed.notify_all()

    def wait(self, condition, timeout=120):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), timeout)


class KillUnderLoad(unittest.TestCase):
    def _unconfirmed(self, stub, scns):
        rows = []
        for scn in scns:
            status = stub.Status(pb.StatusRequest(number=scn), wait_for_ready=True)
            filings = [f for s in status.shipments for f in s.filings if f.state not in ("replaced", "cancelled")]
            if sorted(f.kind for f in filings) != ["ae", "se"] or any(f.state != "confirmed" for f in filings):
                rows.append((scn, [(f.kind, f.revision, f.state) for f in filings]))
        return rows

    def test_nothing_acknowledged_is_lost_and_every_effect_happens_once(self):
        seed = int(os.environ.get("PUENTE_SEED", random.SystemRandom().randrange(1 << 31)))
        print(f"seed {seed} (PUENTE_SEED repeats it)")
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            shipments = many_shipments.make(SEAL, SOURCE, folder / "documents", KILLS * SHIPMENTS_PER_KILL)
            gateway = gateway_process.Gateway(PROGRAM, folder / "gateway", trust=folder / "documents" / "trust",
                                              partners=SAMPLES / "partners", catalog=SAMPLES / "catalog.csv")
            gateway.start()
            requests = []
            for n, (invoice, waybill, notice, _) in enumerate(shipments):
                requests += [pb.SubmitRequest(kind=pb.SAT_XML, content=invoice, client_ref=f"{n}i"),
                             pb.SubmitRequest(kind=pb.SAT_XML, content=waybill, client_ref=f"{n}c"),
                             pb.SubmitRequest(kind=pb.CROSSING_NOTICE, content=notice, client_ref=f"{n}n")]
            rng.shuffle(requests)
            sender = Sender(gateway, requests, seed)
            broker = partner_client.Broker(gateway, pb, services)
            sender.start()
            broker.start()
            per_kill = len(requests) // KILLS
            for kill in range(KILLS):
                # The instant is chosen by what has happened so far: some way into this kill's share of the load.
                sender.allow((kill + 1) * per_kill)
                target = kill * per_kill + rng.randrange(1, per_kill + 1)
                self.assertTrue(sender.wait(lambda s: len(s.receipts) >= target), "".join(gateway.log[-20:]))
                if rng.random() < 0.5:
                    arrivals = len(broker.arrivals)
                    broker.wait(lambda b: len(b.arrivals) > arrivals, timeout=2)
                gateway.kill()
                gateway.start()
            sender.allow(len(requests))
            sender.join(timeout=300)
            self.assertFalse(sender.waiting, f"{len(sender.waiting)} documents without an answer")
            wanted = 2 * len(shipments)

            # Asked from outside, after the last restart: an answer to a confirmation may have been cut off, the confirmation was not.
            with partner_client.channel_to(gateway, "shipper") as channel:
                stub = services.SenderStub(channel)
                without_document = [ref for ref, document in sender.documents.items()
                                    if not stub.Status(pb.StatusRequest(number=document), wait_for_ready=True).found]
                unconfirmed = self._unconfirmed(stub, [row[3] for row in shipments])
                for _ in range(120):
                    if not unconfirmed:
                        break
                    arrivals = len(broker.arrivals)
                    broker.wait(lambda b: len(b.arrivals) > arrivals, timeout=1)
                    unconfirmed = self._unconfirmed(stub, [scn for scn, _ in unconfirmed])
            effects = {}
            for token, filing in broker.filings.items():
                effects.setdefault((filing.draft.entries[0].bills[0].scn, filing.kind, filing.action), []).append(token)
            twice = {key: tokens for key, tokens in effects.items() if len(tokens) > 1}
            broker.end()
            self.assertEqual(gateway.stop(), 0)
            verify = subprocess.run([PROGRAM, "store", "verify", "--ledger", str(gateway.folder / "ledger" / "puente.sqlite")], capture_output=True, text=True)

            marked = sum(duplicate for _, _, duplicate in broker.arrivals)
            rows = [("kills", KILLS), ("documents sent", len(requests)), ("receipts", len(sender.receipts)),
                    ("repeats answered with the first receipt", sender.repeats), ("calls cut off", sender.lost_calls),
                    ("broker connections lost", broker.lost_connections), ("filings wanted", wanted),
                    ("filings that reached the broker", len(broker.filings)), ("arrivals", len(broker.arrivals)),
                    ("arrivals marked possible duplicate", marked),
                    ("receipts without their document", len(without_document)), ("receipts that differ", len(sender.different_receipts)),
                    ("documents refused", len(sender.refused)), ("filings lost or unconfirmed", len(unconfirmed)),
                    ("repeats without mark", len(broker.unmarked_repeats)), ("effects that happened twice", len(twice))]
            text = "\n".join(f"  {name:<42}{value:>8}" for name, value in rows)
            print(f"kill -9 under load:\n{text}\n  {verify.stdout.strip()}")
            if figures := os.environ.get("PUENTE_FIGURES"):
                pathlib.Path(figures).mkdir(parents=True, exist_ok=True)
                (pathlib.Path(figures) / "kill.txt").write_text(f"kill -9 under load\n{text}\n")

            self.assertEqual(without_document, [])
            self.assertEqual(sender.different_receipts, [])
            self.assertEqual(sender.refused, [])
            self.assertEqual(unconfirmed, [])
            self.assertEqual(broker.unmarked_repeats, [])
            self.assertEqual(broker.different_bytes, [])
            self.assertEqual(twice, {})
            self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
