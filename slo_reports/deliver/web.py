"""Web addresses that are secrets themselves: they appear in no message, only their hosts do.

The instant after a request is out is the one at which nobody knows: the answer is lost, and what
was sent may have been taken (``DeliveryUncertain``).
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from slo_reports.errors import ConfigurationError, DeliveryError, DeliveryUncertain
from slo_reports.settings.values import Secret, revealed

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes whole URLs

_LONGEST_ANSWER = 2000
_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Answered:
    """What a server answered."""

    status: int
    body: str
    retry_after: str | None

    @property
    def taken(self) -> bool:
        """Whether the server said that all is well."""
        return 200 <= self.status < 300

    @property
    def retryable(self) -> bool:
        """Whether the same may pass later."""
        return self.status in _LATER or self.status >= 500

    @property
    def said(self) -> str:
        """Status and the first words of the answer, on one line."""
        words = "" if self.body.lstrip().startswith("<") else self.body
        line = re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", words).strip()
        return f"{self.status} {line[:200]}".rstrip()


class Door:
    """One web address, read from its secret when it is used.

    Args:
        url: the address, or the secret that holds it.
        timeout: limit of one step.
        ca: CA bundle (PEM); None: the system's.
        proxy: what is gone through, where anything is.

    Raises:
        DeliveryError: the secret is not there or holds no web address; retryable, because that
            is mended without a change to what is sent.
    """

    def __init__(
        self,
        url: str | Secret,
        *,
        timeout: timedelta,
        ca: Path | None = None,
        proxy: str | Secret | None = None,
    ) -> None:
        self._url = _revealed_url(url)
        self._timeout, self._ca, self._proxy = timeout, ca, proxy
        self.host = self._url.host

    @property
    def encrypted(self) -> bool:
        """Whether the address cannot be read on its way."""
        return self._url.scheme == "https"

    def below(self, path: str) -> Door:
        """The same with more of a path, before the query."""
        door = copy(self)
        raw, mark, query = self._url.raw_path.partition(b"?")
        longer = raw.rstrip(b"/") + b"/" + path.encode() + mark + query
        door._url = self._url.copy_with(raw_path=longer)  # noqa: SLF001  # its own copy's
        return door

    def without(self, text: str) -> str:
        """A text in which the secret address, whole or its path, is blotted out."""
        for part in (str(self._url), self._url.raw_path.decode(), *_long_parts(self._url)):
            text = text.replace(part, "***") if len(part) > 1 else text
        return text

    def ask(
        self, method: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Ask once; redirects are not followed.

        Raises:
            DeliveryError: it was not handed over; retryable.
            DeliveryUncertain: it was, and no answer came.
        """
        with (
            _told(self.host),
            self._client() as client,
            client.stream(method, self._url, content=content, headers=headers) as answer,
        ):
            wait = answer.headers.get("retry-after")
            return Answered(answer.status_code, _beginning(answer), wait)

    def knock(self) -> None:
        """Reach the host, encrypted where the address is, without touching the secret path.

        Raises:
            DeliveryError: it could not be reached or is not trusted.
            DeliveryUncertain: it was reached, but does not answer.
        """
        try:
            with _told(self.host), self._client() as client:
                client.head(self._url.copy_with(raw_path=b"/"))
        except DeliveryUncertain as error:
            msg = f"{self.host} was reached, and answered nothing"
            raise DeliveryUncertain(msg) from error

    def _client(self) -> httpx.Client:
        return httpx.Client(
            timeout=self._timeout.total_seconds(),
            verify=_tls_context(self._ca, self.host),
            proxy=None if self._proxy is None else _revealed_proxy(self._proxy),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "slo-reports"},
        )


def _revealed_url(address: str | Secret) -> httpx.URL:
    """The address; the causes are cut off, because their words may hold it."""
    try:
        url = httpx.URL(revealed(address).strip())
    except ConfigurationError as error:
        msg = f"nothing was sent: {error}"
        raise DeliveryError(msg, retryable=True) from error
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        where = f"the secret {address.reference}" if isinstance(address, Secret) else "the setting"
        msg = f"{where} holds no web address; it must begin with https://"
        raise DeliveryError(msg, retryable=True) from None
    return url


def _revealed_proxy(proxy: str | Secret) -> httpx.Proxy:
    try:
        return httpx.Proxy(revealed(proxy))
    except ConfigurationError as error:
        msg = f"nothing was sent: {error}"
        raise DeliveryError(msg, retryable=True) from error
    except (httpx.InvalidURL, ValueError):
        msg = "nothing was sent: proxy holds no web address; it must begin with http://"
        raise DeliveryError(msg, retryable=True) from None


def _tls_context(ca: Path | None, host: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror or str(error)
        msg = f"the certificate authorities for {host} could not be read from {ca}: {why}"
        raise DeliveryError(msg, retryable=True) from error


def _long_parts(url: httpx.URL) -> list[str]:
    """Pieces of the path and query that could let one in."""
    return [part for part in re.split(r"[/?&=]", url.raw_path.decode()) if len(part) >= 8]


def _beginning(answer: httpx.Response) -> str:
    """The first words of an answer; what cannot be read of them changes nothing."""
    body = b""
    with suppress(httpx.HTTPError):
        for part in answer.iter_bytes():
            body += part
            if len(body) > _LONGEST_ANSWER:
                break
    return body[:_LONGEST_ANSWER].decode(errors="replace")


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Our words for httpx's failures; the causes are cut off, because they hold the request."""
    try:
        yield
    except (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
        msg = (
            f"{host} gave no answer after all was handed over ({_reason(error)}): "
            "it may or may not have been taken"
        )
        raise DeliveryUncertain(msg) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        msg = f"could not reach {host}: {_reason(error)}"
        raise DeliveryError(msg, retryable=True) from None


def _reason(error: BaseException) -> str:
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused the way"
    if isinstance(error, httpx.TimeoutException):
        return "no answer within the time limit"
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({cause.verify_message}); set ca to the authority "
                "that signed it"
            )
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return "the connection broke off"


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found
