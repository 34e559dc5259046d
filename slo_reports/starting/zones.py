"""The time zone that a machine is set to, by its IANA name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SYSTEM = Path("/etc")
_ALSO_UTC = {"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu"}


def system_zone(environment: Mapping[str, str] = os.environ, system: Path = _SYSTEM) -> str:
    """The zone that TZ, ``/etc/timezone`` or ``/etc/localtime`` names; UTC where none does.

    Args:
        environment: where TZ is looked up.
        system: the folder of the two files.
    """
    names = (environment.get("TZ", "").removeprefix(":"), _written(system), _linked(system))
    found = next((name for name in names if name and _is_zone(name)), "UTC")
    return "UTC" if found in _ALSO_UTC else found


def _written(system: Path) -> str:
    try:
        return (system / "timezone").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _linked(system: Path) -> str:
    """What ``/etc/localtime`` points to, below the folder of all zones."""
    _, found, name = str((system / "localtime").resolve()).partition("/zoneinfo/")
    return name if found else ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return "/" in name or name == "UTC"
