"""The checker's own test: a small sound world passes, and each kind of damage is found by the invariant that it breaks."""

import base64
import contextlib
import ctypes
import hashlib
import io
import json
import pathlib
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import doctors  # noqa: E402
import puente_verify  # noqa: E402

START = 1_750_000_000_000_000
SCHEMA = """
CREATE TABLE documents (id, sequence, partner, kind, identity, sha256, folio_fiscal, client_ref, transport, state, received_at, receipt, report,
  cause, tries, state_since);
CREATE TABLE bodies (sequence, codec, size, bytes);
CREATE TABLE shipments (id, state, revision, missing, findings, opened_at, changed_at, cause, merged_into, state_since);
CREATE TABLE shipment_documents (document, shipment);
CREATE TABLE filings (id, token, shipment, filer, importer, kind, action, revision, state, reference, filer_code, entry_number, draft, records,
  sha256, created_at, changed_at, deadline, not_before, attempts, lease_id, lease_owner, lease_until, possible_duplicate, replaces, cause,
  state_since);
CREATE TABLE attempts (filing, number, channel, lease_id, offered_at, ended_at, outcome, detail);
CREATE TABLE answers (document, filing, application, lines, received_at);
CREATE TABLE numbers (value, kind, object, object_id);
CREATE TABLE events (sequence, at, object, object_id, verb, from_state, to_state, partner, text, hash, digest);
CREATE TABLE head (one, sequence, hash);
"""


def digest(data):
    return hashlib.sha256(data).digest()


class SmallWorld:
    """Two carriers, two brokers, a shipment each, one filing each: accepted, drafted, offered twice, confirmed, answered."""

    def __init__(self, folder, messages):
        self.pb = messages
        self.db = sqlite3.connect(folder / "store.sqlite")
        self.db.executescript(SCHEMA)
        self.at, self.sequence = START, 0
        self.carriers, self.brokers, self.answers = [], [], []
        for number in (1, 2):
            self._shipment(number)
        self.db.execute("INSERT INTO head VALUES (1, 0, '')")
        world = doctors.World.__new__(doctors.World)
        world.db = self.db
        world.rechain()
        self.db.commit()
        self.db.close()
        for name in ("carriers", "brokers", "answers"):
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in getattr(self, name)))

    def _insert(self, table, **values):
        names = [row[1] for row in self.db.execute(f"PRAGMA table_info({table})")]
        full = {name: 0 if name in ("attempts", "lease_until", "not_before", "deadline", "possible_duplicate", "tries") else "" for name in names}
        full.update(values)
        self.db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", [full[name] for name in names])

    def _event(self, item, name, verb, before, after, partner, data=b"", text=""):
        self.sequence += 1
        self.at += 1000
        self._insert("events", sequence=self.sequence, at=self.at, object=item, object_id=name, verb=verb, from_state=before, to_state=after,
                     partner=partner, text=text, digest=data, hash=b"")

    def _document(self, name, partner, kind, content, state, way):
        self._event("document", name, "accept", "", "received", partner, digest(content))
        sequence, received = self.sequence, self.at
        body = self.pb.ReceiptBody(document_id=name, sha256=digest(content), ledger_sequence=sequence, kind=kind)
        receipt = self.pb.Receipt(body=body, signed_part=body.SerializeToString(), signature=b"s", key_id="k").SerializeToString()
        before = "received"
        for verb, after in way:
            self._event("document", name, verb, before, after, partner, digest(content))
            before = after
        self._insert("documents", id=name, sequence=sequence, partner=partner, kind=kind, identity=name, sha256=digest(content), state=state,
                     received_at=received, receipt=receipt, state_since=self.at)
        packed = zstd_packed(content)
        self._insert("bodies", sequence=sequence, codec=1, size=len(content), bytes=packed)
        if kind in (1, 2):
            self.carriers.append({"at": received, "carrier": partner, "sha256": digest(content).hex(), "kind": kind, "repeat": False,
                                  "document_id": name, "sequence": sequence, "receipt_sha256": digest(receipt).hex(),
                                  "receipt_b64": base64.b64encode(receipt).decode(), "findings": [], "latency_us": 900})

    def _shipment(self, number):
        carrier, broker = f"carrier-{number}", f"broker-{number}"
        shipment, filing, token = f"SHP00000{number}", f"FIL00000{number}", f"{number}{number}aa0000-0000-8000-8000-00000000000{number}"
        self._document(f"DOC{number}0INVOICE", carrier, 1, b"<cfdi>" * 40 + b"%d" % number, "joined", [("read", "read"), ("join", "joined")])
        self._document(f"DOC{number}1NOTICE", carrier, 2, b'{"notice": %d}' % number * 10, "joined", [("read", "read"), ("join", "joined")])
        self._event("shipment", shipment, "join", "", "gathering", carrier)
        self._event("shipment", shipment, "draft", "gathering", "drafted", carrier)
        for name in (f"DOC{number}0INVOICE", f"DOC{number}1NOTICE"):
            self._insert("shipment_documents", document=name, shipment=shipment)
        records = b"A%079d\n" % number
        self._event("filing", filing, "draft", "", "ready", carrier, digest(records))
        self._event("filing", filing, "deliver", "ready", "offered", carrier, digest(records))
        first = self.at
        self._event("filing", filing, "deliver", "offered", "ready", carrier, digest(records))
        self._event("filing", filing, "deliver", "ready", "offered", carrier, digest(records))
        act = self.pb.FilerAct(confirmation=self.pb.Confirmation(token=token, entry_number="12345678"))
        self._document(f"DOC{number}2CONFIRM", broker, 3, act.SerializeToString() * 1, "applied", [("deliver", "applied")])
        self._event("filing", filing, "deliver", "offered", "confirmed", carrier, digest(records))
        since = self.at
        self._event("shipment", shipment, "deliver", "drafted", "filed", carrier)
        self._insert("shipments", id=shipment, state="filed", opened_at=START, changed_at=self.at, state_since=self.at)
        self._insert("filings", id=filing, token=token, shipment=shipment, filer=broker, importer="I", kind="se", action="A", revision=1,
                     state="confirmed", reference=f"REF00000{number}", entry_number="1234567%d" % number, records=records, sha256=digest(records),
                     created_at=START, attempts=2, state_since=since)
        for place, outcome in ((1, "connection_lost"), (2, "confirmed")):
            self._insert("attempts", filing=filing, number=place, channel="grpc", lease_id=f"{filing}:{place}", offered_at=first + place * 2000,
                         ended_at=first + place * 2000 + 1000, outcome=outcome)
        for place, effect in ((0, True), (1, False)):
            self.brokers.append({"at": first + place, "filer": broker, "filing_id": filing, "token": token, "kind": "se", "revision": 1,
                                 "possible_duplicate": place > 0, "attempt": place + 1, "records_sha256": digest(records).hex(),
                                 "act": "confirm", "applied": place > 0, "repeat": place > 0, "effect": effect})
        lines = b"SO10 ANSWER %d".ljust(80) % number * 3
        self._document(f"DOC{number}3ANSWER", broker, 4, lines, "applied", [("answer", "applied")])
        self._insert("answers", document=f"DOC{number}3ANSWER", filing=filing, received_at=self.at)
        self.answers.append({"at": self.at, "filer": broker, "token": token, "answer_sha256": digest(lines).hex(), "applied": True})


