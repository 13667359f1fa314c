"""The SAT's status service as processes: the gateway, its simulator, a sender and a broker. A cancelled document stops what was not
confirmed and is told to the filer of the rest; a service that is away stops nothing; a gateway that was killed asks again."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))

import gateway_process  # noqa: E402

PROGRAM, _, _ = gateway_process.environment()
WORK = tempfile.TemporaryDirectory()
gateway_process.generate_stubs(SOURCE, pathlib.Path(WORK.name) / "stubs")

from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import partner_client  # noqa: E402

SAMPLES = SOURCE / "deploy" / "samples"
INVOICE = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11"
SCN = "TFNB00418827"
PATIENCE = 120


class Simulator:
    def __init__(self, folios):
        self.folios = folios
        self.process = subprocess.Popen([PROGRAM, "simulate", "sat-estado", "--folios", str(folios)], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def says(self, word, folio="*"):
        fresh = self.folios.with_suffix(".new")
        fresh.write_text(f"{folio} {word}\n")
        fresh.replace(self.folios)

    def wait_until_asked(self, word):
        """Until a question came that was answered so; the lines before it are gone."""
        for line in self.process.stdout:
            if line.split()[1] == word:
                return

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return code


class SatStatus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        folios = self.folder / "folios.txt"
        folios.write_text("* vigente\n")
        self.simulator = Simulator(folios)
        self.addCleanup(self.simulator.stop)

    def start(self, **keys):
        keys = {"url": self.simulator.url, "keep": "1s", "again_first": "1s", "again_limit": "1s", "deadline": "60s", "wait": "1m", **keys}
        self.gateway = gateway_process.Gateway(PROGRAM, self.folder / "gateway", trust=SAMPLES / "trust", partners=SAMPLES / "partners",
                                               catalog=SAMPLES / "catalog.csv")
        with open(self.gateway.folder / "puente.toml", "a") as config:
            config.write("\n[estado]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items()))
        self.gateway.start()
        self.addCleanup(self.stop)

    def stop(self):
        if self.gateway.process.poll() is None:
            self.assertEqual(self.gateway.stop(), 0)

    def stub(self, partner="carrier"):
        channel = partner_client.channel_to(self.gateway, partner)
        self.addCleanup(channel.close)
        return services.SenderStub(channel)

    def hand_over(self):
        """The shipment, all from one sender; returns the sequence before everything that comes of it."""
        sender = self.stub()
        requests = [pb.SubmitRequest(kind=pb.CROSSING_NOTICE, content=(SAMPLES / "auto-parts" / "notice.json").read_bytes())]
        requests += [pb.SubmitRequest(kind=pb.SAT_XML, content=path.read_bytes())
                     for path in sorted((SAMPLES / "auto-parts" / "documents").glob("*.xml"))]
        replies = [sender.Submit(request, wait_for_ready=True) for request in requests]
        self.first = min(reply.receipt.body.ledger_sequence for reply in replies) - 1

    def shipment(self, sender):
        status = sender.Status(pb.StatusRequest(number=SCN), wait_for_ready=True)
        return status.shipments[0] if status.shipments else pb.ShipmentStatus()

    def wait(self, condition):
        """Until the shipment is so: looked at whenever an event came."""
        sender = self.stub()
        events = sender.Watch(pb.WatchRequest(after_sequence=self.first or 1), timeout=PATIENCE, wait_for_ready=True)
        for _ in events:
            shipment = self.shipment(sender)
            if condition(shipment):
                events.cancel()
                return shipment
        self.fail("the events ended")

    @staticmethod
    def states(shipment):
        return sorted(filing.state for filing in shipment.filings)

    @staticmethod
    def estados(shipment):
        return sorted(document.sat_status.estado for document in shipment.documents if document.HasField("sat_status"))

    @staticmethod
    def codes(shipment):
        return {finding.code for finding in shipment.findings}

    def test_cancelled_before_its_filings_were_offered_withdraws_them(self):
        self.start()
        self.hand_over()
        shipment = self.wait(lambda s: self.estados(s) == ["Vigente", "Vigente"] and self.states(s) == ["ready", "ready"])
        self.assertNotIn("CFDI_STATUS_UNKNOWN", self.codes(shipment))
        self.simulator.says("cancelado", INVOICE)
        shipment = self.wait(lambda s: self.states(s) == ["cancelled", "cancelled"])
        self.assertIn("CFDI_CANCELLED", self.codes(shipment))
        self.assertEqual({d.folio_fiscal: d.state for d in shipment.documents}[INVOICE], "cancelled")
        trace = subprocess.run([PROGRAM, "trace", "--config", self.gateway.client("carrier"), SCN], capture_output=True, text=True)
        self.assertIn("SAT  Cancelado", trace.stdout)
        self.assertIn("CFDI_CANCELLED", trace.stdout)
        self.assertEqual(self.gateway.stop(), 0)
        verified = subprocess.run([PROGRAM, "store", "verify", "--ledger", self.gateway.folder / "ledger" / "puente.sqlite"],
                                  capture_output=True, text=True)
        self.assertEqual(verified.returncode, 0, verified.stdout)

    def test_cancelled_after_confirmation_is_told_to_the_filer(self):
        self.start()
        broker = partner_client.Broker(self.gateway, pb, services)
        broker.start()
        self.addCleanup(broker.end)
        self.hand_over()
        self.assertTrue(broker.wait(lambda b: len(b.results) >= 2), broker.arrivals)
        self.simulator.says("cancelado", INVOICE)
        self.assertTrue(broker.wait(lambda b: sum(f.action == "D" for f in b.filings.values()) >= 2), broker.arrivals)
        for filing in broker.filings.values():
            if filing.action == "D":
                self.assertIn("CFDI_CANCELLED", {finding.code for finding in filing.draft.findings})

    def test_service_that_is_away_stops_nothing_and_is_a_warning_while_it_lasts(self):
        self.assertEqual(self.simulator.stop(), 0)
        self.start()
        broker = partner_client.Broker(self.gateway, pb, services)
        broker.start()
        self.addCleanup(broker.end)
        self.hand_over()
        self.assertTrue(broker.wait(lambda b: len(b.results) >= 2), broker.arrivals)
        shipment = self.wait(lambda s: "CFDI_STATUS_UNKNOWN" in self.codes(s))
        self.assertEqual({d.sat_status.fault for d in shipment.documents if d.HasField("sat_status")} - {""}, {"consulta_unreachable"})
        again = subprocess.Popen([PROGRAM, "simulate", "sat-estado", "--listen", self.simulator.url.split("/")[2]], stdout=subprocess.PIPE)
        self.addCleanup(again.stdout.close)
        self.addCleanup(again.wait)
        self.addCleanup(again.terminate)
        self.wait(lambda s: self.estados(s) == ["Vigente", "Vigente"] and "CFDI_STATUS_UNKNOWN" not in self.codes(s))

    def test_gateway_that_was_killed_before_the_answer_asks_again(self):
        self.simulator.says("late")
        self.start()
        self.hand_over()
        self.simulator.wait_until_asked("late")
        self.gateway.kill()
        self.simulator.says("vigente")
        self.gateway.start()
        shipment = self.wait(lambda s: self.estados(s) == ["Vigente", "Vigente"] and self.states(s) == ["ready", "ready"])
        self.assertFalse(any(filing.HasField("next_attempt") for filing in shipment.filings))


if __name__ == "__main__":
    unittest.main(verbosity=2)
