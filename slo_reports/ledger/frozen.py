"""Frozen bytes on disk: a run's folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from slo_reports.errors import LedgerError
from slo_reports.model import content_hash, is_file_name


def run_folder(state: Path, report: str, period: str, revision: int) -> Path:
    """Where a run's frozen bytes lie.

    Raises:
        LedgerError: the report's or the period's name is no plain file name.
    """
    for name in (report, period):
        if not is_file_name(name):
            msg = f"{name!r} cannot name a folder of the ledger: it is no plain file name"
            raise LedgerError(msg)
    return state / "runs" / report / period / f"r{revision}"


def freeze_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files, synced and read back, and move it to its place in one step.

    A folder that is there already, whole or in part, belongs to a run that was never recorded, so
    nothing of it was sent: it is replaced. The caller holds the ledger's write lock.

    Args:
        folder: the final place.
        files: content by path below it.
    """
    make_folders(folder.parent)
    beside = folder.with_name(f".{folder.name}.part")
    for left in (beside, folder):
        if left.exists():
            shutil.rmtree(left)
    try:
        _write_tree(beside, files)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def read_frozen(folder: Path, path: str, sha256: str) -> bytes:
    """The frozen bytes at a path below a run's folder.

    Raises:
        LedgerError: they are not what was frozen.
    """
    content = (folder / path).read_bytes()
    if content_hash(content) != sha256:
        raise changed(folder / path, content, sha256)
    return content


def changed(what: object, content: bytes, sha256: str) -> LedgerError:
    """That bytes are not those with a hash on record."""
    msg = (
        f"{what} is not what was frozen (sha256 {content_hash(content)[:12]}…, recorded "
        f"{sha256[:12]}…), so it is not sent; put it back from a backup"
    )
    return LedgerError(msg)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, each synced into its parent."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write_tree(root: Path, files: Mapping[str, bytes]) -> None:
    root.mkdir()
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(exist_ok=True)
        _write(target, content)
    for folder in {(root / path).parent for path in files} | {root}:
        sync_folder(folder)


def _write(target: Path, content: bytes) -> None:
    with target.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    with target.open("rb") as stream:
        written = hashlib.file_digest(stream, "sha256").hexdigest()
    if written != content_hash(content):
        msg = f"{target} read back differs from what was written; check the disk"
        raise LedgerError(msg)
