"""User journeys, impact and labels as they are written, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_definitions, load_everything
from slo_reports.definitions.selection import select
from slo_reports.errors import ConfigurationError
from slo_reports.model import JourneyIndicator, JourneyStep, Method, Slo
from slo_reports.settings.schema import Selection

RATIO = "{type: ratio, metric: requests_total, good: {code: '!~5..'}}"
JOURNEY = """\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: buy, namespace: shop, labels: {area: buying, "team/size": small}}
spec:
  service: shop
  owner: Team Basket
  impact: Nobody can buy.
  indicator:
    type: journey
    steps:
      - {slo: shop/search, critical: true}
      - slo: shop/pay
  objectives: [{window: month, target: 99}]
"""


def a_step(name: str) -> str:
    return (
        "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\n"
        f"metadata: {{name: {name}, namespace: shop}}\nspec:\n  service: {name}\n  owner: o\n"
        f"  indicator: {RATIO}\n  objectives: [{{window: month, target: 99.9}}]\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    slos = tmp_path / "slos"
    slos.mkdir()
    for name in ("search", "pay"):
        (slos / f"{name}.yaml").write_text(a_step(name))
    return slos


def loaded(folder: Path, text: str = JOURNEY) -> dict[str, Slo]:
    (folder / "buy.yaml").write_text(text)
    return {slo.id: slo for slo in load_definitions([folder])}


def said_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text)
    assert {one.path.name for one in caught.value.problems} == {"buy.yaml"}
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def test_a_journey_over_several_files(folder: Path) -> None:
    slo = loaded(folder)["shop/buy"]
    steps = (JourneyStep("shop/search", critical=True), JourneyStep("shop/pay", critical=False))
    assert slo.indicator == JourneyIndicator(steps, "product")
    assert (slo.title, slo.impact, slo.method) == (
        "User journey",
        "Nobody can buy.",
        Method.OCCURRENCES,
    )
    assert slo.labels == (("area", "buying"), ("team/size", "small"))


def test_a_journey_may_be_its_worst_step_and_be_judged_by_slices(folder: Path) -> None:
    text = JOURNEY.replace("type: journey", "type: journey\n    combine: worst")
    text = text.replace("  objectives", "  method: timeslices\n  slice_target: 99\n  objectives")
    slo = loaded(folder, text)["shop/buy"]
    assert isinstance(slo.indicator, JourneyIndicator)
    assert (slo.indicator.combine, slo.method) == ("worst", Method.TIMESLICES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shop/pay", "shop/pey", "12: no SLO is named 'shop/pey'; did you mean 'shop/pay'?"),
        ("shop/pay", "zzz", "12: no SLO is named 'zzz'; there is shop/pay or shop/search"),
        ("shop/pay", "shop/buy", "12: shop/buy is a journey itself; name the objectives that"),
        ("shop/pay", "shop/search", "12: shop/search is a step of this journey already; a step"),
        ("critical: true", "critical: false", "10: steps: no step is critical, so nothing would"),
        ("critical: true", "critcal: true", "11: unknown key 'critcal' in spec.indicator.steps"),
        ("journey", "jorney", "9: spec.indicator.type must be ratio, latency, gauge, threshold or"),
        ("area: buying", "area: 7", "3: metadata.labels.area must be text, not 7; write it in"),
        (
            "area: buying",
            "'-': x",
            "3: -: this is no label; those are letters, digits and hyphens, such",
        ),
        ("Nobody can buy.", "''", "7: impact: one line of text is expected"),
    ],
)
def test_a_mistake_is_one_sentence_at_its_line(folder: Path, old: str, new: str, said: str) -> None:
    (problem,) = said_of(folder, JOURNEY.replace(old, new, 1))
    assert said in problem


def test_all_wrong_steps_are_named_at_once(folder: Path) -> None:
    text = JOURNEY.replace("shop/search", "shop/serch").replace("shop/pay", "shop/pey")
    assert [one.split(":")[0] for one in said_of(folder, text)] == ["11", "12"]


def test_steps_are_not_complained_of_while_another_file_cannot_be_read(folder: Path) -> None:
    (folder / "pay.yaml").write_text(a_step("pay").replace("99.9", "0.999"))
    (folder / "buy.yaml").write_text(JOURNEY)
    with pytest.raises(ConfigurationError) as caught:
        load_definitions([folder])
    assert [one.path.name for one in caught.value.problems] == ["pay.yaml"]


def test_with_the_settings_too(folder: Path) -> None:
    (folder / "buy.yaml").write_text(JOURNEY.replace("shop/pay", "shop/pey"))
    settings = folder.parent / "slo_reports.yaml"
    settings.write_text(
        "version: 1\ndefinitions: [slos]\nsource: {url: 'http://localhost:9090'}\n"
        "destinations: {books: {kind: share, path: out}}\n"
        "reports: [{name: monthly, title: M, schedule: {every: month, at: '06:00'}, "
        "select: {services: [nobody]}}]\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        load_everything(settings)
    said = [one.message for one in caught.value.problems]
    assert any("no SLO is named 'shop/pey'" in one for one in said)
    assert any("no service is named 'nobody'" in one for one in said)


def test_a_selected_journey_brings_its_steps(folder: Path) -> None:
    slos = tuple(loaded(folder).values())
    chosen = select(slos, Selection(slos=["shop/buy"]))
    assert [one.id for one in chosen] == [one.id for one in slos]
    chosen = select(slos, Selection(services=["pay"]))
    assert [one.id for one in chosen] == ["shop/pay"]
