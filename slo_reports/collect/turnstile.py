"""So many requests to a source at once, and no more, from all processes of one machine.

Each request holds a lock on one of so many files. The kernel lets go of it when its process ends,
however that ends, so a worker that is killed takes no place with it.
"""

from __future__ import annotations

import fcntl
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slo_reports.errors import SourceError
from slo_reports.model import content_hash

_PAUSE = 0.01


class Turnstile:
    """Lets so many through at once.

    Args:
        source: URL of the source, which all that ask it have in common.
        places: how many requests may be in flight from this machine.
        folder: where the lock files are; default: the machine's folder for temporary files.
    """

    def __init__(self, source: str, places: int, folder: Path | None = None) -> None:
        name = f"slo-reports-{os.geteuid()}-{content_hash(source.encode())[:16]}"
        self._folder = (folder or Path(tempfile.gettempdir())) / name
        self._places = places

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for a place, and hold it.

        Raises:
            SourceError: the lock files cannot be made, or are not ours.
        """
        held = self._enter()
        try:
            yield
        finally:
            os.close(held)

    def _enter(self) -> int:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._folder.lstat().st_uid != os.geteuid():
                raise PermissionError(1, "it belongs to somebody else")
            while True:
                for place in range(self._places):
                    held = self._try(place)
                    if held is not None:
                        return held
                time.sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311  # who comes next is chance
        except OSError as error:
            msg = f"{self._folder}, which bounds the requests at once, fails: {error.strerror}"
            raise SourceError(msg) from error

    def _try(self, place: int) -> int | None:
        path = self._folder / str(place)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file
