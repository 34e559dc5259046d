"""The one contract of all destinations: plan first, freeze, then send exactly that.

``plan`` is pure and makes the very bytes that will be sent; the caller keeps them before the
first ``send``, so a delivery that is tried again sends the same bytes however the settings or
the templates have changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from slo_reports.errors import DeliveryError
from slo_reports.model import (
    Bundle,
    DeliveryState,
    Document,
    Format,
    Parcel,
    format_of_media_type,
)

Kind = Literal["share", "mail", "chat"]


Settlement = tuple[DeliveryState, str]
"""What became of an interrupted try, and one sentence about it."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: such as ``write and rename on the share books``.
        is_fine: None where it could not be looked at, or works and yet asks for a person's eye.
        seen: what was seen.
        mend: what to do about it; empty where it is fine.
    """

    what: str
    is_fine: bool | None
    seen: str
    mend: str = ""


class Destination(Protocol):
    """Somewhere that documents are delivered to."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def kind(self) -> Kind:
        """What it is; shares are served before mail, so that links in a mail work."""

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """The parcels of a bundle, one per delivery; same bundle, same bytes.

        Raises:
            DeliveryError: the bundle cannot be delivered here at all.
        """

    def send(self, parcel: Parcel) -> str:
        """Deliver one parcel.

        Returns:
            The receipt, one sentence.

        Raises:
            DeliveryError: it was not delivered; ``retryable`` where it may be later.
            DeliveryUncertain: it was handed over, but the answer was lost.
        """

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:
        """Find out what became of a parcel whose last try broke off, or whose answer was lost.

        Args:
            parcel: what was being sent.
            tried_at: when it was.
            now: the present instant.

        Returns:
            ``delivered``: it is there. ``pending``: send it again, the identical bytes.
            ``uncertain``: not known yet, ask again later. ``held``: a person decides.

        Raises:
            DeliveryError: nothing could be found out now.
        """

    def examine(self) -> Iterator[Check]:
        """Reach the server, write and remove a trial file, and say what to mend; never raises."""

    def close(self) -> None:
        """Let go of connections; the next ``send`` opens new ones. Never raises."""


@dataclass(frozen=True)
class Attempt:
    """What became of one try to deliver one parcel, without its bytes.

    Attributes:
        destination, recipient: whose it was.
        detail: a receipt or a reason.
    """

    destination: str
    recipient: str
    outcome: DeliveryState
    detail: str


def format_of(document: Document) -> Format | None:
    """What settings call a document's format; None for other media types."""
    return format_of_media_type(document.media_type)


def no_duplicates(parcels: Iterable[Parcel]) -> tuple[Parcel, ...]:
    """The parcels, none of which shares its recipient with another of different content.

    Raises:
        DeliveryError: two parcels with different bytes have the same recipient.
    """
    kept: dict[str, Parcel] = {}
    for parcel in parcels:
        first = kept.setdefault(parcel.recipient, parcel)
        if first.content != parcel.content:
            msg = (
                f"{parcel.destination}: two different documents are both meant for "
                f"{parcel.recipient}; their names must differ"
            )
            raise DeliveryError(msg, retryable=False)
    return tuple(kept.values())
