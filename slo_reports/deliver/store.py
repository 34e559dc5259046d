"""The one contract of all places that files are put into, and its vocabulary."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from enum import Enum
from typing import Protocol

A_DAY = 86_400.0
"""After that, a temporary file of ours is a leftover of a killed process [s]."""


class Published(Enum):
    """What became of a file."""

    WRITTEN = "written"
    ALREADY_THERE = "already there"


class Store(Protocol):
    """Files below one folder, somewhere; opened on first use, and again after a failure.

    Names are plain file names, checked by the caller. Every failure is a ``Trouble``.
    """

    def place(self, names: Sequence[str]) -> str:
        """What a person finds a file by; without names, the folder itself."""

    def reach(self) -> None:
        """Connect, log in and look at the folder.

        Raises:
            Trouble: one of these failed.
        """

    def create(self, names: Sequence[str], content: bytes) -> Published:
        """Put a new file there, whole or not at all, making the folders above it.

        Raises:
            Trouble: it could not be written, or a different file has that name.
        """

    def read(self, names: Sequence[str]) -> bytes:
        """A file's content.

        Raises:
            NotThere: no file has that name.
            Trouble: it could not be read.
        """

    def replace(self, names: Sequence[str], content: bytes) -> None:
        """Put a file there whatever was in its place; who reads meanwhile sees the old or the new.

        Raises:
            Trouble: it could not be written; the old one is still there.
        """

    def try_out(self) -> None:
        """Write a trial file into the folder, rename it, read it back and remove it.

        Raises:
            Trouble: one of these failed.
        """

    def close(self) -> None:
        """Let go of the connection; never raises."""


def temporary_name() -> str:
    """A name for a file that is being written: hidden, and nobody else's."""
    return f".{secrets.token_hex(8)}.part"


def is_temporary(name: str) -> bool:
    """Whether a file was being written by one of us."""
    return re.fullmatch(r"\.[0-9a-f]{16}\.part", name) is not None
