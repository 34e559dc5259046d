"""Talking to an SMTP server: every failure becomes one sentence with the server's own words.

The end of a message is the one instant at which nobody knows: when the final dot is out and the
answer does not come, the server may have taken the message (``DeliveryUncertain``).
"""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from slo_reports.errors import ConfigurationError, DeliveryError, DeliveryUncertain
from slo_reports.settings.destinations import MailServer

_AUTHENTICATION_REQUIRED = 530
_CLOSING = 421


class ConnectionLost(DeliveryError):
    """The connection broke, or the server ended it, before the message was handed over."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Conversation:
    """One open, encrypted and logged-in connection; made by ``connect``."""

    def __init__(self, smtp: smtplib.SMTP, where: str) -> None:
        self._smtp = smtp
        self._where = where
        self.broken = False

    def deliver(self, sender: str, recipient: str, content: bytes) -> str:
        """Hand over one message to one recipient.

        Args:
            sender: envelope sender.
            recipient: envelope recipient.
            content: the message with CRLF line ends.

        Returns:
            The receipt, with the server's answer.

        Raises:
            DeliveryError: refused; ``retryable`` where the server called it temporary.
            ConnectionLost: the connection broke before the end of the message.
            DeliveryUncertain: it broke after that.
        """
        self._check_size(len(content))
        options = self._options(sender, recipient, len(content))
        with self._guarded(f"mail to {recipient}"):
            self._expect(self._smtp.mail(sender, options), 250, f"sender {sender}")
            self._expect(self._smtp.rcpt(recipient), 250, recipient)
            self._expect(self._smtp.docmd("DATA"), 354, f"mail to {recipient}")
            self._smtp.send(_stuffed(content))
        answer = self._final_answer(recipient)
        self._expect(answer, 250, f"mail to {recipient}")
        return f"accepted by {self._where}: {_said(answer)}"

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        with suppress(OSError):  # smtplib's own errors are OSErrors, too
            if not self.broken:
                self._smtp.quit()
        self._smtp.close()

    def _check_size(self, size: int) -> None:
        limit = self._smtp.esmtp_features.get("size", "").strip()
        if limit.isdecimal() and 0 < int(limit) < size:
            msg = (
                f"{self._where} takes messages of up to {_megabytes(int(limit))}, this one has "
                f"{_megabytes(size)}; attach less, or have the server's limit raised"
            )
            raise DeliveryError(msg, retryable=False)

    def _options(self, sender: str, recipient: str, size: int) -> list[str]:
        options = [f"SIZE={size}"] if self._smtp.has_extn("size") else []
        if sender.isascii() and recipient.isascii():
            return options
        if not self._smtp.has_extn("smtputf8"):
            who = sender if recipient.isascii() else recipient
            msg = (
                f"{self._where} takes no letters outside ASCII before the @ (it has no SMTPUTF8), "
                f"as in {who}; use another address of the same mailbox"
            )
            raise DeliveryError(msg, retryable=False)
        return [*options, "SMTPUTF8", "BODY=8BITMIME"]

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.broken = True
            msg = f"{self._where} broke off the {what}: {_reason(error)}; it will be tried again"
            raise ConnectionLost(msg) from error

    def _final_answer(self, recipient: str) -> tuple[int, bytes]:
        """What the server says of the whole message, if it says anything that is an answer."""
        cause: OSError | None = None
        try:
            answer = self._smtp.getreply()
            seen = _said(answer)
        except OSError as error:
            cause, seen = error, _reason(error)
        else:
            if 200 <= answer[0] < 600:
                return answer
        self.broken = True
        msg = (
            f"{self._where} gave no answer after the mail to {recipient} was handed over "
            f"({seen}): it may or may not have been accepted"
        )
        raise DeliveryUncertain(msg) from cause

    def _expect(self, answer: tuple[int, bytes], wanted: int, what: str) -> None:
        code = answer[0]
        if code == wanted or (wanted == 250 and code == 251):
            return
        self._start_over(code)
        msg = f"{self._where} refused {what}: {_said(answer)}"
        if code == _CLOSING:
            raise ConnectionLost(msg)
        permanent = 500 <= code < 600 and code != _AUTHENTICATION_REQUIRED
        raise DeliveryError(msg, retryable=not permanent)

    def _start_over(self, code: int) -> None:
        if code == _CLOSING or not 400 <= code < 600:
            self.broken = True
            return
        try:
            self.broken = self._smtp.rset()[0] != 250
        except OSError:  # smtplib's own errors are OSErrors, too
            self.broken = True


def connect(server: MailServer) -> Conversation:
    """Open a connection as the settings want it: encrypted and logged in.

    Raises:
        DeliveryError: not reached, not trusted, no STARTTLS, login refused. All of them may pass
            or be mended without a change to the message, so they are retryable.
    """
    where = f"{server.host}:{server.port}"
    password = _password(server, where)
    with _told(where):
        context = None if server.security == "none" else _tls_context(server, where)
        smtp = _dial(server, context)
    try:
        with _told(where):
            _greet(smtp, server, context, where)
        if server.username is not None and password is not None:
            _log_in(smtp, server.username, password, where)
    except DeliveryError:
        smtp.close()
        raise
    return Conversation(smtp, where)


def _password(server: MailServer, where: str) -> str | None:
    try:
        return None if server.password is None else server.password.reveal()
    except ConfigurationError as error:
        msg = f"no mail is sent over {where}: {error}"
        raise DeliveryError(msg, retryable=True) from error


def _tls_context(server: MailServer, where: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror or str(error)
        msg = f"the certificate authorities for {where} could not be read from {server.ca}: {why}"
        raise DeliveryError(msg, retryable=True) from error


def _dial(server: MailServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    timeout = server.timeout.total_seconds()
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, server.helo, timeout=timeout, context=context
        )
    return smtplib.SMTP(server.host, server.port, server.helo, timeout=timeout)


def _greet(
    smtp: smtplib.SMTP, server: MailServer, context: ssl.SSLContext | None, where: str
) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security != "starttls":
        return
    if not smtp.has_extn("starttls"):
        msg = (
            f"{where} offers no STARTTLS, so nothing was sent; use security: tls (port 465), or "
            "none for a relay on this machine"
        )
        raise DeliveryError(msg, retryable=True)
    code, answer = smtp.starttls(context=context)
    if code != 220:
        raise smtplib.SMTPResponseException(code, answer)
    smtp.ehlo()


def _log_in(smtp: smtplib.SMTP, username: str, password: str, where: str) -> None:
    """Log in; the causes are cut off, because a server may echo what it was given."""
    try:
        smtp.login(username, password)
    except smtplib.SMTPResponseException as error:
        said = _without(_said((error.smtp_code, error.smtp_error)), username, password)
        problem = f"refused the login of {username}: {said}"
    except UnicodeEncodeError:
        problem = f"cannot be logged in to: user or password of {username} is not plain ASCII"
    except smtplib.SMTPNotSupportedError:
        problem = "offers no login that we know (PLAIN, LOGIN, CRAM-MD5); remove username"
    except OSError as error:
        problem = f"broke off the login of {username} ({type(error).__name__})"
    else:
        return
    msg = f"{where} {problem}"
    raise DeliveryError(msg, retryable=True)


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        msg = (
            f"the certificate of {where} is not trusted: {error.verify_message}; set ca to the "
            "authority that signed it, and host to the name that it is for"
        )
        raise DeliveryError(msg, retryable=True) from error
    except ssl.SSLError as error:
        msg = f"no TLS with {where}: {_reason(error)}; is security: tls or starttls right for it?"
        raise DeliveryError(msg, retryable=True) from error
    except (OSError, UnicodeError) as error:
        msg = f"could not reach the mail server {where}: {_reason(error)}"
        raise DeliveryError(msg, retryable=True) from error


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said((error.smtp_code, error.smtp_error))
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer within the time limit"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _said(answer: tuple[int, bytes | str]) -> str:
    code, text = answer
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    line = re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", text).strip()
    return f"{code} {line[:200]}".rstrip() if code > 0 else "what came is no SMTP answer"


def _without(text: str, username: str, password: str) -> str:
    plain = f"\0{username}\0{password}"
    encoded = [base64.b64encode(one.encode()).decode() for one in (plain, password)]
    for secret in (password, *encoded):
        text = text.replace(secret, "***") if secret else text
    return text


def _stuffed(content: bytes) -> bytes:
    """The message as DATA wants it: dots at line starts doubled, a dot alone at the end."""
    doubled = re.sub(rb"(?m)^\.", b"..", content)
    return doubled + (b".\r\n" if doubled.endswith(b"\r\n") else b"\r\n.\r\n")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
