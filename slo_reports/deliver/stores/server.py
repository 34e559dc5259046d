"""Putting files on a server whole or not at all, and never over another one.

Written beside its place under a hidden name of its own, read back, moved to the final name in a
way that the server refuses where the name is taken, and read back once more. This is the order
of steps; what each is on SFTP, SMB or WebDAV, its adapter knows (``Files``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from slo_reports.deliver.store import A_DAY, Published, is_temporary, temporary_name
from slo_reports.deliver.trouble import (
    Trouble,
    could_not,
    is_different,
    is_missing,
    reads_back_differently,
)
from slo_reports.model import content_hash


class Files(Protocol):
    """What a server can do with files below its folder; paths have ``/`` between names.

    What the server refuses is an ``OSError`` with its number where that is known. A connection
    that fails is a ``Trouble``; the next call opens a new one.
    """

    @property
    def is_open(self) -> bool:
        """Whether the server was reached and may be asked more."""

    def place(self, path: str) -> str:
        """What a person finds a file by."""

    def reach(self) -> None:
        """Connect, log in and see that the folder is there, if that has not been done."""

    def make_folder(self, path: str) -> None:
        """Make one folder, unless it is there."""

    def read(self, path: str) -> bytes:
        """A file's content; ``FileNotFoundError`` where there is none."""

    def write_new(self, path: str, content: bytes) -> None:
        """Write a file that nobody else knows of."""

    def move_new(self, source: str, target: str) -> None:
        """Rename a file; ``FileExistsError``, and nothing done, where the target is taken."""

    def move_over(self, source: str, target: str) -> None:
        """Rename a file, in the place of another if there is one."""

    def remove(self, path: str) -> None:
        """Remove a file; ``FileNotFoundError`` where there is none."""

    def ages(self, folder: str) -> Iterable[tuple[str, float]]:
        """The names in a folder, and when each was written last by the server's clock [s]."""

    def close(self) -> None:
        """Let go of the connection; never raises."""


class ServerStore:
    """Files below a folder of a server."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def place(self, names: Sequence[str]) -> str:
        """The URL, with its letters as they are."""
        return self._files.place("/".join(names))

    def reach(self) -> None:
        """Connect, log in and look at the folder."""
        with self._told(f"look into {self.place(())}"):
            self._files.reach()

    def create(self, names: Sequence[str], content: bytes) -> Published:
        """Put a new file there, whole or not at all."""
        target = "/".join(names)
        with self._told(f"write {self._files.place(target)}"):
            self._make_folders(names)
            if self._same_is_there(target, content):
                return Published.ALREADY_THERE
            return self._publish(target, content)

    def read(self, names: Sequence[str]) -> bytes:
        """A file's content."""
        path = "/".join(names)
        with self._told(f"read {self._files.place(path)}"):
            self._files.reach()
            try:
                return self._files.read(path)
            except FileNotFoundError as error:
                raise is_missing(self._files.place(path)) from error

    def replace(self, names: Sequence[str], content: bytes) -> None:
        """Put a file there whatever was in its place."""
        target = "/".join(names)
        with self._told(f"write {self._files.place(target)}"):
            self._make_folders(names)
            with self._temporary(target, content) as temporary:
                self._files.move_over(temporary, target)

    def try_out(self) -> None:
        """Write, rename, read back and remove a trial file."""
        content, target = b"slo-reports was here", temporary_name()
        with self._told(f"write into {self.place(())}"):
            self._files.reach()
            with self._temporary(target, content) as temporary:
                self._files.move_new(temporary, target)
            self._check_read_back(target, content)
            self._files.remove(target)

    def close(self) -> None:
        """Let go of the connection."""
        self._files.close()

    def _make_folders(self, names: Sequence[str]) -> None:
        self._files.reach()
        for depth in range(1, len(names)):
            self._files.make_folder("/".join(names[:depth]))

    def _publish(self, target: str, content: bytes) -> Published:
        with self._temporary(target, content) as temporary:
            self._sweep(temporary)
            try:
                self._files.move_new(temporary, target)
            except FileExistsError:
                if self._same_is_there(target, content):
                    self._files.remove(temporary)
                    return Published.ALREADY_THERE
                raise
        if not self._same_is_there(target, content):
            raise reads_back_differently(self._files.place(target))
        return Published.WRITTEN

    @contextmanager
    def _temporary(self, target: str, content: bytes) -> Iterator[str]:
        """A file with the content beside a target; whoever moves it away has it."""
        folder = target.rpartition("/")[0]
        temporary = f"{folder}/{temporary_name()}".removeprefix("/")
        try:
            self._files.write_new(temporary, content)
            self._check_read_back(temporary, content)
            yield temporary
        except BaseException:
            if self._files.is_open:
                with suppress(OSError, Trouble):
                    self._files.remove(temporary)
            raise

    def _check_read_back(self, path: str, content: bytes) -> None:
        if content_hash(self._files.read(path)) != content_hash(content):
            raise reads_back_differently(self._files.place(path))

    def _same_is_there(self, target: str, content: bytes) -> bool:
        try:
            present = self._files.read(target)
        except FileNotFoundError:
            return False
        if present == content:
            return True
        raise is_different(self._files.place(target), present, content)

    def _sweep(self, fresh: str) -> None:
        """Remove what killed processes left a day and more before ``fresh`` was written."""
        folder, _, name = fresh.rpartition("/")
        with suppress(OSError):  # another user's, or gone meanwhile
            ages = {one: age for one, age in self._files.ages(folder) if is_temporary(one)}
            for one, age in ages.items():
                if ages.get(name, 0.0) - age > A_DAY:
                    self._files.remove(f"{folder}/{one}".removeprefix("/"))

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise could_not(what, error, "look into the server's log: is its disk full?") from error
