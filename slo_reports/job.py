"""The job's first half: from a report's settings and a period to its documents.

Collecting touches the world; what follows is pure. Keeping and delivering the documents is
``slo_reports.delivering``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol

import httpx

from slo_reports import __version__
from slo_reports.collect.alertmanager import Told, ask_alertmanager
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect, slices_to_count
from slo_reports.collect.plan import earlier_periods
from slo_reports.collect.shared import SharedAnswers
from slo_reports.compute import build_report
from slo_reports.deliver import Destination, destinations_from, links_of
from slo_reports.files_read import FilesRead
from slo_reports.history import History
from slo_reports.incidents.loading import concerning
from slo_reports.ledger import Ledger
from slo_reports.model import (
    Brand,
    Bundle,
    Earlier,
    Exclusion,
    Incident,
    Notice,
    Outcome,
    Policy,
    Report,
    ReportRequest,
    Slo,
    Snapshot,
    Subject,
)
from slo_reports.periods import Period, PeriodKind, following, parse_period, to_date
from slo_reports.render import Typesetter, mail_body, render_bundle
from slo_reports.settings.mail import MailDestination
from slo_reports.settings.schema import ReportSettings, Settings
from slo_reports.stopping import NEVER, Stop


class Listener(Protocol):
    """Who is told how the work goes on."""

    def say(self, text: str) -> None:
        """What is being done now."""

    def expect(self, units: int) -> None:
        """How many units of measuring lie ahead."""

    def advance(self, units: int) -> None:
        """So many more units have been done."""


class Quiet:
    """Tells nobody."""

    def say(self, text: str) -> None:
        """Nothing."""

    def expect(self, units: int) -> None:
        """Nothing."""

    def advance(self, units: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class World:
    """What the job works with.

    Attributes:
        now: asks the clock.
        transport: how the source is reached; None: over the network.
        history: the kept days; None: everything is asked of the source, and nothing kept.
        stop: whether the process has been asked to end.
        gate: held during each request to the source, where many processes share its patience.
        shared: what the source said of itself as a whole in this pass.
    """

    settings: Settings
    slos: tuple[Slo, ...]
    now: Callable[[], datetime]
    listener: Listener
    transport: httpx.BaseTransport | None = None
    history: History | None = None
    stop: Stop = NEVER
    gate: Callable[[], AbstractContextManager[None]] = nullcontext
    shared: SharedAnswers = field(default_factory=SharedAnswers)

    @cached_property
    def files(self) -> FilesRead:
        """What people wrote in files, read once."""
        return FilesRead(self.settings, self.slos)

    def connect(self) -> PrometheusClient:
        """A client of the source."""
        return PrometheusClient(
            self.settings.source, transport=self.transport, gate=self.gate, shared=self.shared
        )

    def open_ledger(self) -> Ledger:
        """The ledger, made where there is none.

        Raises:
            LedgerError: it cannot be opened.
        """
        return Ledger.open(*self._ledger_place())

    def has_ledger(self) -> bool:
        """Whether there is one already; nothing is made by asking."""
        return Ledger.is_there(*self._ledger_place())

    def _ledger_place(self) -> tuple[Path, str | None, str | None]:
        settings = self.settings.ledger
        if settings is None:
            return self.settings.state, None, None
        password = None if settings.password is None else settings.password.reveal()
        return self.settings.state, settings.url, password

    def policy(self) -> Policy:
        """The error budget policy that the settings name; ours where they name none.

        Raises:
            ConfigurationError: its file has problems; it holds all of them.
        """
        return self.files.policy

    def source_time(self) -> datetime:
        """The present instant by the source's clock.

        Raises:
            SourceError: it could not answer.
        """
        with self.connect() as client:
            return client.server_time()

    def destinations(self, report: ReportSettings) -> dict[str, Destination]:
        """Where a report goes, by name; nothing is opened yet."""
        known = self.settings.destinations
        return destinations_from({name: known[name] for name in report.destinations})

    def mails(self, report: ReportSettings) -> bool:
        """Whether a report goes to anybody by mail."""
        known = self.settings.destinations
        return any(isinstance(known[name], MailDestination) for name in report.destinations)

    def zone(self, report: ReportSettings) -> str:
        """The IANA zone that a report's periods are cut from."""
        return report.timezone or self.settings.timezone

    def language(self, report: ReportSettings) -> str:
        """What a report is written in, such as ``en`` or ``en-US``."""
        return report.language or self.settings.language

    def period(self, report: ReportSettings, text: str) -> Period:
        """The period that a person names for a report."""
        kind, zone = PeriodKind(report.period), self.zone(report)
        now = self.now()
        period = parse_period(text, kind=kind, zone=zone, now=now)
        return period if period.as_of is None else settled(period, now, self.settings)

    def exclusions(self, report: ReportSettings, period: Period) -> tuple[Exclusion, ...]:
        """What is taken out of a report's period and of the trend before it."""
        earlier = earlier_periods(period, report.trend - 1)
        return self.files.exclusions(earlier[0].start if earlier else period.start, period.end)

    def planned(self, period: Period) -> tuple[Exclusion, ...]:
        """What is written down to be taken out of the next period; nothing while this one runs."""
        if period.as_of is not None:
            return ()
        coming = following(period)
        return self.files.exclusions(coming.start, coming.end)


def settled(period: Period, now: datetime, settings: Settings) -> Period:
    """A period to date as of the newest slice that the source has certainly scraped."""
    step = settings.source.slice
    finished = now - timedelta(minutes=2)
    slices = (finished - period.start) // step
    return to_date(period, period.start + slices * step)


