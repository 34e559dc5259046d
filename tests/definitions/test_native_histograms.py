"""Latencies from native histograms, as they are written."""

from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_definitions
from slo_reports.definitions.writing import checked_yaml
from slo_reports.errors import ConfigurationError

DEFINITION = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: checkout}
spec:
  service: Checkout
  owner: Team Basket
  indicator:
    type: latency
    histogram: wait_seconds
    threshold: 300ms
  objectives: [{window: month, target: 99}]
"""


def write(folder: Path, lines: str) -> Path:
    file = folder / "wait.yaml"
    text = DEFINITION.replace("  objectives", f"{lines}  objectives")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("lines", "expected"), [("", False), ("    native: true\n", True)])
def test_a_histogram_is_native_only_where_it_says_so(
    tmp_path: Path, lines: str, expected: bool
) -> None:
    (slo,) = load_definitions([write(tmp_path, lines)])
    assert slo.indicator.native is expected


def test_a_native_latency_is_written_as_it_was_read(tmp_path: Path) -> None:
    (slo,) = load_definitions([write(tmp_path, "    native: true\n")])
    text = checked_yaml(slo)
    assert "native: true" in text
    file = tmp_path / "again.yaml"
    file.write_text(text, encoding="utf-8")
    (again,) = load_definitions([file])
    assert again.indicator == slo.indicator


def test_a_native_histogram_is_not_told_to_interpolate(tmp_path: Path) -> None:
    file = write(tmp_path, "    native: true\n    interpolate: true\n")
    with pytest.raises(ConfigurationError, match="native histograms always interpolate"):
        load_definitions([file])
