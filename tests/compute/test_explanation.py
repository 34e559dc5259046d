"""An explanation holds what it takes to redo the number by hand."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from support.snapshots import COMMERCE, OCTOBER, ODD, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.explanation import Explanation, explain
from slo_reports.model import Tier
from slo_reports.periods import to_date

CHECKOUT = "commerce/checkout-availability"


def steps(explanation: Explanation) -> dict[str, float | None]:
    return {step.name.split(" since")[0]: step.value for step in explanation.steps}


def test_the_slices_add_up_to_the_numbers_and_the_numbers_to_the_verdict() -> None:
    found = explain(a_snapshot(), CHECKOUT)
    good, valid = (
        math.fsum(getattr(row, name) for row in found.slices) for name in ("good", "valid")
    )
    step = steps(found)
    assert step["valid events V"] == valid == 26_400_000
    assert step["SLI"] == good / valid == found.result.sli
    assert step["budget in events"] == pytest.approx(26_400)
    assert step["budget in minutes"] == pytest.approx(44.7)
    assert step["consumed c"] == pytest.approx(step["bad events B"] / 26_400)
    assert step["remaining r"] == pytest.approx(1 - step["consumed c"])


def test_every_line_of_arithmetic_comes_out_as_it_says() -> None:
    for step in explain(a_snapshot(), CHECKOUT).steps:
        if step.value is not None and re.fullmatch(r"[-0-9.e() x/]+", step.numbers):
            redone = eval(step.numbers.replace("x", "*"))  # noqa: S307  # digits and signs only
            assert redone == pytest.approx(step.value), step.name


def test_the_incidents_and_the_rest_are_all_of_the_bad_events() -> None:
    found = explain(a_snapshot(), CHECKOUT)
    names = [part.name for part in found.result.attribution.parts]
    assert names == ["B", "C", "D", "unattributed"]
    assert [one.letter for one in found.incidents] == ["B", "C", "D"]


def test_it_says_the_same_as_the_report() -> None:
    snapshot = a_snapshot()
    report = build_report(snapshot)
    found = explain(snapshot, CHECKOUT)
    assert found.snapshot_hash == report.snapshot_hash
    assert found.result.budget == next(
        one.budget for one in report.results if one.slo.id == CHECKOUT
    )


@pytest.mark.parametrize("promise", [one for service in ODD for one in service.promises])
def test_what_is_not_ordinary_is_explained_as_well(promise: Promise) -> None:
    service = next(one for one in ODD if promise in one.promises)
    found = explain(a_snapshot([service], incidents=()), f"commerce/{slug(service)}-{promise.name}")
    assert bool(found.slices) == (promise.reason is None)
    assert "nan" not in repr(found.steps)
    plain = TypeAdapter(Explanation).dump_json(found)
    assert b"NaN" not in plain


def slug(service: Service) -> str:
    return service.name.lower().replace(" ", "-")


def test_a_period_to_date_shows_its_elapsed_fraction() -> None:
    period = to_date(OCTOBER, datetime(2026, 10, 10, 22, tzinfo=UTC))
    found = steps(explain(a_snapshot(COMMERCE[:1], period=period), CHECKOUT))
    assert found["elapsed fraction f"] == pytest.approx(240 / 745)
    assert found["pace"] == pytest.approx(found["consumed c"] / found["elapsed fraction f"])


@given(
    valid=st.integers(0, 10**9),
    background=st.floats(0, 3),
    target=st.decimals(Decimal("0.5"), Decimal("0.99999"), places=5),
)
def test_no_number_of_an_explanation_is_not_a_number(
    valid: int, background: float, target: Decimal
) -> None:
    promise = Promise("availability", "Availability", str(target), valid, background)
    service = Service("Checkout", "Team", Tier.CRITICAL, (promise,))
    period = to_date(OCTOBER, datetime(2026, 10, 2, tzinfo=UTC))
    found = explain(a_snapshot([service], period=period), CHECKOUT)
    assert all(step.value is None or math.isfinite(step.value) for step in found.steps)
