"""Runs a benchmark and asserts that it ended well and said what it measured: each pattern matches, one after the other."""

import re
import subprocess
import sys

program, *patterns = sys.argv[1:]
run = subprocess.run([program], stdout=subprocess.PIPE, text=True)
sys.stdout.write(run.stdout)
missing, rest = [], run.stdout
for pattern in patterns:
    found = re.search(pattern, rest)
    if not found:
        missing.append(pattern)
    else:
        rest = rest[found.end():]
for pattern in missing:
    print("the output does not say:", pattern, file=sys.stderr)
sys.exit(run.returncode or (1 if missing else 0))
