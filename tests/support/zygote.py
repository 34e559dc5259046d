"""A process that has everything imported, and forks a ``slo-reports`` for each line it reads.

A line is JSON: ``words`` of the command line, ``now`` (ISO; the clock stands still there), ``log``
(file for what it prints), and how it ends: ``kill_after`` seconds, ``kill_at`` the number of an
effectful step, or neither. ``copies`` are started at once. The answer is a line with the exit
codes (negative: killed by that signal), the seconds it took, and how many effectful steps the
first made.

An effectful step is what a kill can fall before or after: a commit of the ledger, a command or
message to a mail server, an answer of one, and every file or folder that is opened for writing,
made, linked, renamed, synced or removed.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine.default import DefaultDialect

import slo_reports.cli
import slo_reports.doctoring  # imports what commands would import when they need it
import slo_reports.due
import slo_reports.render


class Steps:
    """Counts effectful steps, and ends the process by SIGKILL at one of them."""

    def __init__(self, kill_at: int | None, counter: int) -> None:
        self._kill_at, self._counter, self._count = kill_at, counter, 0

    def step(self) -> None:
        """One more; the last for some."""
        self._count += 1
        if self._count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        os.pwrite(self._counter, f"{self._count}\n".encode(), 0)

    def around(self, holder: object, name: str) -> None:
        """Make a function a step before it and a step after it."""
        original = getattr(holder, name)

        def wrapped(*args: object, **more: object) -> object:
            self.step()
            result = original(*args, **more)
            self.step()
            return result

        setattr(holder, name, wrapped)

    def instrument(self) -> None:
        """Let every effectful step of this process count."""
        self.around(DefaultDialect, "do_commit")
        self.around(smtplib.SMTP, "send")
        self.around(smtplib.SMTP, "getreply")
        for name in ("link", "rename", "replace", "mkdir", "unlink", "fsync"):
            self.around(os, name)
        own_open = os.open

        def opened(path: str, flags: int, *args: int, **more: int) -> int:
            result = own_open(path, flags, *args, **more)
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.step()
            return result

        os.open = opened  # type: ignore[assignment]


def main() -> None:
    """Serve until the input ends."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), flush=True)


def serve(order: dict[str, object]) -> dict[str, object]:
    """Start the copies together, end them as ordered, and wait for them."""
    counter = os.memfd_create("steps")
    gate, opener = os.pipe()
    children = []
    for number in range(int(order.get("copies", 1))):  # type: ignore[call-overload]
        pid = os.fork()
        if pid == 0:
            os.close(opener)
            os.read(gate, 1)  # all begin when the gate is opened
            run(order, counter if number == 0 else os.open(os.devnull, os.O_WRONLY))
        children.append(pid)
    os.close(gate)
    began = time.monotonic()
    os.close(opener)
    if order.get("kill_after") is not None:
        time.sleep(float(order["kill_after"]))  # type: ignore[arg-type]
        for pid in children:
            os.kill(pid, signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    took = time.monotonic() - began
    steps = os.pread(counter, 20, 0).decode().strip()
    os.close(counter)
    return {"codes": codes, "seconds": took, "steps": int(steps or 0)}


def run(order: dict[str, object], counter: int) -> None:
    """Be a ``slo-reports`` and end."""
    code = 1
    try:
        log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        now = datetime.fromisoformat(str(order["now"]))
        sys.modules["slo_reports.cli.app"].now = lambda: now  # type: ignore[attr-defined]
        sys.argv = ["slo-reports", *map(str, order["words"])]  # type: ignore[call-overload]
        os.chdir(Path(str(order["log"])).parent)
        kill_at = order.get("kill_at")
        Steps(None if kill_at is None else int(kill_at), counter).instrument()  # type: ignore[call-overload]
        slo_reports.cli.main()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001  # whatever it is, the child must not go on as the zygote
        import traceback  # noqa: PLC0415

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
