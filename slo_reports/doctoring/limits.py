"""Places that are looked at side by side, each with a time limit and behind a wall.

Whatever happens in one place, it becomes a check there and keeps nothing else from being looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from slo_reports.deliver.contract import Check
from slo_reports.errors import SloReportsError

Checks = Callable[[], Iterator[Check]]


@dataclass(frozen=True)
class Finding:
    """A check, and the place that was looked at, such as ``State folder /var/lib/slo-reports``."""

    place: str
    check: Check


def looked_at(places: Iterator[tuple[str, Checks]], limit: float) -> Iterator[Finding]:
    """The findings of all places, in their order.

    Args:
        places: name and what looks at it.
        limit: of each place, from the beginning [s].
    """
    begun = [(name, _begin(checks)) for name, checks in places]
    deadline = time.monotonic() + limit
    for name, found in begun:
        for check in _until(found, deadline, limit):
            yield Finding(name, check)


def _begin(checks: Checks) -> Queue[Check | None]:
    """Look in a thread that keeps nobody from ending the program."""
    found: Queue[Check | None] = Queue()

    def work() -> None:
        try:
            for check in checks():
                found.put(check)
        except SloReportsError as error:
            found.put(Check("look further", is_fine=False, seen=str(error)))
        except Exception as error:  # noqa: BLE001  # one broken place must not hide the others
            seen = f"{type(error).__name__} in slo-reports itself"
            mend = "this is a bug: please report it"
            found.put(Check("look further", is_fine=False, seen=seen, mend=mend))
        found.put(None)

    Thread(target=work, daemon=True).start()
    return found


def _until(found: Queue[Check | None], deadline: float, limit: float) -> Iterator[Check]:
    while True:
        try:
            check = found.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            yield Check("look further", is_fine=False, seen=f"not done within {limit:g} s",
                        mend="is it too slow, or does it not answer?")  # fmt: skip
            return
        if check is None:
            return
        yield check
