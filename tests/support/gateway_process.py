"""A gateway as a child process, for tests in Python: initialised in a folder, served, killed, served again on the same port."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading


# What most tests are not about: no partner meets a limit of its own (deploy/LIMITS.md).
GENEROUS = {"connections": 10000, "connections_per_minute": 1000000, "documents_per_second": 1000000, "documents_burst": 1000000,
            "bytes_in_flight": 1 << 34, "questions_per_second": 1000000, "cpu_seconds_per_minute": 3840, "calls_per_second": 1000000}


# All clients of a test come from one address.
ONE_ADDRESS = {"connections_per_address": 10000, "handshakes": 10000, "handshakes_per_address": 10000}


class Gateway:
    """`limits`: of every partner, or by partner's id; {} leaves the presets. `door`: the keys of [limits] in puente.toml."""

    def __init__(self, puente, folder, trust=None, partners=None, catalog=None, limits=GENEROUS, door=ONE_ADDRESS):
        self.puente = puente
        self.folder = pathlib.Path(folder)
        self.process = None
        self.log = []
        self._logged = threading.Condition()
        subprocess.run([puente, "init", "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0", str(self.folder)],
                       check=True, capture_output=True)
        for source, target in ((trust, "trust"), (partners, "partners")):
            if source:
                shutil.copytree(source, self.folder / target, dirs_exist_ok=True)
        if catalog:
            shutil.copy(catalog, self.folder / "catalog.csv")
        self._write_limits(limits)
        with open(self.folder / "puente.toml", "a") as config:
            config.write("\n".join(["\n[limits]", *(f"{key} = {json.dumps(value)}" for key, value in door.items()), ""]))
        self.port = self.socket_port = 0

    def _write_limits(self, limits):
        registry = self.folder / "registry.toml"
        text = registry.read_text()
        for partner in re.findall(r"^\[partner\.(\w+)\]", text, re.M):
            own = limits.get(partner, limits)
            rows = [f"{key} = {value}" for key, value in own.items() if not isinstance(value, dict)]
            text += "\n".join([f"\n[partner.{partner}.limits]", *rows, ""])
        registry.write_text(text)

    def start(self, descriptors=None):
        """Starts, and returns when it serves. The first start takes a free port; later ones take the same again. `descriptors`: its limit."""
        # No preexec_fn: with one Python forks, and gRPC's threads in a test's process can hold a fork up for ever.
        few = ["/bin/sh", "-c", f'ulimit -n {descriptors}; exec "$0" "$@"'] if descriptors else []
        self.process = subprocess.Popen([*few, self.puente, "serve", "--config", str(self.folder / "puente.toml")],
                                        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for line in self.process.stderr:
            self.log.append(line)
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == "serving":
                self._keep_ports(event["grpc_port"], event["socket_port"])
                self._reader = threading.Thread(target=self._drain_log, args=(self.process,), daemon=True)
                self._reader.start()
                return
        raise RuntimeError("the gateway did not start:\n" + "".join(self.log[-20:]))

    def _keep_ports(self, port, socket_port):
        if self.port == port and self.socket_port == socket_port:
            return
        self.port, self.socket_port = port, socket_port
        config = self.folder / "puente.toml"
        text = re.sub(r'grpc = "127.0.0.1:\d+"', f'grpc = "127.0.0.1:{port}"', config.read_text())
        config.write_text(re.sub(r'socket = "127.0.0.1:\d+"', f'socket = "127.0.0.1:{socket_port}"', text))
        for client in self.folder.glob("client-*.toml"):
            client.write_text(re.sub(r'127\.0\.0\.1:\d+', f"127.0.0.1:{port}", client.read_text()))

    def _drain_log(self, process):
        with process.stderr:
            for line in process.stderr:
                with self._logged:
                    self.log.append(line)
                    self._logged.notify_all()

    def wait_for_log(self, said, timeout=60):
        """Until a line of the log from now on or before satisfies `said`."""
        with self._logged:
            if not self._logged.wait_for(lambda: any(said(line) for line in self.log), timeout):
                raise AssertionError("the log does not say so:\n" + "".join(self.log[-20:]))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=120)
        self._reader.join()
        return code

    def client(self, partner):
        return self.folder / f"client-{partner}.toml"

    def certificate(self, name):
        return (self.folder / "certificates" / name).read_bytes()


def generate_stubs(source, target):
    """The contract's stubs for Python, made by protoc and grpc_python_plugin, importable afterwards."""
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    plugin = shutil.which("grpc_python_plugin")
    protos = sorted((pathlib.Path(source) / "proto" / "puente" / "v1").glob("*.proto"))
    subprocess.run(["protoc", f"--python_out={target}", f"--grpc_out={target}", f"--plugin=protoc-gen-grpc={plugin}",
                    "-I", str(pathlib.Path(source) / "proto"), *map(str, protos)], check=True)
    sys.path.insert(0, str(target))


def environment():
    """What CTest hands over: the program, the sealing tool, the source tree."""
    return os.environ["PUENTE_PROGRAM"], os.environ.get("PUENTE_SEAL"), os.environ["PUENTE_SOURCE"]
