"""The latency ladder: all thresholds of one service's histogram in one row, with percentiles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import LatencyIndicator, Matcher, Percentile, Report, SloResult
from slo_reports.numbers import latency_text
from slo_reports.render.clean import clean
from slo_reports.render.marks import Mark
from slo_reports.render.rows import NOTHING, objective_row

SHARES = (0.5, 0.95, 0.99)
_Histogram = tuple[str, str, tuple[Matcher, ...]]


@dataclass(frozen=True)
class Rung:
    """One threshold; numbers in percent, without the sign."""

    threshold: str
    measured: str
    target: str
    mark: Mark


@dataclass(frozen=True)
class LadderRow:
    """One histogram of one service.

    Attributes:
        rungs: lowest threshold first.
        percentiles: one text for each of ``SHARES``.
    """

    service: str
    rungs: tuple[Rung, ...]
    percentiles: tuple[str, ...]


def ladder_rows(report: Report) -> list[LadderRow]:
    """One row for each histogram, services in the report's order; none without latencies."""
    found: dict[_Histogram, list[SloResult]] = defaultdict(list)
    for result in report.results:
        indicator = result.slo.indicator
        if isinstance(indicator, LatencyIndicator):
            found[result.slo.service, indicator.histogram, indicator.filters].append(result)
    return [_row(results) for results in found.values()]


def _row(results: list[SloResult]) -> LadderRow:
    ordered = sorted(results, key=_threshold)
    known = {one.share: one for result in results for one in result.percentiles}
    return LadderRow(
        service=clean(results[0].slo.service),
        rungs=tuple(_rung(one) for one in ordered),
        percentiles=tuple(_percentile(known.get(share)) for share in SHARES),
    )


def _threshold(result: SloResult) -> tuple[float, str]:
    assert isinstance(result.slo.indicator, LatencyIndicator)  # noqa: S101  # tells the type checker
    return float(result.slo.indicator.threshold), result.slo.id


def _rung(result: SloResult) -> Rung:
    row = objective_row(result)
    return Rung(latency_text(_threshold(result)[0]), row.measured, row.target, row.mark)


def _percentile(one: Percentile | None) -> str:
    if one is None:
        return NOTHING
    latency = latency_text(one.seconds)
    return tr("over {latency}", latency=latency) if one.over else latency
