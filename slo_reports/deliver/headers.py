"""The headers of a message: who, to whom, which thread and which list; none can be broken out of.

Readers' programs put all periods of a report into one thread by ``References``, sort them by
``List-Id``, offer ``List-Unsubscribe``, and do not answer that somebody is on holiday.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from typing import Any
from urllib.parse import quote

from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle

_LONGEST_PHRASE = 200
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Envelope:
    """Who writes to whom, as the settings say.

    Attributes:
        unsubscribe: where readers leave, with ``{recipient}`` and ``{report}``.
        nonce: makes the Message-ID that of a trial, which belongs to no thread.
    """

    destination: str
    sender: str
    sender_name: str
    recipient: str
    reply_to: str | None = None
    unsubscribe: str | None = None
    nonce: str | None = None

    @property
    def needs_utf8(self) -> bool:
        """Whether a local part has letters that only servers with SMTPUTF8 take."""
        addresses = (self.sender, self.recipient, self.reply_to or "")
        return not all(wire_address(one).isascii() for one in addresses if one)


class _Unfolded(UnstructuredHeader, BaseHeader):
    """One word that is written as it is, however long: encoded, nobody would know it again."""

    max_count = 1

    def fold(self, *, policy: Any) -> str:
        """The header on one line."""
        return f"{self.name}: {self}{policy.linesep}"


_REGISTRY = HeaderRegistry()
for _name in ("Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe"):
    _REGISTRY.map_to_type(_name, _Unfolded)


def policy_for(envelope: Envelope) -> EmailPolicy[Any]:
    """How the message is written: with CRLF, in ASCII unless an address needs more."""
    base = SMTPUTF8 if envelope.needs_utf8 else SMTP
    return base.clone(header_factory=_REGISTRY)


def add_headers(message: EmailMessage, bundle: Bundle, subject: str, envelope: Envelope) -> None:
    """Address a message.

    Raises:
        DeliveryError: an address is none.
        ValueError: a value cannot stand in a header.
    """
    message["From"] = _mailbox(envelope.sender, clean_phrase(envelope.sender_name))
    message["To"] = _mailbox(envelope.recipient)
    if envelope.reply_to is not None:
        message["Reply-To"] = _mailbox(envelope.reply_to)
    message["Subject"] = clean_phrase(subject)
    message["Date"] = bundle.date
    message["Message-ID"] = derived_message_id(bundle, envelope)
    if envelope.nonce is None:
        message["In-Reply-To"] = message["References"] = thread_id(bundle, envelope)
    _add_list(message, bundle, envelope)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["MIME-Version"] = "1.0"


def _add_list(message: EmailMessage, bundle: Bundle, envelope: Envelope) -> None:
    message["List-Id"] = f"<{bundle.report}.slo-reports.{_domain(envelope)}>"
    if envelope.unsubscribe is None:
        return
    where = envelope.unsubscribe.replace("{report}", quote(bundle.report, safe=""))
    where = where.replace("{recipient}", quote(envelope.recipient, safe=""))
    message["List-Unsubscribe"] = f"<{where}>"
    if where.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def derived_message_id(bundle: Bundle, envelope: Envelope) -> str:
    """The same for the same report, period, revision, destination, recipient (and nonce)."""
    parts = [
        bundle.report,
        bundle.period_id,
        bundle.revision,
        envelope.destination,
        envelope.recipient,
    ]
    return _identity(parts if envelope.nonce is None else [*parts, envelope.nonce], envelope)


def thread_id(bundle: Bundle, envelope: Envelope) -> str:
    """The Message-ID that all periods of a report answer to; no message has it."""
    return _identity(["thread", bundle.report, envelope.destination, envelope.recipient], envelope)


def _identity(parts: list[Any], envelope: Envelope) -> str:
    return f"<{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}@{_domain(envelope)}>"


def _domain(envelope: Envelope) -> str:
    return wire_address(envelope.sender).rpartition("@")[2]


def wire_address(address: str) -> str:
    """An address as servers take it: the domain in ASCII (IDNA).

    Raises:
        DeliveryError: it has control characters, or its domain is none.
    """
    local, _, domain = address.rpartition("@")
    if not local or not domain or not address.isprintable():
        msg = f"{address!r} is no mail address; write one such as team@example.com"
        raise DeliveryError(msg, retryable=False)
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        msg = f"{address!r} is no mail address: {domain!r} is no domain ({error})"
        raise DeliveryError(msg, retryable=False) from error


def clean_phrase(text: str) -> str:
    """Text as one line that a header can hold: no controls, no line ends, at most 200 letters."""
    kept = (
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in text
        if letter not in _DIRECTIONS
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= _LONGEST_PHRASE else line[: _LONGEST_PHRASE - 1] + "…"


def _mailbox(address: str, name: str = "") -> Address:
    local, _, domain = wire_address(address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
