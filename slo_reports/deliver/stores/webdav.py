"""Files on a WebDAV server (Apache, Nextcloud, SharePoint and others), over verified TLS."""

from __future__ import annotations

import errno
import mimetypes
import os
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import quote

import httpx

from slo_reports.deliver.trouble import Trouble, no_secret
from slo_reports.errors import ConfigurationError
from slo_reports.settings.share_urls import ShareAddress
from slo_reports.settings.shares import ShareDestination

_SCHEMES = {"webdav": "http", "webdavs": "https"}
_NO_LOCKS_HERE = {403, 405, 501}
_PAUSE = 0.2
_NUMBERS = {
    401: errno.EACCES,
    403: errno.EACCES,
    404: errno.ENOENT,
    409: errno.ENOENT,  # a folder above is not there
    412: errno.EEXIST,  # Overwrite: F, and the name is taken
    413: errno.EFBIG,
    423: errno.EBUSY,
    507: errno.ENOSPC,
}
"""What the server answers, as an error number."""
_LOCK = (
    b'<?xml version="1.0" encoding="utf-8"?><lockinfo xmlns="DAV:"><lockscope><exclusive/>'
    b"</lockscope><locktype><write/></locktype><owner>slo-reports</owner></lockinfo>"
)


class WebdavFiles:
    """Connections to a WebDAV server, opened when first needed."""

    def __init__(self, settings: ShareDestination, address: ShareAddress) -> None:
        self._settings = settings
        self._seconds = settings.timeout.total_seconds()
        host = f"[{address.host}]" if ":" in address.host else address.host
        place = f"{host}:{address.port}" if address.port else host
        self._shown = f"{address.protocol}://{place}/{'/'.join(address.folder)}".rstrip("/")
        folder = "/".join(map(_quoted, address.folder))
        self._base = f"{_SCHEMES[address.protocol]}://{place}/{folder}".rstrip("/")
        self._client: httpx.Client | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection is held that has not failed."""
        return self._client is not None

    def place(self, path: str) -> str:
        """The URL, with its letters as they are."""
        return f"{self._shown}/{path}".rstrip("/")

    def reach(self) -> None:
        """Connect, log in and see that the folder is there."""
        if self._client is not None:
            return
        try:
            self._client = self._opened()
            self._look_at_base()
        except Trouble:
            self.close()
            raise

    def make_folder(self, path: str) -> None:
        """Make one folder, unless it is there (405) or another writer makes it just now."""
        try:
            self._ask("MKCOL", f"{path}/", fine=(201, 405))
        except OSError:
            self._ask("PROPFIND", f"{path}/", {"Depth": "0"}, fine=(207,))

    def read(self, path: str) -> bytes:
        """A file's content."""
        return self._ask("GET", path, fine=(200,)).content

    def write_new(self, path: str, content: bytes) -> None:
        """Write a file."""
        kind = mimetypes.guess_type(path.removesuffix(".part"))[0] or "application/octet-stream"
        self._ask("PUT", path, {"Content-Type": kind}, content=content, fine=(200, 201, 204))

    def move_new(self, source: str, target: str) -> None:
        """A rename that the server refuses where the name is taken.

        Servers look before they rename, so two writers could both find the name free; a lock on
        the folder keeps the other one out meanwhile, where the server has locks.
        """
        with self._alone(target.rpartition("/")[0]) as condition:
            self._move(source, target, {"Overwrite": "F", **condition})

    def move_over(self, source: str, target: str) -> None:
        """A rename that replaces."""
        self._move(source, target, {"Overwrite": "T"})

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._ask("DELETE", path, fine=(200, 202, 204))

    def ages(self, folder: str) -> Iterable[tuple[str, float]]:  # noqa: ARG002  # the contract's
        """Nothing: leftovers of killed processes stay, hidden, until somebody removes them."""
        return ()

    def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _at(self, path: str) -> str:
        return f"{self._base}/{'/'.join(map(_quoted, path.split('/')))}"

    def _opened(self) -> httpx.Client:
        settings = self._settings
        try:
            trust = ssl.create_default_context(cafile=settings.ca)
            login = None
            if settings.username is not None and settings.password is not None:
                login = httpx.BasicAuth(settings.username, settings.password.reveal())
        except ConfigurationError as error:
            raise no_secret(self._shown, error) from error
        except OSError as error:  # ssl.SSLError is one
            why = error.strerror or str(error)
            seen = f"the certificate authorities in {settings.ca} could not be read: {why}"
            raise Trouble(seen, "mend ca in the settings") from error
        return httpx.Client(auth=login, verify=trust, timeout=self._seconds, trust_env=False)

    def _look_at_base(self) -> None:
        try:
            self._ask("PROPFIND", "", {"Depth": "0"}, fine=(207,))
        except FileNotFoundError as error:
            seen = f"the share's folder {self._shown} is not there"
            raise Trouble(seen, "make it, or mend the url in the settings") from error

    def _move(self, source: str, target: str, headers: Mapping[str, str]) -> None:
        told = {"Destination": self._at(target), **headers}
        self._ask("MOVE", source, told, fine=(201, 204))

    @contextmanager
    def _alone(self, folder: str) -> Iterator[Mapping[str, str]]:
        """Hold the lock on a folder, and yield the header that lets us through it."""
        headers = {"Depth": "0", "Timeout": f"Second-{self._seconds * 2:.0f}"}
        fine = (200, 201, *_NO_LOCKS_HERE)
        answer = self._ask("LOCK", f"{folder}/", headers, content=_LOCK, fine=fine)
        token = answer.headers.get("Lock-Token")
        if answer.status_code in _NO_LOCKS_HERE or token is None:
            yield {}
            return
        try:
            yield {"If": f"<{self._at(folder)}/> ({token})"}
        finally:
            with suppress(OSError, Trouble):  # else it ends by itself
                self._ask("UNLOCK", f"{folder}/", {"Lock-Token": token}, fine=(200, 204))

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        fine: tuple[int, ...],
        content: bytes | None = None,
    ) -> httpx.Response:
        """An answer; where another writer holds the lock (423), asked again until the time is up.

        Raises:
            OSError: the server refused.
            Trouble: the connection failed.
        """
        self.reach()
        until = time.monotonic() + self._seconds
        while True:
            answer = self._answer(method, self._at(path), headers, content)
            if answer.status_code in fine:
                return answer
            if answer.status_code != 423 or time.monotonic() > until:
                raise self._refused(answer)
            time.sleep(_PAUSE)

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str] | None, content: bytes | None
    ) -> httpx.Response:
        if self._client is None:
            self._client = self._opened()
        try:
            return self._client.request(method, url, headers=headers, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self.close()
            seen = f"could not reach {self._shown}: {_reason(error)}"
            raise Trouble(seen, "is the server up, and its certificate in ca?") from error
        except httpx.HTTPError as error:  # the client opens a new connection by itself
            seen = f"{self._shown} broke off: {_reason(error)}"
            full = "; is the server's disk full?" if method == "PUT" else ""
            raise Trouble(seen, f"it will be tried again{full}") from error

    def _refused(self, answer: httpx.Response) -> OSError | Trouble:
        status = answer.status_code
        if status == 401:
            who = self._settings.username or "nobody"
            seen = f"{self._shown} refused the login of {who}: {status} {answer.reason_phrase}"
            return Trouble(seen, "mend username and password in the settings")
        number = _NUMBERS.get(status)
        if number is None:
            return OSError(None, f"the server answered {status} {answer.reason_phrase}".rstrip())
        return OSError(number, f"{os.strerror(number)} ({status} {answer.reason_phrase})")


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer within the time limit"
    return str(error).strip() or type(error).__name__
