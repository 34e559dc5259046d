"""Putting a file into a folder whole or not at all, and never over another one.

Written beside its place under a name of its own, synced, read back, and only then linked to the
final name, which fails where that exists. Every step works on an open folder, and no symbolic
link below the base is followed, so nobody can lead the file elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from slo_reports.deliver.store import A_DAY, Published, is_temporary, temporary_name
from slo_reports.deliver.trouble import (
    Trouble,
    could_not,
    is_different,
    is_missing,
    reads_back_differently,
)
from slo_reports.model import content_hash

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_LINKS_HERE = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_NO_FOLDER_SYNC = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}


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
        Trouble: it could not be written, or a different file has that name.
    """
    target = base.joinpath(*names)
    with _told(f"write {target}"), _folder(base, names[:-1], make=True) as folder:
        if _same_is_there(folder, names[-1], content, target):
            return Published.ALREADY_THERE
        return _publish(folder, names[-1], content, target, link)


def read_file(base: Path, names: Sequence[str]) -> bytes:
    """The content of ``base/names[0]/…/names[-1]``; no symbolic link on the way is followed.

    Raises:
        NotThere: it is not there.
        Trouble: it could not be read.
    """
    target = base.joinpath(*names)
    with _told(f"read {target}"):
        try:
            with _folder(base, names[:-1]) as folder:
                return _read(folder, names[-1])
        except FileNotFoundError as error:
            raise is_missing(str(target)) from error


def replace_file(base: Path, names: Sequence[str], content: bytes) -> None:
    """Put a file in the place of another at once; only for what can be made again at any time.

    Raises:
        Trouble: it could not be written; the other is still there.
    """
    target = base.joinpath(*names)
    temporary = temporary_name()
    with _told(f"write {target}"), _folder(base, names[:-1], make=True) as folder:
        try:
            _write_new(folder, temporary, content, target)
            os.replace(temporary, names[-1], src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            _remove(folder, temporary)
        _sync_folder(folder)


def look_at(base: Path) -> None:
    """See whether a folder is there and may be entered.

    Raises:
        Trouble: it is not, or may not.
    """
    with _told(f"look into {base}"), _folder(base, ()) as folder:
        os.listdir(folder)  # noqa: PTH208  # the open folder, wherever its name leads by now


def try_out(base: Path) -> None:
    """Write a trial file into a folder, rename it, read it back and remove it.

    Raises:
        Trouble: one of these cannot be done.
    """
    first, second = temporary_name(), temporary_name()
    content = b"slo-reports was here"
    with _told(f"write into {base}"), _folder(base, ()) as folder:
        try:
            _write_new(folder, first, content, base / first)
            os.rename(first, second, src_dir_fd=folder, dst_dir_fd=folder)
            _check_read_back(folder, second, content, base / second)
        finally:
            _remove(folder, first)
            _remove(folder, second)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise could_not(what, error, "is the share mounted?") from error


def _publish(
    folder: int, name: str, content: bytes, target: Path, link: Callable[[str, str, int], None]
) -> Published:
    temporary = temporary_name()
    try:
        _write_new(folder, temporary, content, target)
        _sweep(folder, temporary)
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
def _folder(base: Path, names: Sequence[str], *, make: bool = False) -> Iterator[int]:
    try:
        folder = os.open(base, _FOLDER)
    except (FileNotFoundError, NotADirectoryError) as error:
        seen = f"the share's folder {base} is not there"
        raise Trouble(seen, "is the share mounted?") from error
    try:
        for name in names:
            if make:
                _make(folder, name)
            parent, folder = folder, os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(parent)
        yield folder
    finally:
        os.close(folder)


def _make(parent: int, name: str) -> None:
    with suppress(FileExistsError):  # a folder from last time, or another writer's just now
        os.mkdir(name, dir_fd=parent)
        _sync_folder(parent)


def _sweep(folder: int, fresh: str) -> None:
    """Remove what killed processes left a day and more before ``fresh`` was written."""
    now = os.stat(fresh, dir_fd=folder).st_mtime
    with suppress(OSError):  # another user's, or gone meanwhile
        for one in os.listdir(folder):
            if is_temporary(one) and now - os.stat(one, dir_fd=folder).st_mtime > A_DAY:
                _remove(folder, one)


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
        raise reads_back_differently(str(target))


def _same_is_there(folder: int, name: str, content: bytes, target: Path) -> bool:
    try:
        present = _read(folder, name)
    except FileNotFoundError:
        return False
    if present == content:
        return True
    raise is_different(str(target), present, content)


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
