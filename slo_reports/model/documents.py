"""What is delivered: documents, their bundle, and the parcels made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from slo_reports.model.arrays import content_hash


@dataclass(frozen=True)
class Document:
    """Bytes with the name of a file and a media type."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


NOTES_MARK = "<!-- notes -->"
"""Stands in a mail's HTML where notes about its delivery go; unseen where there are none."""


@dataclass(frozen=True)
class MailBody:
    """What a message says, before it is addressed.

    Attributes:
        html: with ``NOTES_MARK`` where notes go; without one, they go to the top.
        images: documents that the HTML shows as ``cid:NAME``.
        language: that it is written in, and notes are.
    """

    subject: str
    text: str
    html: str
    images: tuple[Document, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Filed:
    """Where a document of a bundle is filed.

    Attributes:
        document: its name.
        share: the name of the share in the settings.
        path: below the share's folder, with ``/`` between names.
        link: the URL under which readers find it; empty where the share has none.
    """

    document: str
    share: str
    path: str
    link: str = ""


@dataclass(frozen=True)
class Summary:
    """A report in three lines and a link: what a chat is told.

    Attributes:
        title: the report's, cleaned.
        period: such as ``October 2026``.
        headline: title and period, and how many objectives were met.
        worst: the worst objective in one sentence, or that all were met.
        action: the first thing to do, or that there is nothing to do.
        objectives: how many there are.
        met: how many of them were met.
        links: where filed documents are found, by ``html`` and ``pdf``.
        language: that it is written in, and the words of its links are.
    """

    title: str
    period: str
    headline: str
    worst: str
    action: str
    objectives: int
    met: int
    links: tuple[tuple[str, str], ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Bundle:
    """All documents of one run: what the destinations are given.

    Attributes:
        filed: where readers find the documents that a mail is too small for.
    """

    report: str
    period_id: str
    revision: int
    date: datetime
    documents: tuple[Document, ...]
    mail: MailBody | None = None
    filed: tuple[Filed, ...] = ()
    summary: Summary | None = None


class DeliveryState(StrEnum):
    """How far one delivery has come; an attempt's outcome is one of these, too."""

    PENDING = "pending"
    """Frozen, nothing tried yet."""
    SENDING = "sending"
    """Begun; found at a start, it was interrupted and may have arrived."""
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    """Failed in a way that may pass: tried again."""
    UNCERTAIN = "uncertain"
    """Handed over, but the answer was lost: the identical bytes are sent again."""
    REJECTED = "rejected"
    """Refused for good: a person must look."""
    EXPIRED = "expired"
    """Deferred for as long as is tried: a person must look."""
    HELD = "held"
    """It may have arrived, and the policy leaves that to a person."""
    FOLDED = "folded"
    """Told in the mail of a later period, because several were late at once, or of a revision."""

    @property
    def arrived(self) -> bool:
        """Whether the reader has it."""
        return self in {DeliveryState.DELIVERED, DeliveryState.FOLDED}

    @property
    def held(self) -> bool:
        """Whether it waits for a person."""
        return self in {DeliveryState.REJECTED, DeliveryState.EXPIRED, DeliveryState.HELD}

    @property
    def settled(self) -> bool:
        """Whether nothing more will be tried without a person's word."""
        return self.arrived or self.held


@dataclass(frozen=True)
class Parcel:
    """What one destination is given for one recipient, byte for byte.

    Attributes:
        destination: its name in the settings.
        recipient: a mail address, a path below a share's folder with ``/`` between names, or what
            a chat's channel is called.
        message_id: of a mail, with its angle brackets; of a chat, the key by which the receiver can
            tell a repeated post from a second one.
    """

    destination: str
    recipient: str
    media_type: str
    content: bytes = field(repr=False)
    message_id: str | None = None

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


def file_name(report: str, period_id: str, revision: int, extension: str) -> str:
    """A document's name, such as ``commerce_2026-10.pdf`` or ``commerce_2026-10_r2.pdf``."""
    later = f"_r{revision}" if revision > 1 else ""
    return f"{report}_{period_id}{later}.{extension}"


def is_file_name(text: str) -> bool:
    """Whether a text names one file in its folder and nothing else, on any system a share has."""
    return (
        0 < len(text.encode(errors="replace")) <= 200
        and text.isprintable()
        and not set(text) & set('/\\:*?"<>|')
        and not text.startswith((".", " "))
        and not text.endswith((".", " "))
    )
