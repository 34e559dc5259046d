"""A time limit for calls into libraries that have none of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


def within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """What a call returns or raises, if it does so in time.

    A call that does not come back is left to itself in a thread that keeps no process alive.

    Raises:
        TimeoutError: it takes longer.
    """
    done: list[_Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # noqa: BLE001  # raised below, in the caller's thread
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        msg = "no answer within the time limit"
        raise TimeoutError(msg)
    return done[0]
