"""N-1 to N-3: reconnect storm, descriptors used up by idle connections, connections lost at every byte of a request.
Ordinary sizes are small; PUENTE_LONG=1 takes those of the column Change of the reliability reference."""

import asyncio
import concurrent.futures
import itertools
import pathlib
import random
import socket
import ssl
import struct
import sys
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

sys.path.insert(0, str(fault_run.SOURCE / "deploy" / "samples"))

import grpc  # noqa: E402
import socket_client  # noqa: E402
from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402

import partner_client  # noqa: E402


class Watchers(threading.Thread):
    """Many clients, each with a connection of its own and a stream of events on it; a lost one comes back after its last sequence."""

    def __init__(self, run, port, each, spread):
        super().__init__(daemon=True)
        self.run_, self.port, self.spread = run, port, spread
        self.seen = [(carrier, []) for carrier in run.carriers for _ in range(each)]
        self.streams = 0     # established now
        self.lost = 0
        self._loop = asyncio.new_event_loop()

    def run(self):
        asyncio.set_event_loop(self._loop)
        self._tasks = [self._loop.create_task(self._watch(carrier, seen)) for carrier, seen in self.seen]
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))

    async def _watch(self, carrier, seen):
        certificates = self.run_.gateway.certificate
        credentials = grpc.ssl_channel_credentials(certificates("ca.crt"), certificates(f"{carrier}.key"), certificates(f"{carrier}.crt"))
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100),
                   ("grpc.max_reconnect_backoff_ms", 1000), ("grpc.min_reconnect_backoff_ms", 30_000)]
        async with grpc.aio.secure_channel(f"localhost:{self.port}", credentials, options) as channel:
            stub = services.SenderStub(channel)
            while True:
                await asyncio.sleep(random.random() * self.spread)
                call, there = stub.Watch(pb.WatchRequest(after_sequence=seen[-1] if seen else 1), wait_for_ready=True), False
                try:
                    await call.wait_for_connection()
                    there = True
                    self.streams += 1
                    async for event in call:
                        seen.append(event.sequence)
                except grpc.RpcError:
                    self.lost += 1
                finally:
                    self.streams -= there

    def end(self):
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])
        self.join()


class ReconnectStorm(unittest.TestCase):
    """N-1: all clients lose their connection at one moment and come back within a second of each other."""

    CARRIERS, EACH = 18, 28 if LONG else 5
    SHIPMENTS = 1000 if LONG else 60

    def test_all_are_back_and_nothing_is_lost(self):
        clients = self.CARRIERS * self.EACH
        run = fault_run.FaultRun(self.SHIPMENTS, carriers=self.CARRIERS, filers=4)
        self.addCleanup(run.close)
        proxy = fault_proxy.FaultProxy(run.gateway.port, addresses=True)
        self.addCleanup(proxy.stop)
        brokers = run.file()
        first, second = self.SHIPMENTS // 2, {"from": self.SHIPMENTS // 2}
        ended(run.send(count=first, connections=2))
        self.assertTrue(eventually(run.settled), run.filings())
        ended(brokers, stop=True)
        run.faults += 1
        self.assertTrue(eventually(lambda: run.connections() == 0))
        quiet = run.descriptors()  # everything that is opened at first use has been
        brokers = run.file(again=brokers)
        watchers = Watchers(run, proxy.port, self.EACH, spread=1)
        watchers.start()
        self.assertTrue(eventually(lambda: watchers.streams >= clients), f"{watchers.streams} of {clients} came in")
        carriers = run.send(**second)
        storm, before = proxy.accepted, run.descriptors()
        proxy.most_handshakes = 0
        began = time.monotonic()
        cut = proxy.reset_all()
        self.assertTrue(eventually(lambda: watchers.lost >= clients and watchers.streams >= clients),
                        f"{watchers.lost} were cut, {watchers.streams} of {clients} are there")
        took = time.monotonic() - began
        summary = ended(carriers)
        self.assertTrue(eventually(run.settled), run.filings())
        last = dict(run.ask("SELECT partner, max(sequence) FROM events WHERE object = 'document' AND partner != '' GROUP BY partner"))
        self.assertTrue(eventually(lambda: all(seen and seen[-1] >= last[carrier] for carrier, seen in watchers.seen)), "events are missing")
        watchers.end()
        ended(brokers, stop=True)
        proxy.refuse = True
        proxy.close_all()
        self.assertTrue(eventually(lambda: run.descriptors() <= quiet, 60), f"{quiet} descriptors, then {run.descriptors()}")
        after = run.descriptors()
        whole = {carrier: sorted({sequence for name, seen in watchers.seen if name == carrier for sequence in seen if sequence <= last[carrier]})
                 for carrier in run.carriers}
        gaps = [(carrier, sorted(set(whole[carrier]).symmetric_difference(seen[:seen.index(last[carrier]) + 1])))
                for carrier, seen in watchers.seen if seen[:seen.index(last[carrier]) + 1] != whole[carrier]]
        report = run.verify()
        fault_run.figures("reconnect-storm", "N-1 reconnect storm", [
            ("clients, each with a stream", clients), ("connections reset", cut), ("connections made after that", proxy.accepted - storm),
            ("seconds until all streams were back (<= 60)", f"{took:.1f}"), ("handshakes at once (<= 64)", proxy.most_handshakes),
            ("descriptors before, in the storm's calm, after", f"{quiet} {before} {after}"),
            ("streams that missed or repeated an event", len(gaps)), ("documents accepted meanwhile", summary["receipts"])])
        print(report)
        self.assertEqual(gaps, [])
        self.assertLessEqual(proxy.most_handshakes, 64)
        if LONG:
            self.assertLessEqual(took, 60)


