"""Destinations: share, mail and chat, behind one contract.

``plan_all`` makes the parcels of a bundle, the caller keeps them, ``send_all`` sends them. This
room knows nothing of the ledger: attempts are told to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping

from slo_reports.deliver.chat import Chat
from slo_reports.deliver.contract import Attempt, Check, Destination, Settlement
from slo_reports.deliver.mail import Mail
from slo_reports.deliver.patience import Patience
from slo_reports.deliver.planning import plan_all, with_places
from slo_reports.deliver.sending import Outgoing, send_all
from slo_reports.deliver.share import Share
from slo_reports.deliver.trial import trial_bundle, trial_parcel
from slo_reports.model import Bundle
from slo_reports.settings.chat import ChatDestination
from slo_reports.settings.destinations import MailDestination, ShareDestination

__all__ = [
    "Attempt",
    "Chat",
    "Check",
    "Destination",
    "Mail",
    "Outgoing",
    "Patience",
    "Settlement",
    "Share",
    "destinations_from",
    "links_of",
    "plan_all",
    "send_all",
    "trial_bundle",
    "trial_parcel",
    "with_places",
]


def destinations_from(
    settings: Mapping[str, MailDestination | ShareDestination | ChatDestination],
) -> dict[str, Destination]:
    """The destinations that settings name, nothing opened yet."""
    return {name: _destination(name, one) for name, one in settings.items()}


def _destination(
    name: str, settings: MailDestination | ShareDestination | ChatDestination
) -> Destination:
    match settings:
        case MailDestination():
            return Mail(name, settings)
        case ShareDestination():
            return Share(name, settings)
        case _:
            return Chat(name, settings)


def links_of(destinations: Mapping[str, Destination], bundle: Bundle) -> dict[str, str]:
    """Where readers find a bundle's documents on the shares among some destinations, by format."""
    links: dict[str, str] = {}
    for one in destinations.values():
        if isinstance(one, Share):
            links |= one.links(bundle)
    return links
