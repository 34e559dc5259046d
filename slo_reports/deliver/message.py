"""One message for one recipient, as bytes that depend on nothing but the bundle.

multipart/mixed
├── multipart/related
│   ├── multipart/alternative: plain text, HTML
│   └── the HTML's images by Content-ID
└── attachments
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from typing import Any

from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, Document, MailBody, is_file_name

_LONGEST_PHRASE = 200
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Envelope:
    """Who writes to whom, as the settings say."""

    destination: str
    sender: str
    sender_name: str
    recipient: str
    reply_to: str | None = None

    @property
    def needs_utf8(self) -> bool:
        """Whether a local part has letters that only servers with SMTPUTF8 take."""
        addresses = (self.sender, self.recipient, self.reply_to or "")
        return not all(wire_address(one).isascii() for one in addresses if one)


def message_bytes(
    bundle: Bundle, body: MailBody, attached: Sequence[Document], envelope: Envelope
) -> tuple[str, bytes]:
    """A whole message.

    Args:
        bundle: what names and dates it.
        body: subject, text, HTML and the HTML's images.
        attached: in the order in which they are to be seen.
        envelope: sender and recipient.

    Returns:
        Its Message-ID, and its bytes with CRLF line ends and lines of at most 998 bytes.

    Raises:
        DeliveryError: an address, an image's name or a file name cannot be put into a header.
    """
    policy = SMTPUTF8 if envelope.needs_utf8 else SMTP
    message_id = derived_message_id(bundle, envelope)
    try:
        message = EmailMessage(policy)
        _address(message, bundle, body, envelope, message_id)
        _fill(message, body, attached, policy)
        _fix_boundaries(message, _content_hash(message_id, body, attached))
        return message_id, message.as_bytes()
    except (MessageError, ValueError) as error:
        msg = f"{envelope.destination}: no message to {envelope.recipient!r} can be made: {error}"
        raise DeliveryError(msg, retryable=False) from error


def derived_message_id(bundle: Bundle, envelope: Envelope) -> str:
    """The same for the same report, period, revision, destination and recipient."""
    parts = [
        bundle.report,
        bundle.period_id,
        bundle.revision,
        envelope.destination,
        envelope.recipient,
    ]
    domain = wire_address(envelope.sender).rpartition("@")[2]
    return f"<{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}@{domain}>"


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


def _address(
    message: EmailMessage, bundle: Bundle, body: MailBody, envelope: Envelope, message_id: str
) -> None:
    message["From"] = _mailbox(envelope.sender, clean_phrase(envelope.sender_name))
    message["To"] = _mailbox(envelope.recipient)
    if envelope.reply_to is not None:
        message["Reply-To"] = _mailbox(envelope.reply_to)
    message["Subject"] = clean_phrase(body.subject)
    message["Date"] = bundle.date
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"


def _mailbox(address: str, name: str = "") -> Address:
    local, _, domain = wire_address(address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _fill(
    message: EmailMessage, body: MailBody, attached: Sequence[Document], policy: EmailPolicy[Any]
) -> None:
    message.make_mixed()
    message.attach(_related(body, policy))
    for one in attached:
        if not is_file_name(one.name):
            msg = f"{one.name!r} is no plain file name"
            raise ValueError(msg)
        maintype, subtype = _media_type(one)
        message.add_attachment(one.content, maintype, subtype, filename=one.name)
    for part in message.walk():
        if part is not message:
            del part["MIME-Version"]


def _related(body: MailBody, policy: EmailPolicy[Any]) -> EmailMessage:
    related = EmailMessage(policy)
    related.make_related()
    related.set_param("type", "multipart/alternative")
    related.attach(_alternative(body, policy))
    for image in body.images:
        related.attach(_image(image, policy))
    return related


def _alternative(body: MailBody, policy: EmailPolicy[Any]) -> EmailMessage:
    alternative = EmailMessage(policy)
    alternative.set_content(_encodable(body.text), cte="quoted-printable")
    alternative.add_alternative(_encodable(body.html), subtype="html", cte="quoted-printable")
    return alternative


def _image(image: Document, policy: EmailPolicy[Any]) -> EmailMessage:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}", image.name):
        msg = f"{image.name!r} is no name for an image that the HTML shows as cid:NAME"
        raise ValueError(msg)
    part = EmailMessage(policy)
    maintype, subtype = _media_type(image)
    part.set_content(
        image.content,
        maintype,
        subtype,
        disposition="inline",
        filename=image.name,
        cid=f"<{image.name}>",
    )
    return part


def _media_type(document: Document) -> tuple[str, str]:
    plain = document.media_type.partition(";")[0].strip()
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", plain):
        msg = f"{document.media_type!r} is no media type"
        raise ValueError(msg)
    maintype, _, subtype = plain.partition("/")
    return maintype, subtype


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _content_hash(message_id: str, body: MailBody, attached: Sequence[Document]) -> str:
    parts = [message_id, _encodable(body.text), _encodable(body.html)]
    parts += [one.sha256 for one in (*body.images, *attached)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """Boundaries from a hash of the content: reproducible, and in no content by accident."""
    containers = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(containers):
        part.set_boundary(f"=_{seed}_{number}")
