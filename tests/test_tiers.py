from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from support.snapshots import COMMERCE, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import (
    Characteristics,
    CountersIndicator,
    GaugeIndicator,
    Indicator,
    LatencyIndicator,
    Slo,
    Tier,
)
from slo_reports.render.method import appendix_rows
from slo_reports.tiers import all_remarks, recommendation, recommended_tier, remarks

SLO = a_snapshot(COMMERCE[:1]).subjects[0].slo


def promising(target: str, tier: Tier | None, indicator: Indicator = SLO.indicator) -> Slo:
    objective = replace(SLO.objectives[0], target=Decimal(target))
    return replace(SLO, objectives=(objective,), tier=tier, indicator=indicator)


def under(seconds: str) -> LatencyIndicator:
    return LatencyIndicator("http_request_duration_seconds", (), Decimal(seconds))


BAD = CountersIndicator("requests_total", (), bad_metric="failures_total")


@pytest.mark.parametrize(
    ("slo", "word"),
    [
        pytest.param(promising("0.999", Tier.CRITICAL), "softer", id="a softer availability"),
        pytest.param(promising("0.9995", Tier.CRITICAL), None, id="just the tier's"),
        pytest.param(promising("0.999", Tier.BEST_EFFORT), "harder", id="a harder availability"),
        pytest.param(promising("0.99", None), None, id="no tier"),
        pytest.param(promising("0.99", Tier.ESSENTIAL, BAD), None, id="the tier's error rate"),
        pytest.param(promising("0.98", Tier.ESSENTIAL, BAD), "softer", id="more errors"),
        pytest.param(promising("0.99", Tier.STANDARD, under("1")), None, id="the tier's latency"),
        pytest.param(promising("0.99", Tier.STANDARD, under("2")), "softer", id="slower"),
        pytest.param(promising("0.95", Tier.STANDARD, under("1")), "softer", id="for fewer"),
        pytest.param(promising("0.999", Tier.STANDARD, under("0.5")), "harder", id="faster"),
        pytest.param(
            promising("0.95", Tier.STANDARD, under("0.5")), None, id="faster for fewer: who knows"
        ),
        pytest.param(
            promising("0.5", Tier.CRITICAL, GaugeIndicator("lag", (), "<", Decimal(1))),
            None,
            id="a gauge promises something else",
        ),
    ],
)
def test_what_differs_from_the_tier_is_pointed_out(slo: Slo, word: str | None) -> None:
    found = remarks(slo)
    assert (f"is {word} than the tier's" in found[0]) if word else (found == ())


def test_a_remark_names_both_promises() -> None:
    (text,) = remarks(promising("0.95", Tier.STANDARD, under("2")))
    assert text.replace("\u202f", " ") == (
        "the target of 95 % per month under 2 s is softer than the tier's: standard services "
        "usually promise 99 % under 1 s"
    )


@pytest.mark.parametrize(
    ("service", "tier"),
    [
        (Characteristics(revenue=True, user_facing=True, dependants=4, traffic="high"), "critical"),
        (Characteristics(safety=True), "critical"),
        (Characteristics(user_facing=True, traffic="high"), "essential"),
        (Characteristics(user_facing=True, dependants=3), "essential"),
        (Characteristics(dependants=6), "essential"),
        (Characteristics(user_facing=True), "standard"),
        (Characteristics(dependants=1), "standard"),
        (Characteristics(traffic="medium"), "standard"),
        (Characteristics(), "best_effort"),
    ],
)
def test_a_tier_follows_from_what_hangs_on_a_service(service: Characteristics, tier: str) -> None:
    found, reasons = recommended_tier(service)
    assert found == tier
    assert all(reasons)


def test_the_recommended_tier_comes_with_its_reasons_once_a_service() -> None:
    slo = replace(SLO, tier=None, characteristics=Characteristics(dependants=1, traffic="medium"))
    text = "Checkout has no tier; standard is recommended, because 1 other service needs it and its traffic is medium"  # noqa: E501 -- one sentence
    assert recommendation(slo) == text
    assert all_remarks([slo, replace(slo, id="commerce/other")]) == ((slo, text),)
    assert recommendation(replace(slo, tier=Tier.CRITICAL)) is None
    assert recommendation(replace(slo, characteristics=None)) is None


def test_remarks_stand_in_the_appendix_and_are_no_notes_on_the_data() -> None:
    report = build_report(a_snapshot(COMMERCE[:1]))
    rows = appendix_rows(report)
    assert any("is softer than the tier's" in note for row in rows for note in row.notes)
    assert not any("tier" in note for note in report.notes)
