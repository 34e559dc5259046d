"""A folder of this machine, or one that is mounted here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from slo_reports.deliver.filing import file_away, look_at, read_file, replace_file, try_out
from slo_reports.deliver.store import Published


class LocalStore:
    """Files below a folder that must exist."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def place(self, names: Sequence[str]) -> str:
        """The path."""
        return str(self._base.joinpath(*names))

    def reach(self) -> None:
        """Look at the folder."""
        look_at(self._base)

    def create(self, names: Sequence[str], content: bytes) -> Published:
        """Put a new file there, whole or not at all."""
        return file_away(self._base, names, content)

    def read(self, names: Sequence[str]) -> bytes:
        """A file's content."""
        return read_file(self._base, names)

    def replace(self, names: Sequence[str], content: bytes) -> None:
        """Put a file there whatever was in its place."""
        replace_file(self._base, names, content)

    def try_out(self) -> None:
        """Write, rename, read back and remove a trial file."""
        try_out(self._base)

    def close(self) -> None:
        """Nothing is held open."""