def zstd_packed(content):
    library = puente_verify.Zstd().library
    library.ZSTD_compress.restype = ctypes.c_size_t
    target = ctypes.create_string_buffer(len(content) + 100)
    length = library.ZSTD_compress(target, ctypes.c_size_t(len(target)), content, ctypes.c_size_t(len(content)), 3)
    return target.raw[:length]


class Checker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.messages = puente_verify.load_messages()
        cls.work = tempfile.TemporaryDirectory()
        cls.sound = pathlib.Path(cls.work.name) / "sound"
        cls.sound.mkdir()
        SmallWorld(cls.sound, cls.messages)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def _violated(self, arguments):
        options = puente_verify.options_of([*arguments, "--faults", "1", "--window", "4", "--settled", "--all-answered"])
        return {name: outcome.violations for name, _, outcome in puente_verify.verify(options, self.messages) if outcome.violations}

    def test_a_sound_world_has_no_violation(self):
        world = doctors.World(self.sound, pathlib.Path(self.work.name) / "copy")
        world.seen.append(("carrier-1", "FIL000001 confirmed by broker-1 for SHP000001"))
        world.close()
        self.assertEqual(self._violated(world.arguments()), {})

    def test_each_damage_is_found_by_its_invariant(self):
        for invariant, doctor in doctors.DOCTORS:
            with self.subTest(doctor.__name__):
                world = doctors.World(self.sound, pathlib.Path(self.work.name) / doctor.__name__)
                doctor(world)
                world.close()
                self.assertIn(invariant, self._violated(world.arguments()))

    def test_every_invariant_has_a_damage(self):
        self.assertEqual({name for name, _, _ in puente_verify.INVARIANTS}, {name for name, _ in doctors.DOCTORS})

    def test_the_program_prints_a_line_each_and_its_exit_code_tells(self):
        def run(arguments):
            with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
                return puente_verify.main(arguments), out.getvalue()

        world = doctors.World(self.sound, pathlib.Path(self.work.name) / "program")
        world.close()
        code, text = run(world.arguments())
        self.assertEqual(code, 0, text)
        self.assertEqual([line[:2] for line in text.splitlines()], [name for name, _, _ in puente_verify.INVARIANTS])
        broken = doctors.World(self.sound, pathlib.Path(self.work.name) / "program-broken")
        doctors.event_edited(broken)
        broken.close()
        code, text = run(broken.arguments())
        self.assertEqual(code, 1)
        self.assertIn("event 2: its hash does not follow", text)
        self.assertEqual(run(["--store", str(self.sound / "nowhere.sqlite")])[0], 2)
        (world.folder / "brokers.jsonl").write_text('{"at": 1}\n')
        self.assertEqual(run(world.arguments())[0], 2)

    def test_a_line_cut_off_by_a_kill_is_left_out(self):
        world = doctors.World(self.sound, pathlib.Path(self.work.name) / "cut")
        world.close()
        with open(world.folder / "brokers.jsonl", "a") as log:
            log.write('{"at": 17500')
        self.assertEqual(self._violated(world.arguments()), {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
