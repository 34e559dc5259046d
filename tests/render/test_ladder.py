"""The latency ladder: one row for each histogram, thresholds in order."""

from dataclasses import replace
from decimal import Decimal

from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import LatencyIndicator, Report
from slo_reports.render.ladder import ladder_rows


def report_with_two_thresholds() -> Report:
    """The example, with a second threshold on the histogram of its first latency objective."""
    snapshot = a_snapshot()
    first = next(
        one for one in snapshot.subjects if isinstance(one.slo.indicator, LatencyIndicator)
    )
    indicator = replace(first.slo.indicator, threshold=Decimal("0.1"))
    faster = replace(first.slo, id="commerce/faster", name="faster", indicator=indicator)
    measured = replace(first.measurement, buckets=((0.1, 50.0), (0.5, 99.0), (None, 100.0)))
    more = (replace(first, slo=faster, measurement=measured), *snapshot.subjects)
    return build_report(replace(snapshot, subjects=more))


def test_thresholds_of_one_histogram_stand_in_one_row_lowest_first() -> None:
    rows = ladder_rows(report_with_two_thresholds())
    ladders = [row for row in rows if len(row.rungs) == 2]
    assert [rung.threshold for rung in ladders[0].rungs] == ["100\u202fms", "500\u202fms"]
    assert ladders[0].percentiles[0] == "100\u202fms"
    assert ladders[0].percentiles[2] == "500\u202fms"


def test_every_latency_objective_has_a_rung() -> None:
    report = report_with_two_thresholds()
    latencies = [one for one in report.results if isinstance(one.slo.indicator, LatencyIndicator)]
    assert sum(len(row.rungs) for row in ladder_rows(report)) == len(latencies)


def test_a_report_without_latencies_has_no_ladder() -> None:
    snapshot = a_snapshot()
    kept = tuple(
        one for one in snapshot.subjects if not isinstance(one.slo.indicator, LatencyIndicator)
    )
    assert ladder_rows(build_report(replace(snapshot, subjects=kept))) == []
