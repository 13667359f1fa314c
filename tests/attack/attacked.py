"""What every attack is measured by: the daemon's memory and processor time, another partner at its work, how soon the door serves again."""

import os
import pathlib
import re
import subprocess
import sys
import threading
import time

LONG = bool(os.environ.get("PUENTE_LONG"))
CORES = os.cpu_count()
HERE = pathlib.Path(__file__).resolve().parent


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
    """Another partner at its work: asks, one call after another, and hands a document over between, until end(). `ask` and `hand_over`
    return or raise; `accepted` counts the documents."""

    EVERY = 10  # questions to a document

    def __init__(self, ask, hand_over):
        super().__init__(daemon=True)
        self.ask, self.hand_over, self.times, self.failures, self.accepted, self.ending = ask, hand_over, [], [], 0, False

    def run(self):
        while not self.ending:
            try:
                if len(self.times) % self.EVERY == 0:
                    self.hand_over(f"<of-another-partner n='{time.time_ns()}'/>".encode())
                    self.accepted += 1
                began = time.monotonic()
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


# The others' p99 beside an attack, of that beside programs that burn as much of the processor (security 6 and 7).
OTHERS = 1.20
SLICE = 4  # ms of the kernel's scheduler: with so few cores, p99s of some milliseconds are not told apart any closer
TURNS = 5


class Burners:
    """What an attack costs the machine, without touching the gateway: of one core, the attacker's share and the gateway's."""

    def __init__(self, shares, seconds):
        rates = [rate for share in shares for rate in [1.0] * int(share) + [share % 1] if rate > 0.01]
        command = [sys.executable, HERE / "grpc_attacks.py", "burn", "0", "", "", str(seconds)]
        self.processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"PUENTE_ATTACK_RATE": str(100 * rate)})
                          for rate in rates]

    def wait(self):
        for process in self.processes:
            process.wait()


def in_turns(gateway, attack, victim, seconds):
    """The others' p99 in ms beside the attack and beside burners, a value a turn, and what failed. `attack(seconds)` returns the
    attacker's processor seconds; `victim()` a Victim that has not been started."""
    beside_attack, beside_burners, failures, own = [], [], [], 0.0
    for turn in range(TURNS):
        other = victim()
        other.start()
        began, used = time.monotonic(), cpu(gateway)
        attacker = attack(seconds)
        took, used = time.monotonic() - began, cpu(gateway) - used
        times, failed = other.end()
        beside_attack.append(percentile(times))
        failures += failed
        other = victim()
        other.start()
        began, quiet = time.monotonic(), cpu(gateway)
        burners = Burners([attacker / took, max(0.0, used / took - own)], seconds)
        burners.wait()
        own = (cpu(gateway) - quiet) / (time.monotonic() - began)  # the victim's questions alone
        times, failed = other.end()
        beside_burners.append(percentile(times))
        failures += failed
    return beside_attack, beside_burners, failures


def compare(test, row, gateway, attack, victim, seconds):
    """Asserts the bound of the others' p99 beside the attack; a line of figures. What is over it is measured once more, whole: what the
    attack does is there again, what the machine did beside it is not."""
    for _ in range(2):
        attacks, burners, failures = in_turns(gateway, attack, victim, seconds)
        beside, without = sorted(attacks)[TURNS // 2], sorted(burners)[TURNS // 2]
        line = (f"{row:<34} other's p99, ms, beside it {' '.join(f'{value:.1f}' for value in attacks)}, beside burners"
                f" {' '.join(f'{value:.1f}' for value in burners)}: {beside / without:.2f}")
        print(line, flush=True)
        test.assertEqual(failures, [], f"calls of another partner failed during {row}")
        if beside <= max(OTHERS * without, without + SLICE):
            return line
    test.fail(f"others' p99 during {row}: {beside / without:.2f} of that beside as much load elsewhere")


def write_figures(name, head, lines):
    if figures := os.environ.get("PUENTE_FIGURES"):
        pathlib.Path(figures).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(figures) / f"{name}.txt").write_text(head + "\n" + "".join(f"  {line}\n" for line in lines))
