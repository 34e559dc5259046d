"""The archive mailbox, read over IMAP: did a message arrive there?"""

from __future__ import annotations

import base64
import imaplib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from slo_reports.deliver.wire import (
    Credentials,
    credentials,
    one_line,
    reason,
    tls_context,
    token_refusal,
    told,
)
from slo_reports.errors import DeliveryError
from slo_reports.settings.mail import Archive


class ArchiveMailbox:
    """One mailbox, opened read-only at the first question and kept open until ``close``."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._where = f"{archive.host}:{archive.port}"
        self._imap: imaplib.IMAP4 | None = None

    def received(self, message_id: str) -> datetime | None:
        """When the mailbox received the message with a Message-ID (UTC); None: not, so far.

        Raises:
            DeliveryError: the mailbox could not be asked; retryable.
        """
        self.open()
        with self._guarded("search for a copy"):
            found = self._ask("SEARCH", "HEADER", "Message-ID", quoted(message_id))
            numbers = b" ".join(one for one in found if one).split()
            if not numbers:
                return None
            return _received(self._ask("FETCH", numbers[0].decode(), "(INTERNALDATE)"))

    def open(self) -> int:
        """Look into the folder as it is now.

        Returns:
            How many messages lie in it.

        Raises:
            DeliveryError: not reached, not trusted, login refused, no such folder; retryable.
        """
        if self._imap is None:
            self._imap = _connect(self._archive, self._where)
        folder = self._archive.folder
        with self._guarded(f"look into its folder {folder}"):
            kind, answer = self._imap.select(quoted(modified_utf7(folder)), readonly=True)
            if kind != "OK":
                seen = one_line(answer[0] or b"")
                msg = f"the archive {self._where} does not open its folder {folder}: {seen}"
                raise DeliveryError(msg, retryable=True)
            return int(answer[0] or 0)

    def close(self) -> None:
        """Log out; never raises."""
        imap, self._imap = self._imap, None
        if imap is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                imap.logout()
            with suppress(OSError):
                imap.shutdown()  # a logout that fails leaves the connection open

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        if self._imap is None:
            msg = "the archive was closed while it was asked"
            raise DeliveryError(msg, retryable=True)
        kind, answer = self._imap.uid(command, *arguments)
        if kind != "OK":
            msg = f"the archive {self._where} refused to {command.lower()}: {one_line(answer[0])}"
            raise DeliveryError(msg, retryable=True)
        return answer

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            self.close()
            msg = f"the archive {self._where} broke off the {what}: {reason(error)}"
            raise DeliveryError(msg, retryable=True) from error


def _connect(archive: Archive, where: str) -> imaplib.IMAP4:
    who = credentials(archive, where)
    context = tls_context(archive, where)
    timeout = archive.timeout.total_seconds()
    with _told_of(where):
        imap: imaplib.IMAP4
        if archive.security == "tls":
            imap = imaplib.IMAP4_SSL(
                archive.host, archive.port, ssl_context=context, timeout=timeout
            )
        else:
            imap = imaplib.IMAP4(archive.host, archive.port, timeout=timeout)
    try:
        with _told_of(where):
            if archive.security == "starttls":
                imap.starttls(ssl_context=context)
        if who is not None:
            _log_in(imap, who, where)
    except DeliveryError:
        with suppress(OSError):
            imap.shutdown()
        raise
    return imap


@contextmanager
def _told_of(where: str) -> Iterator[None]:
    try:
        with told(where, "the archive"):
            yield
    except imaplib.IMAP4.error as error:
        msg = f"the archive {where} does not speak IMAP as it should: {reason(error)}"
        raise DeliveryError(msg, retryable=True) from error


def _log_in(imap: imaplib.IMAP4, who: Credentials, where: str) -> None:
    """Log in; the causes are cut off, because a server may echo what it was given."""
    told_why: list[str] = []
    try:
        _way_in(imap, who, told_why)()
    except imaplib.IMAP4.error as error:
        why = "; ".join(filter(None, (*told_why, one_line(str(error)))))
        what = "token" if who.is_token else "login"
        problem = f"refused the {what} of {who.username}: {who.out_of(why)}"
    except (OSError, ValueError) as error:
        problem = f"broke off the login of {who.username} ({type(error).__name__})"
    else:
        return
    msg = f"the archive {where} {problem}"
    raise DeliveryError(msg, retryable=True)


def _way_in(imap: imaplib.IMAP4, who: Credentials, told_why: list[str]) -> Callable[[], object]:
    def answer(challenge: bytes) -> bytes:
        if not challenge:
            return who.xoauth2.encode()
        told_why.append(token_refusal(challenge))
        return b""

    if who.is_token:
        return lambda: imap.authenticate("XOAUTH2", answer)
    if "AUTH=PLAIN" in imap.capabilities:
        plain = f"\0{who.username}\0{who.secret}".encode()
        return lambda: imap.authenticate("PLAIN", lambda _: plain)
    return lambda: imap.login(quoted(who.username), who.secret)


def _received(answer: list[Any]) -> datetime:
    text = b" ".join(one for one in answer if isinstance(one, bytes)).decode()
    found = re.search(r'INTERNALDATE "([^"]+)"', text)
    if found is None:
        msg = f"no date in {one_line(text)}"
        raise ValueError(msg)
    return datetime.strptime(found[1].strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)


def quoted(text: str) -> str:
    """A string as IMAP writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def modified_utf7(text: str) -> str:
    """The name of a folder as IMAP writes it (RFC 3501, 5.1.3)."""
    parts = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", text)
    return "".join(
        one.replace("&", "&-") if " " <= one[0] <= "~" else _shifted(one) for one in parts
    )


def _shifted(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-16-be")).decode()
    return f"&{encoded.rstrip('=').replace('/', ',')}-"
