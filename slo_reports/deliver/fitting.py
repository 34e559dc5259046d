"""A message that is not larger than it may be: what does not fit is told, not attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from slo_reports.deliver.headers import Envelope
from slo_reports.deliver.message import message_bytes
from slo_reports.deliver.notes import Note, with_notes
from slo_reports.deliver.wire import megabytes
from slo_reports.errors import DeliveryError
from slo_reports.language import speaking, tr
from slo_reports.model import Bundle, Document, MailBody
from slo_reports.numbers import decimal_text


@dataclass(frozen=True)
class Limit:
    """How large a message may be [bytes, encoded], and which limit that is."""

    size: int
    whose: str


def fitting_message(
    bundle: Bundle, body: MailBody, attached: Sequence[Document], envelope: Envelope, limit: Limit
) -> tuple[str, bytes]:
    """A message with as many attachments as fit; the largest is left out first.

    In their place both bodies say what each was and where it is.

    Returns:
        Its Message-ID and its bytes.

    Raises:
        DeliveryError: it is too large without any attachment, or cannot be made at all.
    """
    kept, left_out = list(attached), list[Document]()
    while True:
        told = _told(bundle, body, left_out, envelope, limit)
        message_id, content = message_bytes(bundle, told, kept, envelope)
        if len(content) <= limit.size:
            return message_id, content
        if not kept:
            raise _too_large(envelope, limit, len(content))
        largest = max(kept, key=lambda one: len(one.content))
        kept.remove(largest)
        left_out.append(largest)


def _too_large(envelope: Envelope, limit: Limit, size: int) -> DeliveryError:
    msg = (
        f"{envelope.destination}: the message to {envelope.recipient} has {megabytes(size)} "
        f"without any attachment, and {limit.whose} is {megabytes(limit.size)}; raise it, or let "
        "the report cover less"
    )
    return DeliveryError(msg, retryable=False)


def _told(
    bundle: Bundle,
    body: MailBody,
    left_out: Sequence[Document],
    envelope: Envelope,
    limit: Limit,
) -> MailBody:
    if not left_out:
        return body
    with speaking(body.language):
        title = tr(
            "Not attached, because the whole message may be at most {size}:",
            size=_size(limit.size),
        )
        return with_notes(body, title, [_where(bundle, one, envelope) for one in left_out])


def _where(bundle: Bundle, document: Document, envelope: Envelope) -> Note:
    what = f"{document.name} ({_size(len(document.content))})"
    places = [one for one in bundle.filed if one.document == document.name]
    linked = next((one for one in places if one.link), None)
    if linked is not None:
        return Note(what, linked.link)
    if places:
        place = places[0]
        told = tr(
            "{file} is on the share {share}, as {path}",
            file=what,
            share=place.share,
            path=place.path,
        )
        return Note(told)
    who = envelope.reply_to or envelope.sender
    return Note(tr("{file} is on no share; ask {who} for it", file=what, who=who))


def _size(size: int) -> str:
    """As ``megabytes``, with the decimal sign of the language."""
    large = size >= 100_000
    number = decimal_text(Fraction(size, 10**6 if large else 1000), 1)
    return f"{number} {'MB' if large else 'kB'}"
