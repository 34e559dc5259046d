"""Destinations: share, mail and chat, behind one contract.

A destination plans its parcels from a bundle (pure), the caller keeps them, ``send_all`` sends
them. This room knows nothing of the ledger: attempts are told to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping

from slo_reports.deliver.chat import Chat
from slo_reports.deliver.contract import Attempt, Destination
from slo_reports.deliver.mail import Mail
from slo_reports.deliver.sending import send_all
from slo_reports.deliver.share import Share
from slo_reports.settings.chat import ChatDestination
from slo_reports.settings.destinations import MailDestination, ShareDestination

__all__ = ["Attempt", "Chat", "Destination", "Mail", "Share", "destinations_from", "send_all"]


def destinations_from(
    settings: Mapping[str, MailDestination | ShareDestination | ChatDestination],
) -> dict[str, Mail | Share | Chat]:
    """The destinations that settings name, nothing opened yet."""
    return {name: _destination(name, one) for name, one in settings.items()}


def _destination(
    name: str, settings: MailDestination | ShareDestination | ChatDestination
) -> Mail | Share | Chat:
    match settings:
        case MailDestination():
            return Mail(name, settings)
        case ShareDestination():
            return Share(name, settings)
        case _:
            return Chat(name, settings)
