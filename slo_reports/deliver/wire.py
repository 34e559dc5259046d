"""What mail servers say and how talking to them fails, as sentences without secrets."""

from __future__ import annotations

import base64
import json
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slo_reports.errors import ConfigurationError, DeliveryError
from slo_reports.settings.mail import Account


@dataclass(frozen=True)
class Credentials:
    """A user name and what goes with it; neither the password nor the token is ever shown."""

    username: str
    secret: str
    is_token: bool

    def __repr__(self) -> str:
        return f"Credentials({self.username!r})"

    @property
    def xoauth2(self) -> str:
        """The first answer of the mechanism XOAUTH2."""
        return f"user={self.username}\x01auth=Bearer {self.secret}\x01\x01"

    def out_of(self, text: str) -> str:
        """The text without the secret, in whatever form a server may echo it."""
        forms = [self.secret, f"\0{self.username}\0{self.secret}", self.xoauth2]
        encoded = [base64.b64encode(one.encode()).decode() for one in forms]
        for secret in (*forms[1:], self.secret, *encoded):
            text = text.replace(secret, "***") if self.secret else text
        return text


def credentials(account: Account, where: str) -> Credentials | None:
    """What the settings say to log in with, read now; None where they name nobody.

    Raises:
        DeliveryError: the secret cannot be read; retryable, for it may be mended.
    """
    secret = account.token if account.password is None else account.password
    if account.username is None or secret is None:
        return None
    try:
        revealed = secret.reveal()
    except ConfigurationError as error:
        msg = f"nobody can be logged in at {where}: {error}"
        raise DeliveryError(msg, retryable=True) from error
    return Credentials(account.username, revealed, is_token=account.token is not None)


def tls_context(account: Account, where: str) -> ssl.SSLContext | None:
    """TLS 1.2 or later, the certificate and its name verified; None where the settings want none.

    Raises:
        DeliveryError: the file of authorities cannot be read; retryable, for it may be mended.
    """
    if account.security == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=account.ca)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror or str(error)
        msg = f"the certificate authorities for {where} could not be read from {account.ca}: {why}"
        raise DeliveryError(msg, retryable=True) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def told(where: str, what: str = "the mail server") -> Iterator[None]:
    """Turn what reaching a server raises into a sentence.

    Raises:
        DeliveryError: retryable, with the cause attached.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        msg = (
            f"the certificate of {where} is not trusted: {error.verify_message}; set ca to the "
            "authority that signed it, and host to the name that it is for"
        )
        raise DeliveryError(msg, retryable=True) from error
    except ssl.SSLError as error:
        msg = f"no TLS with {where}: {reason(error)}; is security: tls or starttls right for it?"
        raise DeliveryError(msg, retryable=True) from error
    except (OSError, UnicodeError) as error:
        msg = f"could not reach {what} {where}: {reason(error)}"
        raise DeliveryError(msg, retryable=True) from error


def reason(error: BaseException) -> str:
    """Why it failed, in few words."""
    if isinstance(error, smtplib.SMTPResponseException):
        return said((error.smtp_code, error.smtp_error))
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer within the time limit"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return one_line(str(error)) or type(error).__name__


def said(answer: tuple[int, bytes | str]) -> str:
    """A server's answer as one line."""
    code, text = answer
    return f"{code} {one_line(text)}".rstrip() if code > 0 else "what came is no SMTP answer"


def one_line(text: bytes | str) -> str:
    """What a server said, as one line of at most 200 plain letters."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", text).strip()[:200]


def token_refusal(challenge: bytes) -> str:
    """What the JSON says with which servers answer a token that they do not take.

    Returns:
        Such as ``status 401, scope mail``; empty where it says nothing that is known.
    """
    try:
        answer = json.loads(challenge)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    known = ("status", "error", "error_description", "scope")
    return one_line(", ".join(f"{key} {answer[key]}" for key in known if answer.get(key)))


def megabytes(size: int) -> str:
    """A size in bytes as people read it."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
