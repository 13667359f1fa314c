"""A sender and a broker in Python over gRPC, as a partner would write them: Debian's python3-grpcio and the stubs of the contract."""

import queue
import threading

import grpc


def channel_to(gateway, partner):
    credentials = grpc.ssl_channel_credentials(gateway.certificate("ca.crt"), gateway.certificate(f"{partner}.key"),
                                               gateway.certificate(f"{partner}.crt"))
    # min_reconnect_backoff: what a handshake may take, however busy the machine.
    options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 10_000),
               ("grpc.use_local_subchannel_pool", 1)]
    return grpc.secure_channel(f"localhost:{gateway.port}", credentials, options)


def check_digit(filer_code, seven):
    """CATAIR's entry check digit, worked out here on its own."""
    def digit(c):
        if c.isdigit():
            return int(c)
        n = ord(c) - ord("A")
        return n % 9 + 1 if n < 18 else n - 18 + 2
    total = 0
    for place, c in enumerate(reversed([digit(c) for c in filer_code + seven])):
        value = c * 2 if place % 2 == 0 else c
        total += value // 10 + value % 10
    return str((10 - total % 10) % 10)


class Broker(threading.Thread):
    """Takes filings, remembers every token it saw, confirms each once with an entry number of its own, and survives lost connections."""

    def __init__(self, gateway, messages, services, partner="broker", credits=8, confirm=True):
        super().__init__(daemon=True)
        self.gateway, self.pb, self.services, self.partner = gateway, messages, services, partner
        self.credits, self.confirm = credits, confirm
        self.changed = threading.Condition()
        self.arrivals = []       # (token, kind, possible_duplicate)
        self.filings = {}        # token -> the filing as first received: its one effect
        self.numbers = {}        # importer and shipment key -> entry number
        self.results = {}        # token -> the gateway's answer to the confirmation
        self.unmarked_repeats = []
        self.different_bytes = []
        self.lost_connections = 0
        self.ending = False

    def run(self):
        while not self.ending:
            try:
                self._one_connection()
            except grpc.RpcError:
                pass
            with self.changed:
                self.lost_connections += 1
                self.changed.notify_all()

    def _one_connection(self):
        acts = queue.Queue()
        acts.put(self.pb.FilerAct(credits=self.pb.Credits(filings=self.credits)))
        with channel_to(self.gateway, self.partner) as channel:
            stub = self.services.FilerStub(channel)
            self.call = stub.Feed(iter(acts.get, None), wait_for_ready=True)
            try:
                for message in self.call:
                    if message.HasField("filing"):
                        acts.put(self._take(message.filing))
                        acts.put(self.pb.FilerAct(credits=self.pb.Credits(filings=1)))
                    else:
                        with self.changed:
                            self.results[message.result.token] = message.result
                            self.changed.notify_all()
            finally:
                acts.put(None)

    def _take(self, filing):
        with self.changed:
            seen = self.filings.get(filing.token)
            self.arrivals.append((filing.token, filing.kind, filing.possible_duplicate))
            if seen is None:
                self.filings[filing.token] = filing
            else:
                if not filing.possible_duplicate:
                    self.unmarked_repeats.append(filing.token)
                if seen.kind != filing.kind or seen.revision != filing.revision:
                    self.different_bytes.append(filing.token)
            entry = filing.draft.entries[0]
            key = entry.bills[0].scn
            if key not in self.numbers:
                seven = f"{len(self.numbers) + 1:07d}"
                self.numbers[key] = seven + check_digit(entry.filer_code, seven)
            self.changed.notify_all()
        if not self.confirm:
            return self.pb.FilerAct(credits=self.pb.Credits(filings=0))
        return self.pb.FilerAct(confirmation=self.pb.Confirmation(token=filing.token, entry_number=self.numbers[key],
                                                                  filer_reference="PY" + self.numbers[key]))

    def wait(self, condition, timeout=120):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), timeout)

    def end(self):
        self.ending = True
        try:
            self.call.cancel()
        except AttributeError:
            pass