@dataclass(frozen=True)
class Written:
    """What people wrote in files that a report needs, read where the files are.

    Attributes:
        incidents: those of the files that concern the report.
    """

    slos: tuple[Slo, ...]
    incidents: tuple[Incident, ...]
    exclusions: tuple[Exclusion, ...]
    planned: tuple[Exclusion, ...]
    policy: Policy
    brand: Brand | None


def written_for(report: ReportSettings, period: Period, world: World) -> Written:
    """Read what people wrote.

    Raises:
        ConfigurationError: the report selects no SLO, or an incident file has problems.
    """
    slos = world.files.catalogue.select(report.select, report=report.name)
    return Written(
        slos=slos,
        incidents=concerning(written_incidents(world, period.data_end), slos, period),
        exclusions=world.exclusions(report, period),
        planned=world.planned(period),
        policy=world.policy(),
        brand=world.files.brand,
    )


@dataclass(frozen=True)
class Prepared:
    """A report and its documents, before anything is delivered."""

    snapshot: Snapshot
    report: Report
    bundle: Bundle


def prepare(
    report: ReportSettings,
    period: Period,
    world: World,
    notices: Sequence[Notice] = (),
    earlier: Earlier | None = None,
    *,
    written: Written | None = None,
    typesetter: Typesetter | None = None,
) -> Prepared:
    """Measure, judge and render; nothing is written or sent.

    Args:
        report: its settings.
        period: what it judges.
        world: what to work with.
        notices: what it must tell about its own delivery.
        earlier: what the report before asked for, where there was one.
        written: see ``written_for``; None: it is read now.
        typesetter: a warm one, where many reports are made.

    Raises:
        SourceError: nothing, or not everything that the source has, could be read.
        RenderError: a document could not be made.
    """
    taken = take_snapshot(report, period, world, written=written)
    snapshot = replace(taken, notices=tuple(notices), earlier=earlier)
    return rendered(snapshot, report, world, typesetter)


def rendered(
    snapshot: Snapshot,
    report: ReportSettings,
    world: World,
    typesetter: Typesetter | None = None,
) -> Prepared:
    """Judge and render what was measured.

    Raises:
        RenderError: a document could not be made.
    """
    world.listener.say("computing")
    judged = build_report(snapshot)
    world.listener.say("rendering")
    bundle = render_bundle(
        judged,
        report.formats,
        templates=world.settings.templates,
        links=lambda made: links_of(world.destinations(report), made),
        typesetter=typesetter,
        mail=world.mails(report),
    )
    return Prepared(snapshot, judged, bundle)


def with_earlier(
    last: Prepared, earlier: Sequence[Prepared], report: ReportSettings, world: World
) -> Prepared:
    """A report whose mail tells of earlier periods as well, which could not be sent in time."""
    destinations = world.destinations(report)
    mail = mail_body(
        last.report,
        links=links_of(destinations, last.bundle),
        templates=world.settings.templates,
        earlier=[(one.report, links_of(destinations, one.bundle)) for one in earlier],
    )
    return replace(last, bundle=replace(last.bundle, mail=mail))


def take_snapshot(
    report: ReportSettings,
    period: Period,
    world: World,
    *,
    brief: bool = False,
    written: Written | None = None,
) -> Snapshot:
    """Ask the source for everything that a report will say, and freeze it.

    Args:
        report: its settings.
        period: what it judges.
        world: what to work with.
        brief: ask for no more than budgets need; see ``collect``.
        written: see ``written_for``; None: it is read now.

    Raises:
        ConfigurationError: see ``written_for``.
        SourceError: see ``prepare``.
    """
    written = written or written_for(report, period, world)
    slos, exclusions = written.slos, written.exclusions
    listener, now = world.listener, world.now()
    with world.connect() as client:
        step = world.settings.source.slice
        listener.expect(
            slices_to_count(slos, period, trend=report.trend, step=step, exclusions=exclusions)
        )
        collected = collect(
            slos,
            period,
            client,
            trend=report.trend,
            now=now,
            exclusions=exclusions,
            progress=listener.advance,
            say=listener.say,
            history=world.history,
            brief=brief,
        )
    asked = () if brief else _ask_alertmanager(world, slos, period, now)
    return Snapshot(
        request=ReportRequest(
            name=report.name,
            title=report.title,
            author=report.author,
            footer=report.footer or world.settings.brand.footer,
            language=world.language(report),
            lookback=report.lookback,
            kind=report.kind,
            brand=written.brand,
        ),
        period=period,
        subjects=tuple(Subject(slo, collected.measurements[slo.id]) for slo in slos),
        incidents=(
            *collected.incidents,
            *(one for more in asked for one in more.incidents),
            *written.incidents,
        ),
        provenance=(*collected.provenance, *(more.provenance for more in asked)),
        frozen_at=now,
        exclusions=exclusions,
        planned=written.planned,
        program=__version__,
        policy=written.policy,
    )


def _ask_alertmanager(
    world: World, slos: tuple[Slo, ...], period: Period, now: datetime
) -> tuple[Told, ...]:
    """What the Alertmanager tells; nothing where the settings name none."""
    settings = world.settings.alertmanager
    if settings is None:
        return ()
    world.listener.say("asking the Alertmanager")
    return (ask_alertmanager(settings, slos, period, now),)


def written_incidents(world: World, until: datetime) -> tuple[Incident, ...]:
    """All incidents that people wrote down; those without an end go on until an instant.

    Raises:
        ConfigurationError: a file has problems; it holds all of them.
    """
    return world.files.incidents(until)


def not_measured(report: Report) -> tuple[str, ...]:
    """The objectives that a report could not measure, with the reason."""
    return tuple(
        f"{result.slo.id}: {result.reason}"
        for result in report.results
        if result.outcome is Outcome.NOT_MEASURED
    )
