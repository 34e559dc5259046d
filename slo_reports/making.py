"""Handing out the making of reports: what a worker is given, and what it does with that.

A worker needs the metrics server, the history and our templates. Everything that people wrote in
files is read where the files are and goes along; the ledger and the destinations are left to the
one who handed the task out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from slo_reports.asked import Before
from slo_reports.collect.shared import SharedAnswers
from slo_reports.collect.turnstile import Turnstile
from slo_reports.errors import RenderError
from slo_reports.executing import Executor, Task
from slo_reports.history import History
from slo_reports.job import Prepared, Quiet, World, Written, prepare, written_for
from slo_reports.model import Earlier, Notice, content_hash
from slo_reports.periods import Period
from slo_reports.render import Typesetter
from slo_reports.settings.schema import ReportSettings, Settings


@dataclass(frozen=True)
class Asking:
    """What a worker needs to ask the source and to use the history.

    Attributes:
        settings: those of them that matter; secrets are references, which the worker looks up.
        requests: how many may be in flight from the worker's machine at once.
        told_once: names the pass, whose tasks share what the source says of itself.
    """

    settings: Settings
    now: datetime
    requests: int
    told_once: str

    def world(self) -> World:
        """The world of a worker, which has nothing but these."""
        settings, now = self.settings, self.now
        history = History(settings.history_url, settle=settings.settle)
        gate = Turnstile(settings.source.url, self.requests)
        shared = _shared_answers(self.told_once)
        return World(settings, (), lambda: now, Quiet(), history=history, gate=gate, shared=shared)


@lru_cache(maxsize=1)
def _shared_answers(told_once: str) -> SharedAnswers:  # noqa: ARG001  # tells the passes apart
    """Those of the pass that this worker works for."""
    return SharedAnswers()


def asking(world: World, executor: Executor, reports: Sequence[ReportSettings] = ()) -> Asking:
    """What the workers of an executor need, without the settings of other reports."""
    kept = list(reports) or world.settings.reports[:1]
    needless = {"reports": kept, "exclusions": [], "exclusion_calendars": []}
    requests = max(1, world.settings.source.concurrency // executor.machines)
    settings = world.settings.model_copy(update=needless)
    return Asking(settings, world.now(), requests, world.shared.name)


@dataclass(frozen=True)
class Order:
    """What a worker needs to make one report.

    Attributes:
        templates: hash of the user's templates, which must be the worker's as well; or empty.
    """

    asking: Asking
    report: ReportSettings
    period: Period
    written: Written
    notices: tuple[Notice, ...]
    earlier: Before | Earlier | None
    templates: str


def make_task(
    report: ReportSettings,
    period: Period,
    world: World,
    executor: Executor,
    notices: Sequence[Notice],
    earlier: Before | Earlier | None,
    typesetter: Typesetter,
) -> Task:
    """The task of making one report; what it comes to is a ``Prepared``.

    Raises:
        ConfigurationError: what people wrote for it cannot be read.
    """
    name = f"{report.name} {period.key}"
    written = written_for(report, period, world)
    if executor.is_here:
        known = (report, period, world, tuple(notices), earlier, written, typesetter)
        return Task(name, _make_here, known)
    hashed = _templates_hash(world.settings.templates)
    part = asking(world, executor, [report])
    order = Order(part, report, period, written, tuple(notices), earlier, hashed)
    return Task(name, make, (order,))


def _make_here(
    report: ReportSettings,
    period: Period,
    world: World,
    notices: Sequence[Notice],
    earlier: Before | Earlier | None,
    written: Written,
    typesetter: Typesetter,
) -> Prepared:
    asked = earlier.asked() if isinstance(earlier, Before) else earlier
    return prepare(report, period, world, notices, asked, written=written, typesetter=typesetter)


def make(order: Order) -> Prepared:
    """Make a report as a worker; its snapshot comes back sealed.

    Raises:
        SourceError, RenderError: see ``prepare``; also where its templates are other ones.
    """
    world = order.asking.world()
    if _templates_hash(world.settings.templates) != order.templates:
        msg = f"the templates in {world.settings.templates} are not the same on this worker"
        raise RenderError(msg)
    made = _make_here(
        order.report,
        order.period,
        world,
        order.notices,
        order.earlier,
        order.written,
        _warm_typesetter(),
    )
    return replace(made, snapshot=made.snapshot.sealed())


@cache
def _warm_typesetter() -> Typesetter:
    """The one of this worker; it ends with it."""
    return Typesetter()


def _templates_hash(folder: Path | None) -> str:
    if folder is None:
        return ""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    parts = [f"{one.relative_to(folder)} {content_hash(one.read_bytes())}" for one in files]
    return content_hash("\n".join(parts).encode())
