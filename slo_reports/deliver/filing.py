"""Putting a file into a folder whole or not at all, and never over another one.

Written beside its place under a name of its own, synced, read back, and only then linked to the
final name, which fails where that exists. Every step works on an open folder, and no symbolic
link below the base is followed, so nobody can lead the file elsewhere.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from slo_reports.errors import DeliveryError
from slo_reports.model import content_hash

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_LINKS_HERE = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_NO_FOLDER_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}
_HELP = {
    errno.EACCES: "give the user that runs slo-reports the right to write there",
    errno.EPERM: "give the user that runs slo-reports the right to write there",
    errno.EROFS: "it is mounted read-only: mount it writable",
    errno.ENOSPC: "make room on it",
    errno.EDQUOT: "make room in the quota",
    errno.EFBIG: "raise the limit on the size of files",
    errno.EEXIST: "move it away",
    errno.ELOOP: "symbolic links below the share's folder are not followed: put a folder there",
    errno.ENOTDIR: "something that is no folder lies in the way: move it away",
}


class Published(Enum):
    """What became of a file."""

    WRITTEN = "written"
    ALREADY_THERE = "already there"


def hard_link(temporary: str, name: str, folder: int) -> None:
    """Give a file a second name in its folder; fails where the name is taken."""
    os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)


def file_away(
    base: Path,
    names: Sequence[str],
    content: bytes,
    *,
    link: Callable[[str, str, int], None] = hard_link,
) -> Published:
    """Put a file at ``base/names[0]/…/names[-1]``, making the folders below ``base``.

    Args:
        base: a folder that must exist.
        names: plain names, checked by the caller.
        content: the whole file.
        link: gives the written file its final name and fails where that is taken; where the file
            system has no hard links (EPERM and its kin) the name is created exclusively instead.

    Raises:
        DeliveryError: it could not be written, or a different file has that name.
    """
    target = base.joinpath(*names)
    try:
        with _folder(base, names[:-1]) as folder:
            if _same_is_there(folder, names[-1], content, target):
                return Published.ALREADY_THERE
            return _publish(folder, names[-1], content, target, link)
    except OSError as error:
        why = f"{error.strerror}; {_HELP.get(error.errno or 0, 'is the share mounted?')}"
        msg = f"could not write {target}: {why}"
        raise DeliveryError(msg, retryable=True) from error


def try_out(base: Path) -> None:
    """Write a trial file into a folder, read it back and remove it.

    Raises:
        DeliveryError: one of these cannot be done.
    """
    name = f".{secrets.token_hex(8)}.part"
    try:
        with _folder(base, ()) as folder:
            _write_new(folder, name, b"slo-reports was here", base / name)
            _remove(folder, name)
    except OSError as error:
        why = f"{error.strerror}; {_HELP.get(error.errno or 0, 'is the share mounted?')}"
        msg = f"could not write into {base}: {why}"
        raise DeliveryError(msg, retryable=True) from error


def _publish(
    folder: int, name: str, content: bytes, target: Path, link: Callable[[str, str, int], None]
) -> Published:
    temporary = f".{secrets.token_hex(8)}.part"
    try:
        _write_new(folder, temporary, content, target)
        try:
            link(temporary, name, folder)
        except FileExistsError:
            if _same_is_there(folder, name, content, target):
                return Published.ALREADY_THERE
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS_HERE:
                raise
            _write_new(folder, name, content, target)
    finally:
        _remove(folder, temporary)
    _sync_folder(folder)
    return Published.WRITTEN


@contextmanager
def _folder(base: Path, names: Sequence[str]) -> Iterator[int]:
    try:
        folder = os.open(base, _FOLDER)
    except (FileNotFoundError, NotADirectoryError) as error:
        msg = f"the share's folder {base} is not there; is the share mounted?"
        raise DeliveryError(msg, retryable=True) from error
    try:
        for name in names:
            parent, folder = folder, _enter(folder, name)
            os.close(parent)
        yield folder
    finally:
        os.close(folder)


def _enter(parent: int, name: str) -> int:
    try:
        os.mkdir(name, dir_fd=parent)
        _sync_folder(parent)
    except FileExistsError:
        pass  # a folder from last time, or another writer's just now
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)


def _write_new(folder: int, name: str, content: bytes, target: Path) -> None:
    """A new file, synced and read back; nothing is left of it on failure."""
    file = os.open(name, _NEW, 0o644, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _check_read_back(folder, name, content, target)
    except BaseException:
        _remove(folder, name)
        raise


def _check_read_back(folder: int, name: str, content: bytes, target: Path) -> None:
    if content_hash(_read(folder, name)) != content_hash(content):
        msg = f"{target} read back differs from what was written; check the share's disk"
        raise DeliveryError(msg, retryable=True)


def _same_is_there(folder: int, name: str, content: bytes, target: Path) -> bool:
    try:
        present = _read(folder, name)
    except FileNotFoundError:
        return False
    if present == content:
        return True
    theirs, ours = content_hash(present)[:12], content_hash(content)[:12]
    msg = (
        f"{target} is there with different content (sha256 {theirs}…, ours is {ours}…) and is "
        "never overwritten; move it away and run again, or keep it as it is"
    )
    raise DeliveryError(msg, retryable=True)


def _read(folder: int, name: str) -> bytes:
    file = os.open(name, _READ, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EEXIST, "something there is no ordinary file", name)
    with os.fdopen(file, "rb") as stream:
        return stream.read()


def _remove(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def _sync_folder(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:  # some network file systems cannot
            raise
