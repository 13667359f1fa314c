"""A TCP proxy that does to connections what networks do: latency, bandwidth, cut, reset, half-close, black hole. It knows no protocol.

Each connection goes on to the target from a loopback address of its own (127.A.B.C) where `addresses` says so, as partners do
who do not sit on one machine. Runs on a thread of its own; every function may be called from any thread."""

import asyncio
import socket
import struct
import threading
import time

CHUNK = 64 * 1024


class Network:
    """How bytes go in one direction. Changed at any time; holds for the next byte."""

    def __init__(self):
        self.latency = 0.0        # seconds
        self.rate = 0             # bytes a second; 0: as fast as they come
        self.black_hole = False   # nothing is read
        self.cut_after = None     # of a new connection: so many bytes, then it is reset


class Connection:
    def __init__(self, source):
        self.source = source
        self.opened = time.monotonic()
        self.bytes = {"up": 0, "down": 0}
        self.flights = []         # directions in the order in which they spoke: up, down, up ...
        self.writers = ()
        self.tasks = ()

    def in_handshake(self):
        """TLS 1.3 as seen from outside: the gateway has begun to answer and has not yet answered the client's second flight."""
        return 2 <= len(self.flights) <= 3


class FaultProxy:
    def __init__(self, target, addresses=False):
        self.target = target
        self.addresses = addresses
        self.up, self.down = Network(), Network()
        self.refuse = False       # new connections are reset at once
        self.accepted = 0
        self.most_handshakes = 0
        self.connections = set()
        self._wake = None
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    # ---- from any thread -----------------------------------------------------------------------------------------

    def reset_all(self):
        """Every connection there is ends with a reset on both sides; returns how many."""
        return self._call(self._end_all(reset=True))

    def close_all(self):
        return self._call(self._end_all(reset=False))

    def black_hole(self, on):
        """Connections stay and nothing is read from either side; new ones are taken and led nowhere."""
        self.up.black_hole = self.down.black_hole = on
        self._call(self._changed())

    def open_connections(self):
        return len(self.connections)

    def stop(self):
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    # ---- on the thread -------------------------------------------------------------------------------------------

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._wake = asyncio.Event()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024))
        self.port = self._server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()

    async def _changed(self):
        self._wake.set()
        self._wake = asyncio.Event()

    async def _end(self):
        self._server.close()
        await self._end_all(reset=True)

    async def _end_all(self, reset):
        ending = list(self.connections)
        for connection in ending:
            self._close(connection, reset)
        return len(ending)

    def _close(self, connection, reset):
        self.connections.discard(connection)
        for writer in connection.writers:
            if reset:
                sock = writer.get_extra_info("socket")
                if sock is not None:
                    try:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    except OSError:
                        pass
                writer.transport.abort()
            else:
                writer.close()
        for task in connection.tasks:
            task.cancel()

    def _source(self):
        if not self.addresses:
            return None
        n = self.accepted
        return (f"127.{1 + n // 62500 % 250}.{1 + n // 250 % 250}.{1 + n % 250}", 0)

    async def _accept(self, reader, writer):
        self.accepted += 1
        connection = Connection(self._source())
        connection.writers = (writer,)
        if self.refuse:
            return self._close(connection, reset=True)
        self.connections.add(connection)
        try:
            gateway_reader, gateway_writer = await asyncio.open_connection("127.0.0.1", self.target, local_addr=connection.source)
        except OSError:
            return self._close(connection, reset=True)
        if connection not in self.connections:  # ended meanwhile
            return gateway_writer.close()
        connection.writers = (writer, gateway_writer)
        connection.tasks = (asyncio.ensure_future(self._carry(connection, "up", self.up, reader, gateway_writer)),
                            asyncio.ensure_future(self._carry(connection, "down", self.down, gateway_reader, writer)))

    async def _carry(self, connection, direction, network, reader, writer):
        try:
            while True:
                while network.black_hole:
                    await self._wake.wait()
                most = CHUNK if not network.rate else max(1, int(network.rate // 10))
                if network.cut_after is not None:
                    most = min(most, max(1, network.cut_after - connection.bytes[direction]))
                data = await reader.read(most)
                while network.black_hole:
                    await self._wake.wait()
                if not data:
                    writer.write_eof()
                    return
                if network.latency:
                    await asyncio.sleep(network.latency)
                if network.rate:
                    await asyncio.sleep(len(data) / network.rate)
                writer.write(data)
                await writer.drain()
                connection.bytes[direction] += len(data)
                self._note(connection, direction)
                if network.cut_after is not None and connection.bytes[direction] >= network.cut_after:
                    return self._close(connection, reset=True)
        except (OSError, asyncio.CancelledError):
            self._close(connection, reset=True)
        finally:
            if all(task.done() or task is asyncio.current_task() for task in connection.tasks):
                self._close(connection, reset=False)

    def _note(self, connection, direction):
        if len(connection.flights) < 8 and (not connection.flights or connection.flights[-1] != direction):
            connection.flights.append(direction)
            self.most_handshakes = max(self.most_handshakes, sum(c.in_handshake() for c in self.connections))
