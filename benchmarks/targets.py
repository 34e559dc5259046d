"""What we set out to reach, beside what the benchmarks of one run found.

Each benchmark notes its targets; with ``BENCH_TARGETS`` they go to that file as well.

Usage: python benchmarks/targets.py FILE      (prints all that was noted there)
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def at_most(what: str, found: float, limit: float, unit: str) -> None:
    """Note what should not be above a limit."""
    _note(what, found, limit, unit, "at most")


def at_least(what: str, found: float, limit: float, unit: str) -> None:
    """Note what should not be below a limit."""
    _note(what, found, limit, unit, "at least")


def _note(*words: str | float) -> None:
    line = json.dumps(words)
    if place := os.environ.get("BENCH_TARGETS"):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    print(f"→ {told(line)}", flush=True)


def told(line: str) -> str:
    """A noted target in words."""
    what, found, limit, unit, how = json.loads(line)
    met = found <= limit if how == "at most" else found >= limit
    wanted = f"{how} {limit:g} {unit}"
    return f"{what:60}{found:>9.3g} {unit:6}{wanted:18}{'met' if met else 'NOT MET'}"


def main() -> None:
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        print(told(line))


if __name__ == "__main__":
    main()
