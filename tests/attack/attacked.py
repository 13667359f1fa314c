"""What every attack is measured by: the daemon's memory and processor time, another partner at its work, how soon the door serves again."""

import os
import pathlib
import re
import threading
import time

LONG = bool(os.environ.get("PUENTE_LONG"))
CORES = os.cpu_count()


def memory(gateway):
    """MiB resident."""
    text = pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def settled_memory(gateway, wanted):
    """The memory once it is at most `wanted`, or after ten seconds."""
    end = time.monotonic() + 10
    while (now := memory(gateway)) > wanted and time.monotonic() < end:
        time.sleep(0.1)
    return now


def cpu(gateway):
    """Seconds used so far."""
    fields = pathlib.Path(f"/proc/{gateway.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, share=0.99):
    """Milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000 if values else float("nan")


class Victim(threading.Thread):
    """Another partner at its work: asks, one call after another, until end(). `ask` returns or raises."""

    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask, self.times, self.failures, self.ending = ask, [], [], False

    def run(self):
        while not self.ending:
            began = time.monotonic()
            try:
                self.ask()
                self.times.append(time.monotonic() - began)
            except Exception as error:  # whatever it is, it failed because of another partner
                self.failures.append(repr(error))
                return
            time.sleep(0.005)

    def end(self):
        self.ending = True
        self.join()
        return self.times, self.failures


def write_figures(name, head, lines):
    if figures := os.environ.get("PUENTE_FIGURES"):
        pathlib.Path(figures).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(figures) / f"{name}.txt").write_text(head + "\n" + "".join(f"  {line}\n" for line in lines))
