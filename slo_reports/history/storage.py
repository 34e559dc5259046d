"""Where the history's files lie: a local folder, or anything that fsspec has a file system for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from slo_reports.errors import ConfigurationError, HistoryError


class Storage:
    """Files below a root that appear whole or not at all.

    Raises:
        ConfigurationError: no file system is known for the URL.
    """

    def __init__(self, url: str) -> None:
        try:
            self._fs, self._root = url_to_fs(url)
        except ImportError as error:
            msg = f"history: {url} needs a Python package that is not installed: {error}"
            raise ConfigurationError(msg) from error
        except ValueError as error:
            msg = f"history: {url} is no folder and no URL of a known file system: {error}"
            raise ConfigurationError(msg) from error
        self.local = isinstance(self._fs, LocalFileSystem)

    @property
    def folder(self) -> Path | None:
        """The root, where that is a folder of this machine."""
        return Path(self._root) if self.local else None

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted; none where there is no such folder."""
        self._fs.invalidate_cache()
        with self._told(folder):
            try:
                listed = self._fs.ls(self._at(folder), detail=False)
            except FileNotFoundError:
                return []
        return sorted(PurePosixPath(one).name for one in listed)

    def read(self, name: str) -> Any:
        """An open file, to read parts of.

        Raises:
            FileNotFoundError: it is not there, or no longer.
            HistoryError: it cannot be read.
        """
        with self._told(name):
            return self._fs.open(self._at(name), "rb")

    def put(self, name: str, content: bytes) -> None:
        """Write a file; who reads meanwhile sees all of it or nothing."""
        with self._told(name):
            if self.local:
                _put_local(Path(self._at(name)), content)
            else:
                self._fs.pipe_file(self._at(name), content)

    def remove(self, name: str) -> None:
        """Remove a file that somebody may have removed already."""
        with self._told(name):
            try:
                self._fs.rm_file(self._at(name))
            except FileNotFoundError:
                return

    def path(self, name: str) -> str:
        """What a person finds a file by."""
        return self._at(name) if self.local else str(self._fs.unstrip_protocol(self._at(name)))

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            msg = f"the history's {self.path(name)} could not be used: {error.strerror or error}"
            raise HistoryError(msg) from error


def _put_local(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
