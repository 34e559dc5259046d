from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_definitions
from slo_reports.errors import ConfigurationError
from slo_reports.model import LatencyIndicator, Phase, Slo

DEFINITION = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: checkout}
spec:
  service: Checkout
  owner: Team Basket
  indicator:
    type: ratio
    metric: http_requests_total
    good: {code: "!~5.."}
  objectives:
"""


def load(folder: Path, objective: str) -> Slo:
    file = folder / "checkout.yaml"
    file.write_text(DEFINITION + f"    - {objective}\n", encoding="utf-8")
    (slo,) = load_definitions([file])
    return slo


def test_phases_are_targets_from_a_day_on(tmp_path: Path) -> None:
    text = "{window: month, phases: [{target: 99.0, from: 2026-01-01}, {target: 99.5, from: 2026-02-01}]}"  # noqa: E501 -- one line of YAML
    (objective,) = load(tmp_path, text).objectives
    assert objective.target == Decimal("0.99")
    assert objective.phases == (
        Phase(Decimal("0.99"), date(2026, 1, 1)),
        Phase(Decimal("0.995"), date(2026, 2, 1)),
    )


@pytest.mark.parametrize(
    ("objective", "problem"),
    [
        ("{window: month}", "target is missing: give the promised percentage, or phases"),
        (
            "{window: month, target: 99, phases: [{target: 99, from: 2026-01-01}]}",
            "target and phases exclude each other",
        ),
        (
            "{window: month, phases: [{target: 99, from: 2026-02-01}, {target: 99.5, from: 2026-02-01}]}",  # noqa: E501 -- one line of YAML
            "phases must ascend: 2026-02-01 does not come after 2026-02-01",
        ),
        ("{window: month, phases: [{target: 99, from: soon}]}", "'soon' is no day"),
        ("{window: month, phases: [{target: 0.99, from: 2026-01-01}]}", "reads as a ratio"),
        ("{window: month, phases: []}", "phases"),
    ],
)
def test_what_is_wrong_with_phases_is_said_at_its_line(
    tmp_path: Path, objective: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, objective)
    (found,) = raised.value.problems
    assert problem in found.message
    assert found.line == 12


LATENCY = """\
  indicator:
    type: latency
    histogram: wait_seconds
    threshold: 300ms
"""


@pytest.mark.parametrize(("line", "expected"), [("", False), ("    interpolate: true\n", True)])
def test_a_latency_is_interpolated_only_where_it_says_so(
    tmp_path: Path, line: str, expected: bool
) -> None:
    head, _, _ = DEFINITION.partition("  indicator:")
    file = tmp_path / "wait.yaml"
    objectives = "  objectives: [{window: month, target: 99}]\n"
    file.write_text(head + LATENCY + line + objectives, encoding="utf-8")
    (slo,) = load_definitions([file])
    assert isinstance(slo.indicator, LatencyIndicator)
    assert slo.indicator.interpolate is expected
