"""The sample client of the socket transport, Python's standard library alone, against the running gateway: as a sender and as a filer."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))

import gateway_process  # noqa: E402

PROGRAM, _, _ = gateway_process.environment()
SAMPLES = SOURCE / "deploy" / "samples"
CLIENT = SAMPLES / "socket_client.py"


class SocketClient(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.gateway = gateway_process.Gateway(PROGRAM, pathlib.Path(self.folder.name) / "gateway", trust=SAMPLES / "trust",
                                               partners=SAMPLES / "partners", catalog=SAMPLES / "catalog.csv")
        self.gateway.start()
        self.documents = sorted(map(str, (SAMPLES / "auto-parts" / "documents").glob("*.xml")))
        self.notice = str(SAMPLES / "auto-parts" / "notice.json")

    def tearDown(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.folder.cleanup()

    def run_client(self, partner, *order):
        done = subprocess.run([sys.executable, str(CLIENT), f"127.0.0.1:{self.gateway.socket_port}",
                               str(self.gateway.folder / "certificates"), partner, *order], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def test_client_is_short(self):
        self.assertLess(len(CLIENT.read_text().splitlines()), 100)

    def test_shipment_goes_from_the_sender_to_the_filer_and_is_confirmed(self):
        code, lines, err = self.run_client("carrier", "submit", *self.documents, self.notice)
        self.assertEqual((code, len(lines)), (0, 3), err)
        self.assertTrue(all(line.endswith(" first ") or line.endswith(" first") for line in lines), lines)
        name = pathlib.Path(self.documents[0]).name
        receipts = {line.split()[0]: line.split()[1] for line in lines}
        code, lines, err = self.run_client("carrier", "submit", self.documents[0])
        self.assertEqual(lines[0].split()[:3], [name, receipts[name], "repeat"], err)
        # The filer waits for its two filings, the sender then reads that they are confirmed.
        code, lines, err = self.run_client("broker", "file", "2")
        self.assertEqual(code, 0, err)
        self.assertEqual(sorted(line.split()[1] for line in lines if line.startswith("filing")), ["ae", "se"])
        self.assertEqual(sum(line.startswith("confirmed") for line in lines), 2, lines)
        code, lines, err = self.run_client("carrier", "status", receipts[name])
        self.assertEqual(code, 0, err)
        self.assertEqual(lines, ["shipment filed confirmed confirmed"], lines)

    def test_what_a_role_may_not_do_is_said(self):
        code, _, err = self.run_client("broker", "submit", self.documents[0])
        self.assertNotEqual(code, 0)
        self.assertIn("ROLE_NOT_ALLOWED", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
