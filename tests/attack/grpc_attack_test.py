"""Each row of the reference's security 6 as an attack by one partner with a real certificate on a real daemon: what another partner feels
meanwhile, how soon a fresh call succeeds afterwards, and what memory stays behind."""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import gateway_process  # noqa: E402

PROGRAM, _, SOURCE = gateway_process.environment()
STUBS = tempfile.TemporaryDirectory()
gateway_process.generate_stubs(SOURCE, STUBS.name)

import grpc  # noqa: E402
from puente.v1 import gateway_pb2 as pb  # noqa: E402
from puente.v1 import gateway_pb2_grpc as services  # noqa: E402
import attacked  # noqa: E402
import http2  # noqa: E402
import partner_client  # noqa: E402

LONG = attacked.LONG
SECONDS = 10 if LONG else 0.5
WARM_UP = 3 if LONG else 0.3
USABLE = 1.0 if LONG else 30.0  # seconds; the reference says 1, the ordinary suite shares its machine
# Of the memory before. The reference says 10 percent, after a first round that filled the caches of allocator and library.
MEMORY = 1.10 if LONG else 1.5
RESETTING = max(SECONDS, 3)  # the watchdog looks once a second
ATTACKER, SECOND, VICTIM = "shipper", "broker", "carrier"


class Victim(attacked.Victim):
    """Another partner at its work: one status query after another on one connection."""

    def __init__(self, gateway):
        self.channel = partner_client.channel_to(gateway, VICTIM)
        stub = services.SenderStub(self.channel)
        stub.Status(pb.StatusRequest(number="0"), wait_for_ready=True, timeout=60)
        super().__init__(lambda: stub.Status(pb.StatusRequest(number="0"), timeout=60), lambda content: self.hand_over_to(stub, content))

    @staticmethod
    def hand_over_to(stub, content):
        if not stub.Submit(pb.SubmitRequest(kind=pb.SAT_XML, content=content), timeout=60).HasField("receipt"):
            raise AssertionError("a document without a receipt")

    def end(self):
        result = super().end()
        self.channel.close()
        return result


