"""A sender and a broker in another language: Python's gRPC against the running gateway, over mutual TLS."""

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

import grpc  # noqa: E402
from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import partner_client  # noqa: E402

SAMPLES = SOURCE / "deploy" / "samples"


def sat_xml(path):
    return pb.SubmitRequest(kind=pb.SAT_XML, content=path.read_bytes(), client_ref=path.name)


class PythonClients(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.gateway = gateway_process.Gateway(PROGRAM, pathlib.Path(self.folder.name) / "gateway", trust=SAMPLES / "trust",
                                               partners=SAMPLES / "partners", catalog=SAMPLES / "catalog.csv")
        self.gateway.start()
        self.documents = sorted((SAMPLES / "auto-parts" / "documents").glob("*.xml"))
        self.notice = pb.SubmitRequest(kind=pb.CROSSING_NOTICE, content=(SAMPLES / "auto-parts" / "notice.json").read_bytes())

    def tearDown(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.folder.cleanup()

    def sender(self, partner="shipper"):
        channel = partner_client.channel_to(self.gateway, partner)
        self.addCleanup(channel.close)
        return services.SenderStub(channel)

    def test_shipment_in_any_order_reaches_the_broker_and_comes_back_confirmed(self):
        broker = partner_client.Broker(self.gateway, pb, services)
        broker.start()
        self.addCleanup(broker.end)
        sender = self.sender("carrier")
        requests = [self.notice] + [sat_xml(path) for path in reversed(self.documents)]
        replies = [event.reply for event in self._first(sender.SubmitMany(iter(requests), wait_for_ready=True), len(requests))]
        for reply, request in zip(sorted(replies, key=lambda r: r.client_ref), sorted(requests, key=lambda r: r.client_ref)):
            self.assertTrue(reply.HasField("receipt"), reply)
            self.assertFalse(reply.repeat)
            self._verify_signature(reply.receipt)
        self.assertTrue(broker.wait(lambda b: len(b.results) >= 2), broker.arrivals)
        kinds = sorted(filing.kind for filing in broker.filings.values())
        self.assertEqual(kinds, ["ae", "se"])
        for filing in broker.filings.values():
            self.assertTrue(all(len(line) == 80 for line in filing.records.splitlines()), filing.records)
            self.assertTrue(broker.results[filing.token].applied)
            # The entry number came with the confirmation: the records were rebuilt around it.
            self.assertIn(broker.numbers["TFNB00418827"], broker.results[filing.token].rebuilt.records)
        for number in ("TFNB00418827", "EXP10452", "6b2c9f41-7a55-4c1e-9e7b-2d4a6c1f0a11", "57AM9K",
                       broker.numbers["TFNB00418827"], replies[0].receipt.body.document_id):
            status = sender.Status(pb.StatusRequest(number=number))
            self.assertTrue(status.found, number)
            states = {filing.state for shipment in status.shipments for filing in shipment.filings}
            self.assertEqual(states, {"confirmed"}, number)

    def test_repeat_gets_the_first_receipt_byte_for_byte_and_other_bytes_a_finding(self):
        sender = self.sender()
        first = sender.Submit(sat_xml(self.documents[0]), wait_for_ready=True)
        again = sender.Submit(sat_xml(self.documents[0]))
        self.assertTrue(again.repeat)
        self.assertEqual(first.receipt.SerializeToString(), again.receipt.SerializeToString())
        changed = sat_xml(self.documents[0])
        changed.content = changed.content.replace(b'Folio="', b'Folio="9')
        conflict = sender.Submit(changed)
        self.assertFalse(conflict.HasField("receipt"))
        self.assertEqual([finding.code for finding in conflict.findings], ["DUPLICATE_ID_CONFLICT"])

    def test_bad_input_is_answered_and_the_gateway_serves_on(self):
        sender = self.sender()
        for content, code in ((b"not xml at all", None), (b"\xff\xfe<\x00a\x00", None), (b'<?xml version="1.0"?><!DOCTYPE a []><a/>', None),
                              (b"<a>" * 5000, None), (b"", None)):
            reply = sender.Check(pb.CheckRequest(content=content), wait_for_ready=True)
            self.assertEqual(reply.verdict, "rejected", content[:20])
            self.assertTrue(reply.findings and reply.findings[0].es and reply.findings[0].remedy_en, content[:20])
        with self.assertRaises(grpc.RpcError) as raised:
            sender.Submit(pb.SubmitRequest(kind=pb.SAT_XML, content=b"x" * (12 * 1024 * 1024)))
        self.assertIn(raised.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT))
        reply = sender.Check(pb.CheckRequest(content=self.documents[0].read_bytes()))
        self.assertEqual(reply.verdict, "accepted")

    def test_a_partner_may_only_do_what_its_role_says(self):
        broker_as_sender = self.sender("broker")
        with self.assertRaises(grpc.RpcError) as raised:
            broker_as_sender.Submit(sat_xml(self.documents[0]), wait_for_ready=True)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED)

    def _first(self, stream, count):
        events = []
        for event in stream:
            if event.HasField("reply"):
                events.append(event)
            if len(events) == count:
                stream.cancel()
                break
        return events

    def _verify_signature(self, receipt):
        body = pb.ReceiptBody()
        body.ParseFromString(receipt.signed_part)
        self.assertEqual(body, receipt.body)
        folder = pathlib.Path(self.folder.name)
        (folder / "signed").write_bytes(receipt.signed_part)
        (folder / "signature").write_bytes(receipt.signature)
        public = subprocess.run(["openssl", "x509", "-in", str(self.gateway.folder / "certificates" / "receipt.crt"), "-noout", "-pubkey"],
                                check=True, capture_output=True).stdout
        (folder / "public.pem").write_bytes(public)
        verified = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(folder / "public.pem"), "-signature",
                                   str(folder / "signature"), str(folder / "signed")], capture_output=True)
        self.assertEqual(verified.returncode, 0, verified.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
