#!/usr/bin/python3
"""puente-verify: the independent checker. Holds what partners saw against what the store holds, invariant by invariant.

It reads three kinds of logs (JSON lines; README.md has the formats): what the carriers got as receipts, what reached the
brokers, what the brokers answered; and the store, read-only, with SQL of its own. It shares no code with the engine: only
the messages of proto/, which protoc generates here. Prints one line an invariant with what was compared, how many and the
violations; exit 0 when there are none, 1 when there are, 2 when it could not check.
"""

import argparse
import base64
import collections
import ctypes
import ctypes.util
import hashlib
import json
import os
import pathlib
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
MINUTE = 60_000_000  # microseconds

SAT_XML, CROSSING_NOTICE, FILER_ACT, CBP_ANSWER = 1, 2, 3, 4

# The lifecycle as its page describes it (gateway/ledger/lifecycle.cpp's comment), written down here a second time on purpose: object, verbs,
# states it may come from, states it may go to. "" is an object that does not exist yet. Staying in a state is always allowed.
LIFECYCLE_TEXT = """
document | accept          |                                            | received
document | read            | received                                   | read rejected quarantined
document | admin           | quarantined                                | received
document | join            | read                                       | joined kept superseded cancelled
document | join            | kept                                       | joined superseded cancelled
document | join            | joined                                     | superseded cancelled
document | estado          | joined                                     | cancelled
document | deliver answer  | received                                   | applied unmatched rejected
document | deliver answer  | unmatched                                  | applied
shipment | join            |                                            | gathering
shipment | join            | gathering drafted held                     | merged
shipment | join draft      | gathering drafted held filed cancelled     | gathering drafted held
shipment | join draft      | closed                                     | held
shipment | join draft      | gathering drafted held filed               | cancelled
shipment | deliver         | drafted held                               | filed
shipment | deliver         | drafted held                               | drafted held
shipment | answer          | drafted held filed                         | closed
shipment | answer          | drafted held                               | filed
shipment | answer          | drafted filed                              | held
shipment | answer          | held                                       | drafted
filing   | draft           |                                            | held ready
filing   | draft           | held ready refused                         | held ready
filing   | draft           | dead_letter                                | in_doubt
filing   | join            | ready                                      | held
filing   | deliver         | ready                                      | offered confirmed refused held dead_letter
filing   | deliver         | in_doubt                                   | offered ready confirmed refused held dead_letter
filing   | deliver         | offered                                    | ready in_doubt confirmed refused held
filing   | deliver         | dead_letter                                | ready confirmed refused
filing   | deliver         | refused                                    | confirmed ready
filing   | admin           | refused                                    | ready
filing   | admin           | dead_letter                                | ready in_doubt
filing   | admin           | confirmed                                  | in_doubt
filing   | answer          | ready offered in_doubt dead_letter confirmed accepted rejected | accepted rejected released
filing   | join draft      | held ready refused dead_letter             | replaced
filing   | draft           | confirmed accepted rejected                | replaced
filing   | deliver         | held ready offered in_doubt dead_letter refused confirmed accepted rejected | replaced
filing   | join draft      | held ready refused dead_letter confirmed accepted rejected | cancelled
channel  | admin           |                                            | paused
channel  | admin           | open                                       | paused
channel  | admin           | paused                                     | open
"""

# What a state means for I2: done (nothing is expected of us), queued (we owe the next step within a minute), leased, partner (a
# partner owes the next step and the object can wait), exception (shown to its owner with its age).
STATE_TEXT = """
document | received read                                  | queued
document | quarantined unmatched                          | exception
document | rejected joined kept superseded cancelled applied | done
shipment | gathering held                                 | exception
shipment | drafted                                        | moving
shipment | filed                                          | partner
shipment | closed merged cancelled                        | done
filing   | held refused rejected dead_letter              | exception
filing   | ready in_doubt                                 | queued
filing   | offered                                        | leased
filing   | confirmed accepted                             | partner
filing   | released replaced cancelled                    | done
"""

WITH_THE_BROKER = {"confirmed", "accepted", "rejected", "released"}


def read_lifecycle(text=LIFECYCLE_TEXT):
    allowed = set()
    for line in text.strip().splitlines():
        item, verbs, sources, targets = (part.strip() for part in line.split("|"))
        for verb in verbs.split():
            for source in sources.split() or [""]:
                allowed.update((item, verb, source, target) for target in targets.split() if target != source)
    return allowed


def read_states(text=STATE_TEXT):
    meaning = {}
    for line in text.strip().splitlines():
        item, states, kind = (part.strip() for part in line.split("|"))
        meaning.update({(item, state): kind for state in states.split()})
    return meaning


class CannotCheck(Exception):
    """Input that is missing or not what the formats say."""


# ---- the store -------------------------------------------------------------------------------------------------------

class Zstd:
    def __init__(self):
        self.library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        self.library.ZSTD_decompress.restype = ctypes.c_size_t
        self.library.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        self.library.ZSTD_isError.argtypes = [ctypes.c_size_t]

    def unpack(self, packed, size):
        """The bytes, or None when they do not unpack to exactly `size`."""
        target = ctypes.create_string_buffer(size + 1)
        length = self.library.ZSTD_decompress(target, size + 1, packed, len(packed))
        return None if self.library.ZSTD_isError(length) or length != size else target.raw[:size]