class Attacked(unittest.TestCase):
    """Limits: the attacker has the presets, as any partner; the victim asks more often than a preset lets it, so that there is a p99."""

    figures = []

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def gateway(self, door=None, descriptors=None, limits=None):
        door = {"handshakes_per_address": 64, "connections_per_address": 256} | (door or {})
        gateway = gateway_process.Gateway(PROGRAM, pathlib.Path(self.folder.name) / "gateway", door=door,
                                          limits={ATTACKER: limits or {}, SECOND: limits or {}, "ops": {}, VICTIM: gateway_process.GENEROUS})
        gateway.start(descriptors)
        self.addCleanup(lambda: gateway.process.poll() is None and gateway.stop())
        return gateway

    def usable_after(self, gateway):
        """Seconds until a fresh connection of another partner has its answer."""
        began = time.monotonic()
        while True:
            try:
                with partner_client.channel_to(gateway, VICTIM) as channel:
                    services.SenderStub(channel).Status(pb.StatusRequest(number="0"), timeout=5)
                return time.monotonic() - began
            except grpc.RpcError as error:
                self.assertLess(time.monotonic() - began, 30, f"not usable: {error}\n" + "".join(gateway.log[-20:]))

    def attack(self, gateway, name, seconds, partner=ATTACKER, **environment):
        port = environment.pop("port", gateway.port)
        run = subprocess.run([sys.executable, HERE / "grpc_attacks.py", name, str(port), gateway.folder / "certificates", partner, str(seconds)],
                             capture_output=True, text=True, env=os.environ | {key: str(value) for key, value in environment.items()})
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def measured(self, gateway, row, name, **environment):
        """One row: a round to warm up, a quiet stretch, the attack, and what is left of it."""
        self.attack(gateway, name, WARM_UP, **environment)
        victim = Victim(gateway)
        victim.start()
        time.sleep(WARM_UP)
        quiet, _ = victim.end()
        before, cpu = attacked.memory(gateway), attacked.cpu(gateway)
        victim = Victim(gateway)
        victim.start()
        count = self.attack(gateway, name, SECONDS, **environment)
        times, failures = victim.end()
        cpu = attacked.cpu(gateway) - cpu
        usable = self.usable_after(gateway)
        allowed = before * MEMORY + (0 if LONG else 24)
        after = attacked.settled_memory(gateway, allowed)
        seconds = count.pop("seconds")
        self.note(row, usable=usable, before=before, after=after, quiet=quiet, times=times, seconds=seconds, cpu=cpu,
                  attacker=count.pop("cpu"), count=count)
        self.assertIsNone(gateway.process.poll(), "the gateway has ended:\n" + "".join(gateway.log[-20:]))
        self.assertEqual(failures, [], f"calls of another partner failed during {row}")
        self.assertGreater(victim.accepted, 0, f"documents of another partner during {row}")
        self.assertLess(usable, USABLE)
        self.assertLessEqual(after, allowed, f"memory after {row}")
        self.others(gateway, row, lambda seconds: self.attack(gateway, name, seconds, **environment)["cpu"])
        return count

    def others(self, gateway, row, attack):
        """At full size: the others' p99 beside the attack is that beside as much load which does not touch the gateway."""
        if not LONG:
            return
        Attacked.figures.append(attacked.compare(self, row, gateway, attack, lambda: Victim(gateway), SECONDS / attacked.TURNS))

    def note(self, row, usable, before, after, quiet, times, seconds, cpu, attacker, count):
        line = (f"{row:<34} usable after {usable * 1000:6.0f} ms  memory {before:6.1f} -> {after:6.1f} MiB  other's p99 {attacked.percentile(quiet):7.1f} ->"
                f" {attacked.percentile(times):7.1f} ms ({len(times)} calls)  cores: gateway {cpu / seconds:4.2f}, attacker {attacker / seconds:4.2f}  "
                + " ".join(f"{key} {value}" for key, value in count.items()))
        print(line, flush=True)
        Attacked.figures.append(line)

    @classmethod
    def tearDownClass(cls):
        attacked.write_figures("attacks-grpc", f"attacks on the gRPC door, {SECONDS} s each; attacker and the measured partner share "
                               f"{attacked.CORES} cores with the daemon", Attacked.figures)


