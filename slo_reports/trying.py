"""A report mailed to whoever wants to see it first, marked as a test."""

from __future__ import annotations

import secrets

from slo_reports.asked import asked_where_recorded
from slo_reports.deliver import Mail, with_places
from slo_reports.deliver.trial import trial_parcel
from slo_reports.errors import ConfigurationError
from slo_reports.job import World, prepare
from slo_reports.periods import Period
from slo_reports.settings.mail import MailDestination
from slo_reports.settings.schema import ReportSettings


def send_trial(
    report: ReportSettings, period: Period, world: World, recipient: str, by: str | None
) -> str:
    """Make a report and send a marked copy of its mail; nothing is filed or recorded.

    Args:
        report: its settings.
        period: what it judges.
        world: what to work with.
        recipient: who gets it.
        by: name of the mail destination; None: the first of the report.

    Returns:
        What the server answered.

    Raises:
        ConfigurationError: the report has no such mail destination.
        DeliveryError: it was not sent.
    """
    name, settings = _mail_of(report, world, by)
    earlier = asked_where_recorded(report.name, period, world)
    prepared = prepare(report, period, world, earlier=earlier)
    bundle = with_places(prepared.bundle, world.destinations(report))
    parcel = trial_parcel(bundle, name, settings, recipient, secrets.token_hex(8))
    mail = Mail(name, settings)
    try:
        return mail.send(parcel)
    finally:
        mail.close()


def _mail_of(report: ReportSettings, world: World, by: str | None) -> tuple[str, MailDestination]:
    known = {
        name: one
        for name in report.destinations
        if isinstance(one := world.settings.destinations[name], MailDestination)
    }
    name = by or next(iter(known), None)
    if name is None or name not in known:
        there = ", ".join(known) or "none"
        msg = f"{report.name} has no mail destination {name or ''}".rstrip() + f"; it has {there}"
        raise ConfigurationError(msg)
    return name, known[name]