class Store:
    """The ledger's file, read once into memory but for the bodies, which are read one by one."""

    def __init__(self, file):
        if not pathlib.Path(file).exists():
            raise CannotCheck(f"no store at {file}")
        self.db = sqlite3.connect(f"file:{pathlib.Path(file).absolute()}?mode=ro", uri=True)
        self.db.execute("PRAGMA query_only = ON")
        self.db.execute("BEGIN")
        self.zstd = Zstd()
        self.documents = self._rows("Document", "documents", "id sequence partner kind identity sha256 folio_fiscal client_ref state "
                                    "received_at receipt cause tries state_since", "sequence")
        self.document = {row.id: row for row in self.documents}
        self.shipments = self._rows("Shipment", "shipments", "id state opened_at changed_at cause merged_into state_since", "id")
        self.filings = self._rows("Filing", "filings", "id token shipment filer importer kind action revision state reference entry_number "
                                  "records sha256 changed_at deadline not_before attempts lease_id lease_until possible_duplicate "
                                  "cause state_since", "created_at, id")
        self.filing_by_token = {row.token: row for row in self.filings}
        self.attempts = self._rows("Attempt", "attempts", "filing number lease_id offered_at ended_at outcome", "filing, number")
        self.answers = self._rows("Answer", "answers", "document filing", "document, filing")
        self.numbers = self._rows("Number", "numbers", "value kind object object_id", "value")
        self.events = self._rows("Event", "events", "sequence at object object_id verb from_state to_state partner text hash digest", "sequence")
        self.attached = dict(self.db.execute("SELECT document, shipment FROM shipment_documents"))
        self.head = self.db.execute("SELECT sequence, hash FROM head").fetchone()
        self.events_of = collections.defaultdict(list)
        for event in self.events:
            self.events_of[event.object_id].append(event)

    def _rows(self, name, table, columns, order):
        row = collections.namedtuple(name, columns)
        return [row(*values) for values in self.db.execute(f"SELECT {', '.join(columns.split())} FROM {table} ORDER BY {order}")]

    def body(self, document_id):
        """The bytes as they were received, or None when they are missing or do not unpack."""
        found = self.db.execute("SELECT b.codec, b.size, b.bytes FROM bodies AS b JOIN documents AS d ON d.sequence = b.sequence WHERE d.id = ?",
                                (document_id,)).fetchone()
        if found is None:
            return None
        codec, size, packed = found
        if codec == 1:
            return self.zstd.unpack(packed, size)
        return packed if codec == 0 and len(packed) == size else None

    def last_moment(self):
        return max((event.at for event in self.events), default=0)


def canonical(event):
    """The bytes of an event that its hash is taken over, after the words of gateway/ledger/chain.h."""
    out = struct.pack(">QQ", event.sequence, event.at & (1 << 64) - 1)
    for field in (event.object, event.object_id, event.verb, event.from_state, event.to_state, event.partner, event.text, event.digest):
        raw = field if isinstance(field, bytes) else (field or "").encode()
        out += struct.pack(">Q", len(raw)) + raw
    return out


# ---- the logs --------------------------------------------------------------------------------------------------------

def read_lines(files):
    """The lines of all files in order of time. A last line without its end was cut off by a kill and is left out."""
    rows = []
    for file in files:
        text = pathlib.Path(file).read_text()
        lines = text.split("\n")
        for number, line in enumerate(lines[:-1], start=1):
            if not line:
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise CannotCheck(f"{file}:{number}: {error}") from error
            if "at" not in row:
                raise CannotCheck(f"{file}:{number}: without at")
            rows.append(row)
    return sorted(rows, key=lambda row: row["at"])


def with_fields(rows, what, *wanted):
    for row in rows:
        missing = [name for name in wanted if name not in row]
        if missing:
            raise CannotCheck(f"{what} of {row['at']}: without {', '.join(missing)}")
    return rows


def told_apart(lines):
    """Arrivals, answers: one log of a broker may hold both and the results that it got; `line` tells which. A result marks the latest
    act of its kind on the token as applied."""
    arrivals, answers, latest = [], [], {}
    for line in lines:
        what = line.get("line", "filing")
        if what == "filing":
            arrivals.append(line)
            latest[(line.get("filer"), line.get("token"), line.get("act"))] = line
        elif what == "answer":
            answers.append(line)
            latest[(line.get("filer"), line.get("token"), "answer")] = line
        elif what == "result":
            act = latest.get((line.get("filer"), line.get("token"), line.get("act")))
            if act is not None and line.get("applied"):
                act["applied"] = True
        else:
            raise CannotCheck(f"line {what!r} of {line['at']} is none of the formats")
    return arrivals, answers


