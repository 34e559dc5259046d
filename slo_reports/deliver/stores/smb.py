"""Files on a Windows or Samba server, by SMB 2 and 3; every message is signed."""

from __future__ import annotations

import errno
import logging
import os
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import smbclient
from smbprotocol.connection import Connection
from smbprotocol.exceptions import (
    BadNetworkName,
    SMBException,
    SMBOSError,
    SMBResponseException,
)
from spnego.exceptions import SpnegoError

from slo_reports.deliver.stores.limits import within
from slo_reports.deliver.trouble import Trouble, no_secret
from slo_reports.errors import ConfigurationError
from slo_reports.settings.share_urls import ShareAddress
from slo_reports.settings.shares import ShareDestination

for _name in ("smbprotocol", "smbclient"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # what they log, we raise

_SMB_PORT = 445
_CHUNK = 1 << 20
_NUMBERS = {
    0xC0000022: errno.EACCES,  # access denied
    0xC000007F: errno.ENOSPC,  # disk full
    0xC0000044: errno.EDQUOT,  # quota exceeded
    0xC00000A2: errno.EROFS,  # media write protected
    0xC0000034: errno.ENOENT,  # object name not found
    0xC000003A: errno.ENOENT,  # object path not found
    0xC0000035: errno.EEXIST,  # object name collision
    0xC00000BA: errno.EISDIR,  # file is a directory
    0xC0000103: errno.ENOTDIR,  # not a directory
    0xC0000043: errno.EBUSY,  # sharing violation
    0xC0000002: errno.EOPNOTSUPP,  # not implemented
    0xC000000D: errno.EOPNOTSUPP,  # invalid parameter
    0xC0000010: errno.EOPNOTSUPP,  # invalid device request
    0xC00000BB: errno.EOPNOTSUPP,  # not supported
}
"""What the server answers, as an error number."""
_PLAIN = {
    0xC000006D: "user name or password is wrong",
    0xC000006A: "the password is wrong",
    0xC0000064: "there is no such user",
    0xC0000071: "the password has expired",
    0xC0000072: "the account is disabled",
    0xC0000234: "the account is locked",
    0xC0000022: "access denied",
}
_LOST = {
    0xC00000C9,  # network name deleted
    0xC0000203,  # user session deleted
}
_Result = TypeVar("_Result")


class SmbFiles:
    """One connection to an SMB server, opened when first needed."""

    def __init__(self, settings: ShareDestination, address: ShareAddress) -> None:
        self._settings = settings
        self._seconds = settings.timeout.total_seconds()
        self._host = address.host
        self._port = address.port or _SMB_PORT
        shown = f"{address.host}:{address.port}" if address.port else address.host
        self._shown = f"smb://{shown}/{'/'.join(address.folder)}"
        self._base = "\\".join(("\\", address.host, *address.folder))
        self._connection: Any = None
        self._is_open = False
        self._session: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether a connection is held that has not failed."""
        return self._is_open

    def place(self, path: str) -> str:
        """The URL, with its letters as they are."""
        return f"{self._shown}/{path}".rstrip("/")

    def reach(self) -> None:
        """Connect, log in and see that the folder is there."""
        if self._is_open:
            return
        try:
            self._connect()
            self._look_at_base()
        except Trouble:
            self._let_go()
            raise

    def make_folder(self, path: str) -> None:
        """Make one folder, unless it is there."""
        with suppress(FileExistsError):
            self._ask(smbclient.mkdir, self._at(path))

    def read(self, path: str) -> bytes:
        """A file's content."""
        file = self._ask(smbclient.open_file, self._at(path), mode="rb", share_access="rwd")
        try:
            parts = iter(lambda: self._bounded(partial(file.read, _CHUNK)), b"")
            return b"".join(parts)
        finally:
            self._finish(file)

    def write_new(self, path: str, content: bytes) -> None:
        """Write a file."""
        file = self._ask(smbclient.open_file, self._at(path), mode="xb", buffering=0)
        try:
            for start in range(0, len(content), _CHUNK):
                self._write_all(file, memoryview(content)[start : start + _CHUNK])
            self._bounded(file.close)
        except BaseException:
            self._finish(file)
            raise

    def move_new(self, source: str, target: str) -> None:
        """A second name, then no first one; a rename where the server has no hard links.

        A link is refused in one step where the name is taken. Samba looks before it renames, so
        two writers could both find the name free.
        """
        try:
            self._ask(smbclient.link, self._at(source), self._at(target))
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            self._ask(smbclient.rename, self._at(source), self._at(target))
        else:
            with suppress(OSError):
                self.remove(source)

    def move_over(self, source: str, target: str) -> None:
        """A rename that replaces."""
        self._ask(smbclient.replace, self._at(source), self._at(target))

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._ask(smbclient.remove, self._at(path))

    def ages(self, folder: str) -> Iterable[tuple[str, float]]:
        """Names, and when each was written last."""

        def listed(path: str, **session: Any) -> list[tuple[str, float]]:
            found = smbclient.scandir(path, **session)
            return [(one.name, one.smb_info.last_write_time.timestamp()) for one in found]

        return self._ask(listed, self._at(folder))

    def close(self) -> None:
        """Log off and hang up."""
        connection = self._connection
        if self._is_open and connection is not None:
            with suppress(SMBException, OSError, ValueError):
                within(self._seconds, lambda: connection.disconnect(timeout=self._seconds))
        self._let_go()

    def _at(self, path: str) -> str:
        return f"{self._base}\\{path.replace('/', chr(92))}".rstrip("\\")

    def _connect(self) -> None:
        settings = self._settings
        self._connection = connection = Connection(uuid.uuid4(), self._host, self._port)
        self._session = {
            "username": settings.username,
            "port": self._port,
            "connection_cache": {f"{self._host.lower()}:{self._port}": connection},
        }
        try:
            secret = None if settings.password is None else settings.password.reveal()
            self._session["password"] = secret
            within(self._seconds, lambda: connection.connect(timeout=self._seconds))
            within(self._seconds, lambda: smbclient.register_session(self._host, **self._session))
        except ConfigurationError as error:
            raise no_secret(self._shown, error) from error
        except (SMBResponseException, SpnegoError) as error:
            seen = f"{self._shown} refused the login of {settings.username}: {_reason(error)}"
            raise Trouble(seen, "mend username and password in the settings") from error
        except (SMBException, OSError, ValueError) as error:
            seen = f"could not reach {self._shown}: {_reason(error)}"
            raise Trouble(seen, "is the server up?") from error
        self._is_open = True

    def _look_at_base(self) -> None:
        try:
            self._ask(smbclient.listdir, self._base)
        except (FileNotFoundError, NotADirectoryError) as error:
            seen = f"the share's folder {self._shown} is not there"
            raise Trouble(seen, "make it, or mend the url in the settings") from error

    def _ask(self, call: Callable[..., _Result], *paths: str, **options: Any) -> _Result:
        self.reach()
        return self._bounded(lambda: call(*paths, **options, **self._session))

    def _bounded(self, call: Callable[[], _Result]) -> _Result:
        """What the server refuses is an ``OSError``, what breaks the connection a ``Trouble``."""
        try:
            return within(self._seconds, call)
        except BadNetworkName as error:
            raise FileNotFoundError(errno.ENOENT, "no such share") from error
        except (SMBOSError, SMBResponseException) as error:
            if _status(error) in _LOST:
                raise self._broken(error) from error
            raise _as_os_error(error) from error
        except (SMBException, OSError, ValueError) as error:
            raise self._broken(error) from error

    def _write_all(self, file: Any, part: memoryview) -> None:
        while part:
            part = part[self._bounded(partial(file.write, part)) :]

    def _finish(self, file: Any) -> None:
        if self._is_open:
            with suppress(OSError, Trouble):
                self._bounded(file.close)

    def _broken(self, error: Exception) -> Trouble:
        self._let_go()
        return Trouble(f"{self._shown} broke off: {_reason(error)}", "it will be tried again")

    def _let_go(self) -> None:
        connection, self._connection, self._is_open = self._connection, None, False
        transport = None if connection is None else connection.transport
        if transport is not None:
            with suppress(OSError):
                within(1.0, transport.close)


def _status(error: SMBOSError | SMBResponseException) -> int:
    status = error.ntstatus if isinstance(error, SMBOSError) else error.status
    return int(status)


def _as_os_error(error: SMBOSError | SMBResponseException) -> OSError:
    status = _status(error)
    number = _NUMBERS.get(status)
    if number is None:
        return OSError(None, f"the server answered with status 0x{status:08X}")
    return OSError(number, os.strerror(number))


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within the time limit"
    if isinstance(error, SMBResponseException):
        return _PLAIN.get(error.status, f"status 0x{error.status:08X}")
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error).strip() or type(error).__name__
