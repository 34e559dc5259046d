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
from collections.abc import Sequence
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from slo_reports.deliver.headers import Envelope, add_headers, derived_message_id, policy_for
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, Document, MailBody, is_file_name


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
    policy = policy_for(envelope)
    message_id = derived_message_id(bundle, envelope)
    try:
        message = EmailMessage(policy)
        add_headers(message, bundle, body.subject, envelope)
        _fill(message, body, attached, policy)
        _fix_boundaries(message, _content_hash(message_id, body, attached))
        return message_id, message.as_bytes()
    except (MessageError, ValueError) as error:
        msg = f"{envelope.destination}: no message to {envelope.recipient!r} can be made: {error}"
        raise DeliveryError(msg, retryable=False) from error


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