class Logs:
    def __init__(self, carriers=(), brokers=(), answers=(), seen=()):
        self.receipts = with_fields(read_lines(carriers), "receipt", "carrier", "sha256")
        arrivals, within = told_apart(read_lines(brokers))
        self.arrivals = with_fields(arrivals, "arrival", "filer", "token", "kind", "revision", "records_sha256")
        self.answers = with_fields(sorted(within + read_lines(answers), key=lambda row: row["at"]), "answer", "filer", "token", "answer_sha256")
        self.seen = [(partner, pathlib.Path(file).read_text(errors="replace")) for partner, file in seen]
        self.has = {"carriers": bool(carriers), "brokers": bool(brokers), "answers": bool(answers or within), "seen": bool(seen)}


def load_messages(proto=PROTO):
    """The contract's messages, made by protoc from the .proto files alone."""
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(map(str, pathlib.Path(proto).glob("puente/v1/*.proto")))
        subprocess.run(["protoc", f"--python_out={folder}", "-I", str(proto), *files], check=True)
        sys.path.insert(0, folder)
        try:
            from puente.v1 import gateway_pb2
        finally:
            sys.path.remove(folder)
    return gateway_pb2


# ---- the invariants --------------------------------------------------------------------------------------------------

class Outcome:
    """What one invariant compared and what it found."""

    def __init__(self):
        self.compared = []    # (how many, of what)
        self.violations = []  # texts

    def count(self, number, what):
        self.compared.append((number, what))

    def wrong(self, text):
        self.violations.append(text)

    def demand(self, holds, text):
        if not holds:
            self.violations.append(text() if callable(text) else text)
        return holds


