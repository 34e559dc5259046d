"""The shape of the settings of destinations: shares, mail and chats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from slo_reports.settings.chat import SlackDestination, TeamsDestination, WebhookDestination
from slo_reports.settings.mail import MailDestination, MailServer
from slo_reports.settings.strict import Strict

__all__ = ["Destination", "MailDestination", "MailServer", "ShareDestination"]


class ShareDestination(Strict):
    """Files in a folder, by report and year; never overwritten."""

    kind: Literal["share"] = Field(description="Files the documents in a folder.")
    path: Path = Field(description="An existing folder; mounted, if it is a network share.")
    link: str | None = Field(
        None, description="URL under which readers find the folder; mails then link to the files."
    )


Destination = Annotated[
    MailDestination | ShareDestination | SlackDestination | TeamsDestination | WebhookDestination,
    Field(discriminator="kind"),
]
