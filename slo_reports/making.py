"""Handing out the making of reports: what a worker is given, and what it does with that.

A worker needs the metrics server, the history and our templates. Everything that people wrote in
files is read where the files are and goes along; the ledger and the destinations are left to the
one who handed the task out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

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
    """

    settings: Settings
    now: datetime
    requests: int

    def world(self) -> World:
        """The world of a worker, which has nothing but these."""
        settings, now = self.settings, self.now
        history = History(settings.history_url, settle=settings.settle)
        gate = Turnstile(settings.source.url, self.requests)
        return World(settings, (), lambda: now, Quiet(), history=history, gate=gate)


def asking(world: World, executor: Executor, reports: Sequence[ReportSettings] = ()) -> Asking:
    """What the workers of an executor need, without the settings of other reports."""
    kept = list(reports) or world.settings.reports[:1]
    needless = {"reports": kept, "exclusions": [], "exclusion_calendars": []}
    requests = max(1, world.settings.source.concurrency // executor.machines)
    return Asking(world.settings.model_copy(update=needless), world.now(), requests)


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
    earlier: Earlier | None
    templates: str


def make_task(
    report: ReportSettings,
    period: Period,
    world: World,
    executor: Executor,
    notices: Sequence[Notice],
    earlier: Earlier | None,
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
    earlier: Earlier | None,
    written: Written,
    typesetter: Typesetter,
) -> Prepared:
    return prepare(report, period, world, notices, earlier, written=written, typesetter=typesetter)


def make(order: Order) -> Prepared:
    """Make a report as a worker.

    Raises:
        SourceError, RenderError: see ``prepare``; also where its templates are other ones.
    """
    world = order.asking.world()
    if _templates_hash(world.settings.templates) != order.templates:
        msg = f"the templates in {world.settings.templates} are not the same on this worker"
        raise RenderError(msg)
    return _make_here(
        order.report,
        order.period,
        world,
        order.notices,
        order.earlier,
        order.written,
        _warm_typesetter(),
    )


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
