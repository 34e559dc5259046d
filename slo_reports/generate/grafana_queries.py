"""The PromQL of the dashboards, over the series that the recording rules make.

``$service``, ``$slo`` and the like are Grafana's template variables. In the overview they may hold
many values, so they are matched as regular expressions; in the detail they hold one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slo_reports.generate.names import (
    GOOD,
    INFO,
    PERCENTILE,
    REMAINING,
    TARGET,
    VALID,
    burn_record,
    sli_record,
)
from slo_reports.model import LatencyIndicator, Slo
from slo_reports.promql import duration, quote, re2_escape

FIRING = 'alertstate="firing"'
DAY, THREE_DAYS, FOUR_WEEKS = timedelta(days=1), timedelta(days=3), timedelta(days=28)

Lengths = Sequence[tuple[str, timedelta]]
"""The windows that are promised over (``30d``, ``month``), each with its length."""

_FILTER = 'service=~"$service",slo=~"$slo"'
_OWNED = f'{INFO}{{{_FILTER},owner=~"$owner",tier=~"$tier"}}'
_ONE = 'slo="$slo"'
_BUDGET = f'{_ONE},window="$window"'


def lengths_of(slos: Iterable[Slo]) -> Lengths:
    """Every window that some objectives are promised over."""
    return sorted({(one.window, one.length) for slo in slos for one in slo.objectives})


# What the overview asks: of all objectives that its variables choose.


def chosen(series: str, windows: Collection[str] = ()) -> str:
    """A series of the chosen objectives, one for each window that they promise over.

    Args:
        series: its name.
        windows: only these; none: all.
    """
    return f"({series}{{{_FILTER}{_among(windows)}}} and on (slo) {_OWNED})"


def chosen_info() -> str:
    """The target of each chosen objective and window, with what is known of the objective."""
    known = f"max by (slo, service, title, owner, tier) ({_OWNED})"
    target = by_objective(f"{TARGET}{{{_FILTER}}}")
    return f"{target} * on (slo) group_left (service, title, owner, tier) {known}"


def chosen_alerts() -> str:
    """The alerts of chosen objectives that fire."""
    return f'(ALERTS{{{FIRING},slo=~"$slo"}} and on (slo) {_OWNED})'


def chosen_alerts_over_time() -> str:
    """When alerts of chosen objectives fired, also those that fired between two points.

    Who owns an objective is asked at the end of the range: before that nothing may be recorded.
    """
    fired = f'max_over_time(ALERTS{{{FIRING},slo=~"$slo"}}[$__interval])'
    return f"max by (slo, severity) ({fired} and on (slo) {_OWNED} @ end())"


def by_objective(query: str) -> str:
    """A query with one series for each objective and window, and no other labels."""
    return f"max by (slo, window) ({query})"


def chosen_sli(lengths: Lengths) -> str:
    """The SLI of each chosen objective over its window."""
    return _per_length(lengths, _chosen_sli)


def _chosen_sli(length: timedelta, windows: Collection[str]) -> str:
    ones = by_objective(f"0 * {chosen(TARGET, windows)}")
    ratio = f"max by (slo) ({sli_record(length)}{{{_FILTER}}})"
    return f"{ones} + on (slo) group_left () {ratio}"


def alerts_by_objective() -> str:
    """How many alerts fire for each chosen objective, 0 where none does."""
    zeros = by_objective(f"0 * {chosen(TARGET)}")
    firing = f'count by (slo) (ALERTS{{{FIRING},slo=~"$slo"}})'
    return f"({zeros} + on (slo) group_left () {firing}) or {zeros}"


def how_many(query: str) -> str:
    """How many series a query has, 0 where it has none."""
    return f"count({query}) or vector(0)"


def unmeasured() -> str:
    """The chosen objectives that have a budget of which nothing is known now."""
    return f"{chosen(TARGET)} < 1 unless on (slo, window) {REMAINING}"


def extreme(series: str, rank: str, count: int) -> str:
    """A series over time, of the few objectives that are worst at the end of the range.

    Args:
        series: its name.
        rank: ``topk`` or ``bottomk``.
        count: how many objectives.
    """
    at_end = f"({series}{{{_FILTER}}} @ end() and on (slo) {_OWNED})"
    return f"{chosen(series)} and on (slo, window) {rank}({count}, {at_end})"


# What the detail asks: of the one objective, over the one window.


def of_one(series: str) -> str:
    """A series that knows no window, of the one objective."""
    return f"max by (slo) ({series}{{{_ONE}}})"


def of_budget(series: str, windows: Collection[str] = ()) -> str:
    """A series of the one objective over its window, where that is one of some; none: any."""
    return by_objective(f"{series}{{{_BUDGET}{_among(windows)}}}")


def info_of_one(labels: Iterable[str]) -> str:
    """What is known of the one objective, by label."""
    return f"max by ({', '.join(labels)}) ({INFO}{{{_ONE}}})"


def alerts_of_one() -> str:
    """The alerts of the one objective that fire."""
    return f"ALERTS{{{FIRING},{_ONE}}}"


def alerts_of_one_over_time() -> str:
    """When alerts of the one objective fired, also those that fired between two points."""
    return f"max by (alertname, severity, long) (max_over_time({alerts_of_one()}[$__interval]))"


def sli_of_one(lengths: Lengths) -> str:
    """The SLI of the one objective over its window."""
    return _per_length(lengths, _sli_of_one)


def _sli_of_one(length: timedelta, windows: Collection[str]) -> str:
    wanted = f"{TARGET}{{{_BUDGET}{_among(windows)}}}"
    return f"{of_one(sli_record(length))} and on (slo) {wanted}"


def bad_rate() -> str:
    """Bad events per second."""
    return f"{of_one(VALID)} - {of_one(GOOD)}"


def quantiles() -> str:
    """How long events took, by quantile."""
    return f"max by (quantile) ({PERCENTILE}{{{_ONE}}})"


def lasts(lengths: Lengths) -> str:
    """In how many seconds the budget is used up, if it goes on as in the look-back."""
    return _per_length(lengths, _lasts)


def _lasts(length: timedelta, windows: Collection[str]) -> str:
    lookback = THREE_DAYS if length >= FOUR_WEEKS else DAY
    left, pace = of_budget(REMAINING, windows), of_budget(burn_record(lookback), windows)
    return f"clamp_min({left}, 0) * {length.total_seconds():.0f} / ({pace} > 0)"


def _per_length(lengths: Lengths, query: Callable[[timedelta, Collection[str]], str]) -> str:
    """A query for each length that windows have; one of them answers."""
    groups: dict[timedelta, list[str]] = {}
    for window, length in lengths:
        groups.setdefault(length, []).append(window)
    return " or ".join(f"({query(length, groups[length])})" for length in sorted(groups))


# Numbers of definitions, as series that are constant.


@dataclass(frozen=True)
class Line:
    """A constant line, which lies elsewhere for some objectives than for others.

    Attributes:
        legend: what the line is called.
        query: the constant of the one objective; no answer where it has none.
        severity: of an alert.
    """

    legend: str
    query: str
    severity: str = ""


_Row = tuple[timedelta, timedelta, str]
_At = tuple[float, str]


def alert_lines(slos: Sequence[Slo]) -> tuple[Line, ...]:
    """The burn rates that alerts fire at: a line for each pair of look-backs and severity.

    An alert looks at the first window of its objective.
    """
    rows: dict[_Row, dict[_At, list[str]]] = {}
    for slo in slos:
        for one in slo.burn_rates:
            if not slo.alerting.of(one.severity).disabled and _can_fire(slo, one.threshold):
                places = rows.setdefault((one.long, one.short, one.severity), {})
                place = (one.threshold, slo.objectives[0].window)
                places.setdefault(place, []).append(slo.id)
    return tuple(
        Line(
            f"{severity} over {duration(long)} and {duration(short)}",
            _any_constant(places, slos),
            severity,
        )
        for (long, short, severity), places in sorted(rows.items())
    )


def _can_fire(slo: Slo, threshold: float) -> bool:
    """Whether a burn rate can be reached at all: no more than all events can be bad."""
    objective = slo.objectives[0]
    targets = [objective.target, *(one.target for one in objective.phases)]
    return threshold * (1 - float(max(targets))) < 1


def latency_lines(slos: Sequence[Slo]) -> tuple[Line, ...]:
    """The limits of latency objectives, as one line; none where there is no such objective."""
    places: dict[_At, list[str]] = {}
    for slo in slos:
        if isinstance(slo.indicator, LatencyIndicator):
            places.setdefault((float(slo.indicator.threshold), ""), []).append(slo.id)
    return (Line("limit", _any_constant(places, slos)),) if places else ()


def _any_constant(places: Mapping[_At, Sequence[str]], slos: Sequence[Slo]) -> str:
    """The constant of whichever objectives the one objective is among."""
    all_ids = {slo.id for slo in slos}
    return " or ".join(
        _constant(value, [window] if window else [], _some(ids, all_ids))
        for (value, window), ids in sorted(places.items())
    )


def _constant(value: float, windows: Collection[str], some: str) -> str:
    target = f"{TARGET}{{{_BUDGET}{some}{_among(windows)}}}"
    return f"(0 * max by (slo) ({target}) + {value:.12g})"


def _some(ids: Collection[str], all_ids: Collection[str]) -> str:
    """A matcher of some objectives among all, the shorter way; nothing for all of them."""
    wanted, others = set(ids), set(all_ids) - set(ids)
    if not others:
        return ""
    if len(others) < len(wanted):
        return f",slo!~{_any_of(others)}"
    return f",slo=~{_any_of(wanted)}"


def _among(windows: Collection[str]) -> str:
    """A matcher of some windows; nothing for none."""
    return f",window=~{_any_of(windows)}" if windows else ""


def _any_of(values: Iterable[str]) -> str:
    """A quoted regular expression that takes any of the values and nothing else."""
    return quote("|".join(map(re2_escape, sorted(values))))