class DescriptorsUsedUp(unittest.TestCase):
    """N-2."""

    LIMIT, ATTACKERS = 256, 1000

    @staticmethod
    def call_grpc(run):
        with partner_client.channel_to(run.gateway, "carrier-2") as fresh:
            try:
                services.SenderStub(fresh).Status(pb.StatusRequest(number="NOBODYS"), wait_for_ready=True, timeout=5)
                return True
            except grpc.RpcError:
                return False

    @staticmethod
    def call_socket(run):
        try:
            fresh = socket_client.Client(f"localhost:{run.gateway.socket_port}", run.gateway.folder / "certificates", "carrier-2")
            fresh.send(socket_client.STATUS, 1, socket_client.field(1, "NOBODYS"))
            fresh.receive()
            return True
        except (OSError, RuntimeError):
            return False

    def test_service_comes_back_when_the_attacker_closes(self):
        run = fault_run.FaultRun(4, carriers=2, filers=2, descriptors=self.LIMIT)
        self.addCleanup(run.close)
        rows = [("descriptors the gateway may have", self.LIMIT), ("idle connections", self.ATTACKERS)]
        doors = [("gRPC", run.gateway.port, self.call_grpc), ("socket", run.gateway.socket_port, self.call_socket)]
        with partner_client.channel_to(run.gateway, "carrier-1") as channel:
            friend = services.SenderStub(channel)
            friend.Status(pb.StatusRequest(number="NOBODYS"), wait_for_ready=True)
            for door, port, call in doors:
                attackers = []
                for n in range(self.ATTACKERS):
                    attacker = socket.socket()
                    attacker.settimeout(5)
                    attacker.bind((f"127.9.{n // 250}.{n % 250 + 1}", 0))
                    attackers.append(attacker)
                    try:
                        attacker.connect(("127.0.0.1", port))
                    except OSError:
                        pass  # turned away: as good
                most = run.descriptors()
                self.assertLessEqual(most, self.LIMIT)
                # Who is inside already is served on.
                self.assertFalse(friend.Status(pb.StatusRequest(number="NOBODYS"), timeout=60).found)
                for attacker in attackers:
                    attacker.close()
                began = time.monotonic()
                served = False
                while not served and time.monotonic() - began < 60:
                    served = call(run)
                took = time.monotonic() - began
                self.assertTrue(served)
                rows += [(f"{door}: most descriptors in use", most), (f"{door}: seconds until a new call succeeded (<= 1)", f"{took:.2f}")]
                if LONG:
                    self.assertLessEqual(took, 1)
        run.verify()
        fault_run.figures("descriptors", "N-2 descriptors used up by idle connections", rows)


