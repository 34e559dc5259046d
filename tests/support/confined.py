"""Runs a command as a unit file confines it, as far as that works without systemd.

``python confined.py UNIT COMMAND...`` takes MemoryDenyWriteExecute, NoNewPrivileges,
RestrictAddressFamilies and SystemCallFilter from the unit and becomes the command. Folders and
capabilities stay as they are.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_EQUAL, _MASKED_EQUAL = 4, 7
_SET_NO_NEW_PRIVILEGES = 38
_WRITE, _EXECUTE, _SHM_EXECUTE = 2, 4, 0o100000


class _Compare(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


def lists_of(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit's section Service; those that stand there twice have both values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").partition("[Service]")[2].splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def calls_of(group: str) -> set[str]:
    """The system calls of a group such as ``@system-service``, groups inside it resolved."""
    asked = ["systemd-analyze", "syscall-filter", group]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    names: set[str] = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            names |= calls_of(word) if word.startswith("@") else {word}
    return names


def allowed_calls(filters: list[str]) -> set[str]:
    """What a list of SystemCallFilter leaves."""
    allowed: set[str] = set()
    for one in filters:
        for group in one.removeprefix("~").split():
            calls = calls_of(group) if group.startswith("@") else {group}
            allowed = allowed - calls if one.startswith("~") else allowed | calls
    return allowed


def confine(unit: Path) -> None:
    """Confine this process and all that it starts."""
    settings = lists_of(unit)
    calls = allowed_calls(settings["SystemCallFilter"])
    families = settings["RestrictAddressFamilies"][0].split()
    zeros = [ctypes.c_ulong(0)] * 3
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    _must(prctl(_SET_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), *zeros), "deny new privileges")
    if settings["MemoryDenyWriteExecute"] == ["true"]:
        _deny_writable_code()
    _allow(calls, {int(getattr(socket, one)) for one in families})


def _deny_writable_code() -> None:
    """As systemd does it: nothing is both written and executed, and nothing becomes code later."""
    rules = _Rules(_ALLOW)
    both = _WRITE | _EXECUTE
    rules.add(_REFUSE, "mmap", _Compare(2, _MASKED_EQUAL, both, both))
    for call in ("mprotect", "pkey_mprotect"):
        rules.add(_REFUSE, call, _Compare(2, _MASKED_EQUAL, _EXECUTE, _EXECUTE))
    rules.add(_REFUSE, "shmat", _Compare(2, _MASKED_EQUAL, _SHM_EXECUTE, _SHM_EXECUTE))
    rules.load()


def _allow(calls: set[str], families: set[int]) -> None:
    rules = _Rules(_REFUSE)
    for name in calls - {"socket"}:
        rules.add(_ALLOW, name)
    for family in families:
        rules.add(_ALLOW, "socket", _Compare(0, _EQUAL, family, 0))
    rules.load()


class _Rules:
    """A filter of system calls, by libseccomp."""

    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(otherwise))

    def add(self, action: int, call: str, compare: _Compare | None = None) -> None:
        """One rule; a call that this machine does not have is passed over."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return
        count, where = (0, None) if compare is None else (1, ctypes.byref(compare))
        added = self._library.seccomp_rule_add_array(self._context, action, number, count, where)
        _must(added, f"make a rule for {call}")

    def load(self) -> None:
        """From here on it holds."""
        _must(self._library.seccomp_load(self._context), "load the filter")


def _must(returned: int, what: str) -> None:
    if returned != 0:
        msg = f"could not {what}: {returned}"
        raise OSError(msg)


if __name__ == "__main__":
    confine(Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  # that is what it is for
