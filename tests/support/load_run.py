"""A gateway with 8 carriers and 20 filers, and puente-load's carriers and brokers around it. See tests/support/load."""

import json
import os
import pathlib
import signal
import subprocess

import gateway_process

FILERS = [f"filer-{n:02d}" for n in range(1, 21)]


def make_corpus(corpus, source, folder, shipments, **options):
    """corpus: the program puente-corpus. options: amendments, seed, carriers, filers, eta_hours=(first, last)."""
    words = []
    for name, value in options.items():
        words += ["--" + name.replace("_", "-")] + [str(v) for v in (value if isinstance(value, tuple) else (value,))]
    subprocess.run([corpus, "documents", str(source), str(folder), "--shipments", str(shipments), *words], check=True,
                   stdout=subprocess.DEVNULL)
    return pathlib.Path(folder)


class LoadGateway(gateway_process.Gateway):
    """options: window, lease of each filer."""

    def __init__(self, puente, corpus_program, folder, documents, **options):
        documents = pathlib.Path(documents)
        super().__init__(puente, folder, trust=documents / "trust", partners=documents / "partners", catalog=documents / "catalog.csv")
        words = [word for name, value in options.items() for word in ("--" + name, str(value))]
        subprocess.run([corpus_program, "gateway", str(self.folder), *words], check=True)

    def configure(self, table, **keys):
        """More keys of puente.toml, before the start."""
        with open(self.folder / "puente.toml", "a") as config:
            config.write(f"\n[{table}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in keys.items()))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Load:
    """One run of puente-load. `options`: as on its command line, underscores for dashes; a list repeats the option."""

    def __init__(self, program, verb, gateway, **options):
        words = []
        for name, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                words += ["--" + name.replace("_", "-"), str(one)]
        port = gateway.socket_port if options.get("transport") == "socket" else gateway.port
        self.process = subprocess.Popen([program, verb, "--address", f"localhost:{port}", "--certificates",
                                         str(gateway.folder / "certificates"), *words], stdout=subprocess.PIPE, text=True)
        self.summary = None

    def finish(self, stop=False, timeout=None):
        """Waits for its end, or asks for it; returns its summary. Its exit code stays in self.process.returncode."""
        if stop and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=timeout)
        self.summary = json.loads(output) if output.strip() else None
        return self.summary

    def kill(self):
        self.process.kill()
        self.process.communicate()


def lines(file):
    """The complete lines of a log."""
    with open(file) as log:
        return [json.loads(line) for line in log if line.endswith("}\n")]
