"""A process that sets one page several times and tells what it cost; rendering.py starts it.

It loads what a process of a real run loads, and nothing of the benchmark.
"""

import pickle
import re
import sys
import time
from pathlib import Path

from slo_reports.typesetting.worker import prepare, typeset

MEMORY = 3 * 1024**3


def main() -> None:
    """A pickled job and the number of rounds come in; best CPU time [s], PDF and memory [MB] go."""
    prepare(MEMORY)
    job, rounds = pickle.load(sys.stdin.buffer)  # noqa: S301 from the benchmark that started us
    content = typeset(job).content
    times = []
    for _ in range(rounds):
        start = time.process_time()
        typeset(job)
        times.append(time.process_time() - start)
    sys.stdout.buffer.write(pickle.dumps((min(times), content, most_memory())))


def most_memory() -> float:
    """The most that this process held [MB]; what `getrusage` tells begins with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


if __name__ == "__main__":
    main()
