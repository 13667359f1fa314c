#!/usr/bin/env python3
"""A partner's client over the TLS socket (proto/SOCKET.md) with nothing but Python's standard library.
  socket_client.py HOST:PORT CERTIFICATES PARTNER submit FILE...   documents (.xml) and crossing notices (.json)
  socket_client.py HOST:PORT CERTIFICATES PARTNER status NUMBER    what has become of a document, trip, entry number...
  socket_client.py HOST:PORT CERTIFICATES PARTNER file COUNT       a filer: takes filings and confirms each

CERTIFICATES is a folder with ca.crt, PARTNER.crt and PARTNER.key, as `puente init` makes it."""
import itertools, pathlib, socket, ssl, struct, sys, zlib
HELLO, PING, PONG, ERROR, GOAWAY, SUBMIT, STATUS, FEED, FILING, ACT = 1, 3, 4, 5, 6, 0x10, 0x14, 0x20, 0x21, 0x22
MORE, FRAME = 1, 1 << 20  # the flag; the largest payload of a frame

def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)

def field(number, value):
    """One field of a protobuf message: a whole number, or text, bytes or an inner message."""
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3) + varint(value) if isinstance(value, int) else varint(number << 3 | 2) + varint(len(value)) + value

def fields(message):
    """{field number: [values]} of a protobuf message; inner messages stay bytes."""
    out, rest = {}, iter(message)
    def number(byte):
        return byte if byte < 128 else byte & 127 | number(next(rest)) << 7
    for byte in rest:
        tag, value = number(byte), number(next(rest))  # the value is the length where bytes follow; the contract has no third kind
        out.setdefault(tag >> 3, []).append(bytes(itertools.islice(rest, value)) if tag & 7 == 2 else value)
    return out

class Client:
    def __init__(self, address, folder, partner):
        host, port = address.rsplit(":", 1)
        context = ssl.create_default_context(cafile=f"{folder}/ca.crt")
        context.load_cert_chain(f"{folder}/{partner}.crt", f"{folder}/{partner}.key")
        self.wire = context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host)
        self.stream, self.parts = self.wire.makefile("rb"), {}
        self.send(HELLO, 0, field(1, 1) + field(2, 1) + field(3, "socket_client.py"))
        self.welcome = fields(self.receive()[1])

    def send(self, kind, call, payload):
        for at in range(0, max(len(payload), 1), FRAME):
            part, more = payload[at:at + FRAME], MORE if at + FRAME < len(payload) else 0
            head = b"PU" + struct.pack(">BBHHII", 1, kind, more, 0, call, len(part))
            self.wire.sendall(head + struct.pack(">I", zlib.crc32(head + part)) + part)

    def receive(self):
        """The next whole message: (type, payload). An ERROR is raised, a PING answered."""
        while True:
            head = self.stream.read(20)
            if len(head) < 20:
                raise ConnectionError("the gateway closed the connection")
            magic, version, kind, flags, _, call, length, checksum = struct.unpack(">2sBBHHIII", head)
            part = self.stream.read(length)
            if magic != b"PU" or version != 1 or zlib.crc32(head[:16] + part) != checksum:
                raise ConnectionError("not a frame of this protocol")
            payload = self.parts.pop(call, b"") + part
            if flags & MORE:
                self.parts[call] = payload
            elif kind == PING:
                self.send(PONG, 0, payload)
            elif kind in (ERROR, GOAWAY):
                raise RuntimeError(fields(payload).get(2, [b"refused"])[0].decode())
            else:
                return kind, payload

def submit(client, *names):
    for call, name in enumerate(names, 1):  # all at once; the answers come as they are done
        kind, content = (2 if name.endswith(".json") else 1), pathlib.Path(name).read_bytes()
        client.send(SUBMIT, call, field(1, kind) + field(2, content) + field(3, pathlib.Path(name).name[:64]))
    for _ in names:
        reply = fields(client.receive()[1])  # SubmitReply: client_ref 1, receipt 2 {body 1 {document_id 1}}, repeat 3, findings 4 {code 1}
        receipt = fields(fields(reply[2][0])[1][0])[1][0].decode() if 2 in reply else "refused"
        print(reply[1][0].decode(), receipt, "repeat" if 3 in reply else "first", *(fields(f)[1][0].decode() for f in reply.get(4, [])))

def status(client, number):
    client.send(STATUS, 1, field(1, number))
    reply = fields(client.receive()[1])  # StatusReply: shipments 2 {state 2, filings 5 {state 6}}, documents 3 {state 4}
    for shipment in map(fields, reply.get(2, [])):
        print("shipment", shipment[2][0].decode(), *(fields(filing)[6][0].decode() for filing in shipment.get(5, [])))
    for document in map(fields, reply.get(3, [])):
        print("document", document[4][0].decode())

def file(client, count):
    client.send(FEED, 1, field(1, int(count)))
    confirmed = filings = 0
    while confirmed < int(count):
        kind, payload = client.receive()
        if kind == FILING:  # token 2, kind 3, records 10. A real filer files the records here, once per token.
            token = fields(payload)[2][0]
            print("filing", fields(payload)[3][0].decode(), token.decode())
            filings += 1
            client.send(ACT, 1 + filings, field(2, field(1, token) + field(3, "SAMPLE")))  # FilerAct: confirmation 2
        else:
            confirmed += 1
            print("confirmed" if 1 in fields(payload) else "not applied", fields(payload)[3][0].decode())

if __name__ == "__main__":
    commands = {"submit": submit, "status": status, "file": file}
    sys.exit(__doc__) if len(sys.argv) < 6 or sys.argv[4] not in commands else commands[sys.argv[4]](Client(*sys.argv[1:4]), *sys.argv[5:])
