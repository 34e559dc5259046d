"""Where things are kept on this machine, and its time zones."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from slo_reports.deliver.contract import Check
from slo_reports.errors import ConfigurationError, HistoryError, LedgerError
from slo_reports.history import History
from slo_reports.job import World

_LITTLE = 500 * 1000**2
_TOO_LITTLE = 50 * 1000**2
_NETWORK = re.compile(r"(nfs\d*|cifs|smb\w*|9p|ceph|glusterfs|lustre|afs|fuse\.\w*(ssh|s3|smb)\w*)")
_RIGHTS = "make the folder, and let the user that runs slo-reports write there"


def examine_state(world: World) -> Iterator[Check]:
    """Whether the state folder takes files, has room, and is no network's; the ledger in it."""
    folder = world.settings.state
    there = nearest_folder(folder)
    yield _written(folder, there)
    yield room(shutil.disk_usage(there).free)
    yield local(there, _mounts())
    yield _ledger(world)


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(one for one in (path.absolute(), *path.absolute().parents) if one.is_dir())


def _written(folder: Path, there: Path) -> Check:
    what = "write and sync a file"
    blocked = _in_the_way(folder, there)
    if blocked is not None:
        seen = f"{blocked} is no folder"
        return Check(what, is_fine=False, seen=seen, mend="move it away, or name another folder")
    try:
        with tempfile.TemporaryFile(dir=there) as trial:
            trial.write(b"slo-reports was here")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return Check(what, is_fine=False, seen=f"{there}: {error.strerror}", mend=_RIGHTS)
    seen = "" if there == folder.absolute() else f"in {there}; the first run makes the folder"
    return Check(what, is_fine=True, seen=seen)


def _in_the_way(folder: Path, there: Path) -> Path | None:
    for one in (folder.absolute(), *folder.absolute().parents):
        if one == there:
            return None
        if one.exists():
            return one
    return None


def room(free: int) -> Check:
    """Whether the disk has room; a year of ten reports takes some hundred megabytes."""
    seen = f"{free / 1000**3:.1f} GB free" if free >= 1000**3 else f"{free / 1000**2:.0f} MB free"
    if free >= _LITTLE:
        return Check("room", is_fine=True, seen=seen)
    fine = None if free >= _TOO_LITTLE else False
    return Check("room", is_fine=fine, seen=seen, mend="make room: 500 MB should be free")


def local(folder: Path, mounts: str) -> Check:
    """Whether a folder is on a disk of this machine.

    Args:
        folder: an existing one.
        mounts: as in ``/proc/mounts``.
    """
    kind = file_system(folder, mounts)
    if kind is None or not _NETWORK.fullmatch(kind):
        return Check("on a local disk", is_fine=True, seen=kind or "as far as can be told")
    mend = "locks do not hold there: use a local folder, and `ledger` for several machines"
    return Check("on a local disk", is_fine=None, seen=kind, mend=mend)


def file_system(folder: Path, mounts: str) -> str | None:
    """The kind of file system that a folder is on; None where it cannot be told."""
    target, found, depth = folder.resolve(), None, -1
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = Path(re.sub(r"\\(\d{3})", lambda one: chr(int(one[1], 8)), words[1]))
        if target.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = words[2], len(point.parts)
    return found


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _ledger(world: World) -> Check:
    settings = world.settings.ledger
    where = "" if settings is None else f" in {settings.url}"
    try:
        there = world.has_ledger()
    except (ConfigurationError, LedgerError) as error:
        mend = "mend ledger" if settings is not None else "mend the state folder"
        return Check("ledger", is_fine=False, seen=str(error), mend=mend)
    seen = f"there{where}" if there else f"none yet{where}; the first run makes it"
    return Check("ledger", is_fine=True, seen=seen)


def examine_history(history: History) -> Iterator[Check]:
    """Whether a file can be kept there, read and removed."""
    folder, what = history.folder, "write, read and remove a file"
    if folder is not None and not folder.is_dir():
        yield _written(folder, nearest_folder(folder))  # makes nothing that would have to stay
        return
    try:
        history.try_out()
    except (HistoryError, ConfigurationError) as error:
        yield Check(what, is_fine=False, seen=str(error), mend="mend `history`, or its rights")
    else:
        yield Check(what, is_fine=True, seen="")


def examine_zones(world: World) -> Iterator[Check]:
    """Whether the zones of the reports are known here, and TZ names one, if it is set."""
    settings = world.settings
    zones = sorted({settings.timezone, *(world.zone(one) for one in settings.reports)})
    unknown = [one for one in zones if not _is_zone(one)]
    if unknown:
        mend = "install tzdata"
        yield Check("time zones", is_fine=False, seen=f"no {', '.join(unknown)}", mend=mend)
    else:
        yield Check("time zones", is_fine=True, seen=f"{', '.join(zones)}; {zone_data()}")
    name = os.environ.get("TZ", "").removeprefix(":")
    if name and not _is_zone(name):
        seen = f"TZ is {name!r}, which is no zone; reports do not look at it, other programs do"
        yield Check("TZ", is_fine=None, seen=seen, mend="unset TZ, or name a zone of tzdata")


def zone_data() -> str:
    """Which edition of the zones is used: the system's where there is one, else the package's."""
    for folder in map(Path, TZPATH):
        try:
            with (folder / "tzdata.zi").open(encoding="utf-8") as file:
                return f"tzdata {file.readline().removeprefix('# version ').strip()}"
        except OSError:
            continue
    try:
        return f"tzdata {version('tzdata')} (Python package)"
    except PackageNotFoundError:
        return "tzdata of unknown edition"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name in {"UTC", "UTC0"}
    return True
