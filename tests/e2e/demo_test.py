"""A development gateway from `puente init` to CBP's answer, by the program alone.

    demo_test.py PUENTE SOURCE_DIR
"""
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

PUENTE = ""
SOURCE = pathlib.Path()
PATIENCE = 120  # seconds until a test gives up; nothing waits for so long when all is well


def run(*arguments):
    done = subprocess.run([PUENTE, *map(str, arguments)], capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Gateway:
    """`puente serve`, its log read line by line."""

    def __init__(self, demo, **environment):
        self.process = subprocess.Popen([PUENTE, "serve", "--config", str(demo / "puente.toml")], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()
        serving = self.event("serving")
        self.address = f"127.0.0.1:{serving['grpc_port']}"
        self.health = f"http://127.0.0.1:{serving['health_port']}"

    def _read(self):
        with self.process.stderr as log:
            for line in log:
                self.lines.put(line.decode())
        self.lines.put(None)

    def event(self, name):
        """The next log line with this event."""
        while True:
            line = self.lines.get(timeout=PATIENCE)
            if line is None:
                raise AssertionError("the gateway ended: " + "".join(self.seen[-5:]))
            self.seen.append(line)
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == name:
                return event

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.demo = self.folder / "demo"
        code, _, err = run("init", self.demo, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0")
        self.assertEqual(code, 0, err)
        samples = SOURCE / "deploy" / "samples" / "auto-parts"
        self.documents = sorted((samples / "documents").glob("*.xml"))
        self.notice = samples / "notice.json"

    def start(self, **environment):
        gateway = Gateway(self.demo, **environment)
        self.addCleanup(gateway.stop, signal.SIGKILL)
        return gateway

    def client(self, gateway, command, partner, *arguments):
        words = command.split()
        return run(*words, "--config", self.demo / f"client-{partner}.toml", "--address", gateway.address, *arguments)

    def hand_over(self, gateway):
        code, out, err = self.client(gateway, "notice", "carrier", "--json", self.notice)
        self.assertEqual(code, 0, out + err)
        code, out, err = self.client(gateway, "submit", "shipper", "--json", "--wait", *self.documents)
        self.assertEqual(code, 0, out + err)
        return json.loads(out)

    def test_shipment_reaches_the_broker_and_its_answer_the_sender(self):
        gateway = self.start()
        receipts = self.hand_over(gateway)
        self.assertEqual(len({r["receipt"]["body"]["document_id"] for r in receipts}), 2)
        self.assertTrue(all(not r["repeat"] for r in receipts))
        again = self.hand_over(gateway)
        self.assertTrue(all(r["repeat"] for r in again))
        self.assertEqual([r["receipt"] for r in again], [r["receipt"] for r in receipts])

        filings = self.folder / "filings"
        code, out, err = self.client(gateway, "broker", "broker", "--save", filings, "--once", "2", "--first-number", "1234567")
        self.assertEqual(code, 0, out + err)
        saved = sorted(p.name.split("-")[0] for p in filings.glob("*.txt") if p.name != "entry-numbers.txt")
        self.assertEqual(saved, ["ae", "se"])
        number = (filings / "entry-numbers.txt").read_text().split()[0]
        self.assertTrue(number.startswith("1234567"))
        for records in [*filings.glob("se-*.txt"), *filings.glob("ae-*.txt")]:
            self.assertIn(number, records.read_text(), records)  # rebuilt with the number
            self.assertEqual(run("decode", records)[0], 0)

        released = self.folder / "answer.so.txt"
        released.write_text("\n".join(line.ljust(80) for line in (
            "A2304B7P      111126     SO", "B  2304B7PSO", f"SO102304B7P  {number} 0174-123456700TFNB                    07731111126",
            "SO60111126165698RELEASED                                11112603", "Y  2304B7PSO00002", "Z2304B7P      111126")) + "\n")
        code, out, err = self.client(gateway, "broker", "broker", "--answer", released)
        self.assertEqual(code, 0, out + err)

        code, out, err = self.client(gateway, "trace", "shipper", "--json", number)
        self.assertEqual(code, 0, out + err)
        status = json.loads(out)
        shipment = status["shipments"][0]
        verbs = {step["verb"] for part in shipment["documents"] + shipment["filings"] for step in part["steps"]}
        self.assertLessEqual({"accept", "read", "draft", "deliver"}, verbs)
        lines = [a["line"] for f in shipment["filings"] for a in f.get("answers", [])]
        self.assertTrue(any("RELEASED" in line for line in lines), out)
        code, out, _ = self.client(gateway, "trace", "shipper", receipts[0]["receipt"]["body"]["document_id"])
        self.assertEqual(code, 0)
        self.assertIn(shipment["shipment_id"], out)
        # Another partner's number answers as an unknown one; ops sees it.
        self.assertEqual(self.client(gateway, "trace", "ops", number)[0], 0)
        code, out, err = self.client(gateway, "trace", "shipper", "NOSUCH")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("plate of tractor or trailer", err)  # what was tried
        # As the plate stands on the truck: every attempt, CBP's words, and at the end what happens next.
        code, out, err = self.client(gateway, "trace", "ops", "57-AM-9K")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.count("    attempt 1  grpc  "), 2, out)
        self.assertIn("RELEASED", out)
        self.assertTrue(out.rstrip().splitlines()[-1].startswith("next  "), out)
        self.assertNotIn("USMCA_CLAIM_APPLIED", out)  # a note: counted
        code, everything, _ = self.client(gateway, "trace", "ops", "--all", "57-AM-9K")
        self.assertIn("USMCA_CLAIM_APPLIED", everything)
        spanish = self.client(gateway, "trace", "ops", "--lang", "es", "57-AM-9K")[1]
        self.assertIn("intento 1", spanish)
        self.assertTrue(spanish.rstrip().splitlines()[-1].startswith("sigue  "), spanish)
        offers = [f["offers"] for f in shipment["filings"]]
        self.assertEqual([[o["outcome"] for o in one] for one in offers], [["confirmed"], ["confirmed"]])

        copy = self.folder / "copy.sqlite"
        self.assertEqual(self.client(gateway, "store backup", "ops", copy)[0], 0)
        self.assertEqual(self.client(gateway, "store verify", "ops")[0], 0)
        self.assertEqual(gateway.stop(), 0)
        code, out, err = run("store", "verify", "--ledger", copy, "--json")
        self.assertEqual((code, json.loads(out)["intact"]), (0, True), err)
        self.assertEqual(run("store", "backup", "--ledger", self.demo / "ledger" / "puente.sqlite", self.folder / "second.sqlite")[0], 0)
        log = "".join(gateway.seen)
        for personal in ("XEXX", "LFD00123456", "Jorge", "1985-03-12"):
            self.assertNotIn(personal, log)

    def test_operators_pause_drain_redeliver_and_retranslate(self):
        gateway = self.start()

        def ops(command, *arguments, code=0):
            done, out, err = self.client(gateway, command, "ops", *arguments)
            self.assertEqual(done, code, out + err)
            return out, err

        def channel(name="broker"):
            rows = json.loads(ops("channels", "--json")[0])["channels"]
            return next(row for row in rows if row["filer"] == name)

        self.assertEqual(ops("pause", code=2)[0], "")  # one filer, or --all in so many words
        self.assertIn("CHANNEL_UNKNOWN", ops("pause", "nobody", code=1)[1])
        self.assertIn("1 channels would change", ops("pause", "--dry-run", "broker")[1])
        self.assertFalse(channel().get("paused", False))
        out, err = ops("drain", "--reason", "line down", "--timeout", "30", "broker")
        self.assertIn("paused", out)
        self.assertIn("0 in flight, 0 in doubt", err)
        self.hand_over(gateway)
        row = channel()
        self.assertEqual((row["paused"], row["paused_by"], row["reason"], row["ready"]), (True, "ops", "line down", 2))
        self.assertIn("CHANNEL_PAUSED", ops("exceptions")[0])
        self.assertEqual(gateway.stop(), 0)
        gateway = self.start()
        self.assertTrue(channel()["paused"])
        self.assertIn("1 channels changed", ops("resume", "--all")[1])

        filings = self.folder / "filings"
        code, out, err = self.client(gateway, "broker", "broker", "--save", filings, "--once", "2", "--first-number", "1234567")
        self.assertEqual(code, 0, out + err)
        self.assertIn("SELECTION_EMPTY", ops("redeliver", code=1)[1])
        out, err = ops("redeliver", "--state", "confirmed", "--dry-run")
        self.assertEqual(out.count("-> in_doubt"), 2)
        self.assertIn("2 of 2 filings would be redelivered", err)
        reply = json.loads(ops("redeliver", "--json", "--state", "confirmed", "--reason", "lost at the broker")[0])
        self.assertEqual(reply["redelivered"], 2)
        self.assertEqual(channel()["in_doubt"], 2)
        again = self.folder / "again"
        code, out, err = self.client(gateway, "broker", "broker", "--save", again, "--once", "2", "--first-number", "1234567")
        self.assertEqual(code, 0, out + err)

        out, err = ops("retranslate", "--state", "confirmed")
        self.assertIn("0 filings would change of 1 shipments", err)
        profile = self.demo / "partners" / "broker.toml"
        profile.write_text(profile.read_text().replace("9565550142", "9565550199"))
        gateway.process.send_signal(signal.SIGHUP)
        gateway.event("reloaded")
        out, err = ops("retranslate", "--state", "confirmed")
        self.assertTrue(any(line.startswith("- ") and "9565550142" in line for line in out.splitlines()), out)
        self.assertTrue(any(line.startswith("+ ") and "9565550199" in line for line in out.splitlines()), out)
        self.assertEqual(channel().get("ready", 0), 0)
        out, err = ops("retranslate", "--state", "confirmed", "--yes", "--reason", "telephone corrected")
        self.assertIn("filings changed of 1 shipments", err)
        self.assertGreater(channel()["ready"], 0)
        self.assertEqual(self.client(gateway, "store verify", "ops")[0], 0)
        for order in ("channels", "redeliver --state ready", "retranslate --state ready"):
            name, *arguments = order.split()
            self.assertIn("role_refused", self.client(gateway, name, "broker", *arguments)[2])

    def test_wrong_role_is_refused(self):
        gateway = self.start()
        code, _, err = self.client(gateway, "submit", "broker", self.documents[0])
        self.assertNotEqual(code, 0)
        self.assertIn("role_refused", err)

    def test_revoked_key_bites_after_reload_and_broken_files_keep_the_old(self):
        gateway = self.start()
        self.assertEqual(self.client(gateway, "submit", "shipper", self.documents[0])[0], 0)
        registry = self.demo / "registry.toml"
        good = registry.read_text()
        registry.write_text("this is no registry")
        gateway.process.send_signal(signal.SIGHUP)
        finding = gateway.event("reload_finding")
        self.assertEqual((finding["code"], finding["key"]), ("CONFIG_CONTENT_INVALID", "partners.registry"))
        gateway.event("reloaded")
        self.assertEqual(self.client(gateway, "submit", "shipper", self.documents[0])[0], 0)
        section = good.index("[partner.shipper]")
        end = good.index(" }]", section)
        registry.write_text(good[:end] + ", revoked = true" + good[end:])
        gateway.process.send_signal(signal.SIGHUP)
        gateway.event("reloaded")
        code, _, err = self.client(gateway, "submit", "shipper", self.documents[0])
        self.assertNotEqual(code, 0)
        self.assertIn("unauthenticated", err)

    def test_certificates_of_the_sat_are_believed_after_a_reload(self):
        downloads = self.folder / "downloads"
        (self.demo / "trust").rename(downloads)
        (self.demo / "trust").mkdir()
        gateway = self.start()

        def findings_of(document):
            """Codes of what reading this document found."""
            code, out, err = self.client(gateway, "submit", "shipper", "--json", "--wait", document)
            self.assertEqual(code, 0, out + err)
            body = json.loads(out)[0]["receipt"]["body"]
            code, out, err = self.client(gateway, "trace", "shipper", "--json", body["folio_fiscal"])
            self.assertEqual(code, 0, out + err)
            shipment = json.loads(out)["shipments"][0]
            one = next(d for d in shipment["documents"] if d["document_id"] == body["document_id"])
            return {finding["code"] for finding in one.get("findings", [])}

        unknown = {"STAMP_CERTIFICATE_UNKNOWN", "SEAL_ISSUER_UNKNOWN"}
        self.assertLessEqual(unknown, findings_of(self.documents[0]))
        code, out, err = run("certs", "load", "--config", self.demo / "puente.toml", downloads)
        self.assertEqual(code, 0, out + err)
        gateway.process.send_signal(signal.SIGHUP)
        gateway.event("reloaded")
        self.assertFalse(unknown & findings_of(self.documents[1]))

    def test_service_manager_is_told_and_health_page_answers(self):
        path = str(self.folder / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(PATIENCE)
            gateway = self.start(NOTIFY_SOCKET=path)

            def told(wanted):
                while True:
                    text = manager.recv(4096).decode()
                    if wanted in text:
                        return text

            told("READY=1")
            with urllib.request.urlopen(gateway.health + "/readyz", timeout=PATIENCE) as reply:
                self.assertEqual(reply.status, 200)
            gateway.process.send_signal(signal.SIGHUP)
            self.assertIn("MONOTONIC_USEC=", told("RELOADING=1"))
            told("READY=1")
            gateway.process.send_signal(signal.SIGTERM)
            told("STOPPING=1")
            self.assertEqual(gateway.process.wait(timeout=PATIENCE), 0)

    def test_second_gateway_on_the_same_ledger_is_refused(self):
        self.start()
        code, _, err = run("serve", "--config", self.demo / "puente.toml")
        self.assertNotEqual(code, 0)
        self.assertIn("store_locked", err)


if __name__ == "__main__":
    PUENTE = sys.argv.pop(1)
    SOURCE = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=1)