def http2_submission(document):
    """One Submit call as bytes of HTTP/2: preface, settings, headers without compression, data."""
    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    def header(name, value):
        return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()

    message = pb.SubmitRequest(kind=pb.SAT_XML, content=document).SerializeToString()
    data = b"\0" + struct.pack(">I", len(message)) + message
    headers = b"".join(header(*pair) for pair in ((":method", "POST"), (":scheme", "https"), (":path", "/puente.v1.Sender/Submit"),
                                                  (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers")))
    parts = [data[at:at + 16000] for at in range(0, len(data), 16000)]
    return (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, headers) +
            b"".join(frame(0, part is parts[-1], 1, part) for part in parts))


def socket_submission(document):
    """HELLO and one SUBMIT, as the sample client writes them."""
    class Wire:
        sent = b""

        def sendall(self, data):
            self.sent += data

    client = object.__new__(socket_client.Client)
    client.wire = Wire()
    field = socket_client.field
    client.send(socket_client.HELLO, 0, field(1, 1) + field(2, 1) + field(3, "every byte"))
    client.send(socket_client.SUBMIT, 1, field(1, pb.SAT_XML) + field(2, document))
    return client.wire.sent


class LostAtEveryByte(unittest.TestCase):
    """N-3: a request of which the gateway gets the first n bytes, n from 0 to 4,096, and then the connection ends in three ways."""

    OFFSETS = range(0, 4097) if LONG else range(0, 4097, 128)
    ENDS = ("cut", "reset", "half-close")

    def setUp(self):
        self.run_ = fault_run.FaultRun(1, carriers=1, filers=1)
        self.addCleanup(self.run_.close)
        certificates = self.run_.gateway.folder / "certificates"
        self.tls = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        self.tls.load_cert_chain(certificates / "carrier-1.crt", certificates / "carrier-1.key")
        first = (self.run_.corpus / "corpus.index").read_text().split("\n")[0].split("\t")
        self.document = (self.run_.corpus / "corpus.pack").read_bytes()[int(first[5]):int(first[5]) + int(first[6])]

    def connect(self, port, protocol):
        self.tls.set_alpn_protocols([protocol] if protocol else [])
        plain = socket.create_connection(("127.0.0.1", port), timeout=60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.tls.wrap_socket(plain, server_hostname="localhost")

    def lose(self, port, protocol, sent, end):
        connection = self.connect(port, protocol)
        connection.sendall(sent)
        if end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif end == "half-close":
            plain = connection.detach()  # TLS is over without its goodbye; TCP says that nothing more comes
            with socket.socket(fileno=plain) as half:
                half.settimeout(60)
                half.shutdown(socket.SHUT_WR)
                try:
                    while half.recv(65536):
                        pass
                except ConnectionError:
                    pass
            return
        connection.close()

    def lose_everywhere(self, name, port, protocol, request):
        run = self.run_
        self.assertGreater(len(request), self.OFFSETS[-1])
        trials = list(itertools.product(self.OFFSETS, self.ENDS))
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            def all_of(part):
                for done in threads.map(lambda trial: self.lose(port, protocol, request[:trial[0]], trial[1]), part):
                    self.assertIsNone(done)
            all_of(trials[:64])  # threads, caches and arenas are there
            self.assertTrue(eventually(lambda: run.descriptors() <= self.idle, 60), f"{self.idle}, then {run.descriptors()}")
            before = run.memory()
            all_of(trials)
        self.assertTrue(eventually(lambda: run.descriptors() <= self.idle, 60), f"{self.idle} descriptors, then {run.descriptors()}")
        after = run.memory()
        self.assertEqual(run.ask("SELECT count(*) FROM documents")[0][0], 0, "a document that came in part was kept")
        # The whole request is one that the gateway takes: the parts were cut from something valid.
        with self.connect(port, protocol) as whole:
            whole.sendall(request)
            self.assertTrue(eventually(lambda: run.ask("SELECT count(*) FROM documents")[0][0] == 1, 60))
        fault_run.figures(f"every-byte-{name}", f"N-3 connections lost at every byte, {name}", [
            ("connections lost", len(trials)), ("byte offsets", len(self.OFFSETS)), ("ways", ", ".join(self.ENDS)),
            ("descriptors before and after", f"{self.idle} {run.descriptors()}"), ("documents kept in part", 0),
            ("MiB resident before and after", f"{before:.0f} {after:.0f}")])
        self.assertLess(after - before, 16)

    def test_grpc(self):
        self.idle = self.run_.descriptors()
        self.lose_everywhere("grpc", self.run_.gateway.port, "h2", http2_submission(self.document))
        self.run_.verify(settled=False, answered=False)

    def test_socket(self):
        self.idle = self.run_.descriptors()
        self.lose_everywhere("socket", self.run_.gateway.socket_port, "", socket_submission(self.document))
        self.run_.verify(settled=False, answered=False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
