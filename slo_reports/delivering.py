"""The job's second half: from documents to deliveries on record.

Everything that will be sent is frozen in the ledger before the first send, so a run that was
broken off goes on with the identical bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from slo_reports.asked import asked_before
from slo_reports.compute.following import asked_in
from slo_reports.deliver import (
    Attempt,
    Destination,
    Outgoing,
    Patience,
    plan_all,
    send_all,
)
from slo_reports.errors import ExitCode
from slo_reports.job import Prepared, World, not_measured, prepare, with_earlier
from slo_reports.language import speaking
from slo_reports.ledger import Delivery, Freezing, Ledger, OpenDelivery, Run
from slo_reports.model import DeliveryState, Parcel
from slo_reports.notices import undelivered_before
from slo_reports.periods import Period
from slo_reports.settings.schema import ReportSettings, RetrySettings

_UNKNOWN = {DeliveryState.SENDING, DeliveryState.UNCERTAIN}
_ASKED = frozenset(state for state in DeliveryState if not state.arrived)


@dataclass(frozen=True)
class Receipt:
    """What a run did.

    Attributes:
        made: whether the report was made now; otherwise it was there, frozen, from before.
        attempts: what was tried now.
        deliveries: all deliveries of the run as the ledger now knows them.
        not_measured: objectives that the report could not measure, ``id: reason``; known only
            when it was made now.
    """

    run: Run
    made: bool
    attempts: tuple[Attempt, ...]
    deliveries: tuple[Delivery, ...]
    not_measured: tuple[str, ...] = ()

    @property
    def undelivered(self) -> tuple[Delivery, ...]:
        """Deliveries that have not arrived."""
        return tuple(one for one in self.deliveries if not one.state.arrived)

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        if self.undelivered:
            return ExitCode.DELIVERY
        return ExitCode.INCOMPLETE if self.not_measured else ExitCode.DONE


def run_report(report: ReportSettings, period: Period, world: World, ledger: Ledger) -> Receipt:
    """Make a report because a person asks for it, once, and deliver what has not arrived.

    What was refused, given up or held is tried again.

    Args:
        report: its settings.
        period: what it judges.
        world: what to work with.
        ledger: locked by the caller.

    Raises:
        SourceError, RenderError: it could not be made; nothing of it is on record.
        LedgerError: it could not be recorded; nothing that is not on record was sent.
    """
    run = ledger.find_run(report.name, period)
    if run is not None:
        return deliver_asked(run, report, world, ledger)
    with speaking(world.language(report)):
        notices = undelivered_before(report.name, period, ledger)
    earlier = asked_before(report.name, period, ledger)
    prepared = prepare(report, period, world, notices, earlier)
    (run,) = freeze([prepared], report, world, ledger)
    return deliver_asked(run, report, world, ledger, prepared)


def freeze(
    prepared: Sequence[Prepared], report: ReportSettings, world: World, ledger: Ledger
) -> tuple[Run, ...]:
    """Write down everything that some runs of one report will send, all of them or none.

    Args:
        prepared: oldest first. The mail of the last tells of those before it, whose own mails
            are kept and not sent.
        report: its settings.
        world: what to work with.
        ledger: locked by the caller.
    """
    *earlier, last = prepared
    title = f"{report.name} {last.snapshot.period.key}"
    destinations = world.destinations(report)
    try:
        freezings = [_freezing(one, destinations, folded_into=title) for one in earlier]
        whole = last
        if earlier and world.mails(report):
            whole = with_earlier(last, earlier, report, world)
        freezings.append(_freezing(whole, destinations))
    finally:
        for destination in destinations.values():
            destination.close()
    return ledger.freeze_runs(freezings, world.now())


def _freezing(
    one: Prepared, destinations: Mapping[str, Destination], folded_into: str = ""
) -> Freezing:
    parcels = plan_all(one.bundle, destinations)
    documents = one.bundle.documents
    asked = asked_in(one.report)
    return Freezing(one.snapshot, documents, parcels, folded_into, one.report.headline, asked)


def deliver_asked(
    run: Run,
    report: ReportSettings,
    world: World,
    ledger: Ledger,
    made: Prepared | None = None,
) -> Receipt:
    """Deliver what has not arrived of a run, now, whatever has become of it before."""
    return _deliver(run, report, world, ledger, ledger.open_deliveries(run, _ASKED), made)


def deliver_due(
    run: Run,
    report: ReportSettings,
    world: World,
    ledger: Ledger,
    made: Prepared | None = None,
) -> Receipt:
    """Deliver what is open of a run and due for a try."""
    now, patience = world.now(), patience_of(world.settings.retry)
    due = [
        one for one in ledger.open_deliveries(run) if patience.is_due(one.delivery.next_try_at, now)
    ]
    return _deliver(run, report, world, ledger, due, made)


def patience_of(settings: RetrySettings) -> Patience:
    """The patience that the settings ask for."""
    return Patience(settings.first, settings.longest, settings.give_up)


def _deliver(
    run: Run,
    report: ReportSettings,
    world: World,
    ledger: Ledger,
    open_: Sequence[OpenDelivery],
    made: Prepared | None,
) -> Receipt:
    attempts = tuple(_sent(run, report, world, ledger, open_)) if open_ else ()
    missing = () if made is None else not_measured(made.report)
    return Receipt(run, made is not None, attempts, ledger.deliveries(run), missing)


def _sent(
    run: Run, report: ReportSettings, world: World, ledger: Ledger, open_: Sequence[OpenDelivery]
) -> Iterator[Attempt]:
    """Send frozen parcels; each attempt goes on record, and none is broken off by a signal."""
    world.listener.say(f"delivering {run.title}")
    patience = patience_of(world.settings.retry)
    tries = {one.parcel: one.delivery.tries for one in open_}

    def record(parcel: Parcel, outcome: DeliveryState, detail: str) -> None:
        now = world.now()
        next_try = None
        if outcome in {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}:
            past = ((one.at, one.outcome) for one in tries[parcel])
            next_try = patience.next_try(past, now)
            if next_try is None:
                outcome, detail = _given_up(outcome), f"{detail}; given up"
        ledger.record_attempt(run, parcel, outcome, detail, now, next_try_at=next_try)

    outgoing = [_outgoing(one) for one in open_]
    destinations = world.destinations(report)
    with closing(send_all(outgoing, destinations, record, now=world.now)) as sending:
        while not world.stop.requested:
            with world.stop.held_back():
                attempt = next(sending, None)
            if attempt is None:
                return
            yield attempt


def _given_up(outcome: DeliveryState) -> DeliveryState:
    return DeliveryState.EXPIRED if outcome is DeliveryState.DEFERRED else DeliveryState.HELD


def _outgoing(one: OpenDelivery) -> Outgoing:
    delivery = one.delivery
    begun = [entry.at for entry in delivery.tries if entry.outcome is DeliveryState.SENDING]
    return Outgoing(one.parcel, begun[-1] if begun and delivery.state in _UNKNOWN else None)
