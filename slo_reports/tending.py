"""What a person decides about runs and deliveries that wait for one."""

from __future__ import annotations

from slo_reports.delivering import Receipt, deliver_due
from slo_reports.errors import ConfigurationError
from slo_reports.job import World
from slo_reports.ledger import Delivery, Ledger, Run, RunState
from slo_reports.model import DeliveryState
from slo_reports.settings.schema import ReportSettings


def resend(
    run: Run,
    deliveries: tuple[Delivery, ...],
    report: ReportSettings,
    world: World,
    ledger: Ledger,
    who: str,
) -> Receipt:
    """Send some deliveries of a run now, the identical bytes, whatever became of them before.

    Others of the run that are due are sent as well.
    """
    for one in deliveries:
        ledger.decide(run, one, DeliveryState.PENDING, f"sent again by {who}", world.now())
    return deliver_due(run, report, world, ledger)


def mark_delivered(
    run: Run, deliveries: tuple[Delivery, ...], world: World, ledger: Ledger, who: str, why: str
) -> None:
    """Record that some deliveries arrived, on a person's word."""
    said = f"arrived on the word of {who}" + (f": {why}" if why else "")
    for one in deliveries:
        ledger.decide(run, one, DeliveryState.DELIVERED, said, world.now())


def run_on_record(ledger: Ledger, report: str, period: str, revision: int | None = None) -> Run:
    """The run of a period that is on record: the given revision, or the latest.

    Raises:
        ConfigurationError: there is none; the message names what there is.
    """
    known = ledger.record(report)
    found = [run for run in known if run.period == period and revision in (None, run.revision)]
    if found:
        return max(found, key=lambda run: run.revision)
    there = ", ".join(dict.fromkeys(run.period for run in known[-6:])) or "nothing"
    which = period if revision is None else f"{period} revision {revision}"
    msg = f"{report} {which} is not on record; there is {there}"
    raise ConfigurationError(msg)


def chosen(
    run: Run,
    deliveries: tuple[Delivery, ...],
    recipients: list[str],
    destinations: list[str],
) -> tuple[Delivery, ...]:
    """The deliveries that a person means.

    Args:
        run: whose they are.
        deliveries: all of it.
        recipients: only to these; they may have arrived before.
        destinations: only by these; likewise. Where neither is named, those that wait for a person
            or were never answered.

    Raises:
        ConfigurationError: none is meant; the message names what there is.
    """
    named = bool(recipients or destinations)
    meant = tuple(
        one
        for one in deliveries
        if (one.recipient in recipients or not recipients)
        and (one.destination in destinations or not destinations)
        and (named or one.state.held or one.state is DeliveryState.UNCERTAIN)
    )
    if meant:
        return meant
    there = "; ".join(f"{one.destination}: {one.recipient} ({one.state})" for one in deliveries)
    msg = f"no delivery of {run.title} is meant; there is {there or 'none'}"
    raise ConfigurationError(msg)


def skip(run: Run, ledger: Ledger, who: str, why: str) -> None:
    """Never make a run that fell due, on a person's word.

    Raises:
        ConfigurationError: it is made already, or left out already.
    """
    if run.state in {RunState.FROZEN, RunState.SKIPPED}:
        how = "made already" if run.state is RunState.FROZEN else f"left out: {run.reason}"
        msg = f"{run.title} cannot be skipped: it is {how}"
        raise ConfigurationError(msg)
    ledger.skip_run(run, f"skipped by {who}: {why}")