class Table(Attacked):
    """The rows that are one attack on one gateway."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.server = gateway_process.Gateway(
            PROGRAM, pathlib.Path(cls.shared.name) / "gateway", door={"handshakes_per_address": 64, "connections_per_address": 256},
            limits={ATTACKER: {"connections_per_minute": 1000000, "connections": 10000}, "broker": {}, "ops": {}, VICTIM: gateway_process.GENEROUS})
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.shared.cleanup()
        super().tearDownClass()

    def test_provoked_resets(self):
        self.measured(self.server, "MadeYouReset (CVE-2025-8671)", "provoked_resets")

    def test_header_bomb(self):
        self.measured(self.server, "HPACK bomb (CVE-2023-33953)", "header_bomb")

    def test_header_flood(self):
        self.measured(self.server, "CONTINUATION flood", "header_flood")

    def test_table_resizing(self):
        self.measured(self.server, "HPACK resizing (CVE-2023-33953)", "table_resizing")

    def test_bad_headers(self):
        self.measured(self.server, "bad headers (CVE-2023-1428)", "bad_headers")

    def test_streams(self):
        self.measured(self.server, "streams without end", "streams")

    def test_metadata(self):
        self.measured(self.server, "metadata of 16 KB", "metadata")

    def test_large_messages(self):
        self.measured(self.server, "one message of 1 GiB", "memory", PUENTE_ATTACK_SIZE=1, PUENTE_ATTACK_BYTES=1 << 30)

    def test_memory(self):
        self.measured(self.server, "unfinished messages of 10 MiB", "memory", PUENTE_ATTACK_SIZE=100 if LONG else 12)

    def test_pings(self):
        count = self.measured(self.server, "ping flood", "pings")
        self.assertGreater(count["closed"], 0, "two pings too many end the connection")

    def test_settings(self):
        self.measured(self.server, "settings flood", "settings")

    def test_bombs(self):
        self.measured(self.server, "gzip bombs", "bombs")

    def test_handshakes(self):
        self.measured(self.server, "handshakes without certificate", "handshakes")


class RapidReset(Attacked):
    """CVE-2023-44487. The library counts the streams of each connection, reset or not; the watchdog looks once a second."""

    def rapid_reset(self, row, **environment):
        gateway = self.gateway(limits={"connections_per_minute": 100000})
        if LONG:
            for _ in range(2):  # the second round keeps some MiB more than the first, those after it do not
                beside = Victim(gateway)
                beside.start()
                self.attack(gateway, "rapid_reset", RESETTING, partner=SECOND, **environment)  # another one: it may be blocked afterwards
                beside.end()
            attacked.settled_memory(gateway, 0)  # two seconds after the last connection was ended what is free is given back
        quiet = Victim(gateway)
        quiet.start()
        time.sleep(WARM_UP)
        times, _ = quiet.end()
        before, cpu = attacked.memory(gateway), attacked.cpu(gateway)
        victim = Victim(gateway)
        victim.start()
        count = self.attack(gateway, "rapid_reset", RESETTING, **environment)
        during, failures = victim.end()
        cpu = attacked.cpu(gateway) - cpu
        usable = self.usable_after(gateway)
        allowed = before * MEMORY + (0 if LONG else 24)
        after = attacked.settled_memory(gateway, allowed)
        self.note(row, usable=usable, before=before, after=after, quiet=times, times=during, seconds=count.pop("seconds"), cpu=cpu,
                  attacker=count.pop("cpu"), count=count)
        self.assertEqual(failures, [])
        self.assertGreater(victim.accepted, 0, f"documents of another partner during {row}")
        self.assertLess(usable, USABLE)
        self.assertLessEqual(after, allowed, f"memory after {row}")
        self.assertGreater(count["closed"], 0, "the watchdog ends the connection\n" + "".join(gateway.log[-10:]))
        return gateway

    def test_partner_that_has_called_before_is_blocked(self):
        gateway = self.rapid_reset("rapid reset (CVE-2023-44487)", PUENTE_ATTACK_NAMED=1)
        self.assertIn("partner_blocked", "".join(gateway.log))
        with partner_client.channel_to(gateway, ATTACKER) as channel, self.assertRaises(grpc.RpcError) as refused:
            services.SenderStub(channel).Status(pb.StatusRequest(number="0"), timeout=20)
        self.assertIn(refused.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE))

    def test_connection_that_never_made_a_call_is_closed(self):
        row = "rapid reset, nothing but resets"
        gateway = self.rapid_reset(row)
        self.others(gateway, row, lambda seconds: self.attack(gateway, "rapid_reset", seconds)["cpu"])


class Descriptors(Attacked):
    def test_descriptors(self):
        """CVE-2023-4785: gRPC's own accept loop never comes back from this."""
        gateway = self.gateway(descriptors=64)
        idle = []
        for _ in range(200):
            connection = socket.socket()
            connection.settimeout(20)
            connection.connect(("127.0.0.1", gateway.port))
            idle.append(connection)
        self.assertEqual(idle[-1].recv(1), b"", "told at once, not left waiting")
        before = attacked.memory(gateway)
        for connection in idle:
            connection.close()
        usable = self.usable_after(gateway)
        self.note("descriptors (CVE-2023-4785)", usable=usable, before=before, after=attacked.memory(gateway), quiet=[], times=[], seconds=1, cpu=0,
                  attacker=0, count={"idle connections": len(idle), "descriptors": 64})
        self.assertLess(usable, USABLE)


