"""What a person at a terminal sees: progress on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Task as RichTask,
)
from rich.text import Text

from slo_reports.deliver import Check
from slo_reports.delivering import Receipt
from slo_reports.due import Failure, Planned
from slo_reports.errors import ConfigurationError, SloReportsError
from slo_reports.job import Listener, Quiet
from slo_reports.model import DeliveryState, Report, SloResult
from slo_reports.numbers import counted, percent_text


class Bar:
    """A progress bar with the present step, rate and remaining time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("starting", total=None)

    def say(self, text: str) -> None:
        """Show the present step."""
        self._progress.update(self._task, description=text)

    def expect(self, units: int) -> None:
        """Begin a new measure of the work ahead."""
        self._progress.reset(self._task, total=units)

    def advance(self, units: int) -> None:
        """Move the bar."""
        self._progress.advance(self._task, units)


class RateColumn(ProgressColumn):
    """How many units are done in a second, or in a minute where they take long."""

    def render(self, task: RichTask) -> Text:
        """Nothing before there is a rate."""
        return Text(
            "" if task.speed is None else rate_text(task.speed), style="progress.data.speed"
        )


class Lines:
    """A line now and then of work that can be counted, for a log that nobody watches.

    Args:
        clock: seconds that only grow.
        every: seconds from one line to the next, and from the work's beginning to the first.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, every: float = 60.0) -> None:
        self._clock, self._every = clock, every
        self._step, self._total, self._done = "starting", 0, 0
        self._began = self._said = clock()

    def say(self, text: str) -> None:
        """Remember the present step."""
        self._step = text

    def expect(self, units: int) -> None:
        """Begin a new measure of the work ahead."""
        self._total, self._done = units, 0
        self._began = self._said = self._clock()

    def advance(self, units: int) -> None:
        """Count what is done, and tell of it where the last line is long ago."""
        self._done += units
        now = self._clock()
        if 0 < self._done < self._total and now - self._said >= self._every:
            self._said = now
            warn(f"slo-reports: {self._step}: {self._how_far(now)}")

    def _how_far(self, now: float) -> str:
        rate = self._done / (now - self._began)
        left = (self._total - self._done) / rate
        far = f"{self._done:,} of {self._total:,}"
        return f"{far}, {rate_text(rate)}, about {_span_text(left)} left"


def rate_text(rate: float) -> str:
    """A rate [1/s] as people read it."""
    if rate >= 1000:
        return f"{rate / 1000:.1f}k/s"
    if rate >= 1:
        return f"{rate:.1f}/s"
    return f"{rate * 60:.1f}/min"


def _span_text(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def listening(*, quiet: bool) -> Iterator[Listener]:
    """A progress bar where a person looks on, a line now and then in cron and pipes."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Quiet() if quiet else Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress)


def tell(text: str) -> None:
    """A result, on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """What a person should know although all is well, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def complain(error: SloReportsError | str) -> None:
    """What went wrong, on standard error: one sentence, or a line per problem."""
    if isinstance(error, ConfigurationError) and error.problems:
        count = counted(len(error.problems), "problem", "problems")
        sys.stderr.write(f"{error}\nslo-reports: {count}; nothing was done\n")
    else:
        sys.stderr.write(f"slo-reports: {error}\n")
    sys.stderr.flush()


def tell_json(value: Any) -> None:
    """A result for machines, on standard output."""
    tell(json.dumps(value, indent=1, ensure_ascii=False))


_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


def finding_lines(check: Check) -> Iterator[str]:
    """One thing that the doctor looked at, coloured for a terminal, and what to do about it."""
    mark, colour = _MARKS[check.is_fine]
    seen = f": {check.seen}" if check.seen else ""
    yield f"  {typer.style(mark, fg=colour, bold=True)} {check.what}{seen}"
    if check.mend:
        yield f"    → {check.mend}"


def receipt_lines(receipt: Receipt) -> Iterator[str]:
    """What a run did, line by line."""
    run = receipt.run
    if receipt.made:
        yield f"{run.title}: made"
    elif not receipt.attempts:
        yield (
            f"{run.title}: made before, on {run.created_at:%Y-%m-%d %H:%M} UTC; "
            f"nothing new to deliver"
        )
    else:
        yield f"{run.title}: made before, on {run.created_at:%Y-%m-%d %H:%M} UTC; delivery goes on"
    for attempt in receipt.attempts:
        mark = "✓" if attempt.outcome is DeliveryState.DELIVERED else "✗"
        where = f"{attempt.destination}: {attempt.recipient}"
        yield f"  {mark} {where}: {attempt.outcome.value}; {attempt.detail}"
    tried = {(one.destination, one.recipient) for one in receipt.attempts}
    for delivery in receipt.undelivered:
        if (delivery.destination, delivery.recipient) not in tried:
            where = f"{delivery.destination}: {delivery.recipient}"
            yield f"  ✗ {where}: {delivery.state.value}; {delivery.receipt}"
    for reason in receipt.not_measured:
        yield f"  ! not measured: {reason}"


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """What a run did, for machines."""
    return {
        "report": receipt.run.report,
        "period": receipt.run.period,
        "revision": receipt.run.revision,
        "made": receipt.made,
        "snapshot_sha256": receipt.run.snapshot_sha256,
        "folder": None if receipt.run.folder is None else str(receipt.run.folder),
        "new_deliveries": sum(one.outcome is DeliveryState.DELIVERED for one in receipt.attempts),
        "deliveries": [
            {
                "destination": one.destination,
                "recipient": one.recipient,
                "state": one.state.value,
                "detail": one.receipt,
                "sha256": one.sha256,
            }
            for one in receipt.deliveries
        ],
        "not_measured": list(receipt.not_measured),
        "exit_code": int(receipt.exit_code),
    }


def failure_json(failure: Failure) -> dict[str, Any]:
    """A due report that could not be made, for machines."""
    return {
        "report": failure.report,
        "period": failure.period_id,
        "error": str(failure.error),
        "exit_code": int(failure.error.exit_code),
    }


def plan_lines(planned: Planned) -> Iterator[str]:
    """What is due and what comes next for one report."""
    report = planned.report
    yield f"{report.name}: {report.title}, to {', '.join(report.destinations) or 'nowhere'}"
    for key in planned.due:
        yield f"  due now: {key}"
    if planned.upcoming is None:
        yield "  no schedule; only on request"
    else:
        period, at = planned.upcoming
        local = at.astimezone(ZoneInfo(planned.zone))
        yield f"  next: {period.id}, {local:%A %Y-%m-%d %H:%M} ({planned.zone})"


def plan_json(planned: Planned) -> dict[str, Any]:
    """What is due and what comes next for one report, for machines."""
    period, at = planned.upcoming or (None, None)
    return {
        "report": planned.report.name,
        "destinations": planned.report.destinations,
        "due": list(planned.due),
        "next": period.id if period else None,
        "next_at": at.isoformat() if at else None,
    }


def summary_lines(report: Report) -> Iterator[str]:
    """The objectives of a report as a small table for a terminal."""
    yield report.headline
    rows = [_row(result) for result in report.results]
    for row in _aligned([("objective", "target", "measured", "budget left", "outcome"), *rows]):
        yield f"  {row}"


def _row(result: SloResult) -> tuple[str, str, str, str, str]:
    objective = result.objective.target
    remaining = result.budget.remaining
    return (
        result.slo.id,
        percent_text(objective, objective, "target"),
        "–" if result.sli is None else percent_text(result.sli, objective),
        "–" if remaining is None else percent_text(remaining, None, "remaining"),
        result.outcome.value,
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