class Verification:
    def __init__(self, store, logs, messages, options):
        self.store, self.logs, self.pb, self.options = store, logs, messages, options
        self.as_of = options.as_of or store.last_moment()
        self.acts = self._stored_acts()

    def _stored_acts(self):
        """(document row, act) of every act that a filer sent; the act is None when the bytes are not one."""
        acts = []
        for row in self.store.documents:
            if row.kind != FILER_ACT:
                continue
            act, body = self.pb.FilerAct(), self.store.body(row.id)
            try:
                acts.append((row, act if body is not None and act.ParseFromString(body) >= 0 else None))
            except Exception:  # protobuf's DecodeError
                acts.append((row, None))
        return acts

    def _confirmations(self):
        """(filer, token) of what was confirmed: a confirmation that was refused is kept too, and confirms nothing."""
        return {(row.partner, act.confirmation.token) for row, act in self.acts
                if act is not None and act.HasField("confirmation") and row.state == "applied"}

    # I1
    def receipts(self, out):
        pb, held, refused = self.pb, 0, 0
        first = {}
        for line in self.logs.receipts:
            name = f"{line['carrier']} {line['sha256'][:12]}"
            if not line.get("document_id") and not line.get("receipt_b64"):
                refused += 1
                continue
            held += 1
            row = self.store.document.get(line["document_id"])
            if not out.demand(row is not None, f"{name}: receipt for {line['document_id']}, which the store does not have"):
                continue
            out.demand(row.partner == line["carrier"], f"{name}: {row.id} is stored for {row.partner}")
            out.demand(row.sha256.hex() == line["sha256"], f"{name}: {row.id} is stored with digest {row.sha256.hex()[:12]}")
            out.demand("sequence" not in line or row.sequence == line["sequence"], f"{name}: {row.id} has sequence {row.sequence}")
            if not line.get("receipt_b64"):
                out.wrong(f"{name}: the log has no receipt")
                continue
            raw = base64.b64decode(line["receipt_b64"])
            out.demand(hashlib.sha256(raw).hexdigest() == line.get("receipt_sha256"), f"{name}: the receipt is not the one its digest names")
            out.demand(raw == row.receipt, f"{name}: the receipt of {row.id} in the store has other bytes")
            receipt, signed = pb.Receipt(), pb.ReceiptBody()
            receipt.ParseFromString(raw)
            signed.ParseFromString(receipt.signed_part)
            for part in (receipt.body, signed):
                out.demand((part.document_id, part.sha256.hex(), part.ledger_sequence) == (row.id, line["sha256"], row.sequence),
                           f"{name}: the receipt names {part.document_id} {part.sha256.hex()[:12]} {part.ledger_sequence}")
            key = (line["carrier"], line["sha256"])
            out.demand(first.setdefault(key, raw) == raw, f"{name}: two different receipts for the same bytes")
        bodies = 0
        acknowledged = {line.get("document_id") for line in self.logs.receipts}
        unheld = 0
        for row in self.store.documents:
            body = self.store.body(row.id)
            bodies += 1
            if out.demand(body is not None, f"{row.id}: no body that unpacks"):
                out.demand(hashlib.sha256(body).digest() == row.sha256, f"{row.id}: the stored body has another digest")
            out.demand(bool(row.receipt), f"{row.id}: stored without a receipt")
            unheld += row.kind in (SAT_XML, CROSSING_NOTICE) and row.id not in acknowledged
        signatures = self._signatures(out)
        out.count(held, "receipts held by carriers, each against its stored document")
        out.count(bodies, "stored bodies unpacked and digested")
        out.count(unheld, "stored documents whose receipt nobody holds (the answer was cut off)")
        out.count(refused, "submissions refused with findings")
        if signatures:
            out.count(signatures, "receipt signatures by openssl")
        if self.options.all_answered and self.logs.has["carriers"]:
            out.demand(unheld == 0, f"{unheld} stored documents, whose receipt no carrier holds although all were answered")

    def _signatures(self, out):
        if not self.options.receipt_certificate:
            return 0
        checked = 0
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            key = subprocess.run(["openssl", "x509", "-in", self.options.receipt_certificate, "-pubkey", "-noout"],
                                 check=True, capture_output=True).stdout
            (folder / "key").write_bytes(key)
            held = [line for line in self.logs.receipts if line.get("receipt_b64")]
            for line in held[:: max(1, len(held) // 25)]:
                receipt = self.pb.Receipt()
                receipt.ParseFromString(base64.b64decode(line["receipt_b64"]))
                (folder / "part").write_bytes(receipt.signed_part)
                (folder / "signature").write_bytes(receipt.signature)
                done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", folder / "key", "-signature", folder / "signature",
                                       folder / "part"], capture_output=True)
                out.demand(done.returncode == 0, f"{line['document_id']}: the signature of its receipt does not hold")
                checked += 1
        return checked

    # I2
    def moving(self, out):
        meaning, counts = read_states(), collections.Counter()
        limit = self.options.minute_limit

        def late(since):
            return self.as_of - since > limit

        def judge(item, row):
            kind = meaning.get((item, row.state))
            if not out.demand(kind is not None, f"{item} {row.id}: state {row.state} is none of the lifecycle"):
                return
            counts[kind] += 1
            if kind == "queued" and item == "document":
                out.demand(row.cause or not late(row.state_since), f"document {row.id}: {row.state} for more than a minute, without a cause")
                out.demand(not self.options.settled or row.cause, f"document {row.id}: still {row.state} after the run had settled")
            elif kind == "queued":
                waiting = max(row.state_since, row.not_before)
                away = row.filer in self.options.away
                flagged = row.cause or (row.deadline and row.deadline <= self.as_of) or row.not_before > self.as_of
                out.demand(away or flagged or not late(waiting), f"filing {row.id}: {row.state} for more than a minute, its filer is there, no cause")
                out.demand(away or not self.options.settled, f"filing {row.id}: still {row.state} after the run had settled")
            elif kind == "leased":
                out.demand(bool(row.lease_id), f"filing {row.id}: offered without a lease")
                out.demand(not late(row.lease_until) or row.filer in self.options.away,
                           f"filing {row.id}: its lease has been over for more than a minute")
                out.demand(not self.options.settled or row.filer in self.options.away,
                           f"filing {row.id}: still offered after the run had settled")
            elif kind == "moving":
                open_filings = [f for f in self.store.filings if f.shipment == row.id and f.state in ("ready", "in_doubt", "offered")]
                out.demand(open_filings or not late(row.state_since), f"shipment {row.id}: drafted, but none of its filings is on its way")
            elif kind == "exception" and item == "filing":
                out.demand(row.cause or row.state == "held", f"filing {row.id}: {row.state} without a cause")

        for item, rows in (("document", self.store.documents), ("shipment", self.store.shipments), ("filing", self.store.filings)):
            for row in rows:
                judge(item, row)
        slowest = 0
        for row in self.store.documents:
            changes = [event for event in self.store.events_of[row.id] if event.object == "document" and event.from_state != event.to_state]
            for before, after in zip(changes, changes[1:]):
                if meaning.get(("document", before.to_state)) == "queued":
                    waited = after.at - before.at - self._down(before.at, after.at)
                    slowest = max(slowest, waited)
                    out.demand(waited <= limit, f"document {row.id}: {before.to_state} for {waited / 1e6:.1f} s")
        out.count(sum(counts.values()), "documents, shipments and filings in a state that moves or is flagged ("
                  + ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) + ")")
        out.count(round(slowest / 1000), "ms the longest wait of a document between two steps")

    def _down(self, since, until):
        """How long of it the gateway was not running."""
        return sum(max(0, min(until, end) - max(since, begin)) for begin, end in self.options.down)

    # I3
    def effects(self, out):
        per_token = collections.defaultdict(list)
        for line in self.logs.arrivals:
            per_token[line["token"]].append(line)
        changed = 0
        for token, lines in per_token.items():
            row = self.store.filing_by_token.get(token)
            if not out.demand(row is not None, f"token {token}: the store does not have it"):
                continue
            out.demand(all(line["filer"] == row.filer for line in lines), f"token {token}: reached another filer than {row.filer}")
            out.demand(all((line["kind"], line["revision"]) == (row.kind, row.revision) for line in lines),
                       f"token {token}: arrived with another kind or revision than {row.kind} {row.revision}")
            effects = sum(bool(line.get("effect")) for line in lines)
            out.demand(effects <= 1, f"token {token}: {effects} effects at the broker")
            # The filer itself may have changed the records between two offers, by an entry number or a correction: each digest must
            # then be vouched for by an event of the filing, and none comes back once it was replaced.
            digests = [line["records_sha256"] for line in lines]
            order = [digest for place, digest in enumerate(digests) if place == 0 or digests[place - 1] != digest]
            vouched = {event.digest.hex() for event in self.store.events_of[row.id] if event.digest}
            if len(order) > 1:
                changed += 1
                out.demand(len(order) == len(set(order)) and set(order) <= vouched and (row.entry_number or self._corrected(token)),
                           f"token {token}: repeated with other records, which nothing of the filer explains")
        by_revision = collections.defaultdict(set)
        with_effect = set()
        for token, lines in per_token.items():
            row = self.store.filing_by_token.get(token)
            if row is not None and any(line.get("effect") for line in lines):
                with_effect.add(token)
                by_revision[(row.shipment, row.importer, row.kind, row.revision)].add(token)
        for key, tokens in by_revision.items():
            out.demand(len(tokens) == 1, f"{key[2]} revision {key[3]} of shipment {key[0]}: {len(tokens)} tokens had an effect")
        confirmed = {token for _, token in self._confirmations()}
        if self.logs.has["brokers"]:
            for token in confirmed:
                out.demand(token in per_token, f"token {token}: confirmed in the store, but it never reached a broker")
                out.demand(token in with_effect or token not in per_token, f"token {token}: confirmed in the store, without an effect at its broker")
        out.count(len(per_token), "tokens that reached a broker")
        out.count(len(with_effect), "effects, one a token")
        out.count(changed, "tokens repeated after the filer's entry number or correction was written into the records")

    def _corrected(self, token):
        return any(act is not None and act.HasField("correction") and act.correction.token == token for _, act in self.acts)

    # I4
    def repeats(self, out):
        seen, repeats, marked_first = collections.Counter(), collections.Counter(), 0
        for line in self.logs.arrivals:
            seen[line["token"]] += 1
            if seen[line["token"]] > 1:
                repeats[line["filer"]] += 1
                out.demand(line.get("possible_duplicate"), f"token {line['token']}: arrival {seen[line['token']]} is not marked as a possible duplicate")
            else:
                marked_first += bool(line.get("possible_duplicate"))
        if self.options.faults is not None:
            bound = self.options.window * self.options.faults
            for filer, number in repeats.items():
                out.demand(number <= bound, f"{filer}: {number} repeats, {self.options.faults} faults with a window of {self.options.window} explain {bound}")
            for token, number in seen.items():
                out.demand(number - 1 <= self.options.faults, f"token {token}: {number} arrivals, but {self.options.faults} faults")
        out.count(sum(repeats.values()), "wire repeats, each marked"
                  + (f", at most window {self.options.window} x {self.options.faults} faults a filer" if self.options.faults is not None else " (no bound was given)"))
        out.count(marked_first, "first arrivals marked as possible duplicates (offered, and cut off before they arrived)")

    # I5
    def order(self, out):
        newest, compared = {}, 0
        for line in self.logs.arrivals:
            row = self.store.filing_by_token.get(line["token"])
            if row is None:
                continue  # I3 says so
            key = (line["filer"], row.shipment, row.importer, row.kind)
            compared += 1
            before = newest.get(key, 0)
            out.demand(line["revision"] >= before, f"{row.kind} of shipment {row.shipment}: revision {line['revision']} arrived after {before}")
            newest[key] = max(before, line["revision"])
        out.count(compared, f"arrivals of {len(newest)} entries, revisions rising")

    # I6
    def audit(self, out):
        allowed, before, previous = read_lifecycle(), {}, b"\0" * 32
        expected, changes, changed_at = 1, 0, {}
        for event in self.store.events:
            if not out.demand(event.sequence == expected, f"event {expected} is missing; the next one is {event.sequence}"):
                break
            expected += 1
            previous = hashlib.sha256(previous + canonical(event)).digest()
            if not out.demand(previous == event.hash, f"event {event.sequence}: its hash does not follow from the one before"):
                break
        if self.store.events:
            out.demand(self.store.head[0] == self.store.events[-1].sequence and bytes(self.store.head[1] or b"") == self.store.events[-1].hash,
                       f"the head names event {self.store.head[0]}, the last one is {self.store.events[-1].sequence}")
        for event in self.store.events:
            if event.object not in ("document", "shipment", "filing", "channel") or not event.to_state:
                continue
            key = (event.object, event.object_id)
            out.demand(before.get(key, "") == event.from_state,
                       f"event {event.sequence}: {event.object} {event.object_id} was {before.get(key) or 'unknown'}, not {event.from_state}")
            if event.from_state != event.to_state:
                changes += 1
                changed_at[key] = event.at
                out.demand((event.object, event.verb, event.from_state, event.to_state) in allowed,
                           f"event {event.sequence}: {event.verb} moved {event.object} {event.object_id} from {event.from_state or '(new)'} to {event.to_state}")
            before[key] = event.to_state
        rows = 0
        for item, table in (("document", self.store.documents), ("shipment", self.store.shipments), ("filing", self.store.filings)):
            for row in table:
                rows += 1
                key = (item, row.id)
                out.demand(before.pop(key, None) == row.state, f"{item} {row.id} is {row.state}: no event brought it there")
                out.demand(changed_at.get(key) == row.state_since, f"{item} {row.id}: in its state since another moment than the event's")
        for item, name in before:
            if item == "channel":
                continue  # no older store has the table; the chain vouches for its events
            out.wrong(f"{item} {name} has events and no row")
        by_filing = collections.defaultdict(list)
        for attempt in self.store.attempts:
            by_filing[attempt.filing].append(attempt)
        for name, attempts in by_filing.items():
            for older, newer in zip(attempts, attempts[1:]):
                out.demand(0 < older.ended_at <= newer.offered_at, f"filing {name}: attempt {older.number} was written after attempt {newer.number} had begun")
            out.demand(sum(attempt.outcome == "confirmed" for attempt in attempts) <= 1, f"filing {name}: two attempts were confirmed")
            out.demand([attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1)) and
                       len({attempt.lease_id for attempt in attempts}) == len(attempts), f"filing {name}: attempts or leases are not one after the other")
        by_sequence = {event.sequence: event for event in self.store.events}
        for row in self.store.documents:
            event = by_sequence.get(row.sequence)
            out.demand(event is not None and (event.object_id, event.verb, event.digest) == (row.id, "accept", row.sha256),
                       f"document {row.id}: event {row.sequence} is not its acceptance")
        out.count(len(self.store.events), "events, the chain recomputed")
        out.count(changes, "state changes, each in the checker's own table and with one event")
        out.count(rows, "rows in the state of their last event")
        out.count(len(self.store.attempts), "attempts, none written after the next one had begun (no lease of before is believed)")

    # I7
    def privacy(self, out):
        related = self._related()
        named = sorted({row.partner for row in self.store.documents} | {row.filer for row in self.store.filings})
        telling = {name for name in named if re.search(r"[0-9_-]", name)}
        words = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
        owner = {}

        def belongs(value, item):
            if value and len(value) >= 6:
                owner.setdefault(value.upper(), set()).add(item)

        for row in self.store.documents:
            belongs(row.id, row.id)
            belongs(row.folio_fiscal, row.id)
        for row in self.store.shipments:
            belongs(row.id, row.id)
        for row in self.store.filings:
            for value in (row.id, row.token, row.reference, row.entry_number):
                belongs(value, row.id)
        for row in self.store.numbers:
            if not (row.value.isdigit() and len(row.value) < 8):  # a short folio is a count or a time somewhere else
                belongs(row.value, row.object_id)
        texts = [(line["carrier"], json.dumps(line)) for line in self.logs.receipts]
        texts += [(line["filer"], json.dumps(line)) for line in self.logs.arrivals + self.logs.answers]
        texts += self.logs.seen
        looked = 0
        for partner, text in texts:
            mine, neighbours = related.get(partner, (set(), {partner}))
            for word in words.findall(text):
                looked += 1
                items = owner.get(word.upper())
                if items is not None and not items & mine:
                    out.wrong(f"{partner} was shown {word}, which belongs to {sorted(items)[0]} of somebody else")
                elif word in telling and word not in neighbours:
                    out.wrong(f"{partner} was shown the name of {word}, with whom it shares no shipment")
        out.count(looked, f"words in {len(texts)} texts that partners saw, against {len(owner)} numbers and {len(telling)} partner names")
        unchecked = [name for name in named if name not in telling]
        if unchecked:
            out.count(len(unchecked), f"partner names that are plain words and were not looked for ({', '.join(unchecked[:4])})")

    def _related(self):
        """partner -> (objects it may know, partners it shares a shipment with)."""
        shipment_partners, members = collections.defaultdict(set), collections.defaultdict(set)
        for row in self.store.documents:
            shipment = self.store.attached.get(row.id)
            if shipment and row.kind in (SAT_XML, CROSSING_NOTICE):
                shipment_partners[shipment].add(row.partner)
            if shipment:
                members[shipment].add(row.id)
        for row in self.store.filings:
            members[row.shipment].add(row.id)
            shipment_partners[row.shipment].add(row.filer)
        known, neighbours = collections.defaultdict(set), collections.defaultdict(set)
        for row in self.store.documents:
            known[row.partner].add(row.id)
        for row in self.store.shipments:
            for partner in shipment_partners[row.id]:
                known[partner] |= {row.id} | members[row.id]
                neighbours[partner] |= shipment_partners[row.id]
                if row.merged_into:
                    known[partner] |= {row.merged_into} | members[row.merged_into]
        return {partner: (items, neighbours[partner] | {partner}) for partner, items in known.items()}

    # I8
    def answers(self, out):
        stored = collections.defaultdict(list)
        for row in self.store.documents:
            if row.kind == CBP_ANSWER:
                stored[(row.partner, row.sha256.hex())].append(row)
        given = {(row.document, row.filing) for row in self.store.answers}
        sent = set()
        applied = 0
        for line in self.logs.answers:
            key = (line["filer"], line["answer_sha256"])
            sent.add(key)
            if not line.get("applied"):
                continue
            applied += 1
            rows = stored.get(key, [])
            if not out.demand(rows, f"{line['filer']}: answer {line['answer_sha256'][:12]} was taken and is not stored"):
                continue
            out.demand(any(document == row.id for row in rows for document, _ in given),
                       f"{line['filer']}: answer {line['answer_sha256'][:12]} is stored and belongs to nothing, not even to the unmatched ones")
            filing = self.store.filing_by_token.get(line["token"])
            if line["token"] and filing is not None and filing.filer == line["filer"]:
                out.demand(any((row.id, filing.id) in given for row in rows) or line.get("unmatched"),
                           f"{line['filer']}: answer {line['answer_sha256'][:12]} was sent for {line['token']} and is not with that filing")
        if self.logs.has["answers"]:
            for key in stored:
                out.demand(key in sent, f"{key[0]}: answer {key[1][:12]} is stored and nobody sent it")
        confirmations = self._confirmations()
        refused = {row.id for row, _ in self.acts if row.state != "applied"}
        for row, act in self.acts:
            out.demand(act is not None, f"{row.id}: the stored act is not one")
        for events in self.store.events_of.values():
            for event in events:
                out.demand(event.object != "filing" or event.text not in refused,
                           f"{event.object_id}: changed by {event.text}, an act that was refused")
        said, told = set(), 0
        for line in self.logs.arrivals:
            if str(line.get("act", "")).startswith("confirm"):
                said.add((line["filer"], line["token"]))
                if line.get("applied"):
                    told += 1
                    out.demand((line["filer"], line["token"]) in confirmations, f"token {line['token']}: its confirmation was taken and is not stored")
        if any("act" in line for line in self.logs.arrivals):
            for filer, token in confirmations:
                out.demand((filer, token) in said, f"token {token}: a confirmation is stored that {filer} never sent")
        for token in {token for _, token in confirmations}:
            row = self.store.filing_by_token.get(token)
            redelivered = row is not None and any(event.verb == "admin" and event.from_state == "confirmed" for event in self.store.events_of[row.id])
            out.demand(row is not None and (row.state in WITH_THE_BROKER | {"replaced", "cancelled"} or redelivered),
                       f"token {token}: confirmed, but the filing is {row.state if row else 'not there'}")
        out.count(applied, "answers of CBP that were taken, against the stored ones")
        out.count(told, "confirmations that were taken, against the stored acts")
        out.count(len(self.acts), "stored acts, each sent by its filer")

    # I9
    def bytes_sent(self, out):
        compared = 0
        for line in self.logs.arrivals:
            row = self.store.filing_by_token.get(line["token"])
            if row is None:
                continue  # I3 says so
            compared += 1
            vouched = {event.digest.hex() for event in self.store.events_of[row.id] if event.digest}
            out.demand(line["records_sha256"] in vouched, f"token {line['token']}: bytes arrived that no event of the filing vouches for")
        records = 0
        for row in self.store.filings:
            records += 1
            out.demand(hashlib.sha256(row.records or b"").digest() == row.sha256, f"filing {row.id}: its records have another digest")
            last = [event for event in self.store.events_of[row.id] if event.digest]
            out.demand(last and last[-1].digest == row.sha256, f"filing {row.id}: its last event vouches for other records")
        out.count(compared, "arrivals, each with bytes that the chain vouches for under its token")
        out.count(records, "stored records against digest and last event")
        if self.options.puente and self.options.profiles and self.options.catalog:
            out.count(self._translated(out), "filings translated anew by the program from the stored bodies, equal but for reference and day of writing"
                      " (the ledger records no rule version: today's program and profiles are the version)")

    def _translated(self, out):
        """Runs `puente translate` on the bodies as they stand in the store. The same mappings, but another process, without ledger and
        flow: it shows that what was sent follows from the stored bytes. Filings with a later act of the filer are left out."""
        candidates = [row for row in self.store.filings if row.action == "A" and row.revision == 1 and row.records and not self._corrected(row.token)
                      and row.state not in ("replaced", "cancelled", "held")]
        step = max(1, len(candidates) // max(1, self.options.translate_limit))
        done = 0
        by_shipment = collections.defaultdict(list)
        for document, shipment in self.store.attached.items():
            row = self.store.document[document]
            if row.kind in (SAT_XML, CROSSING_NOTICE) and row.state == "joined":
                by_shipment[shipment].append(row)
        for row in candidates[::step]:
            with tempfile.TemporaryDirectory() as folder:
                folder, files = pathlib.Path(folder), []
                command = [self.options.puente, "translate", "--to", row.kind, "--partners", str(self._profiles_of(row.filer, folder / "profiles")),
                           "--catalog", self.options.catalog]
                if self.options.trust:
                    command += ["--trust", self.options.trust]
                for document in by_shipment[row.shipment]:
                    file = folder / (document.id + (".json" if document.kind == CROSSING_NOTICE else ".xml"))
                    file.write_bytes(self.store.body(document.id) or b"")
                    if document.kind == CROSSING_NOTICE:
                        command += ["--notice", str(file)]
                    else:
                        files.append(str(file))
                if row.entry_number:
                    command += ["--entry-number", row.entry_number]
                made = subprocess.run([*command, *files], capture_output=True)
                done += 1
                out.demand(made.stdout and self._comparable(made.stdout, row) == self._comparable(row.records, row),
                           f"filing {row.id}: translating its stored documents gives other records")
        return done

    def _profiles_of(self, filer, target):
        """The profiles with this filer's broker section alone: outside of the gateway no route says who files."""
        target.mkdir()
        for file in pathlib.Path(self.options.profiles).glob("*.toml"):
            lines, keep = [], True
            text = file.read_text()
            for line in text.splitlines():
                section = re.match(r"\[+broker\.([\w-]+)", line)
                if line.startswith("["):
                    keep = section is None or section.group(1) == filer or f"[broker.{filer}]" not in text
                if keep:
                    lines.append(line)
            (target / file.name).write_text("\n".join(lines) + "\n")
        return target

    @staticmethod
    def _comparable(records, row):
        """Without what the ledger alone gives: the reference (a line of its own in an SE, columns of the 10-record in an AE) and the day on
        which the envelope was written (columns 15 to 20 of A and Z)."""
        lines = bytes(records).decode("ascii", "replace").splitlines()
        lines = [line for line in lines if line.rstrip() != f"SE20CR {row.reference}"]
        return [line[:14] + " " * 6 + line[20:] if line[:1] in "AZ" else line.replace(row.reference, " " * len(row.reference)) for line in lines]


INVARIANTS = (
    ("I1", "every receipt held by a carrier is a stored document with the same SHA-256", Verification.receipts),
    ("I2", "everything stored is done, queued, leased, in doubt or an exception, and moves or is flagged in 60 s", Verification.moving),
    ("I3", "per token one effect at the broker, repeats with the same token and digest", Verification.effects),
    ("I4", "wire repeats are marked and bounded by window times faults", Verification.repeats),
    ("I5", "per shipment the broker sees revisions in rising order", Verification.order),
    ("I6", "each state change is allowed and audited once, the hash chain verifies", Verification.audit),
    ("I7", "nobody is shown another partner's identifier", Verification.privacy),
    ("I8", "answers stored are answers sent", Verification.answers),
    ("I9", "bytes sent are bytes translated from the stored bodies", Verification.bytes_sent),
)


def span(text):
    begin, end = text.split(":")
    return int(begin), int(end)


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="puente-verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="the ledger's SQLite file")
    parser.add_argument("--carriers", action="append", default=[], help="receipt log of carriers, JSON lines; may be repeated")
    parser.add_argument("--brokers", action="append", default=[], help="arrival log of brokers; may be repeated")
    parser.add_argument("--answers", action="append", default=[], help="log of the answers that brokers sent; may be repeated")
    parser.add_argument("--seen", action="append", default=[], metavar="PARTNER=FILE", help="text that a partner was shown (I7); may be repeated")
    parser.add_argument("--faults", type=int, help="faults injected (I4); without it the bound is not checked")
    parser.add_argument("--window", type=int, default=64, help="filings a filer may have in flight (I4)")
    parser.add_argument("--as-of", type=int, default=0, help="when the run ended, microseconds (I2); default: the last event")
    parser.add_argument("--down", action="append", default=[], type=span, metavar="FROM:UNTIL",
                        help="when the gateway was not running, microseconds; may be repeated: no time in which anything could have moved (I2)")
    parser.add_argument("--minute-limit", type=int, default=MINUTE, help="what I2 calls 60 s, microseconds")
    parser.add_argument("--away", action="append", default=[], help="a filer that was not connected at the end (I2)")
    parser.add_argument("--settled", action="store_true", help="nothing may be queued or leased any more (I2)")
    parser.add_argument("--all-answered", action="store_true", help="every document was sent until it had its receipt (I1)")
    parser.add_argument("--receipt-certificate", help="verify a sample of receipts' signatures with openssl (I1)")
    parser.add_argument("--puente", help="the program, to translate stored documents anew (I9)")
    parser.add_argument("--profiles", help="folder of the partners' profiles, for --puente")
    parser.add_argument("--catalog", help="the product catalog, for --puente")
    parser.add_argument("--trust", help="folder of trusted authorities, for --puente")
    parser.add_argument("--translate-limit", type=int, default=10, help="how many filings are translated anew")
    parser.add_argument("--proto", default=str(PROTO), help="folder of the contract")
    parser.add_argument("--only", action="append", default=[], help="check only this invariant; may be repeated")
    parser.add_argument("--examples", type=int, default=3, help="violations shown of each invariant")
    return parser.parse_args(arguments)


def verify(options, messages=None):
    """[(id, sentence, Outcome)] of the invariants asked for."""
    seen = [entry.split("=", 1) for entry in options.seen]
    if any(len(entry) != 2 for entry in seen):
        raise CannotCheck("--seen takes PARTNER=FILE")
    verification = Verification(Store(options.store), Logs(options.carriers, options.brokers, options.answers, seen),
                                messages or load_messages(options.proto), options)
    results = []
    for name, sentence, check in INVARIANTS:
        if options.only and name not in options.only:
            continue
        outcome = Outcome()
        check(verification, outcome)
        results.append((name, sentence, outcome))
    return results


def main(arguments=None):
    options = options_of(arguments)
    try:
        results = verify(options)
    except (CannotCheck, sqlite3.Error, OSError, subprocess.CalledProcessError) as error:
        print(f"puente-verify: {error}", file=sys.stderr)
        return 2
    for name, sentence, outcome in results:
        compared = "; ".join(f"{number} {what}" for number, what in outcome.compared)
        print(f"{name}  {len(outcome.violations)} violations  {sentence}: {compared}")
        for text in outcome.violations[:options.examples]:
            print(f"      {text}")
    return 1 if any(outcome.violations for _, _, outcome in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os._exit(2)
