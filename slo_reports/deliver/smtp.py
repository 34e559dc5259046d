"""Talking to an SMTP server: every failure becomes one sentence with the server's own words.

The end of a message is the one instant at which nobody knows: when the final dot is out and the
answer does not come, the server may have taken the message (``DeliveryUncertain``).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from slo_reports.deliver.wire import megabytes, reason, said
from slo_reports.errors import DeliveryError, DeliveryUncertain

_AUTHENTICATION_REQUIRED = 530
_CLOSING = 421
_LAST_ANSWER = 600.0
"""How long the answer to a whole message is awaited at least [s]; who hangs up earlier makes
doubles of what was taken (RFC 5321, 4.5.3.2.6)."""


class ConnectionLost(DeliveryError):
    """The connection broke, or the server ended it, before the message was handed over."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Conversation:
    """One open connection; made by ``connecting.connect``."""

    def __init__(self, smtp: smtplib.SMTP, where: str) -> None:
        self.smtp = smtp
        self.where = where
        self.broken = False

    @property
    def size_limit(self) -> int | None:
        """The largest message that the server says it takes [bytes]; None where it says nothing."""
        limit = self.smtp.esmtp_features.get("size", "").strip()
        return int(limit) if limit.isdecimal() and int(limit) else None

    @property
    def certificate_ends(self) -> float | None:
        """When the server's certificate ends [s since 1970]; None without TLS."""
        if not isinstance(self.smtp.sock, ssl.SSLSocket):
            return None
        certificate = self.smtp.sock.getpeercert() or {}
        return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))

    def deliver(
        self, sender: str, recipient: str, content: bytes, *, archive: str | None = None
    ) -> str:
        """Hand over one message to one recipient.

        Args:
            sender: envelope sender.
            recipient: envelope recipient.
            content: the message with CRLF line ends.
            archive: another envelope recipient; without it, nobody gets the message.

        Returns:
            The receipt, with the server's answer.

        Raises:
            DeliveryError: refused; ``retryable`` where the server called it temporary, and where
                it was the archive's address that it refused.
            ConnectionLost: the connection broke before the end of the message.
            DeliveryUncertain: it broke after that.
        """
        self._check_size(len(content))
        addresses = [recipient] if archive is None else [recipient, archive]
        options = self._options(sender, addresses, [f"SIZE={len(content)}"])
        with self._guarded(f"mail to {recipient}"):
            self._expect(self.smtp.mail(sender, options), 250, f"sender {sender}")
            self._expect(self.smtp.rcpt(recipient), 250, recipient)
            if archive is not None:
                self._expect_archive(archive)
            self._expect(self.smtp.docmd("DATA"), 354, f"mail to {recipient}")
            self.smtp.send(_stuffed(content))
        answer = self._final_answer(recipient)
        self._expect(answer, 250, f"mail to {recipient}")
        return f"accepted by {self.where}: {said(answer)}"

    def try_addresses(self, sender: str, recipient: str | None = None) -> None:
        """Ask whether the server would take mail from one address to another; none is sent.

        Raises:
            DeliveryError: it would not; ``retryable`` where the server called that temporary.
        """
        options = self._options(sender, [recipient or sender], [])
        with self._guarded(f"trial of {recipient or sender}"):
            self._expect(self.smtp.mail(sender, options), 250, f"sender {sender}")
            if recipient is not None:
                self._expect(self.smtp.rcpt(recipient), 250, recipient)
            self._reset()

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        with suppress(OSError):  # smtplib's own errors are OSErrors, too
            if not self.broken:
                self.smtp.quit()
        self.smtp.close()

    def abandon(self) -> None:
        """Close without a goodbye."""
        self.broken = True
        self.close()

    def _check_size(self, size: int) -> None:
        limit = self.size_limit
        if limit is not None and limit < size:
            msg = (
                f"{self.where} takes messages of up to {megabytes(limit)}, this one has "
                f"{megabytes(size)}; set max_size to what it takes, attach less, or have its limit "
                "raised"
            )
            raise DeliveryError(msg, retryable=False)

    def _options(self, sender: str, recipients: Sequence[str], size: list[str]) -> list[str]:
        options = size if self.smtp.has_extn("size") else []
        foreign = [one for one in (sender, *recipients) if not one.isascii()]
        if not foreign:
            return options
        if not self.smtp.has_extn("smtputf8"):
            msg = (
                f"{self.where} takes no letters outside ASCII before the @ (it has no SMTPUTF8), "
                f"as in {foreign[0]}; use another address of the same mailbox"
            )
            raise DeliveryError(msg, retryable=False)
        return [*options, "SMTPUTF8", "BODY=8BITMIME"]

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.broken = True
            msg = f"{self.where} broke off the {what}: {reason(error)}; it will be tried again"
            raise ConnectionLost(msg) from error

    def _final_answer(self, recipient: str) -> tuple[int, bytes]:
        """What the server says of the whole message, if it says anything that is an answer."""
        cause: OSError | None = None
        try:
            with self._more_patience():
                answer = self.smtp.getreply()
            seen = said(answer)
        except OSError as error:
            cause, seen = error, reason(error)
        else:
            if 200 <= answer[0] < 600:
                return answer
        self.broken = True
        msg = (
            f"{self.where} gave no answer after the mail to {recipient} was handed over "
            f"({seen}): it may or may not have been accepted"
        )
        raise DeliveryUncertain(msg) from cause

    @contextmanager
    def _more_patience(self) -> Iterator[None]:
        sock = self.smtp.sock
        if sock is None:
            yield
            return
        before = sock.gettimeout()
        sock.settimeout(max(before or 0.0, _LAST_ANSWER))
        yield
        sock.settimeout(before)

    def _expect(self, answer: tuple[int, bytes], wanted: int, what: str) -> None:
        code = answer[0]
        if code == wanted or (wanted == 250 and code == 251):
            return
        self._start_over(code)
        msg = f"{self.where} refused {what}: {said(answer)}"
        if code == _CLOSING:
            raise ConnectionLost(msg)
        permanent = 500 <= code < 600 and code != _AUTHENTICATION_REQUIRED
        raise DeliveryError(msg, retryable=not permanent)

    def _expect_archive(self, archive: str) -> None:
        try:
            self._expect(self.smtp.rcpt(archive), 250, f"the archive address {archive}")
        except ConnectionLost:
            raise
        except DeliveryError as error:
            msg = f"{error}; nothing was sent, for without its copy nothing could be verified"
            raise DeliveryError(msg, retryable=True) from error

    def _start_over(self, code: int) -> None:
        if code == _CLOSING or not 400 <= code < 600:
            self.broken = True
        else:
            self._reset()

    def _reset(self) -> None:
        try:
            self.broken = self.smtp.rset()[0] != 250
        except OSError:  # smtplib's own errors are OSErrors, too
            self.broken = True


def _stuffed(content: bytes) -> bytes:
    """The message as DATA wants it: dots at line starts doubled, a dot alone at the end."""
    doubled = re.sub(rb"(?m)^\.", b"..", content)
    return doubled + (b".\r\n" if doubled.endswith(b"\r\n") else b"\r\n.\r\n")