class Settings(Attacked):
    """What each setting does to one call that is over it."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.server = gateway_process.Gateway(
            PROGRAM, pathlib.Path(cls.shared.name) / "gateway",
            door={"handshakes_per_address": 64, "connection_idle": "1s", "connection_age": "2s"},
            limits={ATTACKER: {"questions_per_second": 3}, "broker": {}, "ops": {}, VICTIM: {}})
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.shared.cleanup()

    def connect(self, partner=ATTACKER):
        connection = http2.Connection(self.server.port, self.server.folder / "certificates", partner)
        self.addCleanup(connection.close)
        return connection

    def test_129th_stream_ends_the_connection(self):
        connection = self.connect().settle()
        with self.assertRaises(http2.Closed):  # perhaps before the last of them is sent
            for _ in range(200):
                connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, connection.stream(), http2.request(http2.SUBMIT_MANY)))
            for _ in connection.frames(20):
                pass

    def test_settings_not_acknowledged_bind_no_less(self):
        """The library holds a peer to the settings it has acknowledged; the watchdog to what it does."""
        connection = self.connect()
        with self.assertRaises(http2.Closed):
            for _ in range(400):
                connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, connection.stream(), http2.request(http2.SUBMIT_MANY)))
            while True:
                connection.socket.settimeout(20)
                if not connection.socket.recv(65536):
                    raise http2.Closed

    def test_message_over_11_mib_is_refused(self):
        with partner_client.channel_to(self.server, VICTIM) as channel, self.assertRaises(grpc.RpcError) as refused:
            services.SenderStub(channel).Submit(pb.SubmitRequest(kind=pb.SAT_XML, content=bytes(12 << 20)), timeout=60, wait_for_ready=True)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_gzip_is_refused(self):
        connection = self.connect()
        self.assertEqual(connection.answer(connection.call(http2.SUBMIT, http2.message(b"x" * 100, 1), [("grpc-encoding", "gzip")])), "12")

    def test_metadata_over_8_kib_is_refused(self):
        connection = self.connect().settle()
        self.assertIn(connection.answer(connection.call(http2.STATUS, http2.message(b""), [("x", "v" * 9000)])), ("8", "reset 11"))

    def test_third_ping_without_reason_ends_the_connection(self):
        connection = self.connect()
        with self.assertRaises(http2.Closed):
            for _ in range(10):
                connection.send(http2.frame(http2.PING, 0, 0, b"12345678"))
            for _ in connection.frames(20):
                pass

    def test_connection_without_calls_is_closed(self):
        connection = self.connect()
        connection.answer(connection.call(http2.STATUS, http2.message(b"")))
        with self.assertRaises(http2.Closed):
            for _ in connection.frames(60):
                pass

    def test_connection_is_renewed_by_age(self):
        connection = self.connect(VICTIM)
        connection.send(http2.frame(http2.HEADERS, http2.END_HEADERS, connection.stream(), http2.request(http2.SUBMIT_MANY)))
        self.assertTrue(any(kind == http2.GOAWAY for kind, _, _, _ in connection.frames(60)))

    def test_reflection_is_shown_to_partners_only(self):
        request = http2.message(b"\x3a\x00")  # list_services = 7, ""
        for nobody in (None, "stranger"):
            if nobody == "stranger":
                continue  # registry without a row: tests/unit/transport
            with self.assertRaises(http2.Closed):
                connection = self.connect(nobody)
                connection.call(http2.REFLECTION, request)
                for _ in connection.frames(20):
                    pass
        connection = self.connect()
        stream = connection.call(http2.REFLECTION, request)
        shown = b""
        for kind, flags, number, payload in connection.frames(20):
            if number == stream and kind == http2.DATA:
                shown += payload
            if number == stream and flags & http2.END_STREAM:
                break
        self.assertIn(b"puente.v1.Sender", shown)

    def test_questions_over_the_rate_are_told_when_to_come_again(self):
        with partner_client.channel_to(self.server, ATTACKER) as channel:
            stub = services.SenderStub(channel)
            with self.assertRaises(grpc.RpcError) as refused:
                for _ in range(1000):
                    stub.Status(pb.StatusRequest(number="0"), timeout=20, wait_for_ready=True)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("QUESTIONS_TOO_FAST", refused.exception.details())
        details = dict(refused.exception.trailing_metadata())["grpc-status-details-bin"]
        self.assertIn(b"google.rpc.RetryInfo", details)


class H2load(Attacked):
    """Floods by a client that many use for load: it has no client certificates, so openssl s_client puts TLS around each connection."""

    def tls_around(self, gateway, partner):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        children = []
        certificates = gateway.folder / "certificates"

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                children.append(subprocess.Popen(
                    ["openssl", "s_client", "-quiet", "-nocommands", "-alpn", "h2", "-connect", f"127.0.0.1:{gateway.port}", "-servername", "localhost",
                     "-CAfile", certificates / "ca.crt", "-cert", certificates / f"{partner}.crt", "-key", certificates / f"{partner}.key"],
                    stdin=client.fileno(), stdout=client.fileno(), stderr=subprocess.DEVNULL))
                client.close()

        def end():
            for child in children:
                child.kill()
                child.wait()
        threading.Thread(target=serve, daemon=True).start()
        self.addCleanup(end)
        return listener.getsockname()[1]

    def flood(self, row, connections, streams, arguments):
        gateway = self.gateway(limits={"connections_per_minute": 100000, "connections": 1000})
        ports = {partner: self.tls_around(gateway, partner) for partner in (ATTACKER, SECOND)}
        body = pathlib.Path(self.folder.name) / "body"
        body.write_bytes(http2.message(b"\x08\x01\x12\x04junk"))
        def h2load(seconds, partner=ATTACKER):
            return subprocess.run(["h2load", "--no-tls-proto=h2c", "-D", str(seconds), "-c", str(connections), "-m", str(streams), "-t", "1",
                                   "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers", *arguments,
                                   f"http://127.0.0.1:{ports[partner]}{http2.SUBMIT}"], capture_output=True, text=True)
        if LONG:
            h2load(SECONDS, SECOND)  # its own guard would block the second round of one partner
        quiet = Victim(gateway)
        quiet.start()
        time.sleep(WARM_UP)
        times, _ = quiet.end()
        before, cpu = attacked.memory(gateway), attacked.cpu(gateway)
        victim = Victim(gateway)
        victim.start()
        began = time.monotonic()
        run = h2load(max(1, int(SECONDS)))
        seconds = time.monotonic() - began
        during, failures = victim.end()
        cpu = attacked.cpu(gateway) - cpu
        usable = self.usable_after(gateway)
        allowed = before * MEMORY + (0 if LONG else 48)
        after = attacked.settled_memory(gateway, allowed)
        requests = re.search(r"requests: (\d+) total, (\d+) started, (\d+) done", run.stdout)
        self.assertTrue(requests, run.stdout + run.stderr)
        self.note(row, usable=usable, before=before, after=after, quiet=times, times=during, seconds=seconds, cpu=cpu, attacker=0,
                  count={"connections": connections, "streams": streams, "calls answered": requests.group(3)})
        self.assertEqual(failures, [])
        self.assertGreater(victim.accepted, 0, f"documents of another partner during {row}")
        self.assertLess(usable, USABLE)
        self.assertLessEqual(after, allowed)
        self.assertGreater(int(requests.group(3)), 0)

    def test_many_connections(self):
        self.flood("h2load, many connections", 24, 4, [])

    def test_many_streams(self):
        self.flood("h2load, many streams", 2, 100, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
