"""What a definition says about its alerts, and that no report is changed by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.snapshots import a_snapshot

from slo_reports.definitions.loading import load_definitions
from slo_reports.errors import ConfigurationError
from slo_reports.model import Alerting, AlertWords, Snapshot

DEFINITION = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: availability}
spec:
  service: checkout
  owner: Basket
  template: api-availability
  alerting:
"""


def _read(tmp_path: Path, alerting: str) -> Alerting:
    path = tmp_path / "one.yaml"
    path.write_text(DEFINITION + alerting, encoding="utf-8")
    (slo,) = load_definitions([path])
    return slo.alerting


def test_a_severity_s_own_words_stand_over_those_of_all(tmp_path: Path) -> None:
    alerting = _read(
        tmp_path,
        "    labels: {team: basket, severity: usual}\n"
        "    severities: {page: {labels: {severity: pageteam}, annotations: {who: '#a'}}}\n",
    )
    assert alerting.of("page") == AlertWords(
        labels=(("severity", "pageteam"), ("team", "basket")), annotations=(("who", "#a"),)
    )
    assert alerting.of("ticket") == AlertWords((("severity", "usual"), ("team", "basket")))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("    labels: {a-b: x}\n", id="a label with a hyphen"),
        pytest.param("    name: 3rd\n", id="a name that begins with a digit"),
        pytest.param("    annotations: {__x: y}\n", id="a name that Prometheus keeps for itself"),
    ],
)
def test_names_that_prometheus_would_refuse_are_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigurationError, match=r"one\.yaml:9: .*this is no name for Prometheus"):
        _read(tmp_path, written)


def test_a_snapshot_holds_no_alerting_so_its_hash_does_not_hang_on_it() -> None:
    snapshot = a_snapshot()
    first, *others = snapshot.subjects
    named = replace(first, slo=replace(first.slo, alerting=Alerting("Other")))
    changed = replace(snapshot, subjects=(named, *others))
    assert changed.to_json() == snapshot.to_json()
    again = Snapshot.from_json(changed.to_json())
    assert again.subjects[0].slo.alerting == Alerting()
