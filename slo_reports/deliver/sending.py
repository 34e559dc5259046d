"""Sending parcels: in order, each on its own, with every attempt told to the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from slo_reports.deliver.contract import Attempt, Destination
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.model import DeliveryState, Parcel

OnAttempt = Callable[[Parcel, DeliveryState, str], None]

_ORDER = {"share": 0, "mail": 1, "chat": 2}


def send_all(
    parcels: Iterable[Parcel],
    destinations: Mapping[str, Destination],
    on_attempt: OnAttempt,
) -> tuple[Attempt, ...]:
    """Send each parcel once, shares before mail; a failed one does not stop the next.

    Args:
        parcels: what is to be sent.
        destinations: by name.
        on_attempt: called with ``sending`` before and with the outcome after each try. What it
            raises ends the sending: what cannot be recorded is not sent.

    Returns:
        One attempt per parcel, in the order of sending.
    """
    try:
        return tuple(
            _attempt(parcel, destinations, on_attempt)
            for parcel in sorted(parcels, key=lambda one: _rank(one, destinations))
        )
    finally:
        for destination in destinations.values():
            destination.close()


def _rank(parcel: Parcel, destinations: Mapping[str, Destination]) -> int:
    destination = destinations.get(parcel.destination)
    return len(_ORDER) if destination is None else _ORDER[destination.kind]


def _attempt(
    parcel: Parcel, destinations: Mapping[str, Destination], on_attempt: OnAttempt
) -> Attempt:
    on_attempt(parcel, DeliveryState.SENDING, "")
    outcome, detail = _outcome(parcel, destinations)
    on_attempt(parcel, outcome, detail)
    return Attempt(parcel, outcome, detail)


def _outcome(parcel: Parcel, destinations: Mapping[str, Destination]) -> tuple[DeliveryState, str]:
    destination = destinations.get(parcel.destination)
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
