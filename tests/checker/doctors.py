"""Damage that the checker must find: one row each, told apart by the invariant that it breaks. The same rows are used on a small
store made by hand (verify_test.py) and on one that the gateway wrote (tests/crash)."""

import base64
import hashlib
import json
import pathlib
import shutil
import sqlite3
import struct


class World:
    """A copy of a store and its logs that may be damaged."""

    def __init__(self, source, target):
        self.folder = pathlib.Path(target)
        shutil.copytree(source, self.folder)
        self.db = sqlite3.connect(self.folder / "store.sqlite")
        for (name,) in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self.db.execute(f"DROP TRIGGER {name}")
        self.logs = {name: [json.loads(line) for line in (self.folder / f"{name}.jsonl").read_text().splitlines()]
                     for name in ("carriers", "brokers", "answers") if (self.folder / f"{name}.jsonl").exists()}
        self.seen = []

    def close(self):
        self.db.commit()
        self.db.close()
        for name, rows in self.logs.items():
            (self.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def arguments(self):
        out = ["--store", str(self.folder / "store.sqlite")]
        for name in self.logs:
            out += [f"--{name}", str(self.folder / f"{name}.jsonl")]
        for partner, text in self.seen:
            file = self.folder / f"seen-{partner}.txt"
            file.write_text(text)
            out += ["--seen", f"{partner}={file}"]
        return out

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()

    def rechain(self):
        """Computes every hash anew, as somebody who covers his tracks would."""
        previous, last = b"\0" * 32, None
        for row in self.db.execute("SELECT sequence, at, object, object_id, verb, from_state, to_state, partner, text, digest FROM events "
                                   "ORDER BY sequence").fetchall():
            raw = struct.pack(">QQ", row[0], row[1])
            for field in row[2:]:
                value = field if isinstance(field, bytes) else field.encode()
                raw += struct.pack(">Q", len(value)) + value
            previous, last = hashlib.sha256(previous + raw).digest(), row[0]
            self.db.execute("UPDATE events SET hash = ? WHERE sequence = ?", (previous, last))
        self.db.execute("UPDATE head SET sequence = ?, hash = ?", (last, previous))

    def drop_document(self, name):
        self.db.execute("DELETE FROM bodies WHERE sequence = (SELECT sequence FROM documents WHERE id = ?)", (name,))
        self.db.execute("DELETE FROM documents WHERE id = ?", (name,))

    def arrivals(self):
        return [line for line in self.logs["brokers"] if line.get("line", "filing") == "filing"]

    def answers(self):
        return self.logs.get("answers", []) + [line for line in self.logs["brokers"] if line.get("line") == "answer"]

    def held(self):
        return next(line for line in self.logs["carriers"] if line.get("receipt_b64"))

    def confirmed(self):
        """An arrival whose filing is with the broker."""
        for line in self.arrivals():
            found = self.one("SELECT id FROM filings WHERE token = ? AND state IN ('confirmed', 'accepted', 'released')", line["token"])
            if found and line.get("effect"):
                return line, found[0]
        raise LookupError("no filing is confirmed")


def receipt_without_document(world):
    world.drop_document(world.held()["document_id"])


def receipt_of_other_bytes(world):
    world.held()["sha256"] = hashlib.sha256(b"other").hexdigest()


def receipt_that_differs(world):
    line = dict(world.held())
    raw = base64.b64decode(line["receipt_b64"]) + b"\x22\x01x"  # another key_id
    line.update(receipt_b64=base64.b64encode(raw).decode(), receipt_sha256=hashlib.sha256(raw).hexdigest(), repeat=True)
    world.logs["carriers"].append(line)


def body_with_a_flipped_bit(world):
    sequence, packed = world.one("SELECT sequence, bytes FROM bodies ORDER BY LENGTH(bytes) DESC, sequence LIMIT 1")
    middle = len(packed) // 2
    packed = packed[:middle] + bytes([packed[middle] ^ 1]) + packed[middle + 1:]
    world.db.execute("UPDATE bodies SET bytes = ? WHERE sequence = ?", (packed, sequence))


def document_that_stands_still(world):
    (name,) = world.one("SELECT id FROM documents WHERE kind = 1 ORDER BY sequence LIMIT 1")
    world.db.execute("UPDATE documents SET state = 'received', cause = '' WHERE id = ?", (name,))
    world.db.execute("DELETE FROM events WHERE object_id = ? AND verb <> 'accept'", (name,))


def lease_that_never_ends(world):
    world.db.execute("UPDATE filings SET state = 'offered', lease_id = '', lease_until = 1 WHERE id = ?", (world.confirmed()[1],))


def effect_twice(world):
    line = dict(world.confirmed()[0])
    line.update(possible_duplicate=True)
    world.logs["brokers"].append(line)


def effect_under_another_token(world):
    line, name = world.confirmed()
    columns = [row[1] for row in world.db.execute("PRAGMA table_info(filings)")]
    values = dict(zip(columns, world.one("SELECT * FROM filings WHERE id = ?", name)))
    values.update(id="FILTWICE", token="00000000-0000-8000-8000-000000000000", reference="TWICE0000")
    world.db.execute(f"INSERT INTO filings ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [values[name] for name in columns])
    world.logs["brokers"].append(dict(line, token=values["token"], filing_id=values["id"]))


def token_never_made(world):
    world.logs["brokers"].append(dict(world.confirmed()[0], token="11111111-0000-8000-8000-000000000000"))


def repeat_with_other_records(world):
    line = dict(world.confirmed()[0])
    line.update(records_sha256=hashlib.sha256(b"other").hexdigest(), possible_duplicate=True, effect=False)
    world.logs["brokers"].append(line)


def effect_that_never_arrived(world):
    line, _ = world.confirmed()
    world.logs["brokers"] = [row for row in world.logs["brokers"] if row["token"] != line["token"]]


def repeat_without_a_mark(world):
    line = dict(world.confirmed()[0])
    line.update(possible_duplicate=False, effect=False)
    world.logs["brokers"].append(line)


def too_many_repeats(world):
    line = dict(world.confirmed()[0])
    line.update(possible_duplicate=True, effect=False)
    world.logs["brokers"] += [line] * 100


def older_revision_after_newer(world):
    line, name = world.confirmed()
    (shipment,) = world.one("SELECT shipment FROM filings WHERE id = ?", name)
    line["revision"] += 1
    world.logs["brokers"].append(dict(line, revision=line["revision"] - 1, at=line["at"] + 1, possible_duplicate=True, effect=False))


def event_edited(world):
    world.db.execute("UPDATE events SET text = text || '.' WHERE sequence = 2")


def event_dropped(world):
    world.db.execute("DELETE FROM events WHERE sequence = 3")


def last_event_cut_off(world):
    world.db.execute("DELETE FROM events WHERE sequence = (SELECT MAX(sequence) FROM events)")


def change_that_is_not_allowed(world):
    """The chain is computed anew: only the table finds it."""
    sequence, = world.one("SELECT sequence FROM events WHERE object = 'filing' AND verb = 'deliver' AND to_state = 'confirmed' LIMIT 1")
    world.db.execute("UPDATE events SET verb = 'join' WHERE sequence = ?", (sequence,))
    world.rechain()


def change_without_an_event(world):
    world.db.execute("UPDATE filings SET state = 'cancelled' WHERE id = ?", (world.confirmed()[1],))


def write_under_an_old_lease(world):
    """A zombie woke up: the first attempt was ended after the second had begun."""
    filing, offered = world.one("SELECT filing, offered_at FROM attempts WHERE number = 2 LIMIT 1") or (world.confirmed()[1], None)
    if offered is None:
        at, lease = world.one("SELECT MAX(at) FROM events")[0], filing + ":2"
        world.db.execute("UPDATE attempts SET ended_at = ? WHERE filing = ?", (at + 2, filing))
        world.db.execute("INSERT INTO attempts (filing, number, channel, lease_id, offered_at, ended_at, outcome, detail) VALUES (?, 2, 'grpc', ?, ?, 0, 'offered', '')",
                         (filing, lease, at + 1))
    else:
        world.db.execute("UPDATE attempts SET ended_at = ? WHERE filing = ? AND number = 1", (offered + 1, filing))


def somebody_elses_number(world):
    line, name = world.confirmed()
    stranger = "carrier-99"
    (token,) = world.one("SELECT token FROM filings WHERE id = ?", name)
    world.seen.append((stranger, f"filing {token} is confirmed"))


def somebody_elses_name(world):
    (partner,) = world.one("SELECT MIN(partner) FROM documents")
    for table, column in (("documents", "partner"), ("filings", "filer")):
        world.db.execute(f"UPDATE {table} SET {column} = 'carrier-42' WHERE {column} = ?", (partner,))
    world.seen.append(("carrier-99", "waiting for carrier-42"))


def answer_dropped(world):
    line = next(line for line in world.answers() if world.one("SELECT id FROM documents WHERE kind = 4 AND hex(sha256) = ?", line["answer_sha256"].upper()))
    (name,) = world.one("SELECT id FROM documents WHERE kind = 4 AND hex(sha256) = ?", line["answer_sha256"].upper())
    world.db.execute("DELETE FROM answers WHERE document = ?", (name,))


def answer_never_sent(world):
    stored = {row[0] for row in world.db.execute("SELECT hex(sha256) FROM documents WHERE kind = 4")}
    digest = next(line["answer_sha256"] for line in world.answers() if line["answer_sha256"].upper() in stored)
    for name in world.logs:
        world.logs[name] = [line for line in world.logs[name] if line.get("answer_sha256") != digest]


def confirmation_never_sent(world):
    world.confirmed()[0]["act"] = "none"
    token = world.confirmed()[0]["token"]
    for line in world.arrivals():
        if line["token"] == token:
            line["act"] = "none"


def confirmation_lost(world):
    """The broker was told that its confirmation was taken; the store has no such act."""
    world.db.execute("DELETE FROM shipment_documents WHERE document IN (SELECT id FROM documents WHERE kind = 3)")
    for (name,) in world.db.execute("SELECT id FROM documents WHERE kind = 3").fetchall():
        world.drop_document(name)


def bytes_nobody_vouches_for(world):
    line, _ = world.confirmed()
    for row in world.arrivals():
        if row["token"] == line["token"]:
            row["records_sha256"] = hashlib.sha256(b"other").hexdigest()


def records_edited(world):
    line, name = world.confirmed()
    (records,) = world.one("SELECT records FROM filings WHERE id = ?", name)
    world.db.execute("UPDATE filings SET records = ? WHERE id = ?", (records[:-2] + b"X\n", name))


def records_forged_throughout(world):
    """Records, digests, chain and the broker's log say the same: only translating the stored documents anew finds it."""
    name, token, records = world.one("SELECT id, token, records FROM filings WHERE action = 'A' AND revision = 1 AND LENGTH(records) > 0 AND state NOT IN "
                                     "('replaced', 'cancelled', 'held') ORDER BY created_at, id LIMIT 1")
    forged = records.replace(b"MX", b"CN", 1)
    before, after = hashlib.sha256(records), hashlib.sha256(forged)
    world.db.execute("UPDATE filings SET records = ?, sha256 = ? WHERE id = ?", (forged, after.digest(), name))
    world.db.execute("UPDATE events SET digest = ? WHERE digest = ?", (after.digest(), before.digest()))
    for line in world.arrivals():
        if line["records_sha256"] == before.hexdigest():
            line["records_sha256"] = after.hexdigest()
    world.rechain()


# Found only with --puente.
WITH_PROGRAM = (("I9", records_forged_throughout),)

DOCTORS = (
    ("I1", receipt_without_document), ("I1", receipt_of_other_bytes), ("I1", receipt_that_differs), ("I1", body_with_a_flipped_bit),
    ("I2", document_that_stands_still), ("I2", lease_that_never_ends),
    ("I3", effect_twice), ("I3", effect_under_another_token), ("I3", token_never_made), ("I3", repeat_with_other_records),
    ("I3", effect_that_never_arrived),
    ("I4", repeat_without_a_mark), ("I4", too_many_repeats),
    ("I5", older_revision_after_newer),
    ("I6", event_edited), ("I6", event_dropped), ("I6", last_event_cut_off), ("I6", change_that_is_not_allowed), ("I6", change_without_an_event),
    ("I6", write_under_an_old_lease),
    ("I7", somebody_elses_number), ("I7", somebody_elses_name),
    ("I8", answer_dropped), ("I8", answer_never_sent), ("I8", confirmation_never_sent), ("I8", confirmation_lost),
    ("I9", bytes_nobody_vouches_for), ("I9", records_edited),
)
