"""The record in words: how reports stand, and what became of each delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slo_reports.job import World
from slo_reports.ledger import Delivery, Run, RunState, Try
from slo_reports.numbers import counted
from slo_reports.standing import Outstanding, ReportStatus


def status_lines(status: ReportStatus, world: World) -> Iterator[str]:
    """How one report stands, line by line."""
    yield status.report + ("" if status.is_known else " (no longer in the settings)")
    if status.last is None or status.last_at is None:
        yield "  nothing has arrived yet"
    else:
        yield f"  last arrived: {status.last.period}, on {_moment(status.last_at)}"
    for waiting in status.waiting:
        failure, at = waiting.last_failure, waiting.due_at
        due = "" if at is None else f", due since {_moment(at)}"
        why = "" if failure is None else f"; {_moment(failure.at)}: {failure.detail}"
        yield f"  ✗ not made yet: {waiting.period}{due}{why}"
    for run in status.impossible:
        yield f"  ✗ impossible: {run.period}; {run.reason}"
        yield f"    → slo-reports skip {run.report} --period {run.period} --reason …, when seen"
    for one in status.held:
        yield f"  ✗ {one.name}: {one.delivery.state}; {one.delivery.receipt}"
    for one in status.open:
        yield f"  … {one.name}: {_open_words(one)}"
    if status.held:
        first = status.held[0].run
        yield f"    → slo-reports resend {first.report} --period {first.period}, or mark-delivered"
    if status.upcoming is not None:
        period, at = status.upcoming
        local = at.astimezone(ZoneInfo(period.zone))
        yield f"  next: {period.id}, {local:%A %Y-%m-%d %H:%M} ({period.zone})"
    elif status.is_known:
        yield "  no schedule; only on request"
    elif world.settings.reports:
        yield "    → what waits of it is made only when the settings have it again, or `skip` it"


def _open_words(one: Outstanding) -> str:
    delivery = one.delivery
    if not delivery.tries:
        return "not tried yet"
    then = "" if delivery.next_try_at is None else f"; next try {_moment(delivery.next_try_at)}"
    times = f" after {counted(one.failures, 'failure', 'failures')}" if one.failures else ""
    said = f"; {delivery.receipt}" if delivery.receipt else ""
    return f"{delivery.state}{times}{said}{then}"


def status_json(status: ReportStatus) -> dict[str, Any]:
    """How one report stands, for machines."""
    period, at = status.upcoming or (None, None)
    return {
        "report": status.report,
        "in_settings": status.is_known,
        "well": status.is_well,
        "last_period": None if status.last is None else status.last.period,
        "last_arrived_at": _iso(status.last_at),
        "not_made": [
            {
                "period": one.period,
                "due_at": _iso(one.due_at),
                "reason": None if one.last_failure is None else one.last_failure.detail,
            }
            for one in status.waiting
        ],
        "impossible": [{"period": one.period, "reason": one.reason} for one in status.impossible],
        "open": [_outstanding_json(one) for one in status.open],
        "held": [_outstanding_json(one) for one in status.held],
        "next": None if period is None else period.id,
        "next_at": _iso(at),
    }


def _outstanding_json(one: Outstanding) -> dict[str, Any]:
    return {
        "period": one.run.period,
        "revision": one.run.revision,
        "failures": one.failures,
        **_delivery_json(one.delivery),
    }


def _delivery_json(one: Delivery) -> dict[str, Any]:
    return {
        "destination": one.destination,
        "recipient": one.recipient,
        "state": one.state.value,
        "detail": one.receipt,
        "next_try_at": _iso(one.next_try_at),
    }


_WORDS = {
    RunState.PLANNED: "due, not made yet",
    RunState.FROZEN: "made",
    RunState.SKIPPED: "left out",
    RunState.IMPOSSIBLE: "impossible",
}


def run_lines(
    run: Run, deliveries: Sequence[Delivery], failures: Sequence[Try], *, in_full: bool
) -> Iterator[str]:
    """What became of one run: a line, or with every delivery and every try."""
    states = Counter(one.state.value for one in deliveries)
    what = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    if run.state is RunState.FROZEN:
        what = f"made {_moment(run.created_at)}; {what or 'delivered nowhere'}"
    else:
        what = _WORDS[run.state] + (f": {run.reason}" if run.reason else "")
    yield f"{run.title}: {what}"
    if not in_full:
        return
    if run.due_at is not None:
        yield f"  due {_moment(run.due_at)}"
    for one in failures:
        yield f"  {_moment(one.at)} could not be made: {one.detail}"
    for delivery in deliveries:
        yield f"  {delivery.destination}: {delivery.recipient}: {delivery.state}"
        for one in delivery.tries:
            yield f"    {_moment(one.at)} {one.outcome}" + (f": {one.detail}" if one.detail else "")


def run_json(run: Run, deliveries: Sequence[Delivery], failures: Sequence[Try]) -> dict[str, Any]:
    """What became of one run, for machines."""
    return {
        "report": run.report,
        "period": run.period,
        "revision": run.revision,
        "state": run.state.value,
        "reason": run.reason,
        "start": _iso(run.start),
        "end": _iso(run.end),
        "due_at": _iso(run.due_at),
        "made_at": _iso(run.created_at) if run.state is RunState.FROZEN else None,
        "failures": [{"at": _iso(one.at), "detail": one.detail} for one in failures],
        "deliveries": [
            _delivery_json(one)
            | {
                "sha256": one.sha256,
                "tries": [
                    {"at": _iso(t.at), "outcome": t.outcome.value, "detail": t.detail}
                    for t in one.tries
                ],
            }
            for one in deliveries
        ],
    }


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
