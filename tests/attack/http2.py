"""HTTP/2 by hand, for attacks that no library would send: frames and HPACK without a peer's consent, Python's standard library only."""

import socket
import ssl
import struct
import time

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SUBMIT, SUBMIT_MANY, STATUS, CHECK = (f"/puente.v1.Sender/{name}" for name in ("Submit", "SubmitMany", "Status", "Check"))
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def integer(value, prefix, first=0):
    """An HPACK integer, RFC 7541 5.1."""
    limit = (1 << prefix) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytearray([first | limit]), value - limit
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + bytes([value]))


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return integer(len(value), 7) + value


def literal(name, value, index=False):
    """A header with its name written out, no Huffman; `index` puts it into the dynamic table."""
    return (b"\x40" if index else b"\x00") + text(name) + text(value)


def indexed(place):
    return integer(place, 7, 0x80)


def request(path, extra=(), index=False, scheme=b"\x87"):
    """The header block of a gRPC call; with `index`, its last four headers are at 62 to 65 of the dynamic table afterwards, newest first."""
    block = b"\x83" + scheme + literal(":path", path, index) + literal(":authority", "localhost", index)
    block += literal("content-type", "application/grpc", index) + literal("te", "trailers", index)
    return block + b"".join(literal(name, value) for name, value in extra)


REPEATED = b"\x83\x87" + indexed(65) + indexed(64) + indexed(63) + indexed(62)


def message(payload, compressed=0, announced=None):
    return struct.pack(">BI", compressed, len(payload) if announced is None else announced) + payload


def context_of(certificates, partner):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(f"{certificates}/ca.crt")
    context.check_hostname = False
    if partner:
        context.load_cert_chain(f"{certificates}/{partner}.crt", f"{certificates}/{partner}.key")
    context.set_alpn_protocols(["h2"])
    return context


class Closed(Exception):
    """The server has ended the connection."""


class Connection:
    def __init__(self, port, certificates, partner, settings=b"", source="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context_of(certificates, partner).wrap_socket(plain, server_hostname="localhost")
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error
        self.buffer = b""
        self.next_stream = 1
        self.send(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFF0000 - 65535)))

    def send(self, data):
        """Sends what it can; what the server says meanwhile is read and dropped by the caller's choice."""
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def settle(self):
        """Acknowledges the server's settings. Who has not is held to none of them."""
        for kind, flags, _, _ in self.frames():
            if kind == SETTINGS and not flags & ACK:
                return self

    def stream(self):
        number, self.next_stream = self.next_stream, self.next_stream + 2
        return number

    def call(self, path, payload=None, extra=(), end=True):
        """Opens a call; returns its stream."""
        stream = self.stream()
        data = frame(HEADERS, END_HEADERS, stream, request(path, extra))
        if payload is not None:
            data += frame(DATA, END_STREAM if end else 0, stream, payload)
        self.send(data)
        return stream

    def frames(self, seconds=10):
        """(kind, flags, stream, payload) as they come, until the server closes or the time is over. Pings and settings are acknowledged."""
        end = time.monotonic() + seconds
        while True:
            while len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) < 9 + size:
                    break
                kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
                payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
                if kind == PING and not flags & ACK:
                    self.send(frame(PING, ACK, 0, payload))
                if kind == SETTINGS and not flags & ACK:
                    self.send(frame(SETTINGS, ACK, 0))
                yield kind, flags, stream, payload
            left = end - time.monotonic()
            if left <= 0:
                return
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                return
            except (OSError, ssl.SSLError):
                data = b""
            finally:
                self.socket.settimeout(20)
            if not data:
                raise Closed("closed by the server")
            self.buffer += data

    def skip(self):
        """Reads and drops what is there now, so that the server is not held up by us."""
        for _ in self.frames(0.0001):
            pass

    def answer(self, stream, seconds=10):
        """grpc-status of a call as text; "reset N" when the stream was reset, "" when nothing came."""
        for kind, flags, number, payload in self.frames(seconds):
            if number != stream:
                continue
            if kind == RST_STREAM:
                return f"reset {int.from_bytes(payload, 'big')}"
            if kind == HEADERS and flags & END_STREAM:
                return status_in(payload)
        return ""

    def close(self):
        self.socket.close()


# grpc-status in a header block: gRPC writes its name literally (plain or Huffman) or from the dynamic table; a full HPACK decoder is not
# needed to see the digits, which it writes as a literal of one or two bytes.
HUFFMAN_NAME = bytes.fromhex("9acac8b21234da8f")


def status_in(block):
    for name in (b"grpc-status", HUFFMAN_NAME):
        place = block.find(name)
        if place >= 0:
            size = block[place + len(name)] & 0x7F
            return block[place + len(name) + 1:place + len(name) + 1 + size].decode("latin-1")
    return "?"
