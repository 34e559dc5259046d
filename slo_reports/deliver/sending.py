"""Sending parcels: in order, each on its own, with every attempt told to the caller."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from slo_reports.deliver.contract import Attempt, Destination, Settlement
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.model import DeliveryState, Parcel

OnAttempt = Callable[[Parcel, DeliveryState, str], None]

_ORDER = {"share": 0, "mail": 1, "chat": 2}


@dataclass(frozen=True)
class Outgoing:
    """A parcel that is to be sent.

    Attributes:
        unknown_since: when the last try was, if that broke off or its answer was lost, so that
            the parcel may have arrived; else None.
    """

    parcel: Parcel
    unknown_since: datetime | None = None


def send_all(
    outgoing: Iterable[Outgoing],
    destinations: Mapping[str, Destination],
    on_attempt: OnAttempt,
    *,
    now: Callable[[], datetime],
) -> Generator[Attempt]:
    """Send each parcel once, shares before mail before chat; a failed one does not stop the next.

    Args:
        outgoing: what is to be sent.
        destinations: by name.
        on_attempt: called with ``sending`` before and with the outcome after each try. What it
            raises ends the sending: what cannot be recorded is not sent.
        now: asks the clock.

    Yields:
        One attempt per parcel, as it is made.
    """
    try:
        for one in sorted(outgoing, key=lambda one: _rank(one.parcel, destinations)):
            yield _attempt(one, destinations.get(one.parcel.destination), on_attempt, now)
    finally:
        for destination in destinations.values():
            destination.close()


def _rank(parcel: Parcel, destinations: Mapping[str, Destination]) -> int:
    destination = destinations.get(parcel.destination)
    return len(_ORDER) if destination is None else _ORDER[destination.kind]


def _attempt(
    one: Outgoing,
    destination: Destination | None,
    on_attempt: OnAttempt,
    now: Callable[[], datetime],
) -> Attempt:
    found = _settlement(one, destination, now)
    if found[0] is DeliveryState.PENDING:
        on_attempt(one.parcel, DeliveryState.SENDING, found[1])
        found = _outcome(one.parcel, destination)
    on_attempt(one.parcel, *found)
    return Attempt(one.parcel.destination, one.parcel.recipient, *found)


def _settlement(
    one: Outgoing, destination: Destination | None, now: Callable[[], datetime]
) -> Settlement:
    """Whether a parcel is to be sent now, after what its last try left unknown."""
    if one.unknown_since is None or destination is None:
        return DeliveryState.PENDING, ""
    try:
        return destination.settle(one.parcel, one.unknown_since, now())
    except DeliveryError as error:
        return DeliveryState.UNCERTAIN, f"not known yet whether it arrived: {error}"


def _outcome(parcel: Parcel, destination: Destination | None) -> Settlement:
    if destination is None:
        gone = f"destination {parcel.destination!r} is no longer in the settings; put it back"
        return DeliveryState.DEFERRED, gone
    try:
        return DeliveryState.DELIVERED, destination.send(parcel)
    except DeliveryUncertain as error:
        return DeliveryState.UNCERTAIN, str(error)
    except DeliveryError as error:
        state = DeliveryState.DEFERRED if error.retryable else DeliveryState.REJECTED
        return state, str(error)
