"""The parcels of a bundle for all destinations; mails say what lies where on the shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from slo_reports.deliver.contract import Destination, format_of
from slo_reports.deliver.mail import Mail
from slo_reports.deliver.share import Share
from slo_reports.model import Bundle, Filed, Parcel


def plan_all(bundle: Bundle, destinations: Mapping[str, Destination]) -> tuple[Parcel, ...]:
    """Everything that will be sent, byte for byte, in the order of the destinations.

    Mail servers are asked how large a message may be, and messages say where their documents are
    filed that do not fit into them. All else is a function of the bundle.

    Raises:
        DeliveryError: the bundle cannot be delivered to one of them at all.
    """
    placed = with_places(bundle, destinations)
    parcels: list[Parcel] = []
    for one in destinations.values():
        if isinstance(one, Mail):
            one.size_limit()
        parcels.extend(one.plan(placed))
    return tuple(parcels)


def with_places(bundle: Bundle, destinations: Mapping[str, Destination]) -> Bundle:
    """The bundle with where its documents are filed on the shares among the destinations.

    Raises:
        DeliveryError: a share cannot take the bundle at all.
    """
    shares = [one for one in destinations.values() if isinstance(one, Share)]
    filed = tuple(place for share in shares for place in _filed(bundle, share))
    return replace(bundle, filed=filed)


def _filed(bundle: Bundle, share: Share) -> Iterator[Filed]:
    links, parcels = share.links(bundle), share.plan(bundle)
    for document in bundle.documents:
        for parcel in parcels:
            if parcel.content == document.content and parcel.recipient.endswith(document.name):
                link = links.get(format_of(document) or "", "")
                yield Filed(document.name, share.name, parcel.recipient, link)
