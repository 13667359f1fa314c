"""Frames of the TLS socket by hand, written from proto/SOCKET.md alone; Python's standard library only."""

import os
import socket
import ssl
import struct
import time
import zlib

HELLO, WELCOME, PING, PONG, ERROR, GOAWAY, CANCEL, END = range(1, 9)
SUBMIT, SUBMIT_REPLY, STATUS, STATUS_REPLY = 0x10, 0x11, 0x14, 0x15
MORE = 1


def frame(kind, call, payload=b"", flags=0, version=1, length=None, magic=b"PU", reserved=0, checksum=None):
    head = magic + struct.pack(">BBHHII", version, kind, flags, reserved, call, len(payload) if length is None else length)
    return head + struct.pack(">I", zlib.crc32(head + payload) if checksum is None else checksum) + payload


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + bytes([value]))


def hello(lowest=1, highest=1):
    return frame(HELLO, 0, b"\x08" + varint(lowest) + b"\x10" + varint(highest))


def document(content, ref=b""):
    """SubmitRequest: kind SAT_XML, content, client_ref."""
    return b"\x08\x01\x12" + varint(len(content)) + content + b"\x1a" + varint(len(ref)) + ref


def question(number):
    return b"\x0a" + varint(len(number)) + number


class Connection:
    """`source`: the address it comes from; all of 127.0.0.0/8 are this machine's."""

    def __init__(self, port, certificates, partner, greet=True, source="127.0.0.1", tls=True, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if not tls:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(f"{certificates}/ca.crt")
        context.check_hostname = False
        context.load_cert_chain(f"{certificates}/{partner}.crt", f"{certificates}/{partner}.key")
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        if greet:
            self.send(hello())
            if self.receive()[0] != WELCOME:
                self.close()
                raise ConnectionError("no welcome")

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """(type, call, flags, payload); ConnectionError when the gateway has closed."""
        while len(self.buffer) < 20 or len(self.buffer) < 20 + struct.unpack(">I", self.buffer[12:16])[0]:
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                raise
            except OSError as error:
                raise ConnectionError(str(error)) from error
            if not data:
                raise ConnectionError("closed by the gateway")
            self.buffer += data
        size = struct.unpack(">I", self.buffer[12:16])[0]
        head, payload, self.buffer = self.buffer[:20], self.buffer[20:20 + size], self.buffer[20 + size:]
        magic, version, kind, flags, reserved, call = struct.unpack(">2sBBHHI", head[:12])
        if magic != b"PU" or version != 1 or reserved or struct.unpack(">I", head[16:])[0] != zlib.crc32(head[:16] + payload):
            raise AssertionError("the gateway sent a bad frame")
        return kind, call, flags, payload

    def answer(self, call):
        while True:
            kind, number, flags, payload = self.receive()
            if kind == PING:
                self.send(frame(PONG, 0, payload))
            elif number == call:
                return kind, payload

    def answer_any(self):
        """The next answer to a call, whichever."""
        while True:
            kind, number, flags, payload = self.receive()
            if kind == PING:
                self.send(frame(PONG, 0, payload))
            elif number != 0:
                return kind, number, payload

    def hand_over(self, call, content):
        self.send(frame(SUBMIT, call, document(content)))
        kind, payload = self.answer(call)
        # Field 2, the receipt: behind the findings' absence it is all that a good reply holds but for its reference.
        if kind != SUBMIT_REPLY or b"\x12" not in payload[:8]:
            raise AssertionError(f"a document was answered with {kind}: {payload[:80]!r}")

    def ask(self, call, number=b"0"):
        began = time.monotonic()
        self.send(frame(STATUS, call, question(number)))
        kind, payload = self.answer(call)
        if kind != STATUS_REPLY:
            raise AssertionError(f"status answered with {kind}: {payload!r}")
        return time.monotonic() - began

    def no_more(self):
        """Ends our half of the connection below TLS, and keeps listening."""
        with socket.socket(fileno=os.dup(self.socket.fileno())) as same:
            same.shutdown(socket.SHUT_WR)

    def ends(self):
        """What the gateway says until it closes."""
        said = []
        try:
            while True:
                said.append(self.receive())
        except ConnectionError:
            return said

    def close(self):
        self.socket.close()
