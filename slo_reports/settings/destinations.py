"""The shape of the settings of destinations: shares, mail and chat, each in a file of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from slo_reports.settings.chat import SlackDestination, TeamsDestination, WebhookDestination
from slo_reports.settings.mail import MailDestination, MailServer
from slo_reports.settings.shares import ShareDestination

__all__ = ["Destination", "MailDestination", "MailServer", "ShareDestination"]

Destination = Annotated[
    MailDestination | ShareDestination | SlackDestination | TeamsDestination | WebhookDestination,
    Field(discriminator="kind"),
]
