"""The shape of one incident as a person writes it."""

from __future__ import annotations

from pydantic import Field, model_validator

from slo_reports.settings.strict import Strict
from slo_reports.settings.values import WebAddress

INSTANT = "such as 2026-10-19 14:05, in the settings' zone, or with an offset"


class WrittenMoment(Strict):
    """One line of an incident's timeline."""

    at: str = Field(description=f"When, {INSTANT}.")
    what: str = Field(min_length=1, description="What happened then, in a few words.")


class WrittenIncident(Strict):
    """One incident; in a CSV file each key is a column."""

    id: str = Field(min_length=1, description="Its name in your tracker; unique over all files.")
    title: str = Field(min_length=1, description="What happened, in a few words.")
    service: str | None = Field(None, description="The service that it touched.")
    services: list[str] | None = Field(
        None, min_length=1, description="Instead of service, where it touched several."
    )
    slo: str | None = Field(
        None, description="Id of the one objective that it is about; default: all of the service."
    )
    severity: str = Field("unknown", description="page, ticket, or the words of your own scale.")
    start: str = Field(description=f"When it began, {INSTANT}.")
    end: str | None = Field(None, description="When it was over; without one it goes on.")
    detected: str | None = Field(
        None, description="When somebody noticed; default: when the first alert fired."
    )
    cause: str = Field("", description="Why it happened.")
    follow_up: str = Field("", description="What is done about it.")
    url: WebAddress | None = Field(None, description="Where more is written, such as a review.")
    timeline: list[WrittenMoment] | None = Field(
        None, min_length=1, description="What happened when, for a retrospective; not in CSV."
    )

    @model_validator(mode="after")
    def _one_place(self) -> WrittenIncident:
        if (self.service is None) == (self.services is None):
            msg = "give service, or a list of services where it touched several"
            raise ValueError(msg)
        return self
